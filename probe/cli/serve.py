"""
`probe serve`: stay, look again and again, and answer HTTP from memory.

The configuration too is read by a child. What that costs in memory (all checks, TOML) is
given back with it; the agent holds the settings as bytes and hands them to each run.
"""

import marshal

from probe.cli import as_of, settings, targets
from probe.cli.arguments import Command, Operand, ParsedArgs, wrong
from probe.cli.exit import CommandResult
from probe.errors import CONFIG, HEALTHY, USAGE, ConfigError, ProbeError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from probe.agent.reload import PlanReload
    from probe.agent.schedule import Plan
    from probe.config.agent import Agent
    from probe.config.load import Settings
    from probe.report import Report
    from probe.targets import Target

COMMAND = Command(
    "serve",
    "Runs the checks on a schedule and serves the cached result: /livez /readyz\n"
    "/startupz /metrics and a page at / over HTTP on ADDR, `probe status` over a Unix\n"
    "socket. SIGHUP reloads the configuration; SIGTERM turns /readyz to 503, drains.",
    (*settings.FLAGS, *targets.FLAGS, targets.OWN_CONFIG, *as_of.FLAGS),
    (Operand("[ADDR]", "ADDRESS:PORT, [::]:PORT for all; without it the key agent.listen"),),
    (
        "probe serve '[::]:9810'",
        "probe serve 127.0.0.1:9810 --set agent.expose_details=true",
        "probe serve 0.0.0.0:9810 --pid 1",
    ),
)
_ERRORS = {USAGE: UsageError, CONFIG: ConfigError}


def run(given: ParsedArgs) -> CommandResult:
    """Serve until asked to end."""
    from probe.agent import listener, server
    from probe.cli import status_client

    settings_of = reading(given, targets.again(COMMAND, given))
    first = settings_of.now()
    answered(first.agent)
    places = status_client.places(first.agent.socket)
    server.serve(first, settings_of, listener.listen(first.agent.listen), places)
    return CommandResult(HEALTHY)


def answered(agent: "Agent") -> None:
    """ConfigError where a file that the agent itself touches lies on a mount that never answers."""
    from probe.cli import remote_mounts

    if not remote_mounts.present():
        return
    from probe.cli import in_time

    for key in ("socket", "token_file", "tls_cert", "tls_key", "termination_log"):
        if (path := getattr(agent, key))[:1] == "/":
            in_time.answers(path, f"agent.{key} must name a file that can be read")


def reading(given: ParsedArgs, look: "Callable[[], Target]", drain_s: float | None = None) -> "PlanReload":
    """
    How the configuration of a moment becomes a plan; the same errors as every command has.

    Each run looks at what *look* gives in the child; *drain_s* is stronger than the configuration's.
    """
    from probe.agent.reload import PlanReload

    def made(text: bytes) -> "Plan":
        plan = _plan(given, text, look)
        return plan if drain_s is None else plan._replace(agent=plan.agent._replace(drain_s=drain_s))

    return PlanReload(lambda: _read(given), made)


def _plan(given: ParsedArgs, text: bytes, look: "Callable[[], Target]") -> "Plan":
    from probe.agent.schedule import Plan
    from probe.config.agent import Agent

    told = marshal.loads(text)  # noqa: S302 - our own child's
    if "problem" in told:
        raise _ERRORS.get(told["code"], ProbeError)(told["problem"])
    agent, packed = Agent(*told["agent"]), told["settings"]
    return Plan(
        agent,
        told["timeout_s"],
        told["checks"],
        told["kinds"],
        lambda role: _look(given, packed, role, look),
    )


def _read(given: ParsedArgs) -> bytes:
    """The settings in parts, for the agent and, packed, for its runs; or what is wrong with them."""
    import pickle

    try:
        effective = _effective(given)
        agent = effective.agent._replace(listen=_address(given) or effective.agent.listen)
        if not agent.listen:
            wrong(COMMAND, "ADDR is missing, and agent.listen is not set: write ADDRESS:PORT")
        as_of.as_go(COMMAND, given)
        as_of.moment(COMMAND, given)
    except ProbeError as problem:
        return marshal.dumps({"problem": str(problem), "code": problem.exit_code})
    return marshal.dumps(
        {
            "agent": tuple(agent),
            "timeout_s": effective.timeout_s,
            "checks": {role: _names(effective, role, given) for role in ("startup", "ready", "live")},
            "kinds": _kinds(effective),
            "settings": pickle.dumps(effective),
        }
    )


def _names(effective: "Settings", role: str, given: ParsedArgs) -> tuple[str, ...]:
    """The checks of *role*, and those that are shown to be left out."""
    left_out = () if given.on("--only") or role == "live" else effective.left_out
    names = tuple(check.name for check in effective.of_role(role))
    return (*names, *left_out) if names else ()


def _kinds(effective: "Settings") -> dict[str, tuple[bool, ...]]:
    """
    What a run of a role does beside the rest: check by check whether it makes handshakes, downloads.

    Ready is always looked at with all checks: what it does not ask still says whether the program would
    start again.
    """
    roles = ("startup", "ready", "live") if effective.live_checks else ("startup", "ready")
    asked = [
        (*getattr(check, "handshake_roles", ()), *getattr(check, "roles", ())) for check in effective.selected
    ]
    return {role: tuple(role in some for some in asked) for role in roles}


def _address(given: ParsedArgs) -> str:
    from probe.config.address import address

    text = given.operand(0) or given.one("--serve") or ""
    try:
        if text:
            address(text)
    except ValueError as problem:
        wrong(COMMAND, f"{text}: {problem}")
    return text


def _look(given: ParsedArgs, packed: bytes, role: str, look: "Callable[[], Target]") -> bytes:
    """What `probe check --format json` prints for *role*; in a child of the agent."""
    import pickle

    from probe.cli import check
    from probe.output import render

    known = pickle.loads(packed)  # noqa: S301 - our own child's
    try:
        effective, seen = _as_it_is_now(given, known, look)
    except ConfigError as problem:
        return render("json", _without_config(given, problem, role, strict=known.strict)).encode()
    report = check.report_of(given, effective, role, lambda: seen or look(), all_checks=role != "live")
    return render("json", report).encode()


def _effective(given: ParsedArgs) -> "Settings":
    """The settings to begin with; by the target's own configuration where that counts and it is there."""
    ours = settings.effective(COMMAND, given)
    if not targets.wants_own_config(COMMAND, given):
        return ours
    from probe.targets.errors import TargetUnavailable

    try:
        return settings.of_target(COMMAND, given, targets.build(COMMAND, given))._replace(
            of_agent=ours.of_agent
        )
    except TargetUnavailable:
        return ours


def _as_it_is_now(
    given: ParsedArgs, known: "Settings", look: "Callable[[], Target]"
) -> "tuple[Settings, Target | None]":
    """
    *known* with what the target's own configuration asks of the checks now, and the target, if that counts.

    Which checks run, for which role and how long stays: the agent has promised these to who asks.
    None, and *known* as it is, where the target cannot be looked at: the run says why.
    """
    if not targets.wants_own_config(COMMAND, given):
        return known, None
    from probe.targets.errors import TargetUnavailable

    try:
        target = look()
    except TargetUnavailable:
        return known, None
    now = settings.of_target(COMMAND, given, target)
    return known._replace(tables=now.tables, origins=now.origins, strict=now.strict), target


def _without_config(given: ParsedArgs, problem: ConfigError, role: str, *, strict: bool) -> "Report":
    from probe import codes, runner
    from probe.remedies import quoting
    from probe.report import Finding, Status, one_step

    cause = f"the target's own configuration cannot be used: {problem}"
    pid = given.one("--pid")
    root = f"/proc/{pid}/root" if pid else given.one("--root")
    file = quoting.word(f"{root.rstrip('/')}/etc/probe.toml") if root else "FILE"
    look = one_step("probe", "probe", f"probe config --check --config {file}")
    why = Finding(Status.UNKNOWN, codes.TARGET_CONFIG, "/etc/probe.toml", cause, (look,))
    return runner.refused(why, targets.name(given), role=role, strict=strict)
