"""What keeps the workload's program from its main function, in the order in which it is met."""

from __future__ import annotations

import os

from probe import codes, syscalls
from probe.checks.go_version import loading
from probe.checks.go_version.findings import JudgedProgram
from probe.golang import godebug, startable
from probe.golang.binary import Binary
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import Target
from probe.targets.ldso import Linked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.facts import Facts
    from probe.report import Action

# linux/capability.h; those that files are given, by what programs of Go need.
_CAPABILITIES = {
    0: "CHOWN", 1: "DAC_OVERRIDE", 2: "DAC_READ_SEARCH", 5: "KILL", 6: "SETGID", 7: "SETUID", 8: "SETPCAP",
    10: "NET_BIND_SERVICE", 12: "NET_ADMIN", 13: "NET_RAW", 14: "IPC_LOCK", 18: "SYS_CHROOT",
    19: "SYS_PTRACE", 21: "SYS_ADMIN", 23: "SYS_NICE", 24: "SYS_RESOURCE", 25: "SYS_TIME",
    38: "PERFMON", 39: "BPF",
}  # fmt: skip


def obstacles(facts: Facts, subject: JudgedProgram, found: Binary) -> Iterator[Finding]:
    """The first thing that keeps the program from starting; several where libraries are missing."""
    target = facts.target
    first = (
        loading.missing_loader(target, subject, found)
        or _closed(target, subject, found)
        or _architecture(target, subject, found)
        or cut(target, subject, found)
        or _loader(target, subject, found)
    )
    if first:
        yield first
        return
    if found.elf.interpreter and found.elf.needed:
        missing = list(_libraries(target, subject, found))
        yield from missing
        if missing:
            return
    if target.is_ours and (
        problem := _processor(subject, found)
        or _memory_limit(target, subject, found)
        or _system_call(facts, subject, found)
    ):
        yield problem


def cut(target: Target, subject: JudgedProgram, found: Binary) -> Finding | None:
    """A program whose end is missing: a broken download, a full disk."""
    size = target.stat(found.path).size
    lost = startable.missing_bytes(size, found.elf)
    if not lost:
        return None
    sure = startable.certainly_fatal(size, found.elf)
    from probe.remedies import actions

    cause = f"{found.path} is truncated: at least {lost} bytes that belong in memory are missing at its end"
    return subject.finding(
        Status.FAIL if sure else Status.UNKNOWN, codes.GO_TRUNCATED, cause,
        actions.ways(actions.build_stage(found.path, found.path)),
        bytes=size, missing=lost,
    )  # fmt: skip


def bad_gomaxprocs(subject: JudgedProgram, text: str) -> Finding | None:
    """So many processors that the runtime needs seconds and gigabytes before main, or dies of them."""
    number = godebug.gomaxprocs(text)
    if number < godebug.ABSURD_GOMAXPROCS:
        return None
    cause = (
        f"GOMAXPROCS={number} makes {subject.what} {subject.path} prepare for as many processors before "
        "main: that takes minutes and gigabytes, or kills it"
    )
    evidence = {"path": subject.path, "source": subject.source, "value": number}
    from probe.remedies import actions

    unset = actions.ways(actions.set_env("GOMAXPROCS", ""))
    return Finding(Status.FAIL, codes.GOMAXPROCS_FATAL, "GOMAXPROCS", cause, unset, evidence)


def _closed(target: Target, subject: JudgedProgram, found: Binary) -> Finding | None:
    try:
        target.access(found.path, os.X_OK)
    except OSError:
        return loading.not_executable(target, subject)
    if startable.closed_by_mount(target, found.path):  # by a target's user the mode alone is judged
        return loading.not_executable(target, subject)
    if not target.is_ours or not (lost := startable.lost_capabilities(target, found.path)):
        return None
    names = [_CAPABILITIES.get(number, str(number)) for number in lost]
    cause = (
        f"{found.path} carries file capabilities that this container may not have ({', '.join(names)}): "
        "execve answers operation not permitted"
    )
    from probe.remedies import actions

    grant = actions.pod(f"securityContext: {{capabilities: {{add: [{', '.join(names)}]}}}}")
    return subject.finding(
        Status.FAIL, codes.GO_CAPABILITIES_REFUSED, cause, actions.ways(grant), capabilities=names
    )


def _architecture(target: Target, subject: JudgedProgram, found: Binary) -> Finding | None:
    return loading.wrong_architecture(subject, found) if target.is_ours else None


def _loader(target: Target, subject: JudgedProgram, found: Binary) -> Finding | None:
    fault = startable.loader_fault(target, found)
    if not fault:
        return None
    from probe.remedies import actions, file_actions, libraries  # on the way of a failure only

    loader = found.elf.interpreter
    cause = f"{found.path} cannot start: its dynamic loader {loader} {fault.why}"
    way = libraries.loader(target, found) if fault.executable else file_actions.chmod("a+rx", loader)
    if "noexec" in fault.why:
        way = libraries.WITHOUT_CGO
    return subject.finding(Status.FAIL, codes.GO_LOADER_UNUSABLE, cause, actions.ways(way), loader=loader)


def _libraries(target: Target, subject: JudgedProgram, found: Binary) -> Iterator[Finding]:
    from probe.targets import ldso  # for programs with cgo only

    try:
        linked = ldso.link(target, found.path, found.elf)
    except OSError:  # it may be executed and not read: what it needs was read before
        return
    if linked.missing or linked.unmet or not linked.complete:
        yield from _lacking(subject, found, linked)


def _lacking(subject: JudgedProgram, found: Binary, linked: Linked) -> Iterator[Finding]:
    from probe.remedies import actions, libraries, quoting

    without = actions.ways(libraries.WITHOUT_CGO)
    for missing in linked.missing[:10]:
        cause = (
            f"{found.path} cannot start: the library {missing.name} is not in the directories of its loader"
        )
        yield subject.finding(Status.FAIL, codes.GO_LIBRARY_MISSING, cause, without, library=missing.name)
    for unmet in linked.unmet[:10]:
        newest = f", which has {unmet.newest} at most" if unmet.newest else ""
        cause = (
            f"{found.path} cannot start: version {unmet.version} not found in {unmet.library}{newest} "
            f"(required by {unmet.wanted_by})"
        )
        yield subject.finding(
            Status.FAIL, codes.GO_LIBRARY_TOO_OLD, cause, without,
            version=unmet.version, library=unmet.library, newest=unmet.newest,
        )  # fmt: skip
    if not linked.complete:
        cause = f"{found.path} needs more libraries than are checked"
        look = actions.ways(actions.look(f"ldd {quoting.word(found.path)}", found.path))
        yield subject.finding(Status.UNKNOWN, codes.GO_LIBRARY_MISSING, cause, look)


def _processor(subject: JudgedProgram, found: Binary) -> Finding | None:
    level = found.settings.get("GOAMD64", "") if found.elf.architecture == "amd64" else ""
    lacking = startable.missing_features({"GOAMD64": level})
    if lacking == ():
        return None
    from probe.remedies import actions

    again = actions.ways(actions.build("GOAMD64=v1 go build"))
    if lacking is None:
        cause = (
            f"{subject.path} is built with GOAMD64={level}, and the features of this processor are unknown"
        )
        return subject.finding(Status.UNKNOWN, codes.GO_PROCESSOR_LEVEL, cause, again, level=level)
    cause = (
        f"{subject.path} is built with GOAMD64={level} and exits at once: this processor has no "
        f"{', '.join(lacking)}"
    )
    return subject.finding(
        Status.FAIL, codes.GO_PROCESSOR_LEVEL, cause, again, level=level, lacking=list(lacking)
    )


def _memory_limit(target: Target, subject: JudgedProgram, found: Binary) -> Finding | None:
    limit = startable.memory_limit(target, found.elf) if found.info else None
    if not limit:
        return None
    soft, needed = limit.soft >> 20, limit.needed >> 20
    cause = (
        f"the address space is limited to {soft} MiB (ulimit -v), and programs of Go reserve "
        f"{needed} MiB at their start, whatever they use of it"
    )
    if limit.letter == "d":
        cause = (
            f"writable memory is limited to {soft} MiB (ulimit -d), and programs of Go map {needed} MiB "
            "at their start, whatever they use of it"
        )
    from probe.remedies import actions

    set_there = limit.letter in target.limits
    remedies = actions.ways(_out_of_command(limit) if set_there else _without_limit(limit))
    return subject.finding(
        Status.FAIL, codes.GO_ADDRESS_SPACE, cause, remedies, limit=limit.soft, needed=limit.needed
    )


def _out_of_command(limit: startable.MemoryLimit) -> Action:
    """What starts the program sets it each time, over whatever the shell had set before."""
    from probe.remedies import actions

    option = {"v": "--as", "d": "--data"}[limit.letter]
    said = f"Remove `ulimit -{limit.letter}` or `prlimit {option}` from the command that starts the program"
    return actions.ask(said, actions.IMAGE)


def _without_limit(limit: startable.MemoryLimit) -> Action:
    """The soft limit is what counts, and it can be raised as far as the hard one."""
    from probe.remedies import actions

    if startable.may_grow(limit):
        return actions.shell(f"ulimit -S{limit.letter} $(ulimit -H{limit.letter})")
    return actions.shell(f"ulimit -{limit.letter} unlimited", raises=True)


def _system_call(facts: Facts, subject: JudgedProgram, found: Binary) -> Finding | None:
    release = facts.release_of(found.named.release) if found.info else None
    name = syscalls.refused_to_go(release[1]) if release else ""
    if not name:
        return None
    from probe.remedies import actions

    cause = f"seccomp refuses the system call {name}, without which {subject.path} dies in the Go runtime"
    allow = actions.ways(actions.allow_syscall(name))
    return subject.finding(Status.FAIL, codes.SYSCALL_REFUSED, cause, allow, syscall=name)
