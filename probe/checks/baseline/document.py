"""The file of a baseline: TOML, one table a section, names and texts only."""

from __future__ import annotations

import json
import re

from probe.checks.baseline.facts import SECTIONS, Section
from probe.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FORMAT = 1
_LIMIT = 8 << 20  # bytes
_LINE_LIMIT = 16 << 10  # characters
_DEEPEST = 10  # dots outside of quotes; the time that tomllib takes for a key grows with their square
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
        if len(line) > _LINE_LIMIT or "".join(line.split('"')[::2]).partition("#")[0].count(".") > _DEEPEST:
            raise ConfigError(f"{path}:{number}: is no baseline: no line of one is like that")
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as problem:
        raise ConfigError(f"{path}: is not TOML: {str(problem).lower()[:200]}") from None
    if tables.pop("format", None) != FORMAT:
        raise ConfigError(
            f"{path}: is no baseline: it must say `format = {FORMAT}`; probe baseline snapshot > {path}"
        )
    for name, table in tables.items():
        _check(path, name, table)
    return tables


def _check(path: str, name: str, table: Any) -> None:
    if name not in SECTIONS:
        raise ConfigError(f"{path}: {name[:60]!r} is no table of a baseline; there are {', '.join(SECTIONS)}")
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {name} must be a table: [{name}]")
    for key, value in table.items():
        if not isinstance(value, str):
            raise ConfigError(f"{path}: {name}.{_key(key[:60])} must be a text in quotes")


def _text(path: str) -> str:
    import os

    from probe.target import NotRegular, TooLarge
    from probe.target.files import read as read_file
    from probe.target.host import HostFiles

    try:
        return read_file(HostFiles(), os.path.abspath(path), _LIMIT).decode()
    except OSError as problem:
        words = (problem.strerror or str(problem)).lower()
        raise ConfigError(f"{path}: {words}; make it with: probe baseline snapshot > {path}") from None
    except (NotRegular, TooLarge) as problem:
        raise ConfigError(f"{path}: is no baseline: {problem}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is no baseline: it is not UTF-8") from None
    except ValueError:  # a NUL
        raise ConfigError(f"{path!r}: no file can be called that") from None
