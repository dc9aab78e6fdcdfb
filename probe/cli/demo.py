"""`probe demo`: the whole story on one machine."""

from probe.cli.arguments import Command, ParsedArgs
from probe.cli.exit import CommandResult

COMMAND = Command(
    "demo",
    "Lays out a container root with a real Go toolchain, starts a real TLS server\n"
    "on loopback, shows the four checks passing, then breaks one thing after another,\n"
    "shows what probe check reports and what real Go says, and does what is printed.\n"
    'Needs no network, but the extra "demo", which brings Go. Exit 0 if every\n'
    "diagnosis was the right one and every fix worked.",
)


def run(_: ParsedArgs) -> CommandResult:
    """The story is told while it happens; what is left is the exit code."""
    import os

    from probe import demo
    from probe.cli import check, in_time, remote_mounts

    for name in ("TMPDIR", "TEMP", "TMP") if remote_mounts.present() else ():
        if place := os.environ.get(name):
            in_time.answers(f"{place}/probe-demo", f"{name} must name a directory that can be written")

    return CommandResult(demo.main(colour=check.colour(1)))
