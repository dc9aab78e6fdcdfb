"""Every key of the configuration: the few of a run as a whole, and the tables of the checks."""

from __future__ import annotations

from probe import checks
from probe.checks import NAMES
from probe.errors import did_you_mean
from probe.lightweight import Any, Mapping, NamedTuple, Protocol
from probe.options import InvalidValue, Option

Path = tuple[str, ...]

RUN = (
    Option("timeout_s", "number", "one deadline for a whole run, in seconds", minimum=0.1, maximum=3600),
    Option("strict", "boolean", "a warning counts as unhealthy"),
    Option("checks", "choices", "the checks that run", choices=NAMES, minimum=1),
    Option("ready_checks", "choices", "the checks that the role ready runs; all without it", choices=NAMES),
    Option(
        "live_checks",
        "choices",
        "the checks that the role live runs: only what a restart of the container fixes",
        choices=NAMES,
    ),
)
OPT_IN = tuple(entry.name for entry in checks.CHECKS if entry.opt_in)
DEFAULTS: Mapping[str, Any] = {
    "timeout_s": 5.0,
    "strict": False,
    "checks": tuple(name for name in NAMES if name not in OPT_IN),
    "ready_checks": None,  # all of `checks`
    "live_checks": (),
}


class Configured(Protocol):
    """A NamedTuple whose fields are the keys of a table: a check, or the agent."""

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> tuple[Option, ...]: ...


class Table(NamedTuple):
    """One table: its keys, and the keys of the tables within it where these have names of their own."""

    name: str
    options: Mapping[str, Option]
    rules: Mapping[str, Option]  # of [go-env.NAME]
    rules_field: str  # the field of the check that holds those


def _table(check: Configured) -> Table:
    options = {option.name: option for option in check.options if option.kind != "rules"}
    field = next((option for option in check.options if option.kind == "rules"), None)
    rules = {rule.name: rule for rule in field.rules} if field else {}
    return Table(check.name, options, rules, field.name if field else "")


TOP = {option.name: option for option in RUN}
AGENT = "agent"
TABLES = (*NAMES, AGENT)


def owner(name: str) -> Configured:
    """Whose keys the table *name* holds, with their defaults; its module is imported here."""
    if name != AGENT:
        return checks.load(name)
    from probe.config.agent import Agent  # most runs set nothing of it

    return Agent()


def dotted(path: Path) -> str:
    """The path as it is written in TOML: `go-env."MY.VAR".equals`."""
    return ".".join(key if _is_bare(key) else f'"{key}"' for key in path)


def _is_bare(key: str) -> bool:
    return bool(key) and key.isascii() and key.replace("-", "a").replace("_", "a").isalnum()


def find(path: Path) -> Option:
    """The option that *path* leads to; Wrong, with the nearest name, when there is none."""
    if len(path) == 1:
        if path[0] in TABLES:
            raise InvalidValue("is a table; name a key in it")
        return _known(path[0], TOP, (*TOP, *TABLES))
    table = table_of(path[0])
    if len(path) == 3 and table.rules:
        if not _is_name(path[1]):
            raise InvalidValue("not a valid variable name")
        _no_slip(path[1])
        return _known(path[2], table.rules, table.rules)
    if len(path) == 2 and not table.rules:
        return _known(path[1], table.options, table.options)
    if table.rules:
        raise InvalidValue(f"must be {path[0]}.VARIABLE.RULE; the rules are {', '.join(table.rules)}")
    raise InvalidValue(f"no such key; {dotted(path[:2])} is not a table")


def table_of(name: str) -> Table:
    """The table *name*; Wrong, with the nearest name, when there is none."""
    if name not in TABLES:
        raise InvalidValue(f"no such table{did_you_mean(name, TABLES) or _list(TABLES)}")
    return _table(owner(name))


def _is_name(key: str) -> bool:
    """Whether a variable can be called that."""
    return bool(key) and "=" not in key and key.isprintable() and len(key) <= 100


def _no_slip(name: str) -> None:
    """Refuse CGO_ENABLD: a rule about a variable that nobody sets holds for ever."""
    from probe.golang.command.environment_defaults import NAMES

    if name in NAMES or not name.startswith(("GO", "CGO_")):
        return
    from probe import likeness

    near = likeness.nearest(name[:100], NAMES, 0.85)
    if near:
        raise InvalidValue(f"no release of Go has a variable {name}; did you mean {near}?")


def _known(key: str, options: Mapping[str, Option], names: Any) -> Option:
    if key not in options:
        raise InvalidValue(f"no such key{did_you_mean(key, names) or _list(names)}")
    return options[key]


def _list(names: Any) -> str:
    return f"; there are {', '.join(names)}"
