"""The file of a baseline: TOML, one table a section, names and texts only."""

from __future__ import annotations

import json
import re
import shlex

from probe.checks.baseline.facts import SECTIONS, Section
from probe.errors import ConfigError, reason
from probe.lightweight import Any, Mapping

FORMAT = 1
_LIMIT = 1 << 20  # bytes; 300 roots and files are 30 KB
_LINE_LIMIT = 64 << 10  # characters; a path of 4095, each of them escaped, has 24 K
# What `write` writes, and what a person would. tomllib never sees keys with dots, arrays or
# tables in tables: a few KB of these take it seconds.
_TEXT = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*')"""
_LINE = re.compile(
    rf"\s*(?:\[\s*[\w-]+\s*\]|(?:[\w-]+|{_TEXT})\s*=\s*(?:{_TEXT}|[\w+-]{{0,20}}))?\s*(?:#.*)?", re.ASCII
)
_HEAD = """\
# What was here when `probe baseline snapshot` looked. Whether it still is:
#   probe check --baseline THIS_FILE
# A table that is taken out is not asked about. Of what may be a credential, only *** is kept.
"""


def write(sections: Mapping[str, Section]) -> str:
    """The text of a baseline; the same facts give the same text. ValueError for a name that is no Unicode."""
    lines = [_HEAD, f"format = {FORMAT}"]
    for name in SECTIONS:
        if name in sections:
            entries = sections[name].items()
            lines += ["", f"[{name}]", *(f"{_key(key)} = {_quoted(text)}" for key, text in entries)]
    return "\n".join([*lines, ""])


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's is one but for DEL, which TOML wants escaped."""
    text.encode()  # a lost byte has no place in it
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read(path: str) -> dict[str, Section]:
    """The sections in *path*; ConfigError, one line, when it cannot be read or is no baseline."""
    import tomllib

    text = _text(path)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LINE_LIMIT or not _LINE.fullmatch(line):
            raise ConfigError(
                f'{path}:{number}: is not a baseline: a line of one is [TABLE] or NAME = "TEXT"'
            )
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as problem:
        raise ConfigError(f"{path}: is not TOML: {str(problem).lower()[:200]}") from None
    if tables.pop("format", None) != FORMAT:
        raise ConfigError(
            f"{path}: is not a baseline: it must say `format = {FORMAT}`; "
            f"probe baseline snapshot > {shlex.quote(path)}"
        )
    for name, table in tables.items():
        _check(path, name, table)
    return tables


def _check(path: str, name: str, table: Any) -> None:
    if name not in SECTIONS:
        raise ConfigError(
            f"{path}: {name[:60]!r} is not a table of a baseline; there are {', '.join(SECTIONS)}"
        )
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {name} must be a table: [{name}]")
    for key, value in table.items():
        if not isinstance(value, str):
            raise ConfigError(f"{path}: {name}.{_key(key[:60])} must be a string in quotes")


def _text(path: str) -> str:
    import os

    from probe.targets import NotRegular, TooLarge
    from probe.targets.files import read as read_file
    from probe.targets.host_fs import HostFiles

    try:
        return read_file(HostFiles(), os.path.abspath(path), _LIMIT).decode()
    except OSError as problem:
        words = reason(problem)
        again = f"make it with: probe baseline snapshot > {shlex.quote(path)}"
        raise ConfigError(f"{path}: {words}; {again}") from None
    except (NotRegular, TooLarge) as problem:
        raise ConfigError(f"{path}: is not a baseline: {problem}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not a baseline: it is not UTF-8") from None
    except ValueError:  # a NUL
        raise ConfigError(f"{path!r}: not a valid file name") from None
