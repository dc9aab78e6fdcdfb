"""Configuration files: read with a bound, parsed as TOML, and where in them a key stands."""

import os
import stat
from typing import Any

from probe.config.values import TomlFloat
from probe.errors import ConfigError, reason
from probe.lightweight import NamedTuple

LIMIT = 1 << 18  # bytes
_DEEPEST = 64  # parts of a dotted key; the time that tomllib takes grows with the square
_LONGEST = 3  # parts of a key of ours: go-env.NAME.rule

Keys = tuple[str, ...]


class Parsed(NamedTuple):
    """A file's tables, and the lines on which they and their keys stand."""

    name: str
    tables: dict[str, Any]
    lines: dict[Keys, int]

    def where(self, path: Keys) -> str:
        """`FILE:LINE` of a key, or only `FILE` where that cannot be told."""
        line = self.lines.get(path)
        return f"{self.name}:{line}" if line else self.name


def load(name: str) -> Parsed:
    """The file *name*; ConfigError when it cannot be read or is not TOML."""
    return parsed(name, _read(name))


def parsed(name: str, data: bytes) -> Parsed:
    """What the file *name* says, which holds *data*; ConfigError when that is not TOML."""
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise ConfigError(f"{name}:{line}: is not UTF-8; save it as UTF-8") from None
    if text.startswith("\ufeff"):
        raise ConfigError(f"{name}:1: begins with a byte order mark; save it as UTF-8 without one")
    return Parsed(name, _parse(name, text), lines(text))


def _read(name: str) -> bytes:
    try:
        # O_NONBLOCK: a FIFO without a writer must not hold us.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as problem:
        raise ConfigError(f"{name}: {_words(problem)}; name a file that can be read") from None
    except ValueError:
        raise ConfigError(f"{name!r}: not a valid file name") from None
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(kind):
            what = "a directory" if stat.S_ISDIR(kind) else "not a regular file"
            raise ConfigError(f"{name}: is {what}; name a TOML file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(LIMIT + 1)
    except OSError as problem:
        raise ConfigError(f"{name}: {_words(problem)}; name a file that can be read") from None
    finally:
        os.close(descriptor)
    if len(data) > LIMIT:
        raise ConfigError(f"{name}: holds more than {LIMIT >> 10} KiB; that is not a configuration of probe")
    return data


def _words(problem: OSError) -> str:
    return reason(problem)


def _parse(name: str, text: str) -> dict[str, Any]:
    import tomllib

    if _too_deep(text):
        raise ConfigError(f"{name}: is not TOML: lists or tables are nested too deeply")
    try:
        return tomllib.loads(text, parse_float=TomlFloat)
    except tomllib.TOMLDecodeError as problem:
        said, _, place = str(problem).rpartition(" (at ")
        line = place.removeprefix("line ").partition(",")[0]
        where = f"{name}:{line}" if line.isdecimal() else name
        raise ConfigError(f"{where}: is not TOML: {_in_words(said)}") from None
    except ValueError:  # a number with more digits than Python reads
        raise ConfigError(f"{name}: is not TOML: a number is too long") from None
    except RecursionError:
        raise ConfigError(f"{name}: is not TOML: lists or tables are nested too deeply") from None


def _in_words(said: str) -> str:
    """What the parser said, for what people write most often as what to write instead."""
    if said.startswith("Illegal character '\\n'"):
        return "a quote is not closed in this line"
    if said == "Invalid value":
        return 'a value is missing or malformed; write text in quotes ("Asia/Shanghai"), and true or false'
    if said == "Cannot overwrite a value":
        return "a key is defined twice"
    if said.startswith("Cannot declare ("):
        from ast import literal_eval

        name = ".".join(literal_eval(said[len("Cannot declare ") :].rpartition(" twice")[0]))
        return f"the table [{name[:60]}] is defined twice"
    return f"{said[:1].lower()}{said[1:]}"


def _too_deep(text: str) -> bool:
    """Whether something in *text* might be a dotted key of more parts than anybody writes."""
    import re

    between = re.split(r"[^\w\"'.\- \t]+", text)
    return any(
        run.count(".") >= _DEEPEST and sum(map(bool, map(str.strip, run.split(".")))) > _DEEPEST
        for run in between
    )


def lines(text: str) -> dict[Keys, int]:
    """
    The line (1-based) that first sets each key, or opens that table.

    Made for messages, so it looks at lines and does not parse: keys in inline tables
    or written with quotes are not found.
    """
    table: Keys = ()
    found: dict[Keys, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("["):
            table = path = _keys(line.strip("[").partition("]")[0])
        elif "=" in line:
            path = (*table, *_keys(line.partition("=")[0]))
        else:
            continue
        for length in range(1, min(len(path), _LONGEST) + 1):
            found.setdefault(path[:length], number)
    return found


def _keys(dotted: str) -> Keys:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
