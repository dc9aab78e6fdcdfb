"""What keeps any Go program from starting: its loader, its mode, its architecture, its environment."""

import os

from probe import codes, redact
from probe.checks.go_version.policy import Subject
from probe.golang import filepath, godebug, version
from probe.golang.binary import Binary
from probe.golang.command import environment_files
from probe.golang.command.environment_files import Setting, Sources
from probe.golang.command.toolchain import Toolchain
from probe.report import Finding, Status
from probe.target import Target

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


def missing_loader(target: Target, subject: Subject, program: Binary) -> Finding | None:
    """The classic "no such file or directory" about a file that is there."""
    if program.loader_present is not False:
        return None
    loader = program.elf.interpreter
    libc = (
        "musl" if "musl" in loader else "glibc" if "/ld-linux" in loader or "/ld64" in loader else "its own"
    )
    cause = (
        f"{subject.path} is there but cannot start: it needs the dynamic loader {loader} ({libc}), "
        "which is not in this image"
    )
    return subject.finding(
        Status.FAIL,
        codes.GO_LOADER_MISSING,
        cause,
        _bring_loader(target, subject, program, libc),
        loader=loader,
        needed=list(program.elf.needed),
    )


def _bring_loader(target: Target, subject: Subject, program: Binary, libc: str) -> str:
    if subject.source == "binary" and program.info:
        if not program.elf.needed and program.settings.get("CGO_ENABLED") == "0":
            return (
                "go build -buildmode=exe  # a position-independent program needs a loader, even without cgo"
            )
        return "CGO_ENABLED=0 go build"
    if libc == "glibc" and exists(target, "/sbin/apk"):
        return "RUN apk add --no-cache gcompat"
    if libc == "musl" and exists(target, "/usr/bin/apt-get"):
        return "RUN apt-get update && apt-get install -y musl"
    return "FROM golang:latest" if subject.source == "toolchain" else f"FROM {_BASE.get(libc, 'debian')}"


_BASE = {"glibc": "gcr.io/distroless/base-debian12", "musl": "alpine"}


def not_executable(target: Target, subject: Subject) -> Finding:
    """Its mode forbids it, or the mount that it lies on."""
    path = subject.path
    mount = next(
        (mount for mount in reversed(target.mounts) if f"{path}/".startswith(f"{mount.point.rstrip('/')}/")),
        None,
    )
    if mount and "noexec" in mount.options:
        cause = f"{path} cannot be executed: {mount.point} is mounted with noexec"
        remedy = f"mount -o remount,exec {mount.point}"
        return subject.finding(Status.FAIL, codes.GO_NOT_EXECUTABLE, cause, remedy, mount=mount.point)
    try:
        mode = f"{target.stat(path).mode & 0o7777:04o}"
    except OSError:
        mode = ""
    cause = f"{path} is there but user {target.user.uid} may not execute it" + (
        f" (mode {mode})" if mode else ""
    )
    return subject.finding(Status.FAIL, codes.GO_NOT_EXECUTABLE, cause, f"RUN chmod a+rx {path}", mode=mode)


def wrong_architecture(subject: Subject, program: Binary) -> Finding | None:
    """Built for a machine that this kernel is not; None when it fits, or when we cannot tell."""
    machine = os.uname().machine
    ours = _RUNS.get(machine, ())
    theirs = program.elf.architecture
    if not ours or theirs in ours:
        return None
    cause = f"{subject.path} is built for {theirs}, but this machine is {machine} ({ours[0]})"
    remedy = (
        f"docker build --platform linux/{ours[0]} ."
        if subject.source == "toolchain"
        else f"GOARCH={ours[0]} go build"
    )
    return subject.finding(
        Status.FAIL, codes.GO_WRONG_ARCHITECTURE, cause, remedy, architecture=theirs, machine=machine
    )


def fatal_environment(target: Target, subject: Subject, minor: int) -> Finding | None:
    """A variable of the target that ends every program of Go 1.*minor* before its main function."""
    settings = target.env.get("GODEBUG", "")
    if fatal := godebug.fatal(settings, minor):
        return fatal_godebug(subject, settings, fatal)
    limit = target.env.get("GOMEMLIMIT", "")
    return bad_memory_limit(subject, limit) if godebug.bad_memory_limit(limit, minor) else None


def fatal_godebug(subject: Subject, settings: str, fatal: godebug.Fatal) -> Finding:
    entry = redact.value("GODEBUG", f"{fatal.name}={fatal.value}")
    left = ",".join(part for part in settings.split(",") if part and part.partition("=")[0] != fatal.name)
    return Finding(
        Status.FAIL,
        codes.GODEBUG_FATAL,
        "GODEBUG",
        f"{subject.what} {subject.path} dies at its start because of {entry} in GODEBUG: {fatal.why}",
        f"ENV GODEBUG={redact.value('GODEBUG', left)}",
        {"path": subject.path, "source": subject.source, "entry": entry},
    )


def bad_memory_limit(subject: Subject, limit: str) -> Finding:
    shown = redact.value("GOMEMLIMIT", limit)
    return Finding(
        Status.FAIL,
        codes.GOMEMLIMIT_FATAL,
        "GOMEMLIMIT",
        f"{subject.what} {subject.path} dies at its start because GOMEMLIMIT={shown} is malformed",
        f"ENV GOMEMLIMIT={_meant(limit)}",
        {"path": subject.path, "source": subject.source, "value": shown},
    )


def _meant(limit: str) -> str:
    import re

    found = re.fullmatch(r"\s*(\d{1,9})\s*([KMGT])i?[bB]?\s*", limit, re.IGNORECASE)
    return f"{found[1]}{found[2].upper()}iB" if found else "512MiB"


def setting(target: Target, found: Toolchain, name: str) -> Setting:
    """The value of a variable as the go command sees it, and where it stands."""
    release = version.read(found.version).release
    minor = release[1] if release else 0
    user = environment_files.read(target, environment_files.user_path(target, minor), "file")
    path = filepath.join(found.root, "go.env") if found.root else ""
    goroot = environment_files.read(target, path, "go.env")
    return Sources(target, minor, user, goroot).get(name)


def unset(name: str, chosen: Setting) -> str:
    """The line that takes a setting away from where it stands; an empty variable counts as unset."""
    return f"sed -i '/^{name}=/d' {chosen.file}" if chosen.file else f"ENV {name}="


def exists(target: Target, path: str) -> bool:
    try:
        target.stat(path)
    except OSError:
        return False
    return True
