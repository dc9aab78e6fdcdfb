"""The release, platform or level that a variable was meant to choose with which the go command fails."""

from __future__ import annotations

from probe import likeness
from probe.golang import version
from probe.golang.command import levels, platforms
from probe.golang.release import NEWEST
from probe.remedies import pasted

_LONG = 100  # characters, more than any of them has
_AROUND = " \t\r\n\"'`;,=<>[](){}\u201c\u201d\u2018\u2019\u00a0\ufeff"
_STAY = frozenset(  # what people write for "no other release"
    ("local", "off", "none", "no", "false", "never", "disable", "disabled", "current", "system", "installed")
)
_WITH_PATCH = 21  # the first release whose toolchain has ".0" in its name
_SYSTEMS = {"macos": "darwin", "osx": "darwin", "mac": "darwin", "macosx": "darwin", "win": "windows"}
_MORE_SYSTEMS = {
    "win32": "windows",
    "win64": "windows",
    "linux64": "linux",
    "gnu/linux": "linux",
    "wasi": "wasip1",
}
_MACHINES = {
    **dict.fromkeys(("x86_64", "x86-64", "x64", "amd64v1", "intel64", "em64t"), "amd64"),
    **dict.fromkeys(("i386", "i486", "i586", "i686", "x86", "ia32", "x32", "x86_32"), "386"),
    **dict.fromkeys(("aarch64", "arm64v8", "armv8", "arm64e", "aarch64_be", "arm64/v8"), "arm64"),
    **dict.fromkeys(
        ("armhf", "armel", "arm32", "armv5", "armv6", "armv6l", "armv7", "armv7l", "armv7a"), "arm"
    ),
    **dict.fromkeys(("arm32v5", "arm32v6", "arm32v7", "aarch32", "arm/v6", "arm/v7"), "arm"),
    **dict.fromkeys(("ppc64el", "powerpc64le", "ppcle64"), "ppc64le"),
    "powerpc64": "ppc64",
    "mipsel": "mipsle",
    "mips64el": "mips64le",
    "loongarch64": "loong64",
    "riscv": "riscv64",
    "rv64": "riscv64",
    "rv64gc": "riscv64",
    "s390": "s390x",
    "wasm32": "wasm",
}
_FEATURES = {
    "sse4.2": "v2",
    "sse4_2": "v2",
    "avx": "v2",
    "avx2": "v3",
    "fma": "v3",
    "avx512": "v4",
    "avx512f": "v4",
}
_WORDS = {
    "GO386": {"sse": "sse2", "hardfloat": "sse2", "hard": "sse2", "387": "softfloat", "soft": "softfloat"},
    **{key: {"hard": "hardfloat", "soft": "softfloat"} for key in ("GOMIPS", "GOMIPS64")},
    "GOPPC64": {"8": "power8", "9": "power9", "10": "power10", "p9": "power9", "p10": "power10"},
    "GORISCV64": {"rva20": "rva20u64", "rva22": "rva22u64", "rva23": "rva23u64", "rv64gc": "rva20u64"},
}  # fmt: skip
_OF_MACHINE = {
    "GO386": "386",
    "GOMIPS": "mips",
    "GOMIPS64": "mips64",
    "GOPPC64": "ppc64",
    "GORISCV64": "riscv64",
}


def meant(name: str, value: str, own: str = "", platform: tuple[str, str] = ("", "")) -> str:
    """
    The value of the variable *name* that was meant by *value*; "" where it is not known.

    *own* is the version of the go command ("go1.27.3"), *platform* GOOS and GOARCH where they are known.
    """
    text = pasted.value(name, value[:_LONG], _AROUND).lower()
    release = version.read(own).release or NEWEST.release
    made = ""
    if name == "GOTOOLCHAIN":
        made = _toolchain(text, own)
    elif name == "GOOS":
        made = _system(text, release[1])
    elif name == "GOARCH":
        made = _machine(text, platform[0] or "linux", release[1])
    elif text:
        made = _level(name, text)
    return made if made != value else ""


def _toolchain(text: str, own: str) -> str:
    """local, auto, path, or the name of a release, perhaps with "+auto" or "+path"."""
    import re

    head, *more = [part for part in re.split(r"[+,;|\s]+", text) if part] or [""]
    if head in ("go", "golang") and more:  # go 1.24.1
        head, *more = more
    if head in _STAY or likeness.nearest(head, ("local",), 0.75):
        return f"local+{more[0]}" if more[:1] in (["auto"], ["path"]) else "local"
    if head in ("auto", "path"):
        return "auto" if "auto" in (head, *more) else "path"
    found = re.fullmatch(
        r"(?:golang|go)?[-:@_]?v?(1\.\d{1,3})(?:\.(\d{1,3}|x|\*))?((?:rc|beta)\d{1,2})?", head
    )
    if not found:
        return ""
    minor, patch, early = found.groups()
    name = f"go{minor}.{patch}" if patch and patch.isdigit() else f"go{minor}{early or ''}"
    if not early and name == f"go{minor}" and own.startswith(f"{name}."):
        name = own  # of the series that was named
    elif not early and name == f"go{minor}" and int(minor[2:]) >= _WITH_PATCH:
        name = f"{name}.0"
    return f"{name}+{more[0]}" if more[:1] in (["auto"], ["path"]) else name


def _system(text: str, minor: int) -> str:
    text = text if text in _MORE_SYSTEMS else text.partition("/")[0]
    known = _SYSTEMS.get(text) or _MORE_SYSTEMS.get(text) or likeness.nearest(text, platforms.SYSTEMS, 0.75)
    return known if platforms.machines(known, minor) else ""


def _machine(text: str, system: str, minor: int) -> str:
    text = text.removeprefix(f"{system}/")
    offered = platforms.machines(system, minor)
    known = _MACHINES.get(text) or (text if text in offered else "")
    if not known and len(text) > 4:
        known = likeness.nearest(text, offered, 0.75)
    return known if known in offered else ""


def _level(name: str, text: str) -> str:
    """The level of a processor, or the floating point, that a variable chooses."""
    if name == "GOAMD64":
        known = _FEATURES.get(text, "v" + text.replace("_", "-").removeprefix("x86-64-").removeprefix("v"))
        return known if known in ("v1", "v2", "v3", "v4") else ""
    if name == "GOARM":
        known = text.removeprefix("armv").removeprefix("arm").removeprefix("v")[:1]
        known = {"8": "7"}.get(known, known)
        return "" if known not in ("5", "6", "7") or "soft" in text else known
    if name == "GOARM64":
        known = (
            text.replace("+", ",").replace(" ", ",").removeprefix("arm").removesuffix("-a").removeprefix("v")
        )
        first, *more = [part for part in known.split(",") if part] or [""]
        first = first if "." in first else f"{first}.0"
        made = ",".join((f"v{first}", *more))
        return "" if levels.refused("arm64", made) else made
    known = _WORDS.get(name, {}).get(text, text)
    return known if name in _OF_MACHINE and not levels.refused(_OF_MACHINE[name], known) else ""
