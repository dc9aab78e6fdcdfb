"""
What time.Local will be.

Sources in Go's tree: time/zoneinfo_unix.go (initLocal), time/zoneinfo_read.go
(loadLocation, readFile, loadTzinfoFromZip); no change between 1.21 and 1.27. Go
decides once, at the first use, and never says that it fell back to UTC.
"""

from __future__ import annotations

import errno
import os
import time

from probe.formats import tzif
from probe.formats.tzif import BadTzif, Span, Zone, ZoneOffset
from probe.golang import zonedata
from probe.golang.release import Go
from probe.lightweight import NamedTuple
from probe.targets import NotRegular, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

LOCALTIME = "/etc/localtime"
DIRECTORIES = ("/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo")
EMBEDDED = "time/tzdata"  # stands for a path where the data is in the program
LIMIT = 10 << 20  # bytes; one more and Go refuses the file
UTC = ZoneOffset("UTC", 0, is_dst=False)

# What became of a path.
LOADED = "loaded"
MISSING = "missing"
LOOP = "too many links"
DENIED = "permission denied"
DIRECTORY = "is a directory"
NOT_A_DIRECTORY = "not a directory"
FIFO = "FIFO"
SPECIAL = "not a regular file"
TOO_LARGE = "too large"
REFUSED = "not taken"  # read, but no zone file to Go
COMPRESSED = "compressed"
ERROR = "error"

_ERRORS = {
    errno.ENOENT: MISSING,
    errno.ELOOP: LOOP,
    errno.EACCES: DENIED,
    errno.EISDIR: DIRECTORY,
    errno.ENOTDIR: NOT_A_DIRECTORY,
    errno.ENXIO: SPECIAL,
}


class Attempt(NamedTuple):
    """One place where Go looks, and what became of it."""

    path: str
    outcome: str  # one of the constants above
    detail: str = ""
    fault: BadTzif | None = None


class LocalTime(NamedTuple):
    """time.Local of a program that starts at `now`."""

    name: str  # as Location.String() gives it
    file: str | None  # where the zone comes from; EMBEDDED when from the program, None without any
    zone: Zone | None  # None: plain UTC
    fallback: bool  # UTC because nothing could be loaded
    tried: tuple[Attempt, ...] = ()
    blocks_on: str | None = None  # Go waits on this path for ever
    remembered: Span | None = None  # what Go works out on loading, and believes first

    def at(self, instant: int) -> ZoneOffset:
        """What a clock shows at *instant*, in seconds since the epoch."""
        if self.zone is None:
            return UTC
        span = self.remembered
        if span and span.start <= instant < span.end:
            return span.clock
        return self.zone.lookup(instant).clock


def load(target: Target, go: Go, now: float | None = None) -> LocalTime:
    """
    time.Local of a program built by *go* that starts in *target* at *now* (default: this moment).

    Where Go would wait for ever the answer is UTC, and `blocks_on` names the path.
    """
    value = target.env.get("TZ")
    if value is None:
        return _load(target, go, "localtime", "Local", ("/etc",), now)
    name = value[1:] if value.startswith(":") else value
    if name in ("", "UTC"):
        return LocalTime("UTC", None, None, fallback=False)
    if name.startswith("/"):
        return _load(target, go, name, "Local" if name == LOCALTIME else name, ("",), now)
    return _load(target, go, name, name, DIRECTORIES, now)


def _load(
    target: Target, go: Go, name: str, label: str, directories: tuple[str, ...], now: float | None
) -> LocalTime:
    tried: list[Attempt] = []
    for attempt, data in _sources(target, go, name, directories):
        if attempt.outcome == FIFO:
            tried.append(attempt)
            return LocalTime("UTC", None, None, fallback=True, tried=tuple(tried), blocks_on=attempt.path)
        zone = tzif.parse(data) if attempt.outcome == LOADED else None
        if isinstance(zone, Zone):
            tried.append(attempt)
            remembered = zone.remembered(int(time.time() if now is None else now))
            return LocalTime(label, attempt.path, zone, False, tuple(tried), None, remembered)
        tried.append(attempt._replace(outcome=REFUSED, fault=zone) if zone else attempt)
    return LocalTime("UTC", None, None, fallback=True, tried=tuple(tried))


def _sources(
    target: Target, go: Go, name: str, directories: tuple[str, ...]
) -> Iterator[tuple[Attempt, bytes]]:
    """Every place in Go's order, read only when it is asked for."""
    for directory in directories:
        path = f"{directory}/{name}" if directory else name
        yield read(target, path)
    if go.embedded_tzdata:
        data = zonedata.load(name)
        yield Attempt(EMBEDDED, MISSING if data is None else LOADED), data or b""
    if goroot := target.env.get("GOROOT"):
        yield read_zip(target, f"{goroot}/lib/time/zoneinfo.zip", name)


def read(target: Target, path: str) -> tuple[Attempt, bytes]:
    """The file at *path* as Go's readFile meets it."""
    try:
        return Attempt(path, LOADED), target.read(path, LIMIT)
    except (OSError, TooLarge, NotRegular) as problem:
        return _failed(target, path, problem), b""


def read_zip(target: Target, path: str, name: str) -> tuple[Attempt, bytes]:
    """The entry *name* of an archive of zone files, which Go reads only where it is not compressed."""
    try:
        with target.open(path) as stream:
            return Attempt(path, LOADED), _entry(stream, name.encode("utf-8", "surrogateescape"))
    except (OSError, TooLarge, NotRegular) as problem:
        return _failed(target, path, problem), b""
    except _BadZipError as problem:
        return Attempt(path, str(problem)), b""


def _failed(target: Target, path: str, problem: OSError | TooLarge | NotRegular) -> Attempt:
    if isinstance(problem, TooLarge):
        return Attempt(path, TOO_LARGE, f"more than {LIMIT >> 20} MiB")
    if isinstance(problem, OSError):
        return Attempt(path, _ERRORS.get(problem.errno or 0, ERROR), problem.strerror or "")
    try:
        target.access(path, os.R_OK)
    except OSError as refused:  # who may not open a FIFO does not wait for it either
        return _failed(target, path, refused)
    return Attempt(path, FIFO if problem.kind == "FIFO" else SPECIAL, problem.kind)


class _BadZipError(Exception):
    pass


def _entry(stream: BinaryIO, name: bytes) -> bytes:
    """The bytes of one entry, found as Go's loadTzinfoFromZip finds it."""
    size = stream.seek(0, os.SEEK_END)
    end = _piece(stream, size, size - 22, 22)
    if end[:4] != b"PK\5\6":
        raise _BadZipError(REFUSED)
    directory = _piece(stream, size, _number(end, 16, 4), _number(end, 12, 4))
    at = 0
    for _ in range(_number(end, 10, 2)):
        if directory[at : at + 4] != b"PK\1\2":
            break
        length = _number(directory, at + 28, 2)
        if directory[at + 46 : at + 46 + length] == name:
            if directory[at + 10 : at + 12] != b"\0\0":
                raise _BadZipError(COMPRESSED)
            return _content(stream, size, name, directory[at : at + 46])
        at += 46 + length + _number(directory, at + 30, 2) + _number(directory, at + 32, 2)
    raise _BadZipError(MISSING)


def _content(stream: BinaryIO, size: int, name: bytes, entry: bytes) -> bytes:
    at = _number(entry, 42, 4)
    header = _piece(stream, size, at, 30 + len(name))
    if (
        header[:4] != b"PK\3\4"
        or header[8:10] != b"\0\0"
        or _number(header, 26, 2) != len(name)
        or header[30:] != name
    ):
        raise _BadZipError(REFUSED)
    return _piece(stream, size, at + 30 + len(name) + _number(header, 28, 2), _number(entry, 24, 4))


def _piece(stream: BinaryIO, size: int, at: int, length: int) -> bytes:
    """*length* bytes from *at*. Go has no limit here; no zone data comes near ours."""
    if length > LIMIT:
        raise _BadZipError(TOO_LARGE)
    if at < 0 or at + length > size:
        raise _BadZipError(REFUSED)
    stream.seek(at)
    data = b""
    while len(data) < length:
        more = stream.read(length - len(data))
        if not more:
            raise _BadZipError(REFUSED)
        data += more
    return data


def _number(data: bytes, at: int, width: int) -> int:
    return int.from_bytes(data[at : at + width], "little")
