"""`probe demo`: the whole story on one machine."""

from probe.cli.arguments import Command, ParsedArgs
from probe.cli.exit import CommandResult

COMMAND = Command(
    "demo",
    "Lays out a container root with a real Go toolchain, starts a real TLS server\n"
    "on loopback, shows the four checks passing, then breaks one thing after another\n"
    'and shows what probe check reports. Needs no network, but the extra "demo",\n'
    "which brings Go. Exit 0 if every diagnosis was the right one.",
)


def run(_: ParsedArgs) -> CommandResult:
    """The story is told while it happens; what is left is the exit code."""
    from probe import demo

    return CommandResult(demo.main())
