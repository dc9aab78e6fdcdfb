"""The commands, and which one a command line means."""

from __future__ import annotations

from probe import __version__
from probe.cli.arguments import parse
from probe.cli.exit import CommandResult
from probe.errors import UsageError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# name → what it does; the module of the same name has COMMAND and run(given)
COMMANDS = {
    "check": "will Go work in here? The default; exit 0 healthy, 1 not",
    "run": "the entrypoint: check, then become the program: probe run -- CMD ARGS",
    "serve": "the agent: the same verdict over HTTP, as metrics, and for `probe status`",
    "status": "the agent's last verdict in a few milliseconds; without an agent, a check",
    "explain": "what a code means, why it happens, how to mend it",
    "inspect": "what Go sees, without a verdict, as JSON: roots, timezone, permissions and more",
    "baseline": "record what is here as TOML, for `probe check --baseline`",
    "config": "validate, show or describe the configuration",
    "manifest": "health checks for Docker and Kubernetes; --lint: what will hurt in a file",
    "node": "every Go program of this machine: which would fail, and why",
    "demo": "the whole story on one machine: faults made, diagnosed and mended",
}
_NOTES = (
    "probe COMMAND --help tells more; probe --version prints the version.",
    "Exit codes: 0 healthy, 1 not healthy, 64 usage, 78 configuration.",
    "",
    "examples:",
    "  probe",
    "  probe check --set ca-bundle.endpoints=api.internal:443",
    "  probe check --root /srv/image --env TZ=Asia/Shanghai --only timezone",
    "  probe run --on-fail warn -- /app serve",
    "  probe explain CA_BUNDLE_MISSING",
)


def run(arguments: Sequence[str]) -> CommandResult:
    """What the command line *arguments* comes to."""
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        from probe.cli import help as texts

        return CommandResult(0, texts.of_all(list(COMMANDS.items()), _NOTES))
    if first == "--version":
        return CommandResult(0, f"probe {__version__}\n")
    if not first or first.startswith("-"):
        return _run("check", arguments)
    if first not in COMMANDS:
        raise UsageError(f"there is no command {first}{did_you_mean(first, COMMANDS)} (probe --help)")
    return _run(first, arguments[1:])


def _run(name: str, arguments: Sequence[str]) -> CommandResult:
    module = __import__(f"probe.cli.{name}", fromlist=["COMMAND"])  # importlib brings warnings along
    given = parse(module.COMMAND, arguments)
    if given.on("--help"):
        from probe.cli import help as texts

        return CommandResult(0, texts.of_command(module.COMMAND))
    answer: CommandResult = module.run(given)
    return answer
