"""Why a go command does not report its version: by the error of execve(2), by its end, by what it printed."""

from __future__ import annotations

import errno

from probe import codes, redact
from probe.checks.go_version import findings, loading
from probe.checks.go_version.findings import JudgedProgram
from probe.errors import reason
from probe.facts import Facts
from probe.golang import godebug, version
from probe.golang.command import toolchain
from probe.golang.command.environment_files import GoSetting
from probe.golang.command.toolchain import Toolchain
from probe.remedies import actions, file_actions, images, other_go, process_limits, quoting
from probe.remedies.actions import ways
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.supervisor_line import Finished

_SIGNALS = {
    "SIGKILL": (
        ": out of memory, perhaps",
        ways(
            actions.pod("resources: {limits: {memory: 1Gi}}"), actions.start("docker run --memory 1g IMAGE")
        ),
    ),
    "SIGSYS": (
        ": forbidden by a seccomp profile",
        ways(actions.pod("securityContext: {seccompProfile: {type: RuntimeDefault}}")),
    ),
    "SIGILL": (": built for a newer processor, perhaps", ways(actions.from_image(images.GOLANG))),
}
_OTHER_IMAGE = ways(actions.from_image(images.GOLANG))
_NO_ROOT = "is trimmed and GOROOT is not set"

# What a failing go command says: the variable that it refuses, and why.
_REFUSALS = (
    r"go: parsing \$(GOFLAGS): (.*)",
    r"go: invalid (GO[A-Z0-9]+)\b:? ?(.*)",
    r"go: (?=unknown (GOEXPERIMENT))(.*)",
    r"go: (GOPATH) entry (.*)",
)


def not_started(target: Target, found: Toolchain, subject: JudgedProgram, problem: OSError) -> Finding:
    """The finding for the errno that execve(2) gave."""
    program = found.program
    if problem.errno == errno.ENOENT:
        if program and (missing := loading.missing_loader(target, subject, program)):
            return missing
        if found.script and not target.exists(found.script):
            return no_interpreter(target, subject, found.script)
    if problem.errno == errno.ENOEXEC:
        return (program and loading.wrong_architecture(subject, program)) or no_program(target, subject)
    if problem.errno in (errno.EACCES, errno.EPERM):
        return loading.not_executable(target, subject)
    return start_failed(subject, reason(problem))


def start_failed(subject: JudgedProgram, why: str) -> Finding:
    cause = f"{subject.path} could not be started: {why}"
    return subject.finding(Status.UNKNOWN, codes.GO_START_FAILED, cause, process_limits.for_start(why))


def no_interpreter(target: Target, subject: JudgedProgram, interpreter: str) -> Finding:
    return subject.finding(
        Status.FAIL,
        codes.GO_INTERPRETER_MISSING,
        f"{subject.path} is a script for {interpreter}, which is not in this image",
        other_go.instead(target, subject.path),
        interpreter=interpreter,
    )


def no_program(target: Target, subject: JudgedProgram) -> Finding:
    from probe.golang import binary

    try:
        found = binary.read(target, subject.path)
    except OSError:
        found = None
    if isinstance(found, binary.NoBinary) and found.kind == "denied":
        cause = f"{subject.path} may not be read by this user, so its version is not known"
        opened = ways(file_actions.chmod("a+r", subject.path))
        return subject.finding(Status.UNKNOWN, codes.GO_VERSION_UNREADABLE, cause, opened)
    what = found.reason if isinstance(found, binary.NoBinary) else "a damaged program"
    cause = f"{subject.path} cannot be executed: it is {what}"
    return subject.finding(Status.FAIL, codes.GO_NOT_A_PROGRAM, cause, _OTHER_IMAGE)


def unexpected(target: Target, subject: JudgedProgram, output: bytes, what: str) -> Finding:
    return subject.finding(
        Status.FAIL,
        codes.GO_OUTPUT_UNEXPECTED,
        f"`{subject.path} version` {what}: {toolchain.said(output)}",
        (
            *other_go.instead(target, subject.path),
            *ways(actions.look(f"file -L {quoting.word(subject.path)}", subject.path)),
        ),
    )


def ended_badly(facts: Facts, found: Toolchain, subject: JudgedProgram, done: Finished) -> Finding:
    """The finding for a `go version` that ended with an error, as specific as its words allow."""
    target, said = facts.target, done.err.decode("utf-8", "replace")
    release = version.read(found.version).release
    if "GODEBUG" in said or "cgocheck" in said:
        settings = target.env.get("GODEBUG", "")
        minor = release[1] if release else 99
        if fatal := godebug.fatal(settings, minor):
            return loading.fatal_godebug(subject, settings, fatal)
    if "malformed GOMEMLIMIT" in said:
        return loading.bad_memory_limit(target, subject)
    import re

    if root := re.search(r"go: cannot find GOROOT directory: (.*)", said):
        return _no_root(facts, subject, root[1])
    if "microarchitecture support" in said:
        cause = f"{subject.path} needs a newer processor than this one: {toolchain.said(done.err)}"
        return subject.finding(Status.FAIL, codes.GO_WRONG_ARCHITECTURE, cause, _OTHER_IMAGE)
    for pattern in _REFUSALS:
        if refusal := re.search(pattern, said):
            return refused(subject, refusal[1], facts.setting(refusal[1]), refusal[2], found.version)
    if done.signal:
        return _killed(subject, done.signal)
    cause = (
        f"`{subject.path} version` ended with exit status {done.code}: {toolchain.said(done.err or done.out)}"
    )
    return subject.finding(Status.FAIL, codes.GO_FAILED, cause, _OTHER_IMAGE)


def refused(subject: JudgedProgram, name: str, chosen: GoSetting, why: str, own: str) -> Finding:
    """A variable with whose value no go command goes on; *own* is the version of this one."""
    shown = redact.value(name, chosen.value)
    told = " ".join(redact.text(why).split())[:300]
    return Finding(
        Status.FAIL,
        codes.GO_SETTING_REFUSED,
        name,
        f"go commands fail at once because of {name}={shown}: {told}",
        findings.corrected(name, chosen, own),
        {"path": subject.path, "source": subject.source, "value": shown, "origin": chosen.origin},
    )


def bad_root(facts: Facts, found: Toolchain, subject: JudgedProgram) -> Finding | None:
    """A GOROOT with which the go command does not start, as far as its files tell."""
    if found.root:
        try:
            is_directory = facts.target.stat(found.root).is_dir
        except (OSError, ValueError):
            is_directory = False
        return None if is_directory else _no_root(facts, subject, found.root)
    # One that was built with -trimpath, as the official ones are, has no GOROOT of its own to fall back to.
    trimmed = found.program and found.program.settings.get("-trimpath") == "true"
    return _no_root(facts, subject, _NO_ROOT) if trimmed else None


def _no_root(facts: Facts, subject: JudgedProgram, said: str) -> Finding:
    if _NO_ROOT in said:
        cause = f"{subject.path} does not find its Go tree: it was copied alone, or /proc is not mounted"
        tree = actions.copy("/usr/local/go", "/usr/local/go", stage=images.GOLANG)
        return subject.finding(Status.FAIL, codes.GO_ROOT_MISSING, cause, ways(tree))
    cause = f"GOROOT={redact.value('GOROOT', said)} is not a directory, and no go command starts with it"
    unset = findings.unset("GOROOT", facts.setting("GOROOT"))
    problem = subject.finding(Status.FAIL, codes.GO_ROOT_MISSING, cause, unset)
    return problem._replace(subject="GOROOT")


def _killed(subject: JudgedProgram, number: int) -> Finding:
    from signal import Signals  # an enumeration costs a millisecond

    try:
        name = Signals(number).name
    except ValueError:
        name = f"signal {number}"
    hint, remedies = _SIGNALS.get(name, ("", _OTHER_IMAGE))
    cause = f"`{subject.path} version` was killed by {name}{hint}"
    return subject.finding(Status.FAIL, codes.GO_KILLED, cause, remedies, signal=number)
