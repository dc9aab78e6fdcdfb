"""
The PROBE_* variables of our own environment.

Not every one of them is ours: Kubernetes gives each pod PROBE_PORT and
PROBE_SERVICE_HOST where a Service is called "probe". So a variable without "__"
counts only when it is exactly that of a key, and others are let be (`probe config`
names them). One with "__" means a key in a table, and must name one that exists.
"""

from __future__ import annotations

from probe.config.schema import TABLES, TOP, table_of
from probe.errors import ConfigError
from probe.lightweight import Iterator, Mapping

PREFIX = "PROBE_"
LANGUAGE = "PROBE_LANG"  # no setting: how people are spoken to (probe.translations)


def entries(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """
    The name, the key's path and the text of each variable of ours that is not empty, in order of name.

    ConfigError for one that would be a key's if it had two underscores after the table.
    """
    for name in sorted(environ):
        if not (environ[name] and name.startswith(PREFIX)):
            continue
        if path := path_of(name):
            yield name, path, environ[name]
        elif meant := _meant(name):
            raise ConfigError(f"{name}: two underscores separate table and key: {meant}")


def strangers(environ: Mapping[str, str]) -> list[str]:
    """The PROBE_* variables that mean nothing to us."""
    return [
        name for name in sorted(environ) if name.startswith(PREFIX) and name != LANGUAGE and not path_of(name)
    ]


def path_of(name: str) -> tuple[str, ...] | None:
    """
    ("ca-bundle", "endpoints") for PROBE_CA_BUNDLE__ENDPOINTS, ("timeout_s",) for PROBE_TIMEOUT_S, else None.

    The name of a Go variable keeps its case: PROBE_GO_ENV__CGO_ENABLED__EQUALS.
    """
    if not name.startswith(PREFIX):
        return None
    head, separator, rest = name.removeprefix(PREFIX).partition("__")
    if not separator:
        return (head.lower(),) if head.lower() in TOP and head.isupper() else None
    table = head.lower().replace("_", "-")
    middle, separator, last = rest.rpartition("__")
    if separator and table in TABLES and table_of(table).rules:
        return table, middle, last.lower()
    return table, rest.lower()


def name_of(path: tuple[str, ...]) -> str:
    """The variable that sets *path*."""
    head = path[0].upper().replace("-", "_")
    if len(path) == 3:
        return f"{PREFIX}{head}__{path[1]}__{path[2].upper()}"
    return PREFIX + "__".join([head, *(key.upper() for key in path[1:])])


def _meant(name: str) -> str:
    """The variable whose name *name* would be but for one underscore; Kubernetes makes none that end so."""
    tables = [table for table in TABLES if name.startswith(f"{name_of((table,))}_")]
    names = (name_of((table, key)) for table in tables for key in table_of(table).options)
    return next((right for right in names if right.replace("__", "_") == name), "")
