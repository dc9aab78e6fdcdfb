"""`probe run`: what its command line may say, and the checks before the workload."""

import os
from collections.abc import Sequence

from probe.cli import settings
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, choose, parse, wrong
from probe.cli.exit import GARBAGE_THRESHOLD, failed, write
from probe.cli.run_options import ON_FAIL, seconds
from probe.entrypoint import gate
from probe.entrypoint.gate import GateAttempt

TYPE_CHECKING = False
if TYPE_CHECKING:  # the agent imports this too, and stays: "typing" alone is half a megabyte
    from typing import NoReturn

    from probe.config.load import Settings
    from probe.lightweight import socket
    from probe.report import Report
    from probe.targets import Target

_NO_ENDPOINT = "TLS_NO_ENDPOINT"  # alone it is no reason for a report at each start
_REASON = 1000  # bytes of why a command is not started
COMMAND = Command(
    "run",
    "Runs the checks (role startup), then execs the program: same PID, and no process\n"
    "of probe remains. With --serve it stays, as a small init with the agent.\n"
    "Reports go to stderr, and only if there is something to report.\n"
    "Exit 1 when not healthy, 64 usage, 78 configuration, 127 CMD not found, 126 CMD\n"
    "not executable, else the exit code of CMD; 128 + signal if one ends the checks.",
    (
        Flag("--on-fail", "when the checks fail; exit is the default", "WHAT", choices=tuple(ON_FAIL)),
        Flag("--serve", "stay as an init: forward signals, reap, answer HTTP on ADDRESS:PORT", "ADDR"),
        Flag("--kill-after", "with --serve: kill the program's group S seconds after SIGTERM", "S"),
        Flag("--retry-for", "repeat failing checks for so many seconds, with growing pauses", "S"),
        Flag("--exit-code-transient", "exit N when every failure may be transient; 75 is usual", "N"),
        *settings.FLAGS,
        Flag("--verbose", "the report has all findings with their evidence"),
        Flag("--quiet", "only the verdict, and only when the checks fail"),
    ),
    (Operand("-- CMD [ARGS]", "the program, found as a shell finds it", many=True),),
    (
        "probe run -- /app serve",
        "probe run --retry-for 60 --set ca-bundle.endpoints=db.internal:443 -- /app",
        "probe run --serve '[::]:9810' -- /app",
        "probe run --on-fail hold -- /app",
    ),
)
_TERMINATION_LOG = "/dev/termination-log"  # where Kubernetes looks for last words


def run(_: ParsedArgs) -> "NoReturn":
    """Refuse a call without a command: with one, probe.cli.run_entrypoint takes over before any import."""
    wrong(COMMAND, "write -- and the command: probe run -- CMD")


def checked(
    options: Sequence[str],
    command: Sequence[bytes],
    this: GateAttempt,
    *,
    last_words: bool,
    reason: int | None = None,
) -> int:
    """
    The exit code of one try, whose outcome has been told.

    gate.AGAIN when it may be repeated, gate.TRANSIENT when it failed for what may pass by itself. With
    *last_words* a final failure is written to the termination log too, and its first cause as a line to
    the descriptor *reason*.
    """
    import gc

    from probe.cli import check, transient
    from probe.output import text

    gc.set_threshold(GARBAGE_THRESHOLD)
    try:
        given = parse(COMMAND, options)
        report = _report(given, command)
    except BaseException as problem:  # noqa: BLE001 - whatever it is, it has to become an exit code
        return failed(problem, verbose="--verbose" in options).code
    again = not report.healthy and this.may_be_repeated()
    _tell_try(this, f"{text.verdict(report)}; again in {this.pause_s:.1f} s" if again else "")
    if again:
        return gate.AGAIN
    if report.healthy:
        _tell_warnings(given, report)
        return 0
    brief = text.render(report, language=check.language(report))
    _tell(given, report, brief)
    if last_words:
        _write_termination_log(brief)
    if reason is not None:
        _write_reason(reason, report)
    return gate.TRANSIENT if transient.only(report) else 1


def _write_reason(descriptor: int, report: "Report") -> None:
    """The worst finding on one line that a pipe takes at once (PIPE_BUF in limits.h)."""
    from probe.output.base import by_severity, printable

    _, worst = next(by_severity(report))
    line = printable(f"{worst.code.name}: {worst.cause}").encode("utf-8", "replace")
    os.write(descriptor, line[:_REASON] + b"\n")


def serve(
    options: Sequence[str],
    command: Sequence[bytes],
    listener: "socket.socket",
    workload: tuple[int, int, bool, str],
) -> None:
    """
    Be the agent beside the workload, until we are killed: after SIGTERM it answers "not ready".

    Its configuration is read anew on SIGHUP; what is wrong is told in one line.
    """
    from probe.agent import server
    from probe.agent.workload import Workload
    from probe.cli import serve as agent_command
    from probe.cli import status_client

    given = parse(COMMAND, options)
    # We end when the workload ends; until then somebody may ask.
    reading = agent_command.reading(given, lambda: _container(command), drain_s=float("inf"))
    try:
        first = reading.now()
        agent_command.answered(first.agent)
        server.serve(first, reading, listener, status_client.places(first.agent.socket), Workload(*workload))
    except Exception as problem:  # noqa: BLE001 - whatever it is, the init tells that we have ended, we why
        os._exit(failed(problem, verbose=given.on("--verbose")).code)


def judged(given: ParsedArgs) -> "Settings":
    """The settings; UsageError or ConfigError for options that do not fit."""
    if given.on("--serve") and not given.one("--serve"):
        wrong(COMMAND, "--serve needs an address, such as 127.0.0.1:9810")
    if given.operands:
        wrong(COMMAND, f"write -- before the command, not {given.operands[0]}")
    if given.on("--quiet") and given.on("--verbose"):
        wrong(COMMAND, "--quiet and --verbose exclude each other")
    for flag in ("--retry-for", "--kill-after"):
        if seconds(given.one(flag) or "0") is None:
            wrong(COMMAND, f"{flag} {given.one(flag)}: write seconds, at most a day")
    if given.on("--kill-after") and not given.on("--serve"):
        wrong(COMMAND, "--kill-after is for --serve: without it no probe process is left to kill the program")
    if given.on("--exit-code-transient"):
        from probe.cli import transient

        transient.exit_code(COMMAND, given)
    choose(COMMAND, "--on-fail", given.one("--on-fail") or ON_FAIL[0], ON_FAIL)
    return settings.effective(COMMAND, given)


def _report(given: ParsedArgs, command: Sequence[bytes]) -> "Report":
    from probe.cli import check

    effective = judged(given)
    gate.deadline(effective.timeout_s + 1)
    report = check.report_of(given, effective, "startup", lambda: _container(command))
    return check.repeatable(report, given)


def _container(command: Sequence[bytes]) -> "Target":
    """This container, whose program is the command, or what that starts as another user (gosu, env, …)."""
    from probe import targets
    from probe.entrypoint import path_lookup, wrappers

    here = targets.ourselves()
    started = wrappers.unwrap([os.fsdecode(word) for word in command])
    here = here._replace(
        env=started.environment(here.env),
        cwd=here.path(started.cwd) if started.cwd else here.cwd,
        limits=started.limits,
    )
    path = os.fsencode(here.env["PATH"]) if "PATH" in here.env else None
    first = os.fsencode(started.words[0])
    program = os.fsdecode(path_lookup.found(first, path) or first)
    here = here._replace(executable=here.path(program) if "/" in program else program)
    return _as_user(here, started.user) if started.user else here


def _as_user(here: "Target", name: str) -> "Target":
    """The same container as *name*, to whom a wrapper changes, may see it; TargetUnavailable for nobody."""
    from probe.targets import passwd
    from probe.targets.rooted_fs import RootedFiles

    user = passwd.find(name, here.files)
    if (user.uid, user.gid) == (here.user.uid, here.user.gid):
        return here
    return here._replace(files=RootedFiles("/", user), user=user, proc="")


def _tell_try(this: GateAttempt, words: str) -> None:
    """One line a try; on a terminal each in place of the one before, which goes when there is no other."""
    from probe.cli import progress

    line = f"probe: try {this.number}: {words}" if words else ""
    first = this.number == 1
    if progress.possible():
        if line or not first:
            progress.replace(line, first=first)
    elif line:
        write(2, f"{line}\n", 1.0)


def _tell_warnings(given: ParsedArgs, report: "Report") -> None:
    from probe.cli import check
    from probe.output import text
    from probe.report import Status

    if report.status is not Status.WARN or given.on("--quiet"):
        return
    findings = [finding for each in report.checks for finding in each.findings]
    warned = {finding.code.name for finding in findings if finding.status is Status.WARN}
    if warned == {_NO_ENDPOINT} and not given.on("--verbose"):
        write(2, "probe: healthy; no TLS handshake tried: name a server with --endpoint HOST:PORT\n", 1.0)
    else:
        _tell(given, report, text.render(report, language=check.language(report)))


def _tell(given: ParsedArgs, report: "Report", brief: str) -> None:
    from probe.cli import check
    from probe.output import text

    if given.on("--quiet"):
        words = f"{text.verdict(report)}\n"
    elif given.on("--verbose") or check.colour(2):
        verbose = given.on("--verbose")
        spoken = check.language(report, verbose=verbose)
        words = text.render(report, verbose=verbose, colour=check.colour(2), language=spoken)
    else:
        words = brief
    write(2, words, 1.0)


def _write_termination_log(words: str) -> None:
    try:
        log = os.open(_TERMINATION_LOG, os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:  # not in Kubernetes, or not ours to write
        return
    write(log, words, 1.0)
