"""What keeps any Go program from starting: its loader, its mode, its architecture, its environment."""

from probe import codes, redact
from probe.checks.go_version.findings import JudgedProgram
from probe.golang import godebug, machine, startable
from probe.golang.binary import Binary
from probe.report import Finding, Status
from probe.targets import Target


def missing_loader(target: Target, subject: JudgedProgram, program: Binary) -> Finding | None:
    """The classic "no such file or directory" about a file that is there."""
    if program.loader_present is not False:
        return None
    from probe.remedies import actions, libraries  # on the way of a failure only

    loader = program.elf.interpreter
    why = startable.missing_loader(target, loader, program.elf.libc)
    cause = f"{subject.path} exists but cannot start: {why}"
    return subject.finding(
        Status.FAIL,
        codes.GO_LOADER_MISSING,
        cause,
        actions.ways(libraries.loader(target, program, toolchain=subject.source == "toolchain")),
        loader=loader,
        needed=list(program.elf.needed),
    )


def not_executable(target: Target, subject: JudgedProgram) -> Finding:
    """Its mode forbids it, or the mount that it lies on."""
    from probe.remedies import actions, file_actions

    path = subject.path
    if point := startable.closed_by_mount(target, path):
        cause = f"{path} cannot be executed: {point} is mounted with noexec"
        remount = actions.remount("exec", point)
        return subject.finding(
            Status.FAIL, codes.GO_NOT_EXECUTABLE, cause, actions.ways(remount), mount=point
        )
    try:
        mode = f"{target.stat(path).mode & 0o7777:04o}"
    except OSError:
        mode = ""
    cause = f"{path} exists but user {target.user.uid} may not execute it" + (
        f" (mode {mode})" if mode else ""
    )
    opened = actions.ways(file_actions.chmod("a+rx", path))
    return subject.finding(Status.FAIL, codes.GO_NOT_EXECUTABLE, cause, opened, mode=mode)


def wrong_architecture(subject: JudgedProgram, program: Binary) -> Finding | None:
    """Built for a machine that this kernel is not; None when it fits, or when we cannot tell."""
    kernel, ours = machine.here()
    theirs = program.elf.architecture
    if not ours or theirs in ours:
        return None
    cause = f"{subject.path} is built for {theirs}, but this machine is {kernel} ({ours[0]})"
    from probe.remedies import actions

    again = (
        actions.start(f"docker build --platform linux/{ours[0]} .")
        if subject.source == "toolchain"
        else actions.build(f"GOARCH={ours[0]} go build")
    )
    return subject.finding(
        Status.FAIL,
        codes.GO_WRONG_ARCHITECTURE,
        cause,
        actions.ways(again),
        architecture=theirs,
        machine=kernel,
    )


def fatal_environment(
    target: Target, subject: JudgedProgram, minor: int, program: Binary | None = None
) -> Finding | None:
    """A variable of the target that ends *program*, or any of Go 1.*minor*, before its main function."""
    settings = target.env.get("GODEBUG", "")
    if fatal := godebug.fatal(settings, minor, fips140=not program or program.links_fips140):
        finding = fatal_godebug(subject, settings, fatal)
        if fatal.name == "fips140" and program and program.vendor:
            cause = (
                f"the program {subject.path} is a build of {program.vendor}, whose values of fips140 are not"
                f" known here: {finding.cause.partition(' because of ')[2].partition(' in GODEBUG')[0]}"
            )
            return finding._replace(status=Status.UNKNOWN, cause=cause)
        return finding
    limit = target.env.get("GOMEMLIMIT", "")
    return bad_memory_limit(target, subject) if godebug.bad_memory_limit(limit, minor) else None


def fatal_godebug(subject: JudgedProgram, settings: str, fatal: godebug.Fatal) -> Finding:
    from probe.remedies import actions, variables

    entry = redact.value("GODEBUG", f"{fatal.name}={fatal.value}")
    return Finding(
        Status.FAIL,
        codes.GODEBUG_FATAL,
        "GODEBUG",
        f"{subject.what} {subject.path} exits at startup because of {entry} in GODEBUG: {fatal.why}",
        actions.ways(variables.without_godebug(settings, fatal.name)),
        {"path": subject.path, "source": subject.source, "entry": entry},
    )


def bad_memory_limit(target: Target, subject: JudgedProgram) -> Finding:
    from probe.remedies import actions, memory_limit

    limit = target.env.get("GOMEMLIMIT", "")
    shown = redact.value("GOMEMLIMIT", limit)
    # Empty is unset: Go's own default is no limit, and nobody has asked for another one.
    values = [value for value in (memory_limit.of_target(limit, target), "") if value is not None]
    return Finding(
        Status.FAIL,
        codes.GOMEMLIMIT_FATAL,
        "GOMEMLIMIT",
        f"{subject.what} {subject.path} exits at startup because GOMEMLIMIT={shown} is malformed",
        actions.ways(*(actions.set_env("GOMEMLIMIT", value) for value in values)),
        {"path": subject.path, "source": subject.source, "value": shown},
    )
