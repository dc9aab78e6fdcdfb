"""`probe check`: run the checks once and say how it went."""

from __future__ import annotations

from probe.checks import start_commands
from probe.cli import as_of, progress, remote_mounts, settings, targets
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, choose, wrong
from probe.cli.exit import CommandResult
from probe.errors import HEALTHY, UNHEALTHY
from probe.lightweight import Callable, os
from probe.output import FORMATS
from probe.report import ROLES, Report, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.config.load import Settings
    from probe.facts import Facts
    from probe.targets import Target
    from probe.targets.processes import Processes

_LOADS_MOST = "ca-bundle"
_LEAST_S = 0.25  # for printing, however late it has become

_ROLES = (*ROLES, "all")
COMMAND = Command(
    "check",
    "Runs the checks side by side under one deadline: will Go work in here?\n"
    "Exit 0 healthy, 1 not healthy, 64 usage, 78 configuration;\n"
    "with --format nagios 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
    (
        *settings.FLAGS,
        Flag(
            "--role",
            f"which probe is calling: {', '.join(_ROLES)}; all is the default; live runs only live_checks",
            "ROLE",
        ),
        Flag("--format", "how to print the report; text is the default", "NAME", choices=tuple(FORMATS)),
        Flag(
            "--verbose",
            "text: all findings with their evidence; any format: tracebacks of probe's own errors",
        ),
        Flag("--fix", "print the remedies instead of the report", "FORM", choices=("dockerfile",)),
        Flag("--quiet", "text: nothing when healthy, else only the verdict"),
        Flag(
            "--exit-code-transient",  # the flag of probe.cli.transient, which only a failure imports
            "exit N instead of 1 when every failure may be transient; 75 is usual",
            "N",
        ),
        *targets.FLAGS,
        targets.OWN_CONFIG,
        *as_of.FLAGS_WITH_ALL,
        Flag("--shard", "of many images only every Nth, from the Ith on (0 is the first)", "I/N"),
    ),
    (Operand("[IMAGE]", "more archives for --image, or directories of them", many=True),),
    examples=(
        "probe check --only timezone --set timezone.expected=Asia/Shanghai",
        "probe check --set ca-bundle.endpoints=api.internal:443 --timeout 2",
        "probe check --root /srv/image --format junit > report.xml",
        "probe check --pid 1 --role ready",
        "probe check --root /srv/image --fix dockerfile >> Dockerfile",
        "probe check --image images/ --shard 0/4 --format json > shard-0.jsonl",
    ),
)


def run(given: ParsedArgs) -> CommandResult:
    """The report in the format asked for; its verdict alone decides the exit code."""
    role = choose(COMMAND, "--role", given.one("--role") or "all", _ROLES)
    name = choose(COMMAND, "--format", given.one("--format") or "text", tuple(FORMATS))
    if given.on("--quiet") and (name != "text" or given.on("--verbose")):
        wrong(COMMAND, "--quiet is for the text format, and not with --verbose")
    if form := given.one("--fix"):
        choose(COMMAND, "--fix", form, ("dockerfile",))
        if name != "text" or given.on("--quiet") or given.on("--verbose"):
            wrong(COMMAND, "--fix prints no report: not with --format, --quiet or --verbose")
    if given.on("--image"):
        from probe.cli import images

        if (several := images.named(COMMAND, given)) is not None:
            single = images.Single(report_of, repeatable, _text, exit_code, transient_code)
            return images.run(COMMAND, given, several, role, name, single)
    elif given.operands or given.on("--shard"):
        word = given.operand(0)
        if not word:
            wrong(COMMAND, "--shard needs --image")
        wrong(
            COMMAND, f"unexpected argument {word}; use --image FILE, --root DIR or --pid N for another target"
        )
    if not targets.ours(given):
        return _answer(given, role, name)
    from probe.targets.processes import Processes

    with Processes() as processes:
        return _answer(given, role, name, processes)


def alone(given: ParsedArgs, role: str, note: str) -> CommandResult:
    """The report of this container as text, *note* as its last line."""
    from probe.targets.processes import Processes

    with Processes() as processes:
        return _answer(given, role, "text", processes, note)


def _answer(
    given: ParsedArgs, role: str, name: str, processes: Processes | None = None, note: str = ""
) -> CommandResult:
    effective, target = _settled(given)
    load = _prepare(effective, role, processes) if processes else None
    transient = transient_code(given, name)

    def look() -> Target:
        return target or targets.build(COMMAND, given, processes)

    if given.one("--as-go") == as_of.ALL and not note:
        return _under_each(given, effective, role, name, look)
    report = repeatable(report_of(given, effective, role, look, load=load), given)
    code = exit_code(report, name, transient)
    told = _noted(report, note) if note else _text(given, name, report)
    return CommandResult(code, told, max(_LEAST_S, effective.timeout_s - report.duration_s))


def _prepare(effective: Settings, role: str, processes: Processes) -> Callable[[], None]:
    """
    Fork the supervisor, and load what a healthy run will import, while there is but one thread.

    What is returned loads the rest, a half of it, which no command waits for.
    """
    from probe import importer, preloaded

    names = effective.names_of(role)
    if start_commands(names):
        importer.preload(preloaded.SUPERVISOR)
        if processes.forks:
            importer.preload(preloaded.FORK)
        processes.start()  # before the checks are loaded: a larger process takes longer to fork
    importer.preload(preloaded.RUN)
    for name in names:
        if name != _LOADS_MOST:
            importer.preload(preloaded.CHECKS.get(name, ""))

    def rest() -> None:
        if _LOADS_MOST in names:
            importer.preload(preloaded.CHECKS[_LOADS_MOST])
        if any(getattr(check, "shakes_hands", _never)(role) for check in effective.of_role(role)):
            importer.preload(preloaded.HANDSHAKE)

    return rest


def _never(_: str) -> bool:
    return False


def _settled(given: ParsedArgs) -> tuple[Settings, Target | None]:
    """The settings, and the target where its own count; None too where it cannot be looked at."""
    ours = settings.effective(COMMAND, given)
    if not targets.wants_own_config(COMMAND, given):
        return ours, None
    from probe.targets.errors import TargetUnavailable

    try:
        target = targets.build(COMMAND, given)
    except TargetUnavailable:  # the report will say why
        return ours, None
    return settings.of_target(COMMAND, given, target), target


def _under_each(
    given: ParsedArgs, effective: Settings, role: str, name: str, look: Callable[[], Target]
) -> CommandResult:
    """The report, and what each release of Go would say."""
    if name not in ("text", "json") or given.on("--fix") or given.on("--exit-code-transient"):
        wrong(COMMAND, "--as-go all: only as text or json, without --fix and --exit-code-transient")
    from probe import releases
    from probe.output import releases as output
    from probe.targets.seen import SeenFiles

    def once() -> Target:
        target = look()
        return target._replace(files=SeenFiles(target.files))

    asked: list[Facts] = []
    report = repeatable(report_of(given, effective, role, once, seen=asked.append), given)
    if not asked:  # nothing was checked
        return CommandResult(exit_code(report, name, None), _text(given, name, report))
    now, checks = as_of.moment(COMMAND, given), effective.of_role(role)
    found = releases.compare(checks, asked[0], report, now=now, timeout_s=effective.timeout_s)
    if name == "json":
        told = output.as_document(found)
    else:
        from probe import translations

        told = output.render(found, colour=colour(1), language=translations.language(os.environment()))
    return CommandResult(HEALTHY if found.healthy else UNHEALTHY, told, _LEAST_S)


def transient_code(given: ParsedArgs, name: str) -> int | None:
    """The exit code for what may pass by itself, None where none is asked for."""
    if not given.on("--exit-code-transient"):
        return None
    from probe.cli import transient

    if name == "nagios":
        wrong(COMMAND, "--exit-code-transient: --format nagios has exit codes of its own")
    return transient.exit_code(COMMAND, given)


def exit_code(report: Report, name: str, transient: int | None) -> int:
    """What the verdict of *report* comes to, in the format *name*."""
    if name == "nagios":
        from probe.output import nagios

        return nagios.exit_code(report)
    if report.healthy or transient is None:
        return HEALTHY if report.healthy else UNHEALTHY
    from probe.cli.transient import only

    return transient if only(report) else UNHEALTHY


def _noted(report: Report, note: str) -> str:
    from probe.output import text
    from probe.output.base import printable

    spoken = language(report)
    if spoken:
        from probe.translations import findings

        note = findings.speaker(spoken)(note)
    line = f"{printable(note)}\n"
    return f"{text.render(report, limit=text.LIMIT - len(line.encode()), language=spoken)}{line}"


def report_of(
    given: ParsedArgs,
    effective: Settings,
    role: str,
    look: Callable[[], Target],
    *,
    all_checks: bool = False,
    seen: Callable[[Facts], object] | None = None,
    shown: bool = True,
    load: Callable[[], object] | None = None,
) -> Report:
    """
    The report of one run, by *effective*, on the target that *look* gives or says why not.

    Of the checks of *role*, or of *all_checks* as that role runs them; *seen* is given the facts, where
    there was something to find out. *shown*: on a terminal, what it waits for. *load*: as in `runner.run`.
    """
    from probe import runner
    from probe.facts import Facts
    from probe.targets.errors import TargetUnavailable

    now, as_go = as_of.moment(COMMAND, given), as_of.as_go(COMMAND, given)
    checks = effective.selected if all_checks else effective.of_role(role)
    if not checks:
        return runner.without_checks(role, targets.name(given), effective.why_none(role))
    remote_mounts.within(effective.timeout_s)
    try:
        target = look()
    except TargetUnavailable as problem:
        from probe import target_codes

        why = target_codes.finding(problem)
        return runner.refused(why, targets.name(given), role=role, strict=effective.strict)
    facts = Facts(target, now=now, program=effective.program, as_go=as_go, patience_s=effective.timeout_s / 4)
    if seen:
        seen(facts)
    with progress.ProgressLine(shown=shown) as tell:
        report = runner.run(
            checks,
            facts,
            timeout_s=effective.timeout_s,
            role=role,
            now=now,
            strict=effective.strict,
            verbose=given.on("--verbose"),
            skipped=() if given.on("--only") or role == "live" else effective.left_out,
            progress=tell,
            load=load,
        )
    return report._replace(target=as_of.named(report.target, as_go)) if as_go else report


def repeatable(report: Report, given: ParsedArgs) -> Report:
    """*report*, whose commands of probe are for this target; a healthy run imports nothing for it."""
    if report.status.severity < Status.WARN.severity:
        return report
    from probe.cli import repeat

    return repeat.in_place(report, given)


def _text(given: ParsedArgs, name: str, report: Report) -> str:
    if given.on("--fix"):
        from probe.output import dockerfile

        return dockerfile.render(report)
    if name != "text":
        from probe import output

        return output.render(name, report)
    from probe.output import text

    if given.on("--quiet"):
        return "" if report.healthy else f"{text.verdict(report)}\n"
    verbose = given.on("--verbose")
    spoken = language(report, verbose=verbose)
    return text.render(report, verbose=verbose, colour=colour(1), docs=os.isatty(1), language=spoken)


def language(report: Report, *, verbose: bool = False) -> str:
    """In which language our environment wants *report* told; a healthy run imports nothing for it."""
    if report.status.severity < Status.WARN.severity and not verbose:
        return ""
    from probe import translations

    return translations.language(os.environment())


def colour(descriptor: int) -> bool:
    """Whether to use colours: only on a terminal that can, and for people who want it (no-color.org)."""
    env = os.environment()
    return not env.get("NO_COLOR") and env.get("TERM", "dumb") != "dumb" and os.isatty(descriptor)
