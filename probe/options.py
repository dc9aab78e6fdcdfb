"""How one configuration key is described: its kind, its bounds and what it means."""

from __future__ import annotations

from probe.lightweight import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Option(NamedTuple):
    """
    One key of a table in the configuration.

    The default is not here: it is the default of the field of the same name in
    the check's own class, which is also where the static type stands.
    """

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
