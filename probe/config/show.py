"""The effective settings as TOML that could be loaded again, each with where it came from."""

from collections.abc import Iterator, Mapping
from typing import Any

from probe import redact
from probe.checks import NAMES
from probe.config.load import Settings
from probe.config.schema import DEFAULTS, Configured, Path, dotted, table_of


def show(settings: Settings) -> str:
    """One line a key: `key = value  # source`. Credentials are hidden."""
    return "".join(f"{line}\n" for line in _lines(settings))


def _lines(settings: Settings) -> Iterator[str]:
    ready = tuple(check.name for check in settings.of_role("ready"))
    run = (settings.timeout_s, settings.strict, settings.enabled, ready, settings.live_checks)
    for name, value in zip(DEFAULTS, run, strict=True):
        derived = "# " if name == "ready_checks" and settings.ready_checks is None else ""
        yield f"{derived}{_line((name,), value, settings.origins)}"
    owners: tuple[Configured, ...] = (*map(settings.check, NAMES), settings.agent)
    for check in owners:
        table = table_of(check.name)
        if table.rules:
            yield from _rules(check.name, getattr(check, table.rules_field), settings.origins)
        elif table.options:
            yield from ("", f"[{check.name}]")
            for name in table.options:
                yield _line((check.name, name), getattr(check, name), settings.origins)
    for name in settings.strangers:
        yield f"# not a setting of probe, left alone: {name}"


def _line(path: Path, value: Any, origins: Mapping[Path, str]) -> str:
    return f"{dotted(path[-1:])} = {_toml(value)}  # {_plain(origins.get(path, 'default'))}"


def _rules(
    check: str, variables: Mapping[str, Mapping[str, Any]], origins: Mapping[Path, str]
) -> Iterator[str]:
    for variable, rules in variables.items():
        path = (check, variable)
        yield from ("", f"[{dotted(path)}]  # {_plain(origins.get(path, 'default'))}")
        for rule, wanted in rules.items():
            yield f"{dotted((rule,))} = {_toml(wanted, variable)}"


def _toml(value: Any, variable: str = "") -> str:
    """*value* in TOML; what it may hold of credentials is judged by the variable that it is about."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{_plain(redact.value(variable, value) if variable else redact.text(value), quotes=True)}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item, variable) for item in value)}]"
    return repr(value)


def _plain(text: str, *, quotes: bool = False) -> str:
    """The characters of a TOML basic string: what does not print as an escape, a lost byte as U+FFFD."""
    if quotes:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in text)


def _escape(number: int) -> str:
    if 0xD800 <= number <= 0xDFFF:
        number = 0xFFFD
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
