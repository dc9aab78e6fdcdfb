"""The workload's program, judged by what it says about its making. It is not run."""

from __future__ import annotations

from probe import codes
from probe.checks.go_version import findings, loading
from probe.checks.go_version.findings import JudgedProgram, VersionPolicy
from probe.errors import reason
from probe.facts import Facts
from probe.golang.binary import Binary, NoBinary
from probe.lightweight import Iterator
from probe.report import Finding, Status


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
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, f"ls -l {path}")
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
    obstacles = list(starting.obstacles(target, subject, found))
    yield from obstacles
    if obstacles:
        return
    if not found.info:
        yield _no_build_info(subject, found)
    else:
        release = found.named.release
        fatal = loading.fatal_environment(target, subject, release[1], found) if release else None
        fatal = fatal or starting.bad_gomaxprocs(subject, target.env.get("GOMAXPROCS", ""))
        if fatal:
            yield fatal
        else:
            yield from findings.judge(subject, found.info.version, rules)


def _no_program(subject: JudgedProgram, found: NoBinary, *, named: bool) -> Iterator[Finding]:
    path = subject.path
    if found.kind == "missing":
        cause = f"the program {path} is not there: {found.reason.lower()}"
        place = path if "/" in path else f"/usr/local/bin/{path}"  # a name that PATH has no program for
        remedy = f"COPY --from=build /path/to/the/program {place}"
        yield subject.finding(Status.FAIL, codes.GO_BINARY_MISSING, cause, remedy)
    elif found.kind == "denied":
        cause = f"the program {path} may not be read by this user, so its version is not known"
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, f"RUN chmod a+rx {path}")
    elif found.kind == "special":
        cause = f"{path} is {found.reason}, no program"
        remedy = "probe check --set go-version.binary=/path/to/the/program"
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_UNREADABLE, cause, remedy)
    elif named:
        cause = f"{path} is {found.reason}, no Go program for Linux"
        remedy = "probe check --set go-version.binary=/path/to/the/program"
        yield subject.finding(Status.UNKNOWN, codes.GO_BINARY_NOT_GO, cause, remedy)


def _no_build_info(subject: JudgedProgram, found: Binary) -> Finding:
    path = subject.path
    if found.no_info == "packed with UPX":
        cause = f"{path} is packed with UPX, which hides the version of Go that built it"
        return subject.finding(Status.UNKNOWN, codes.GO_BUILD_INFO_MISSING, cause, f"upx -d {path}")
    if "removed" in found.no_info:
        cause = f"the build info of {path} was removed, so the version of Go that built it is not known"
        remedy = "go build -ldflags='-s -w'"
        return subject.finding(Status.UNKNOWN, codes.GO_BUILD_INFO_MISSING, cause, remedy)
    cause = f"{path} has no Go build info: it is not a Go program"
    remedy = "probe check --set go-version.binary=/path/to/the/program"
    return subject.finding(Status.UNKNOWN, codes.GO_BINARY_NOT_GO, cause, remedy)


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
