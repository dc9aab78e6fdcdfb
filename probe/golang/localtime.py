"""
What time.Local will be.

Sources in Go's tree: time/zoneinfo_unix.go (initLocal), time/zoneinfo_read.go
(loadLocation, readFile, loadTzinfoFromZip); no change between 1.21 and 1.27. Go
decides once, at the first use, and never says that it fell back to UTC.
"""

from __future__ import annotations

import errno
import time

from probe.formats import tzif
from probe.formats.tzif import BadTzif, Span, Zone, ZoneOffset
from probe.golang import zone_archive, zonedata
from probe.golang.release import Go
from probe.lightweight import Iterator, NamedTuple, os
from probe.targets import NotRegular, Target, TooLarge

LOCALTIME = "/etc/localtime"
DIRECTORIES = ("/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo")
EMBEDDED = "time/tzdata"  # stands for a path where the data is in the program
LIMIT = zone_archive.LIMIT  # bytes; one more and Go refuses the file
UTC = ZoneOffset("UTC", 0, is_dst=False)

# What became of a path.
LOADED = "loaded"
MISSING = zone_archive.MISSING
LOOP = "too many links"
DENIED = "permission denied"
DIRECTORY = "is a directory"
NOT_A_DIRECTORY = "not a directory"
FIFO = "FIFO"
SPECIAL = "not a regular file"
TOO_LARGE = zone_archive.TOO_LARGE
REFUSED = zone_archive.REFUSED  # read, but no zone file to Go
COMPRESSED = zone_archive.COMPRESSED
INVALID = "not a name that LoadLocation accepts"
HIDDEN = "cannot be determined"  # whether the program holds it
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

    @property
    def unsure(self) -> bool:
        """Whether the program may hold a zone that we cannot see."""
        return self.fallback and any(attempt.outcome == HIDDEN for attempt in self.tried)

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


def load_location(target: Target, go: Go, name: str) -> LocalTime:
    """
    What time.LoadLocation(*name*) gives a program built by *go*; `fallback` where it returns an error.

    Unlike time.Local it looks into ZONEINFO first, and takes no path (time/zoneinfo.go:LoadLocation).
    """
    if name in ("", "UTC"):
        return LocalTime("UTC", None, None, fallback=False)
    if name == "Local":
        return load(target, go)._replace(fallback=False)
    if ".." in name or name[0] in "/\\":
        return LocalTime("UTC", None, None, fallback=True, tried=(Attempt(name, INVALID),))
    return _load(target, go, name, name, DIRECTORIES, None, target.env.get("ZONEINFO", ""))


def _load(
    target: Target,
    go: Go,
    name: str,
    label: str,
    directories: tuple[str, ...],
    now: float | None,
    zoneinfo: str = "",
) -> LocalTime:
    tried: list[Attempt] = []
    for attempt, data in _sources(target, go, name, directories, zoneinfo):
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
    target: Target, go: Go, name: str, directories: tuple[str, ...], zoneinfo: str
) -> Iterator[tuple[Attempt, bytes]]:
    """Every place in Go's order, read only when it is asked for."""
    if zoneinfo:
        zipped = zoneinfo.endswith(".zip") and len(zoneinfo) > 4
        yield read_zip(target, zoneinfo, name) if zipped else read(target, f"{zoneinfo}/{name}")
    for directory in directories:
        path = f"{directory}/{name}" if directory else name
        yield read(target, path)
    if go.program or go.embedded_tzdata:
        yield _embedded(go, name)
    if goroot := target.env.get("GOROOT") or go.zones.goroot:
        yield read_zip(target, f"{goroot}/lib/time/zoneinfo.zip", name)


def _embedded(go: Go, name: str) -> tuple[Attempt, bytes]:
    """What time/tzdata of the program says; of a program that cannot be read, the reference data."""
    if not go.program:
        data = zonedata.load(name)
        return Attempt(EMBEDDED, MISSING if data is None else LOADED), data or b""
    if go.zones.packed or (go.embedded_tzdata and not go.zones.archive):
        return Attempt(EMBEDDED, HIDDEN), b""
    if not go.embedded_tzdata:
        return Attempt(EMBEDDED, MISSING), b""
    from io import BytesIO

    try:
        return Attempt(EMBEDDED, LOADED), zone_archive.entry(BytesIO(go.zones.archive), os.fsencode(name))
    except zone_archive.BadArchiveError as problem:
        return Attempt(EMBEDDED, str(problem)), b""


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
            return Attempt(path, LOADED), zone_archive.entry(stream, os.fsencode(name))
    except (OSError, TooLarge, NotRegular) as problem:
        return _failed(target, path, problem), b""
    except zone_archive.BadArchiveError as problem:
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
