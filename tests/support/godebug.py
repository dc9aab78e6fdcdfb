"""Settings that end a program, and memory limits of every form."""

from probe.golang import godebug

OTHERS = [
    ("cgocheck=2", 21, "cgocheck"),
    ("cgocheck=0,cgocheck=3", 27, "cgocheck"),
    ("cgocheck=2,cgocheck=1", 27, ""),
    ("cgocheck=2,cgocheck=-1", 21, ""),
    ("cgocheck=2,cgocheck=x", 27, "cgocheck"),
    ("cgocheck=+2", 27, "cgocheck"),
    ("cgocheck=+2", 21, ""),
    ("cgocheck=4294967296", 27, ""),
    ("fips140=yes", 24, "fips140"),
    ("fips140=yes", 23, ""),
    ("fips140=yes,fips140=on", 27, ""),
    ("fips140=only", 27, ""),
    ("inittrace=1", 27, ""),
    ("", 27, ""),
]


_REMOVED = [
    f"{name}={value}" for name, (refused, _) in godebug.REMOVED.items() for value in (*refused, "9", "")
]


FATAL_TEXTS = [
    *dict.fromkeys(text for text, _, _ in OTHERS),
    *_REMOVED,
    "x509sha1=1,x509sha1=0",
    "a,x509sha1",
]


GOOD = ["", "off", "0", "1", "512MiB", "1GiB", "5TiB", "9B", "9223372036854775807", "007KiB", "8388607TiB"]


BAD = [
    "512Mi", "512M", "512MB", "1.5GiB", "512 MiB", "MiB", "B", "-1", "-1MiB", "x", "OFF", "5iB", "1PiB", " 1",
    "9223372036854775808", "8388608TiB", "9" * 5000, "9" * 30 + "MiB",
]  # fmt: skip


LIMITS = [*GOOD, *BAD, "+5MiB", "+5", "-0", "1KiBB", "0x10MiB", "1_000KiB", "\u0661MiB"]
