"""`probe status`: the agent's last verdict; without an agent, a check."""

from probe.cli import status_client
from probe.cli.arguments import Command, Flag, ParsedArgs, choose
from probe.cli.exit import CommandResult

COMMAND = Command(
    "status",
    "Prints the last verdict of the agent that runs here, in a few milliseconds.\n"
    "Exit 0 healthy, 1 not healthy. Where no agent answers on the Unix socket\n"
    "agent.socket, it runs a check; the options are for both.",
    (
        Flag(
            "--role",
            f"which probe is calling: {', '.join(status_client.ROLES)}; ready is the default",
            "ROLE",
        ),
        Flag("--config", "read settings from FILE, over those of /etc/probe.toml", "FILE"),
        Flag("--set", "set one key, such as agent.socket=/tmp/probe/sock", "KEY=VALUE", many=True),
    ),
    examples=("probe status --role ready", "probe status --set agent.socket=/srv/run/probe.sock"),
)


def run(given: ParsedArgs) -> CommandResult:
    """The agent's line, or the report of a check for the same role."""
    from probe.cli import check, settings

    role = choose(COMMAND, "--role", given.one("--role") or "ready", status_client.ROLES)
    found = status_client.places(settings.effective(COMMAND, given).agent.socket)
    for place in found:
        status_client.tell(status_client.ask(place, role))
    where = f"no agent answers at {found[0]}" if found else "agent.socket is empty"
    more = f" or in {len(found) - 1} other places" if found[1:] else ""
    return check.alone(given, role, f"{where}{more}: this is a check")
