"""Configuration files: read with a bound, parsed as TOML, and where in them a key stands."""

import os
import stat
from typing import Any, NamedTuple

from probe.config.values import Written
from probe.errors import ConfigError

LIMIT = 1 << 20  # bytes


class Parsed(NamedTuple):
    """A file's tables, and its text to find lines in."""

    name: str
    tables: dict[str, Any]
    text: str

    def where(self, path: tuple[str, ...]) -> str:
        """`FILE:LINE` of a key, or only `FILE` where that cannot be told."""
        line = line_of(self.text, path)
        return f"{self.name}:{line}" if line else self.name


def load(name: str) -> Parsed:
    """The file *name*; ConfigError when it cannot be read or is not TOML."""
    data = _read(name)
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise ConfigError(f"{name}:{line}: is not UTF-8; save it as UTF-8") from None
    if text.startswith("\ufeff"):
        raise ConfigError(f"{name}:1: begins with a byte order mark; save it as UTF-8 without one")
    return Parsed(name, _parse(name, text), text)


def _read(name: str) -> bytes:
    try:
        # O_NONBLOCK: a FIFO without a writer must not hold us.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as problem:
        raise ConfigError(f"{name}: {_words(problem)}; name a file that can be read") from None
    except ValueError:
        raise ConfigError(f"{name!r}: no file can be called that") from None
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(kind):
            what = "a directory" if stat.S_ISDIR(kind) else "no regular file"
            raise ConfigError(f"{name}: is {what}; name a TOML file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            data = stream.read(LIMIT + 1)
    finally:
        os.close(descriptor)
    if len(data) > LIMIT:
        raise ConfigError(f"{name}: holds more than {LIMIT >> 20} MiB; that is no configuration of probe")
    return data


def _words(problem: OSError) -> str:
    return (problem.strerror or str(problem)).lower()


def _parse(name: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text, parse_float=Written)
    except tomllib.TOMLDecodeError as problem:
        said, _, place = str(problem).rpartition(" (at ")
        line = place.removeprefix("line ").partition(",")[0]
        where = f"{name}:{line}" if line.isdecimal() else name
        raise ConfigError(f"{where}: is not TOML: {said[:1].lower()}{said[1:]}") from None
    except ValueError:  # a number with more digits than Python reads
        raise ConfigError(f"{name}: is not TOML: a number is too long") from None
    except RecursionError:
        raise ConfigError(f"{name}: is not TOML: lists or tables lie too deep in one another") from None


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """
    The line (1-based) that sets the key *path*, or opens that table; None when none plainly does.

    Made for messages, so it looks at lines and does not parse: keys in inline tables
    or written with quotes are not found.
    """
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("["):
            table = _keys(line.strip("[").partition("]")[0])
            if table[: len(path)] == path:
                return number
        elif "=" in line and (*table, *_keys(line.partition("=")[0]))[: len(path)] == path:
            return number
    return None


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
