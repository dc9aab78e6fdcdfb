"""The workload's program, judged by what it says about its making. It is not run."""

from __future__ import annotations

from probe import codes
from probe.checks.go_version import findings, loading
from probe.checks.go_version.findings import JudgedProgram, VersionPolicy
from probe.errors import reason
from probe.facts import Facts
from probe.golang.binary import Binary, NoBinary
from probe.lightweight import Iterator
from probe.report import Finding, Remedies, Status


def diagnose(facts: Facts, path: str, rules: VersionPolicy, *, named: bool) -> Iterator[Finding]:
    """
    What keeps the program at *path* from starting, else what its version is worth.

    Nothing at all for a program that is not Go's, unless it was *named* or is all there is.
    """
    target, subject = facts.target, JudgedProgram(path, "binary", {})
    try:
        found = facts.binary(path)
    except OSError as problem:
        cause = f"{path} cannot be read: {reason(problem)}"
        from probe.remedies import actions, quoting

        look = actions.ways(actions.look(f"ls -l {quoting.word(path)}", path))
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, look)
        return
    if isinstance(found, NoBinary):
        yield from _no_program(subject, found, named=named)
        return
    from probe.checks.go_version import starting

    subject = subject._replace(evidence=_evidence(found))
    if not found.info and not named and "Go program" not in found.no_info:
        if cut := starting.cut(target, subject, found):
            yield cut
        return
    obstacles = list(starting.obstacles(facts, subject, found))
    yield from obstacles
    if obstacles:
        return
    if not found.info:
        yield _no_build_info(subject, found)
    else:
        release = facts.release_of(found.named.release)
        fatal = loading.fatal_environment(target, subject, release[1], found) if release else None
        fatal = fatal or starting.bad_gomaxprocs(subject, target.env.get("GOMAXPROCS", ""))
        if fatal:
            yield fatal
        else:
            yield from findings.judge(subject, found.info.version, rules)


def _no_program(subject: JudgedProgram, found: NoBinary, *, named: bool) -> Iterator[Finding]:
    from probe.remedies import actions, file_actions

    path = subject.path
    if found.kind == "missing":
        cause = f"the program {path} is not there: {found.reason.lower()}"
        place = path if "/" in path else f"/usr/local/bin/{path}"  # a name that PATH has no program for
        bring = actions.ways(actions.build_stage("/path/to/the/program", place))
        yield subject.finding(Status.FAIL, codes.GO_BINARY_MISSING, cause, bring)
    elif found.kind == "denied":
        cause = f"the program {path} may not be read by this user, so its version is not known"
        opened = actions.ways(file_actions.chmod("a+rx", path))
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, opened)
    elif found.kind == "special":
        cause = f"{path} is {found.reason}, no program"
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, _name_another())
    elif named:
        cause = f"{path} is {found.reason}, no Go program for Linux"
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_NOT_GO, cause, _name_another())


def _name_another() -> Remedies:
    from probe.remedies import actions

    return actions.ways(actions.configure("go-version.binary", "/path/to/the/program"))


def _no_build_info(subject: JudgedProgram, found: Binary) -> Finding:
    from probe.remedies import actions, quoting

    path = subject.path
    if found.no_info == "packed with UPX":
        cause = f"{path} is packed with UPX, which hides the version of Go that built it"
        unpack = actions.ways(actions.build(f"upx -d {quoting.word(path)}"))
        return subject.finding(Status.UNKNOWN, codes.GO_BUILD_INFO_MISSING, cause, unpack)
    if "removed" in found.no_info:
        cause = f"the build info of {path} was removed, so the version of Go that built it is not known"
        again = actions.ways(actions.build("go build -ldflags='-s -w'"))
        return subject.finding(Status.UNKNOWN, codes.GO_BUILD_INFO_MISSING, cause, again)
    cause = f"{path} has no Go build info: it is not a Go program"
    return subject.finding(Status.UNKNOWN, codes.GO_BINARY_NOT_GO, cause, _name_another())


def _evidence(found: Binary) -> dict[str, object]:
    evidence: dict[str, object] = {"architecture": found.elf.architecture, "static": found.elf.static}
    if found.elf.interpreter:
        evidence["loader"] = found.elf.interpreter
        evidence["loader_present"] = bool(found.loader_present)
    if found.info:
        evidence["build_info"] = found.info.place
        if found.go_line:
            evidence["go_line"] = found.go_line
    return evidence
