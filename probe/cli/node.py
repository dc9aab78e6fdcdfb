"""`probe node`: every Go program of this machine, and whether it works where it runs."""

from __future__ import annotations

from probe.cli import progress, settings
from probe.cli.arguments import Command, Flag, ParsedArgs, choose, wrong
from probe.cli.exit import CommandResult
from probe.errors import HEALTHY, UNHEALTHY, ConfigError
from probe.lightweight import Any, Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.config.load import Settings
    from probe.node.scan import Scanner, Snapshot
    from probe.report import Report
    from probe.targets import Target

FORMATS = ("table", "json", "prometheus")
CHECKS = ("go-version", "ca-bundle", "timezone", "limits")
_ROLE = "ready"  # no handshake: hundreds of containers would call their servers
_CONNECTING = ("--endpoint", "--baseline")  # options of the others: no server is called, no past compared
_ONLY = Flag("--only", "run these checks only; all four by default", "NAME,...", many=True, choices=CHECKS)
COMMAND = Command(
    "node",
    "Finds every Go program on this machine, groups them by container and judges each\n"
    "as `probe check --pid N` does, without handshakes. Needs the host's PID\n"
    "namespace, SYS_PTRACE and DAC_READ_SEARCH. Exit 0 when all are healthy, else 1.",
    (
        Flag("--once", "scan once and print; the default without --serve"),
        Flag("--serve", "stay, scan every agent.interval_s, answer HTTP on ADDR: /metrics and /", "ADDR"),
        Flag("--format", "how to print it; table is the default", "NAME", choices=FORMATS),
        Flag("--namespace", "only the pods of this namespace", "NAME"),
        Flag("--host", "also programs that run in no container"),
        *(
            _ONLY if flag.name == "--only" else flag
            for flag in settings.FLAGS
            if flag.name not in _CONNECTING
        ),
    ),
    examples=(
        "probe node",
        "probe node --namespace payments --only ca-bundle",
        "probe node --format json | jq '.verdicts[].report'",
        "probe node --serve '[::]:9810'",
    ),
)


def run(given: ParsedArgs) -> CommandResult:
    """The machine in the format asked for; unhealthy where any program is."""
    name = choose(COMMAND, "--format", given.one("--format") or "table", FORMATS)
    _configuration_answers(given)
    if (address := given.one("--serve")) is not None:
        if given.on("--once") or given.on("--format"):
            wrong(COMMAND, "--serve answers HTTP and prints nothing: leave --once and --format out")
        return _serve(given, address)
    snapshot = scanner(given, progress=_shown if progress.possible() else None).scan()
    if progress.possible():
        progress.replace("", first=False)
    return CommandResult(
        HEALTHY if _good(snapshot) else UNHEALTHY, _text(name, snapshot, _note(given, snapshot))
    )


def _good(snapshot: Snapshot) -> bool:
    """Whether all are healthy, and something could be looked at: what may not be read is not healthy."""
    from probe.node.programs import DENIED, UNNAMED

    if UNNAMED in snapshot.skipped or (DENIED in snapshot.skipped and not snapshot.judged):
        return False
    return all(one.verdict and one.verdict.report["healthy"] for one in snapshot.judged)


def _note(given: ParsedArgs, snapshot: Snapshot) -> str:
    """What to do where programs were left out, or none was found; "" otherwise."""
    from probe.node.containers import LOGS
    from probe.node.programs import DENIED, UNNAMED

    if UNNAMED in snapshot.skipped:
        return f"fix: mount the node's {LOGS} read-only: --namespace finds the names of containers there"
    if snapshot.judged:
        return ""
    if DENIED in snapshot.skipped:
        return "fix: run it as root, with SYS_PTRACE and DAC_READ_SEARCH, to read other users' processes"
    if (namespace := given.one("--namespace")) is not None:
        return f"no Go program runs in the namespace {namespace}"
    hint = "" if given.on("--host") else "; --host adds programs outside containers"
    return f"no Go program found: a container needs the host's PID namespace to see others{hint}"


def _configuration_answers(given: ParsedArgs) -> None:
    """ConfigError where a file of settings lies on a mount that never answers."""
    from probe.cli import in_time, remote_mounts
    from probe.config.load import SYSTEM_FILE

    if not remote_mounts.present():
        return
    for path in (SYSTEM_FILE, given.one("--config")):
        if path:
            in_time.answers(path, "mount a file of settings that can be read")


def _serve(given: ParsedArgs, address: str) -> CommandResult:
    from probe.config.address import address as checked
    from probe.node import server

    try:
        checked(address)
    except ValueError as problem:
        wrong(COMMAND, f"--serve {address}: {problem}")
    server.serve(address, scanner(given), settings.effective(COMMAND, given).agent.interval_s)
    return CommandResult(HEALTHY)


def scanner(given: ParsedArgs, **more: Any) -> Scanner:
    """A scanner by the settings that *given* and the other sources come to; *more* as Scanner takes it."""
    from probe.node.scan import Scanner

    effective = settings.effective(COMMAND, given)
    effective = _offline(effective._replace(enabled=_enabled(given, effective), ready_checks=None))
    chosen = {"host": given.on("--host"), "namespace": given.one("--namespace"), **more}
    return Scanner(reporter(effective), effective.enabled, **chosen)


def _enabled(given: ParsedArgs, effective: Settings) -> tuple[str, ...]:
    """Of CHECKS those that are not left out; `limits`, off elsewhere, is on where no list leaves it out."""
    if given.on("--only"):
        for name in effective.enabled:
            choose(COMMAND, "--only", name, CHECKS)
        return effective.enabled
    skipped = ",".join(given.many("--skip")).split(",")
    origin = effective.origins.get(("checks",), "--skip")
    left_out = origin != "--skip" or "limits" in map(str.strip, skipped)
    asked = {*effective.enabled, *(() if left_out else ("limits",))}
    if found := tuple(name for name in CHECKS if name in asked):
        return found
    if given.on("--skip"):
        wrong(COMMAND, "--skip leaves no check to run")
    raise ConfigError(f"checks ({origin}): names none that probe node runs: {', '.join(CHECKS)}")


def _offline(effective: Settings) -> Settings:
    """The same, without a handshake whatever is set: no scan calls a server."""
    table = effective.tables.get("ca-bundle", {})
    roles = tuple(role for role in table.get("handshake_roles", ()) if role != _ROLE)
    if roles == tuple(table.get("handshake_roles", ())):
        return effective
    return effective._replace(tables={**effective.tables, "ca-bundle": {**table, "handshake_roles": roles}})


def reporter(effective: Settings) -> Callable[[Target], Report]:
    """What makes the report on a target."""
    from probe.cli import check
    from probe.cli.arguments import ParsedArgs as Parsed

    chosen = Parsed({"--only": effective.enabled}, ())  # none of the others is told as skipped
    return lambda target: check.report_of(chosen, effective, _ROLE, lambda: target)


def _shown(done: int, of: int) -> None:
    progress.replace(f"judged {done} of {of}", first=done == 1)


def _text(name: str, snapshot: Snapshot, note: str) -> str:
    if name == "json":
        from probe.node import document

        return document.render(snapshot)
    if name == "prometheus":
        from probe import __version__
        from probe.node import metrics

        return metrics.render(snapshot, __version__)
    from probe.node import table

    return table.render(snapshot) + (f"{note}\n" if note else "")
