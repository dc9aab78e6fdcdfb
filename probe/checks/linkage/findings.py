"""What keeps a program from being loaded, as findings."""

import os
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probe import codes
from probe.codes import Code
from probe.golang import machine, startable
from probe.golang.binary import Binary
from probe.report import Finding, Status
from probe.targets import Target

if TYPE_CHECKING:
    from probe.targets.ldso import Linked

_SHOWN = 10  # findings of one kind
_SAYS = "the kernel reports no such file or directory, because of the loader"


def libraries(target: Target, found: Binary, linked: "Linked") -> Iterator[Finding]:
    """The libraries that are not found, and the versions that those which are do not have."""
    for missing in linked.missing[:_SHOWN]:
        by = "" if missing.wanted_by == found.path else f", which {missing.wanted_by} needs"
        other = f"; {missing.unfit[0]} is for another architecture" if missing.unfit else ""
        cause = (
            f"{found.path} cannot start: {missing.name}{by} is not in any directory where "
            f"{_who(linked)} looks{other}"
        )
        evidence = {
            "library": missing.name,
            "wanted_by": missing.wanted_by,
            "searched": list(missing.searched),
        }
        yield _fail(
            codes.LINKAGE_LIBRARY_MISSING, found, cause, _library(target, found, missing.name), **evidence
        )
    for unmet in linked.unmet[:_SHOWN]:
        newest = f", which has {unmet.newest} at most" if unmet.newest else ""
        needs = f"{unmet.wanted_by} requires {unmet.version} of {unmet.library}{newest}"
        cause = f"{found.path} cannot start: {needs}"
        remedy = "CGO_ENABLED=0 go build"
        if not found.info:
            remedy = "FROM debian:stable\n\nFROM gcr.io/distroless/base-debian13"
        yield _fail(
            codes.LINKAGE_VERSION_MISSING, found, cause, remedy,
            version=unmet.version, library=unmet.library, newest=unmet.newest, wanted_by=unmet.wanted_by,
        )  # fmt: skip
    if not linked.complete:
        cause = f"{found.path} needs more libraries than are checked"
        yield _finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, found, cause, f"ldd {found.path}")


def no_loader(target: Target, found: Binary) -> Finding:
    """Of another C library than this image has, or of none at all."""
    libc, here = found.elf.libc, startable.loaders(target)
    other = libc and any(theirs != libc for theirs in here.values())
    code = codes.LINKAGE_OTHER_LIBC if other else codes.LINKAGE_LOADER_MISSING
    why = startable.missing_loader(target, found.elf.interpreter, libc)
    cause = f"{found.path} exists but cannot start ({_SAYS}): {why}"
    return _fail(code, found, cause, _loader(target, found), loaders=sorted(here))


def damaged(target: Target, found: Binary) -> Finding | None:
    """A program or loader whose end is missing, or a loader that the kernel does not take."""
    path, size = found.path, target.stat(found.path).size
    if lost := startable.missing_bytes(size, found.elf):
        status = Status.FAIL if startable.certainly_fatal(size, found.elf) else Status.UNKNOWN
        cause = f"{path} is truncated: at least {lost} bytes that belong in memory are missing at its end"
        remedy = f"COPY --from=build {shlex.quote(path)} {shlex.quote(path)}"
        return _finding(status, codes.LINKAGE_TRUNCATED, found, cause, remedy, missing=lost)
    if not (fault := startable.loader_fault(target, found)):
        return None
    loader = found.elf.interpreter
    remedy = _loader(target, found) if fault.executable else f"RUN chmod a+rx {loader}"
    cause = f"{path} cannot start: its dynamic loader {loader} {fault.why}"
    return _fail(codes.LINKAGE_LOADER_UNUSABLE, found, cause, remedy)


def wrong_architecture(found: Binary, wanted: str) -> Finding | None:
    """Built for another processor than *wanted*: "machine", "any" or a GOARCH."""
    theirs = found.elf.architecture
    kernel, runs = machine.here()
    if wanted == "machine":
        allowed, what = runs, f"this machine is {kernel} ({', '.join(runs)})"
    else:
        allowed, what = (() if wanted == "any" else (wanted,)), f"{wanted} is required"
    if not allowed or theirs in allowed:
        return None
    cause = f"{found.path} is built for {theirs}, but {what}: exec format error"
    return _fail(codes.LINKAGE_ARCHITECTURE, found, cause, f"GOARCH={allowed[0]} go build")


def not_executable(target: Target, path: str) -> Finding | None:
    """What forbids this user to execute *path*: the way to it, its mount or its mode; None for nothing."""
    try:
        space, mode = target.files.space(path), target.stat(path).mode & 0o7777
    except PermissionError:
        wanted = shlex.quote(f'permissions.execute=["{path}"]')
        remedy = f"probe check --only permissions --set {wanted}"  # names the link that breaks
        return _closed(path, f"user {target.user.uid} may not traverse the path to {path}", remedy)
    if space and space.noexec:
        mount = target.mount_of(target.resolve(path))
        where = mount.point if mount else path
        cause = f"{path} may not be executed: {where} is mounted with noexec"
        return _closed(path, cause, f"mount -o remount,exec {shlex.quote(where)}")
    try:
        target.access(path, os.X_OK)
    except PermissionError:
        cause = f"user {target.user.uid} may not execute {path} (mode {mode:04o})"
        return _closed(path, cause, f"RUN chmod a+rx {shlex.quote(path)}")
    return None


def not_in_path(name: str, path: str) -> Finding:
    cause = f"there is no program called {name} in PATH={path}"
    remedy = f"COPY --from=build /path/to/the/program {shlex.quote(f'/usr/local/bin/{name}')}"
    return Finding(Status.FAIL, codes.LINKAGE_PROGRAM_MISSING, name, cause, remedy)


def missing(path: str, scripts: tuple[str, ...]) -> Finding:
    """The program itself, or the interpreter of a script."""
    if not scripts:
        cause = f"{path} is not there"
        remedy = f"COPY --from=build /path/to/the/program {shlex.quote(path)}"
        return Finding(Status.FAIL, codes.LINKAGE_PROGRAM_MISSING, path, cause, remedy)
    cause = (
        f"{scripts[-1]} exists but cannot start (the kernel says no such file or directory and means the "
        f"interpreter): its first line names {path}"
    )
    remedy = 'ENTRYPOINT ["/app"]'
    return Finding(Status.FAIL, codes.LINKAGE_INTERPRETER_MISSING, scripts[-1], cause, remedy)


def carriage_return(path: str, interpreter: str) -> Finding:
    cause = f"the first line of {path} ends with a carriage return, so the kernel looks for {interpreter!r}"
    remedy = rf"sed -i 's/\r$//' {shlex.quote(path)}"
    return Finding(Status.FAIL, codes.LINKAGE_INTERPRETER_MISSING, path, cause, remedy)


def no_program(path: str, reason: str) -> Finding:
    cause = f"{path} cannot be executed: it is {reason}"
    return Finding(Status.FAIL, codes.LINKAGE_NO_PROGRAM, path, cause, f"file -L {shlex.quote(path)}")


def unreadable(path: str, why: str) -> Finding:
    cause = f"{path} cannot be judged: {why}"
    return Finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, path, cause, f"RUN chmod a+rx {shlex.quote(path)}")


def fine(found: Binary, scripts: tuple[str, ...]) -> Finding:
    headers = found.elf
    how = "is static" if headers.static else f"finds its loader {headers.interpreter}"
    if headers.needed:
        how += f" and all libraries ({', '.join(headers.needed[:5])}{', …' if headers.needed[5:] else ''})"
    started = f"{scripts[0]} is a script for {found.path}, which" if scripts else found.path
    return _finding(Status.PASS, codes.LINKAGE_OK, found, f"{started} {how}")


def _closed(path: str, cause: str, remedy: str) -> Finding:
    return Finding(Status.FAIL, codes.LINKAGE_NOT_EXECUTABLE, path, cause, remedy)


def _fail(code: Code, found: Binary, cause: str, remedy: str, **more: Any) -> Finding:
    return _finding(Status.FAIL, code, found, cause, remedy, **more)


def _finding(status: Status, code: Code, found: Binary, cause: str, remedy: str = "", **more: Any) -> Finding:
    headers = found.elf
    evidence = {
        "static": headers.static,
        "loader": headers.interpreter or None,
        "libc": headers.libc or None,
        "needed": list(headers.needed),
        "architecture": headers.architecture,
    }
    return Finding(status, code, found.path, cause, remedy, {**evidence, **more})


def _who(linked: "Linked") -> str:
    return f"the loader of {linked.libc}" if linked.libc else "the loader"


def _loader(target: Target, found: Binary) -> str:
    from probe.remedies import libraries

    return libraries.loader(target, found)


def _library(target: Target, found: Binary, name: str) -> str:
    from probe.remedies import libraries

    return libraries.library(target, found, name)
