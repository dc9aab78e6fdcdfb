"""What a program needs of the machine and of the image: a processor, a dynamic loader."""

from probe import syscalls
from probe.golang.binary import Binary
from probe.targets import Target

# uname(2) → the architectures that such a kernel runs.
_RUNS = {
    "x86_64": ("amd64", "386"),
    "i686": ("386",),
    "aarch64": ("arm64", "arm"),
    "armv7l": ("arm",),
    "riscv64": ("riscv64",),
    "ppc64le": ("ppc64le",),
    "s390x": ("s390x",),
    "loongarch64": ("loong64",),
}
_BASE = {"glibc": "gcr.io/distroless/base-debian13", "musl": "alpine"}


def here() -> tuple[str, tuple[str, ...]]:
    """This machine as uname(2) calls it, and as GOARCH what it runs, its own first; () when not known."""
    name = syscalls.machine()
    return name, _RUNS.get(name, ())


def bring_loader(target: Target, program: Binary, *, toolchain: bool = False) -> str:
    """The line that does away with a missing loader: build without one, or bring it."""
    if not toolchain and program.info:
        if not program.elf.needed and program.settings.get("CGO_ENABLED") == "0":
            return (
                "go build -buildmode=exe  # a position-independent program needs a loader, even without cgo"
            )
        return "CGO_ENABLED=0 go build"
    wanted = program.elf.libc
    if wanted == "glibc" and exists(target, "/sbin/apk"):
        return "RUN apk add --no-cache gcompat"
    if wanted == "musl" and exists(target, "/usr/bin/apt-get"):
        return "RUN apt-get update && apt-get install -y musl"
    return "FROM golang:latest" if toolchain else f"FROM {_BASE.get(wanted, 'debian')}"


def exists(target: Target, path: str) -> bool:
    try:
        target.stat(path)
    except OSError:
        return False
    return True
