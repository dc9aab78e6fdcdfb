"""All sources of settings, one over the other, to validated settings that know where each value came from."""

from __future__ import annotations

from probe import checks
from probe.config import variables
from probe.config.schema import AGENT, DEFAULTS, OPT_IN, TOP, Configured, Path, dotted, find, owner, table_of
from probe.errors import ConfigError
from probe.lightweight import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence, cast, os
from probe.options import InvalidValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from probe.checks.base import Check
    from probe.config.agent import Agent
    from probe.config.files import Parsed

    _Owner = TypeVar("_Owner", bound=Configured)

SYSTEM_FILE = "/etc/probe.toml"


class ConfigEntry(NamedTuple):
    """One key that a source sets, or under [go-env] the rules of one variable. `value` is validated."""

    path: Path
    value: Any
    where: str  # "/etc/probe.toml:3", "PROBE_STRICT", "--set"


class Settings(NamedTuple):
    """What a run goes by."""

    timeout_s: float
    strict: bool
    enabled: tuple[str, ...]  # names of the checks that run
    tables: Mapping[str, Mapping[str, Any]]  # what is set in the tables of checks
    origins: Mapping[Path, str]  # where a value came from; what is not there is a default
    strangers: tuple[str, ...] = ()  # PROBE_* variables that are not ours
    of_agent: Mapping[str, Any] = {}  # what is set in the table of the agent
    ready_checks: tuple[str, ...] | None = None  # None: all that run
    live_checks: tuple[str, ...] = ()

    @property
    def agent(self) -> Agent:
        """The agent's settings; its module is imported here."""
        return cast("Agent", _with(owner(AGENT), self.of_agent))

    @property
    def selected(self) -> tuple[Check, ...]:
        return self.of_role("all")

    def check(self, name: str) -> Check:
        """The check *name* with its settings; its module is imported here."""
        return _with(checks.load(name), self.tables.get(name, {}))

    def of_role(self, role: str) -> tuple[Check, ...]:
        """The checks that *role* asks, of those that run."""
        return tuple(map(self.check, self.names_of(role)))

    def names_of(self, role: str) -> tuple[str, ...]:
        """The same by their names; none of their modules is imported."""
        names = {"ready": self.ready_checks, "live": self.live_checks}.get(role)
        asked = self.enabled if names is None else names
        return tuple(name for name in checks.NAMES if name in self.enabled and name in asked)

    def why_none(self, role: str) -> str:
        """Why `of_role` gives nothing for *role*."""
        key = f"{role}_checks"
        return f"--only or --skip leave none of {key}" if getattr(self, key) else f"{key} is empty"

    @property
    def program(self) -> str:
        """The workload's program by `go-version.binary`; "" where the target knows it, or nobody does."""
        return str(self.tables.get("go-version", {}).get("binary", ""))

    @property
    def left_out(self) -> tuple[str, ...]:
        return tuple(name for name in DEFAULTS["checks"] if name not in self.enabled)


def load(
    *,
    config: str | None = None,
    environ: Mapping[str, str],
    sets: Sequence[str] = (),
    system_file: str = SYSTEM_FILE,
    instead: Parsed | None = None,
) -> Settings:
    """
    Defaults, then /etc/probe.toml where there is one (or what stands *instead* of it), then the file
    *config*, then PROBE_* variables, then *sets* ("KEY=VALUE" each): later wins.

    What a source says of a variable under [go-env] replaces as a whole what was said of it before.
    ConfigError, one line, for the first thing that is wrong in any of them.
    """
    layers: list[Iterator[ConfigEntry]] = []
    if instead:
        layers.append(_entries(instead))
    elif _is_there(system_file):
        layers.append(_from_file(system_file))
    if config is not None:
        layers.append(_from_file(config))
    layers += [_from_environment(environ), _from_sets(sets)]
    merged: dict[Path, ConfigEntry] = {}
    for layer in layers:
        merged |= _joined(layer)
    return _settings(merged, tuple(variables.strangers(environ)))


def _is_there(name: str) -> bool:
    """Whether there is such a name, or whether that cannot be seen: the reading says why then."""
    try:
        os.lstat(name)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _joined(layer: Iterable[ConfigEntry]) -> dict[Path, ConfigEntry]:
    """The entries of one source by path; single rules of one variable come together."""
    found: dict[Path, ConfigEntry] = {}
    for entry in layer:
        if isinstance(entry.value, dict) and entry.path in found:
            entry = entry._replace(value={**found[entry.path].value, **entry.value})
        found[entry.path] = entry
    return found


def _from_file(name: str) -> Iterator[ConfigEntry]:
    from probe.config import files

    yield from _entries(files.load(name))


def _entries(parsed: Parsed) -> Iterator[ConfigEntry]:
    for key, value in parsed.tables.items():
        if isinstance(value, dict) and key not in TOP:
            yield from _of_table(parsed, key, value)
        else:
            yield _entry((key,), value, parsed.where((key,)))


def _of_table(parsed: Parsed, name: str, content: Mapping[str, Any]) -> Iterator[ConfigEntry]:
    try:
        table = table_of(name)
    except InvalidValue as wrong:
        raise ConfigError(f"{parsed.where((name,))}: {dotted((name,))}: {wrong}") from None
    for key, value in content.items():
        where = parsed.where((name, key))
        if isinstance(value, dict) and table.rules:
            yield ConfigEntry((name, key), {}, where)  # none at all: nothing is asked of the variable
            for rule, wanted in value.items():
                yield _entry((name, key, rule), wanted, parsed.where((name, key, rule)))._replace(where=where)
        else:
            yield _entry((name, key), value, where)


def _from_environment(environ: Mapping[str, str]) -> Iterator[ConfigEntry]:
    for name, path, text in variables.entries(environ):
        yield _entry(path, text, name, is_text=True)


def _from_sets(sets: Sequence[str]) -> Iterator[ConfigEntry]:
    for setting in sets:
        key, separator, text = setting.partition("=")
        if not separator or not key.strip():
            raise ConfigError(f"--set {setting}: write KEY=VALUE, such as timezone.expected=Europe/Berlin")
        yield _entry(tuple(part.strip().strip('"') for part in key.split(".")), text, "--set", is_text=True)


def _entry(path: Path, value: Any, where: str, *, is_text: bool = False) -> ConfigEntry:
    """The entry that sets *path*; ConfigError when there is no such key, or the value does not fit it."""
    from probe.config.values import checked, from_text  # most runs set nothing

    try:
        option = find(path)
        fit = checked(option, from_text(option, value) if is_text else value)
    except InvalidValue as wrong:
        raise ConfigError(f"{where}: {dotted(path)}: {wrong}") from None
    return ConfigEntry(path, fit, where) if len(path) < 3 else ConfigEntry(path[:2], {path[2]: fit}, where)


def _settings(merged: Mapping[Path, ConfigEntry], strangers: tuple[str, ...]) -> Settings:
    timeout_s, strict, enabled, ready, live = (
        merged[name,].value if (name,) in merged else default for name, default in DEFAULTS.items()
    )
    origins = {path: entry.where for path, entry in merged.items()}
    for name in OPT_IN if ("checks",) not in merged else ():
        if where := next((entry.where for path, entry in merged.items() if path[0] == name), ""):
            enabled += (name,)
            origins["checks",] = f"{origins.get(('checks',), 'default')}, and {name} for {where}"
    for key, names in (("ready_checks", ready or ()), ("live_checks", live)):
        if idle := [name for name in names if name not in enabled]:
            raise ConfigError(f"{origins[key,]}: {key}: {idle[0]} does not run; name it in checks too")
    tables: dict[str, dict[str, Any]] = {}
    for path, entry in merged.items():
        if len(path) > 1:
            tables.setdefault(path[0], {})[path[1]] = entry.value
    fitted = {name: _with(owner(name), values) for name, values in tables.items()}
    for one in fitted.values():
        if said := getattr(one, "problem", str)():
            raise ConfigError(f"{_origin(said, merged)}: {said}")
    agent = tables.pop(AGENT, {})
    return Settings(timeout_s, strict, enabled, tables, origins, strangers, agent, ready, live)


def _with(one: _Owner, values: Mapping[str, Any]) -> _Owner:
    """The check, or the agent, with the values that are set for it."""
    if values and (field := table_of(one.name).rules_field):
        values = {field: {**getattr(one, field), **values}}
    # A check is a NamedTuple, which a protocol cannot say.
    changed: _Owner = cast("Any", one)._replace(**values) if values else one
    return changed


def _origin(said: str, merged: Mapping[Path, ConfigEntry]) -> str:
    """Where the key comes from with which a message begins."""
    found = [path for path in merged if said.startswith(dotted(path))]
    return merged[max(found, key=len)].where if found else "the configuration"
