"""What brings a loader, a library or a tool into an image, or does away with the need of it."""

from __future__ import annotations

from probe.golang.binary import Binary
from probe.lightweight import Mapping
from probe.remedies import actions, distribution, images, packages
from probe.remedies.distribution import APK, APT
from probe.report import Action
from probe.targets import Target

WITHOUT_CGO = actions.build("CGO_ENABLED=0 go build")


def with_cgo(value: str) -> Action:
    """The program built again, with CGO_ENABLED=*value*."""
    return actions.build(f"CGO_ENABLED={value} go build")


_BASE = {"glibc": "gcr.io/distroless/base-debian13", "musl": "alpine"}
_LOADERS = {"glibc": {APK: "gcompat"}, "musl": {APT: "musl"}}  # of the other C library
# The libraries that programs of Go with cgo commonly need.
_LIBRARIES: Mapping[str, Mapping[str, str]] = {
    "libc.so.6": {APT: "libc6", APK: "gcompat"},
    "libresolv.so.2": {APT: "libc6", APK: "gcompat"},
    "libpthread.so.0": {APT: "libc6", APK: "gcompat"},
    "libgcc_s.so.1": {APT: "libgcc-s1", APK: "libgcc"},
    "libstdc++.so.6": {APT: "libstdc++6", APK: "libstdc++"},
    "libsqlite3.so.0": {APT: "libsqlite3-0", APK: "sqlite-libs"},
    "libz.so.1": {APT: "zlib1g", APK: "zlib"},
}


def loader(target: Target, program: Binary, *, toolchain: bool = False) -> Action:
    """What does away with a missing loader: build without one, or bring it."""
    if not toolchain and program.info:
        if not program.elf.needed and program.settings.get("CGO_ENABLED") == "0":
            # Position-independent, it needs a loader even without cgo.
            return actions.build("go build -buildmode=exe")
        return WITHOUT_CGO
    wanted = program.elf.libc
    other = images.GOLANG if toolchain else _BASE.get(wanted, "debian")
    return packages.bring(target, _LOADERS.get(wanted, {})) or actions.from_image(other)


def library(target: Target, program: Binary, name: str) -> Action:
    """The package where it is known, else the copy; for a program of Go, to do without."""
    names = _LIBRARIES.get(name, {})
    if package := packages.bring(target, names):
        return package
    if program.info and names:
        return WITHOUT_CGO
    return actions.build_stage(f"/path/to/{name}", "/usr/lib/")


def tool(target: Target, name: str, otherwise: Action) -> Action:
    """What installs a tool whose package bears its name; *otherwise* where no manager is there."""
    manager = distribution.manager(target)
    return (packages.bring(target, {manager: name}) if manager else None) or otherwise
