"""What the readers are given to begin with."""

import io
from pathlib import Path


def lines(*given: str) -> bytes:
    return "\n".join([*given, ""]).encode()


def elf_seed() -> bytes:
    """A small real program: what the loader of this machine is."""
    for name in ("/bin/true", "/usr/bin/true"):
        if Path(name).exists():
            return Path(name).read_bytes()[:40_000]
    return b"\x7fELF"


def zone_files() -> list[bytes]:
    from probe.golang import zonedata

    return [data for name in ("UTC", "Europe/Zurich", "America/New_York") if (data := zonedata.load(name))]


def tar_seed() -> bytes:
    import tarfile

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("é" * 60)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    return stream.getvalue()[:2048]


GOMOD = lines(
    "module example.test/m",
    "",
    "go 1.21",
    "toolchain go1.27.3",
    "",
    "require (",
    "\ta.test/b v1.2.3 // indirect",
    ")",
    "replace a.test/b => ../b",
    "replace a.test/b v1.2.3 => c.test/d v1.0.0",
    "exclude a.test/b v1.2.4",
    'retract [v1.0.0, v1.1.0] // "x"',
)
URLS = [
    b"https://user:pa%20ss@host.test:8443/a%2Fb?q=1#f",
    b"http://[fe80::1%25eth0]:80/",
    b"socks5://u@h:1",
    b"host:3128",
    b"x:y//u:p@h:1",
]
CONFIG = lines(
    "[checks]",
    'enabled = ["go-version"]',
    "[go-version]",
    'min = "1.21"',
    "[timezone]",
    'expected = "Europe/Zurich"',
)
COMPOSE = lines(
    "services:",
    "  a:",
    "    image: x",
    "    healthcheck:",
    '      test: ["CMD", "probe", "check"]',
    "      interval: 5s",
)
MOUNTINFO = lines(
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
    "1 0 0:1 / / ro - overlay overlay ro",
)
STATUS = lines(
    "Name:\tcat",
    "Umask:\t0022",
    "Uid:\t0\t0\t0\t0",
    "Gid:\t0\t0\t0\t0",
    "Groups:\t0 1",
    "CapEff:\t00000000a80425fb",
)
