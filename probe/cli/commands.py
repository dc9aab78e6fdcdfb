"""The commands, and which one a command line means."""

from __future__ import annotations

from probe import __version__
from probe.cli.arguments import parse
from probe.cli.exit import CommandResult
from probe.errors import UsageError, did_you_mean
from probe.lightweight import Any, Sequence, cast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.cli.arguments import Command

# name → what it does; the module of the same name has COMMAND and run(given)
COMMANDS = {
    "check": "run the checks once; the default command",
    "run": "entrypoint: check, then exec the program: probe run -- CMD ARGS",
    "serve": "agent: the verdict over HTTP, as metrics, and for `probe status`",
    "status": "the agent's last verdict in milliseconds; without one, a check",
    "explain": "what a code means, why it happens, how to fix it",
    "inspect": "what Go sees, without a verdict, as JSON: roots, timezone and more",
    "baseline": "record what is here as TOML, for `probe check --baseline`",
    "config": "validate, show or describe the configuration",
    "manifest": "health checks for Docker and Kubernetes; --lint FILE finds problems",
    "node": "every Go program of this machine: which would fail, and why",
    "merge": "reports of many runs and nodes as one table",
    "demo": "faults made, diagnosed and fixed on this machine, with a real Go",
}
_MORE = ("completion", "man")  # not in the list of --help: for packagers and shells

_NOTES = (
    "More: probe COMMAND --help, probe --version; probe completion bash, probe man.",
    "Exit codes: 0 healthy, 1 not healthy, 64 usage, 78 configuration.",
    "examples:",
    "  probe check --endpoint api.internal:443",
    "  probe check --root rootfs --env TZ=Asia/Shanghai --only timezone",
    "  probe run -- /app serve",
)


_NEXT = """next: probe explain CODE                  what a code means, and how to fix it
      probe check --endpoint HOST:PORT    a TLS handshake as well
      probe manifest kubernetes           health checks for a deployment
      probe --help                        every command
"""


def run(arguments: Sequence[str]) -> CommandResult:
    """What the command line *arguments* comes to."""
    first = arguments[0] if arguments else ""
    if first == "help":
        return run([*arguments[1:2], "--help"])
    if first in ("--help", "-h"):
        from probe.cli import help as texts

        return CommandResult(0, texts.of_all(list(COMMANDS.items()), _NOTES))
    if first in ("--version", "-V", "version"):
        return CommandResult(0, f"probe {__version__}\n")
    if not first:
        return _begun(_run("check", arguments))
    if first.startswith("-"):
        return _run("check", arguments)
    if first not in COMMANDS and first not in _MORE:
        raise UsageError(f"there is no command {first}{did_you_mean(first, COMMANDS)} (probe --help)")
    return _run(first, arguments[1:])


def _begun(answer: CommandResult) -> CommandResult:
    """With where to go on, for somebody at a terminal who has configured nothing yet."""
    import os

    if not os.isatty(1) or os.path.exists("/etc/probe.toml"):
        return answer
    return answer._replace(text=f"{answer.text}\n{_NEXT}")


def described(name: str) -> Command:
    """The command *name*, as its parser and its --help know it."""
    return cast("Command", _module(name).COMMAND)


def _module(name: str) -> Any:
    return __import__(f"probe.cli.{name}", fromlist=["COMMAND"])  # importlib brings warnings along


def _run(name: str, arguments: Sequence[str]) -> CommandResult:
    module = _module(name)
    given = parse(module.COMMAND, arguments)
    if given.on("--help"):
        from probe.cli import help as texts

        return CommandResult(0, texts.of_command(module.COMMAND))
    answer: CommandResult = module.run(given)
    return answer
