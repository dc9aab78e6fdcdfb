"""
The options that change settings, shared by the commands that go by them.

Importing this loads no check: the agent needs the options, and leaves the rest to its children.
"""

from __future__ import annotations

from probe.checks import NAMES
from probe.cli.arguments import Command, Flag, ParsedArgs, choose, wrong
from probe.errors import reason
from probe.lightweight import Any, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.config.files import Parsed
    from probe.config.load import Settings
    from probe.targets import Target

SOURCES = (
    Flag("--config", "read settings from FILE, over those of /etc/probe.toml", "FILE"),
    Flag("--set", "set one key, such as ca-bundle.min_roots=100", "KEY=VALUE", many=True),
    Flag("--timeout", "one deadline for the whole run, in seconds; 5 is the default", "S"),
)
FLAGS = (
    *SOURCES,
    Flag("--strict", "a warning counts as unhealthy"),
    Flag("--baseline", "report what has changed since `probe baseline snapshot` wrote FILE", "FILE"),
    Flag("--endpoint", "do a TLS handshake with HOST:PORT: ca-bundle.endpoints", "HOST:PORT", many=True),
    Flag("--only", "run these checks only; by default the first four", "NAME,...", many=True, choices=NAMES),
    Flag("--skip", "leave these checks out", "NAME,...", many=True),
)


def effective(
    command: Command,
    given: ParsedArgs,
    environ: Mapping[str, str] | None = None,
    *,
    sets: Sequence[str] = (),
    instead: Parsed | None = None,
) -> Settings:
    """
    The settings of every source, flags over all others; variables from *environ*, ours by default.

    *sets* ("KEY=VALUE" each) come after those of --set; *instead* takes the place of /etc/probe.toml.

    ConfigError for what is wrong in a file, a variable or --set; UsageError for a flag.
    """
    from probe.config.load import load
    from probe.lightweight import os

    environ = os.environment() if environ is None else environ
    sets = (*given.many("--set"), *_endpoints(command, given), *sets)
    settings = load(config=given.one("--config"), environ=environ, sets=sets, instead=instead)
    if (seconds := given.one("--timeout")) is not None:
        settings = _over(settings, "timeout_s", "--timeout", _seconds(command, seconds))
    if given.on("--strict"):
        settings = _over(settings, "strict", "--strict", True)
    for flag in ("--only", "--skip"):
        if given.on(flag):
            settings = _over(settings, "enabled", flag, _chosen(command, given, flag, settings.enabled))
    if (file := given.one("--baseline")) is not None:
        settings = _with_baseline(settings, file)
    return settings


def of_target(command: Command, given: ParsedArgs, target: Target) -> Settings:
    """
    As `effective`, by the target's own /etc/probe.toml in place of ours; by the defaults where it has none.

    It is read as the target's user would read it, below the target's root. ConfigError for what cannot
    be read or is wrong in it.
    """
    from probe.config import files
    from probe.config.load import SYSTEM_FILE
    from probe.errors import ConfigError
    from probe.targets import NotRegular, TooLarge

    name = f"{target.name}: {SYSTEM_FILE}"
    try:
        data = target.read(SYSTEM_FILE, files.LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        data = b""
    except OSError as problem:
        raise ConfigError(f"{name}: {reason(problem)}") from None
    except (NotRegular, TooLarge) as problem:
        raise ConfigError(f"{name}: {problem}") from None
    return effective(command, given, instead=files.parsed(name, data))


def _endpoints(command: Command, given: ParsedArgs) -> list[str]:
    for word in given.many("--endpoint"):
        _verify_endpoint(command, word)
    words = (one.replace("\\", "\\\\").replace('"', '\\"') for one in given.many("--endpoint"))
    named = ", ".join(f'"{word}"' for word in words)
    return [f"ca-bundle.endpoints=[{named}]"] if named else []


def _verify_endpoint(command: Command, word: str) -> None:
    from probe.golang.net.endpoint import parse_endpoint

    try:
        if word != "auto":
            parse_endpoint(word)
    except ValueError as problem:
        from probe import redact

        wrong(command, f"--endpoint {redact.url(word)}: {redact.text(str(problem))}")


def _with_baseline(settings: Settings, file: str) -> Settings:
    """The check `baseline` by *file*, whatever else runs; ConfigError where that is none."""
    from probe.checks.baseline import document

    document.read(file)
    name = "baseline"
    tables = {**settings.tables, name: {**settings.tables.get(name, {}), "file": file}}
    enabled = tuple(dict.fromkeys((*settings.enabled, name)))
    origins = {**settings.origins, (name, "file"): "--baseline"}
    return settings._replace(tables=tables, enabled=enabled, origins=origins)


def _over(settings: Settings, field: str, flag: str, value: Any) -> Settings:
    key = "checks" if field == "enabled" else field
    return settings._replace(**{field: value, "origins": {**settings.origins, (key,): flag}})


def _seconds(command: Command, text: str) -> float:
    from probe.config.schema import TOP
    from probe.config.values import checked, from_text
    from probe.options import InvalidValue

    option = TOP["timeout_s"]
    try:
        seconds: float = checked(option, from_text(option, text))
    except InvalidValue as problem:
        wrong(command, f"--timeout {problem}")
    return seconds


def _chosen(command: Command, given: ParsedArgs, flag: str, enabled: tuple[str, ...]) -> tuple[str, ...]:
    from probe.checks import NAMES

    words = [name.strip() for text in given.many(flag) for name in text.split(",")]
    named = [choose(command, flag, name, NAMES) for name in words]
    if flag == "--only":
        return tuple(name for name in NAMES if name in named)
    left = tuple(name for name in enabled if name not in named)
    if not left:
        wrong(command, "--skip leaves no check to run")
    return left
