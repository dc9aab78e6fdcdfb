"""How a configuration key is declared: once, as a field with its default, kind, bounds and meaning."""

from __future__ import annotations

from probe.lightweight import Any, NamedTuple


class InvalidValue(Exception):
    """A value cannot be taken. The text says why and what to write instead; it follows the key's path."""


class Option(NamedTuple):
    """One key of a table in the configuration."""

    name: str
    # "boolean" "integer" "number" "string" "version" "choice" "strings" "choices" "rules";
    # "texts" for one text or a list of them; "endpoints" for host:port or one of the choices
    kind: str
    doc: str  # one line
    choices: tuple[str, ...] = ()
    minimum: float | None = None  # of a list: how many items it must have
    maximum: float | None = None
    refused: tuple[tuple[str, str], ...] = ()  # values that somebody will try, and why they are not taken
    rules: tuple[Any, ...] = ()  # kind "rules": the Options of each table, whose own name is free
    default: Any = None


def option(default: Any, kind: str, doc: str, choices: tuple[str, ...] = (), **bounds: Any) -> Any:
    """What stands after a field in place of its default; `declared` takes it apart."""
    return Option("", kind, doc, choices, default=default, **bounds)


def declared(settings: Any) -> tuple[Option, ...]:
    """The options of a NamedTuple whose fields have an `option` each; from here on it has their defaults."""
    options = tuple([one._replace(name=name) for name, one in settings._field_defaults.items()])
    settings._field_defaults = {one.name: one.default for one in options}
    settings._default_values = tuple([one.default for one in options])  # lightweight.NamedTuple
    if settings.__new__.__defaults__:  # made by typing.NamedTuple
        settings.__new__.__defaults__ = tuple([one.default for one in options])
    return options
