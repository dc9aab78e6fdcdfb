"""
What a release builds for, and what it can link there without a C compiler.

Sources in Go's tree: internal/platform/zosarch.go and supported.go of 1.21 to 1.27,
externalLinkingReason in cmd/go/internal/load/pkg.go.
"""

from __future__ import annotations

# Those of 1.21 to 1.27 put together; _CHANGED has what came and went.
_MACHINES = {
    "aix": "ppc64", "android": "386 amd64 arm arm64", "darwin": "amd64 arm64", "dragonfly": "amd64",
    "freebsd": "386 amd64 arm arm64 riscv64", "illumos": "amd64", "ios": "amd64 arm64", "js": "wasm",
    "linux": "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x",
    "netbsd": "386 amd64 arm arm64", "openbsd": "386 amd64 arm arm64 mips64 ppc64 riscv64",
    "plan9": "386 amd64 arm", "solaris": "amd64", "wasip1": "wasm", "windows": "386 amd64 arm arm64",
}  # fmt: skip
SYSTEMS = tuple(_MACHINES)
_CHANGED = {"openbsd/mips64": (0, 26), "openbsd/riscv64": (22, 99), "windows/arm": (0, 25)}  # first, last
_SHARED = "386 amd64 arm arm64 ppc64 ppc64le s390x"
_MODES = {  # build mode → system → machines; other systems have none
    "c-archive": {
        **dict.fromkeys(("aix", "darwin", "ios", "windows"), "*"),
        "linux": f"{_SHARED} loong64 riscv64",
        "freebsd": "amd64",
    },
    "c-shared": {
        "linux": f"{_SHARED} loong64 riscv64", "android": "*", "freebsd": "amd64",
        "darwin": "*", "windows": "*", "wasip1": "wasm",
    },
    "pie": {
        "linux": f"{_SHARED} loong64 riscv64", "android": "*", "freebsd": "amd64",
        "darwin": "*", "ios": "*", "aix": "ppc64", "openbsd": "arm64", "windows": "*",
    },
    "shared": {"linux": _SHARED},
    "plugin": {
        "linux": f"{_SHARED} loong64 riscv64", "android": "386 amd64", "darwin": "*", "freebsd": "amd64",
    },
}  # fmt: skip
_PIE_ITSELF = {
    "android": "arm64",
    "darwin": "*",
    "linux": "amd64 arm64 loong64 ppc64 ppc64le s390x",
    "windows": "*",
}
_PIE_BY_DEFAULT = ("android", "darwin", "ios", "windows")


def machines(system: str, minor: int) -> list[str]:
    """The GOARCHes that Go 1.*minor* builds for under GOOS=*system*, [] for an unknown system."""
    found = []
    for machine in _MACHINES.get(system, "").split():
        first, last = _CHANGED.get(f"{system}/{machine}", (0, 99))
        if first <= minor <= last:
            found.append(machine)
    return found


def refused_mode(mode: str, system: str, machine: str) -> str:
    """Why no release builds a program in *mode* for a platform; "" where it may."""
    if mode == "archive":
        return "it builds packages and no program"
    if mode == "shared":
        return "a shared standard library would have to be installed, which no release since 1.20 has"
    if mode in _MODES and not _among(_MODES[mode], system, machine):
        return f"-buildmode={mode} not supported on {system}/{machine}"
    return ""


def needs_compiler(mode: str, system: str, machine: str) -> str:
    """What of a build makes Go call the C linker, as the go command says it; "" for nothing."""
    if (system == "android" and machine != "arm64") or (system, machine) == ("ios", "arm64"):
        return f"{system}/{machine}"
    if mode == "plugin" or (mode == "c-shared" and machine != "wasm"):
        return f"-buildmode={mode}"
    by_default = mode in ("", "default") and system in _PIE_BY_DEFAULT
    if (mode == "pie" or by_default) and not _among(_PIE_ITSELF, system, machine):
        return "default PIE binary" if by_default else "-buildmode=pie"
    return ""


def _among(table: dict[str, str], system: str, machine: str) -> bool:
    known = table.get(system, "")
    return known == "*" or machine in known.split()
