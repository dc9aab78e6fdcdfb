"""What keeps a program from being loaded, as findings."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probe import codes
from probe.codes import Code
from probe.golang import machine, startable
from probe.golang.binary import Binary
from probe.remedies import actions, file_actions, quoting
from probe.remedies.actions import ways
from probe.report import Action, Finding, Remedies, Status
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
        bring = _library(target, found, missing.name)
        yield _fail(codes.LINKAGE_LIBRARY_MISSING, found, cause, bring, **evidence)
    for unmet in linked.unmet[:_SHOWN]:
        newest = f", which has {unmet.newest} at most" if unmet.newest else ""
        needs = f"{unmet.wanted_by} requires {unmet.version} of {unmet.library}{newest}"
        cause = f"{found.path} cannot start: {needs}"
        yield _fail(
            codes.LINKAGE_VERSION_MISSING, found, cause, _newer(found),
            version=unmet.version, library=unmet.library, newest=unmet.newest, wanted_by=unmet.wanted_by,
        )  # fmt: skip
    if not linked.complete:
        cause = f"{found.path} needs more libraries than are checked"
        yield _finding(
            Status.UNKNOWN,
            codes.LINKAGE_UNKNOWN,
            found,
            cause,
            ways(actions.look(f"ldd {quoting.word(found.path)}", found.path)),
        )


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
        again = ways(actions.build_stage(path, path))
        return _finding(status, codes.LINKAGE_TRUNCATED, found, cause, again, missing=lost)
    if not (fault := startable.loader_fault(target, found)):
        return None
    loader = found.elf.interpreter
    way = _loader(target, found) if fault.executable else ways(file_actions.chmod("a+rx", loader))
    cause = f"{path} cannot start: its dynamic loader {loader} {fault.why}"
    return _fail(codes.LINKAGE_LOADER_UNUSABLE, found, cause, way)


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
    return _fail(
        codes.LINKAGE_ARCHITECTURE, found, cause, ways(actions.build(f"GOARCH={allowed[0]} go build"))
    )


def not_executable(target: Target, path: str) -> Finding | None:
    """What forbids this user to execute *path*: the way to it, its mount or its mode; None for nothing."""
    try:
        space, mode = target.files.space(path), target.stat(path).mode & 0o7777
    except PermissionError:
        wanted = quoting.word(f'permissions.execute=["{path}"]')
        look = actions.probe(f"probe check --only permissions --set {wanted}")  # names the link that breaks
        return _closed(path, f"user {target.user.uid} may not traverse the path to {path}", look)
    if space and space.noexec:
        mount = target.mount_of(target.resolve(path))
        where = mount.point if mount else path
        cause = f"{path} may not be executed: {where} is mounted with noexec"
        return _closed(path, cause, actions.remount("exec", where))
    try:
        target.access(path, os.X_OK)
    except PermissionError:
        cause = f"user {target.user.uid} may not execute {path} (mode {mode:04o})"
        return _closed(path, cause, file_actions.chmod("a+rx", path))
    return None


def not_in_path(name: str, path: str) -> Finding:
    cause = f"there is no program called {name} in PATH={path}"
    bring = ways(actions.build_stage("/path/to/the/program", f"/usr/local/bin/{name}"))
    return Finding(Status.FAIL, codes.LINKAGE_PROGRAM_MISSING, name, cause, bring)


def missing(path: str, scripts: tuple[str, ...]) -> Finding:
    """The program itself, or the interpreter of a script."""
    if not scripts:
        cause = f"{path} is not there"
        bring = ways(actions.build_stage("/path/to/the/program", path))
        return Finding(Status.FAIL, codes.LINKAGE_PROGRAM_MISSING, path, cause, bring)
    cause = (
        f"{scripts[-1]} exists but cannot start (the kernel says no such file or directory and means the "
        f"interpreter): its first line names {path}"
    )
    direct = ways(actions.instruction('ENTRYPOINT ["/app"]'))
    return Finding(Status.FAIL, codes.LINKAGE_INTERPRETER_MISSING, scripts[-1], cause, direct)


def carriage_return(path: str, interpreter: str) -> Finding:
    cause = f"the first line of {path} ends with a carriage return, so the kernel looks for {interpreter!r}"
    without = ways(file_actions.in_container(file_actions.unix_line_ends(path)))
    return Finding(Status.FAIL, codes.LINKAGE_INTERPRETER_MISSING, path, cause, without)


def no_program(path: str, reason: str) -> Finding:
    cause = f"{path} cannot be executed: it is {reason}"
    return Finding(
        Status.FAIL,
        codes.LINKAGE_NO_PROGRAM,
        path,
        cause,
        ways(actions.look(f"file -L {quoting.word(path)}", path)),
    )


def unreadable(path: str, why: str) -> Finding:
    cause = f"{path} cannot be judged: {why}"
    return Finding(Status.UNKNOWN, codes.LINKAGE_UNKNOWN, path, cause, ways(file_actions.chmod("a+rx", path)))


def fine(found: Binary, scripts: tuple[str, ...]) -> Finding:
    headers = found.elf
    how = "is static" if headers.static else f"finds its loader {headers.interpreter}"
    if headers.needed:
        how += f" and all libraries ({', '.join(headers.needed[:5])}{', …' if headers.needed[5:] else ''})"
    started = f"{scripts[0]} is a script for {found.path}, which" if scripts else found.path
    return _finding(Status.PASS, codes.LINKAGE_OK, found, f"{started} {how}")


def _closed(path: str, cause: str, way: Action) -> Finding:
    return Finding(Status.FAIL, codes.LINKAGE_NOT_EXECUTABLE, path, cause, ways(way))


def _fail(code: Code, found: Binary, cause: str, remedies: Remedies, **more: Any) -> Finding:
    return _finding(Status.FAIL, code, found, cause, remedies, **more)


def _finding(
    status: Status, code: Code, found: Binary, cause: str, remedies: Remedies = (), **more: Any
) -> Finding:
    headers = found.elf
    evidence = {
        "static": headers.static,
        "loader": headers.interpreter or None,
        "libc": headers.libc or None,
        "needed": list(headers.needed),
        "architecture": headers.architecture,
    }
    return Finding(status, code, found.path, cause, remedies, {**evidence, **more})


def _who(linked: "Linked") -> str:
    return f"the loader of {linked.libc}" if linked.libc else "the loader"


def _loader(target: Target, found: Binary) -> Remedies:
    from probe.remedies import libraries

    return ways(libraries.loader(target, found))


def _library(target: Target, found: Binary, name: str) -> Remedies:
    from probe.remedies import libraries

    return ways(libraries.library(target, found, name))


def _newer(found: Binary) -> Remedies:
    """What has newer libraries, or none: without its sources, a base image of today."""
    from probe.remedies import libraries

    if found.info:
        return ways(libraries.WITHOUT_CGO)
    return ways(*map(actions.from_image, ("debian:stable", "gcr.io/distroless/base-debian13")))
