"""What a program needs of the machine and of the image: a processor, a dynamic loader."""

from probe import syscalls

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


def here() -> tuple[str, tuple[str, ...]]:
    """This machine as uname(2) calls it, and as GOARCH what it runs, its own first; () when not known."""
    name = syscalls.machine()
    return name, _RUNS.get(name, ())
