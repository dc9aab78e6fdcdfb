"""Whether two zones show the same time, and from when on they do not."""

from probe.formats import tzif
from probe.formats.tzif import Zone, ZoneOffset
from probe.golang import zonedata
from probe.lightweight import NamedTuple

UTC = ZoneOffset("UTC", 0, is_dst=False)
YEAR = 31556952  # seconds
_EPOCH, _MODERN = 0, 946684800  # 1970-01-01, 2000-01-01
_TOLERANCE = 60  # seconds: a file that counts leap seconds is late by 27 of them


class Difference(NamedTuple):
    """The first instant at which two zones show different times."""

    when: int
    ours: ZoneOffset
    theirs: ZoneOffset


def window(now: int) -> tuple[int, int]:
    """The years around *now* for which rules must be right."""
    return now - YEAR, now + 3 * YEAR


def clock(zone: Zone | None, at: int) -> ZoneOffset:
    """The clock of *zone* at *at*; no zone is UTC."""
    return zone.lookup(at).clock if zone else UTC


def offsets(zone: Zone | None, start: int, end: int) -> list[tuple[int, int]]:
    """The offset at *start* and each change of it up to *end*."""
    found: list[tuple[int, int]] = []
    for when, shown in zone.timeline(start, end) if zone else [(start, UTC)]:
        if not found or found[-1][1] != shown.offset_s:
            found.append((when, shown.offset_s))
    return found


def agree(ours: Zone | None, theirs: Zone | None, start: int, end: int) -> bool:
    """Whether both show the same time all along; leap seconds are forgiven."""
    return ours == theirs or _match(offsets(ours, start, end), offsets(theirs, start, end))


def _match(ours: list[tuple[int, int]], theirs: list[tuple[int, int]]) -> bool:
    return len(ours) == len(theirs) and all(
        a == b and abs(when - then) <= _TOLERANCE for (when, a), (then, b) in zip(ours, theirs, strict=True)
    )


def differ(ours: Zone | None, theirs: Zone | None, start: int, end: int) -> Difference | None:
    """The first time from *start* on at which the two disagree for longer than leap seconds."""
    turns = {when for zone in (ours, theirs) for when, _ in offsets(zone, start, end)}
    for when in sorted(turns):
        if clock(ours, when + _TOLERANCE).offset_s != clock(theirs, when + _TOLERANCE).offset_s:
            return Difference(when, clock(ours, when + _TOLERANCE), clock(theirs, when + _TOLERANCE))
    return None


def outdated(ours: Zone | None, current: Zone, now: int) -> Difference | None:
    """
    Where *ours* is *current* with older rules: the change that it does not know.

    Both then agree in all years up to that change. Zones that parted before 2000
    are different zones.
    """
    found = differ(ours, current, _EPOCH, window(now)[1])
    return found if found and found.when >= _MODERN else None


def same_zone(ours: Zone | None, theirs: Zone | None, now: int) -> bool:
    """Whether both are one zone, perhaps under two names: the same time ever since 1970."""
    return agree(ours, theirs, _EPOCH, window(now)[1])


def recognised(zone: Zone, now: int) -> list[str]:
    """
    The names under which the reference data holds *zone*, the usual one first.

    Reads some 600 small files: for the way of a failure only.
    """
    zone, footer, end = zone.as_meant(), zone.footer, window(now)[1]
    shown, history = clock(zone, now), offsets(zone, _EPOCH, end)
    found = []
    for name in zonedata.names():
        data = zonedata.load(name) or b""
        candidate = tzif.parse(data) if data.endswith(footer) else None
        if not isinstance(candidate, Zone) or clock(candidate, now) != shown:
            continue
        if candidate == zone or _match(offsets(candidate, _EPOCH, end), history):
            found.append(name)
    first, usual = zonedata.usual_names("zone1970.tab"), zonedata.usual_names()
    return sorted(found, key=lambda name: (name not in first, name not in usual, name != "UTC", name))
