"""`probe serve`: stay, look again and again, and answer HTTP from memory."""

from typing import TYPE_CHECKING

from probe.cli import judgement, settings, targets
from probe.cli.answer import Answer
from probe.cli.arguments import Command, Given, Operand, wrong
from probe.config.load import Settings
from probe.errors import HEALTHY

if TYPE_CHECKING:
    from probe.agent.schedule import Plan

COMMAND = Command(
    "serve",
    "Runs the checks on a schedule and answers from memory: /livez /readyz /startupz\n"
    "/metrics over HTTP on ADDR, and `probe status` over a Unix socket. SIGHUP reloads the\n"
    "configuration; SIGTERM turns /readyz to 503, then ends it with exit 0.",
    (*settings.FLAGS, *targets.FLAGS, *judgement.FLAGS),
    (Operand("[ADDR]", "ADDRESS:PORT, [::]:PORT for all; without it the key agent.listen"),),
    (
        "probe serve '[::]:9810'",
        "probe serve 127.0.0.1:9810 --set agent.interval_s=10 --set agent.expose_details=true",
        "probe serve 0.0.0.0:9810 --pid 1",
    ),
)


def run(given: Given) -> Answer:
    """Serve until asked to end."""
    plan = _plan(given)
    if not plan.agent.listen:
        wrong(COMMAND, "ADDR is missing, and agent.listen is not set: write ADDRESS:PORT")
    judgement.as_go(COMMAND, given)
    from probe.agent import server

    server.serve(plan, lambda: _plan(given), server.listen(plan.agent.listen))
    return Answer(HEALTHY)


def _plan(given: Given) -> "Plan":
    """What the configuration of this moment comes to; the same errors as every command has."""
    from probe.agent.schedule import Plan
    from probe.config.agent import address

    effective = settings.effective(COMMAND, given)
    agent = effective.agent
    if (text := given.operand(0)) is not None:
        try:
            address(text)
        except ValueError as problem:
            wrong(COMMAND, f"{text}: {problem}")
        agent = agent._replace(listen=text)
    return Plan(agent, effective.timeout_s, _shaking(effective), lambda role: _look(given, effective, role))


def _shaking(effective: Settings) -> tuple[str, ...]:
    """The roles that shake hands: those whose runs differ from the others'."""
    roles = (getattr(check, "handshake_roles", ()) for check in effective.selected)
    return tuple(role for some in roles for role in some)


def _look(given: Given, effective: Settings, role: str) -> str:
    """What `probe check --format json` prints for *role*; in a child of the agent."""
    from probe.cli import check
    from probe.output import render

    return render("json", check.report_of(given, effective, role))
