"""
Time zone files as Go reads them: what a clock shows at an instant, by Go's rules and not by the RFC's.

Source: time/zoneinfo_read.go and time/zoneinfo.go in Go's tree, the same from 1.21
to 1.27; RFC 9636 where a file is told what it should have been.
"""

from itertools import islice

from probe.formats.tzif.rule import (
    DAY,
    OMEGA,
    Rule,
    Span,
    ZoneOffset,
    new_year,
    noon,
    parse_rule,
    to_text,
    year_of,
)
from probe.lightweight import NamedTuple, struct

__all__ = ["Fault", "Rule", "Span", "Zone", "ZoneOffset", "noon", "parse", "parse_rule"]

ALPHA = -(1 << 63)  # the beginning of time

# Why a file is refused.
EMPTY = "empty"
NOT_TZIF = "not TZif"
VERSION = "version"
TRUNCATED = "truncated"
CORRUPT = "corrupt"

# Why the rule after the last transition is not what the file's author meant.
ABSENT = "absent"
UNTERMINATED = "unterminated"
JUNK = "junk"
UNREADABLE = "unreadable"

_VERSIONS = {0: 1, ord("2"): 2, ord("3"): 3}
_HEADER = 44  # magic, version, 15 unused bytes, six counts


class BadTzif(NamedTuple):
    """Go does not take this file."""

    kind: str  # one of the constants above
    reason: str


class Zone(NamedTuple):
    """A file that Go takes. Damage that Go overlooks is still in here."""

    version: int  # 1, 2 or 3
    times: tuple[int, ...]  # of the transitions, as they stand in the file, sorted or not
    indexes: bytes  # into `types`, one byte a transition
    types: bytes  # six bytes each: offset, summer time, index into `names`
    names: bytes
    leap_seconds: int  # records that Go passes over
    tail: bytes  # all that follows the data
    rule: Rule | None  # what Go makes of the tail

    def clock(self, index: int) -> ZoneOffset:
        """The clock number *index* of the file."""
        offset, is_dst, start = struct.unpack(">iBB", self.types[6 * index : 6 * index + 6])
        return ZoneOffset(to_text(self.names[start:].partition(b"\0")[0]), offset, is_dst != 0)

    def lookup(self, at: int) -> Span:
        """The clock at *at*, by Go's binary search, whose answer it is for unsorted files too."""
        times = self.times
        if not times:
            return self._last(ALPHA, 0, at)
        if at < times[0]:
            return Span(self.clock(self._first()), ALPHA, times[0])
        low, high, end = 0, len(times), OMEGA
        while high - low > 1:
            middle = (low + high) // 2
            if at < times[middle]:
                high, end = middle, times[middle]
            else:
                low = middle
        if low == len(times) - 1:
            return self._last(times[low], self.indexes[low], at)
        return Span(self.clock(self.indexes[low]), times[low], end)

    def remembered(self, now: int) -> Span | None:
        """
        What Go works out when it loads the file at *now*, and believes before it searches.

        It differs from `lookup` where the transitions are not in order, and in the year
        of the last transition.
        """
        times = self.times or (ALPHA,)
        for index, start in enumerate(times):
            if start <= now and (index + 1 == len(times) or now < times[index + 1]):
                number = self.indexes[index] if self.times else 0
                if index + 1 == len(times):
                    return self._last(start, number, now)
                return Span(self.clock(number), start, times[index + 1])
        return None

    def timeline(self, start: int, end: int, limit: int = 1000) -> list[tuple[int, ZoneOffset]]:
        """The clock at *start* and each change up to *end*, at most *limit* of them."""
        within = (when for when in self.times if start < when < end)
        turns = {start, *islice(within, limit)}
        if self.rule and self.rule.summer:
            for year in range(year_of(start // DAY), year_of(end // DAY) + 1):
                turns.update(new_year(year) * DAY + turn for turn in self.rule.turns(year))
        found: list[tuple[int, ZoneOffset]] = []
        for when in sorted(turn for turn in turns if start <= turn < end)[:limit]:
            clock = self.lookup(when).clock
            if not found or found[-1][1] != clock:
                found.append((when, clock))
        return found

    @property
    def footer_fault(self) -> str:
        """Why the file's rule is not the one that was meant: "" when nothing is wrong with it."""
        if self.tail == b"\n\n" or (self.version == 1 and not self.tail):
            return ""
        if not self.tail:
            return ABSENT
        lines = self.tail.split(b"\n", 3)
        if len(lines) == 2 and not lines[0]:
            return UNTERMINATED
        if lines[0] or len(lines) != 3 or lines[2]:
            return JUNK
        return "" if self.rule else UNREADABLE

    def as_meant(self) -> "Zone":
        """The same file with its footer as its author meant it (RFC 9636, section 3.3)."""
        return self._replace(rule=parse_rule(self.footer[1:-1]))

    @property
    def footer(self) -> bytes:
        """The rule between its two newlines, b"" where there is none, whatever stands behind it."""
        text = self.tail[1:].partition(b"\n")[0] if self.tail.startswith(b"\n") else b""
        return b"\n" + text + b"\n" if text else b""

    def _last(self, start: int, index: int, at: int) -> Span:
        if self.rule:
            return self.rule.lookup(start, at)
        return Span(self.clock(index), start, OMEGA)

    def _first(self) -> int:
        """The clock before the first transition."""
        if 0 not in self.indexes:
            return 0
        summer = self.types[4::6]
        if summer[self.indexes[0]]:
            for index in range(self.indexes[0] - 1, -1, -1):
                if not summer[index]:
                    return index
        return max(0, summer.find(0))


def parse(data: bytes) -> Zone | BadTzif:
    """Read a time zone file as Go's LoadLocationFromTZData does. Any bytes give a value."""
    if data[:4] != b"TZif":
        return BadTzif(EMPTY, "it is empty") if not data else BadTzif(NOT_TZIF, "it does not begin with TZif")
    if len(data) < _HEADER:
        return _cut(_HEADER, data)
    version = _VERSIONS.get(data[4])
    if version is None:
        return BadTzif(VERSION, f"its version is {_version_text(data[4])}; Go reads 1, 2 and 3")
    at, width = 0, 4
    if version > 1:  # a 32-bit copy of the data comes first
        at, width = _HEADER + _size(_counts(data, 0), 4), 8
        if len(data) < at + _HEADER:
            return _cut(at + _HEADER, data)
    counts = _counts(data, at)
    end = at + _HEADER + _size(counts, width)
    if len(data) < end:
        return _cut(end, data)
    return _zone(version, data, at + _HEADER, counts, width, data[end:])


def _zone(
    version: int, data: bytes, at: int, counts: tuple[int, ...], width: int, tail: bytes
) -> Zone | BadTzif:
    _, _, leaps, transitions, kinds, characters = counts
    if kinds == 0:
        return BadTzif(CORRUPT, "it holds no clock at all")
    times_end = at + transitions * width
    indexes_end = times_end + transitions
    types_end = indexes_end + kinds * 6
    indexes, types = data[times_end:indexes_end], data[indexes_end:types_end]
    if max(types[5::6]) >= characters:
        return BadTzif(CORRUPT, "a clock's abbreviation lies outside of the file's names")
    if indexes and max(indexes) >= kinds:
        return BadTzif(CORRUPT, "a transition leads to a clock that the file does not hold")
    times = struct.unpack(f">{transitions}{'q' if width == 8 else 'i'}", data[at:times_end])
    rule = None
    if len(tail) > 2 and tail.startswith(b"\n") and tail.endswith(b"\n"):
        rule = parse_rule(tail[1:-1])
    names = data[types_end : types_end + characters]
    return Zone(version, times, indexes, types, names, leaps, tail, rule)


def _counts(data: bytes, at: int) -> tuple[int, ...]:
    """UTC indicators, standard indicators, leap seconds, transitions, clocks, characters."""
    return struct.unpack(">6I", data[at + 20 : at + _HEADER])


def _size(counts: tuple[int, ...], width: int) -> int:
    utc, standard, leaps, transitions, kinds, characters = counts
    return transitions * (width + 1) + kinds * 6 + characters + leaps * (width + 4) + standard + utc


def _cut(needed: int, data: bytes) -> BadTzif:
    return BadTzif(
        TRUNCATED, f"it ends after {len(data)} bytes where its own counts ask for {needed} or more"
    )


def _version_text(byte: int) -> str:
    return f"{chr(byte)}" if chr(byte).isalnum() and byte < 128 else f"byte 0x{byte:02x}"
