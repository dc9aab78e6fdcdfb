"""
The rule at the end of a time zone file, a POSIX TZ string, as Go's tzset reads and applies it.

Source: time/zoneinfo.go in Go's tree, from func tzset on; the same from 1.21 to 1.27.
"""

from probe.lightweight import NamedTuple

OMEGA = (1 << 63) - 1  # the end of time
DAY = 86400

_STOPS = (b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9", b",", b"-", b"+")
_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class ZoneOffset(NamedTuple):
    """What clocks show for a while."""

    abbreviation: str
    offset_s: int  # east of UTC
    is_dst: bool


class Span(NamedTuple):
    """A clock and the instants (seconds since the epoch) between which Go knows it to hold."""

    clock: ZoneOffset
    start: int
    end: int


class Date(NamedTuple):
    """A day of every year and a time on it: "M3.2.0/2", "J60" or "59"."""

    kind: str  # "M", "J" (29 February is never counted) or "N" (from 0)
    day: int
    week: int
    month: int
    time_s: int


class Rule(NamedTuple):
    """What holds after the last transition: one clock for ever, or two that alternate."""

    standard: ZoneOffset
    summer: ZoneOffset | None = None
    begins: Date | None = None
    ends: Date | None = None

    def turns(self, year: int) -> tuple[int, int]:
        """Seconds from the start of *year* (UTC) to the beginning and the end of summer time."""
        if self.summer is None or self.begins is None or self.ends is None:
            return 0, 0
        return (
            _second_of_year(year, self.begins) - self.standard.offset_s,
            _second_of_year(year, self.ends) - self.summer.offset_s,
        )

    def lookup(self, last: int, at: int) -> Span:
        """The clock at *at*; *last* is the instant of the last transition."""
        if self.summer is None:
            return Span(self.standard, last, OMEGA)
        year = year_of(at // DAY)
        second = (at // DAY - new_year(year)) * DAY + _remainder(at)
        begin = at - second  # of the year
        first, then = self.turns(year)
        outer, inner = self.standard, self.summer
        if then < first:  # the southern hemisphere
            first, then, outer, inner = then, first, inner, outer
        if second < first:
            return Span(outer, begin, begin + first)
        if second >= then:
            return Span(outer, begin + then, begin + 365 * DAY)
        return Span(inner, begin + first, begin + then)


def parse_rule(text: bytes) -> Rule | None:
    """A POSIX TZ string as Go's tzset reads it; None where Go gives up."""
    cursor = _Cursor(text)
    try:
        return cursor.rule()
    except _BadRuleError:
        return None


def to_text(raw: bytes) -> str:
    """Bytes that are not UTF-8 as U+FFFD, one each, as Go prints them."""
    text = raw.decode("utf-8", "surrogateescape")
    return text if text.isascii() else "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in text)


class _BadRuleError(Exception):
    pass


class _Cursor:
    """Reads a POSIX TZ string from left to right; _BadRuleError where Go's tzset gives up."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: bytes) -> None:
        self._text, self._at = text, 0

    def rule(self) -> Rule:
        standard = ZoneOffset(self._name(), -self._offset(), is_dst=False)
        if self._next() in b",":  # nothing more, or something that Go does not look at
            return Rule(standard)
        name = self._name()
        offset = standard.offset_s + 3600 if self._next() in b"," else -self._offset()
        summer = ZoneOffset(name, offset, is_dst=True)
        if not self._next():
            self._text, self._at = b",M3.2.0,M11.1.0", 0
        self._expect(b",;")
        begins = self._date()
        self._expect(b",")
        ends = self._date()
        if self._next():
            raise _BadRuleError
        return Rule(standard, summer, begins, ends)

    def _next(self) -> bytes:
        """The byte to come, b"" at the end."""
        return self._text[self._at : self._at + 1]

    def _expect(self, allowed: bytes) -> None:
        if not self._next() or self._next() not in allowed:
            raise _BadRuleError
        self._at += 1

    def _name(self) -> str:
        text, start = self._text, self._at
        if self._next() == b"<":
            end = text.find(b">", start)
            if end < 0:
                raise _BadRuleError
            self._at = end + 1
            return to_text(text[start + 1 : end])
        stops = (text.find(stop, start) for stop in _STOPS)
        self._at = min((stop for stop in stops if stop >= 0), default=len(text))
        if self._at - start < 3:
            raise _BadRuleError
        return to_text(text[start : self._at])

    def _offset(self) -> int:
        """[+-]hours[:minutes[:seconds]], in seconds."""
        sign = -1 if self._next() == b"-" else 1
        if self._next() and self._next() in b"+-":
            self._at += 1
        total = self._number(0, 24 * 7) * 3600
        for unit in (60, 1):
            if self._next() != b":":
                break
            self._at += 1
            total += self._number(0, 59) * unit
        return sign * total

    def _number(self, least: int, most: int) -> int:
        start, number = self._at, 0
        if self._next() == b"0":  # of which there may be millions
            self._at = len(self._text) - len(self._text[self._at :].lstrip(b"0"))
        while self._next().isdigit():
            number = number * 10 + int(self._next())
            if number > most:
                raise _BadRuleError
            self._at += 1
        if self._at == start or number < least:
            raise _BadRuleError
        return number

    def _date(self) -> Date:
        kind, week, month = "N", 0, 0
        if self._next() == b"J":
            self._at += 1
            kind, day = "J", self._number(1, 365)
        elif self._next() == b"M":
            self._at += 1
            kind, month = "M", self._number(1, 12)
            self._expect(b".")
            week = self._number(1, 5)
            self._expect(b".")
            day = self._number(0, 6)
        else:
            day = self._number(0, 365)
        time_s = 2 * 3600
        if self._next() == b"/":
            self._at += 1
            time_s = self._offset()
        return Date(kind, day, week, month, time_s)


def _second_of_year(year: int, date: Date) -> int:
    """Local seconds from the start of *year* to *date*."""
    if date.kind == "J":
        day = date.day - 1 + (_is_leap(year) and date.day >= 60)
    elif date.kind == "N":
        day = date.day
    else:
        before = _BEFORE_MONTH[date.month - 1] + (_is_leap(year) and date.month > 2)
        weekday = (new_year(year) + before + 4) % 7  # of the 1st; 1 January 1970 was a Thursday
        day = (date.day - weekday) % 7
        weeks_left = (_days_in(year, date.month) - 1 - day) // 7  # the fifth means the last
        day += before + 7 * min(date.week - 1, weeks_left)
    return day * DAY + date.time_s


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 28 + _is_leap(year)
    return 30 if month in (4, 6, 9, 11) else 31


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def new_year(year: int) -> int:
    """Days from the epoch to 1 January of *year*."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400 - 719162


def year_of(day: int) -> int:
    """The year that holds the day number *day* since the epoch."""
    year = (day + 719162) * 400 // 146097 + 1
    while new_year(year) > day:
        year -= 1
    while new_year(year + 1) <= day:
        year += 1
    return year


def _remainder(at: int) -> int:
    """Go's at % 86400, which is negative for instants before 1970."""
    return at % DAY if at >= 0 else -(-at % DAY)


def noon(year: int, month: int) -> int:
    """12:00 UTC on the first of *month*, in seconds since the epoch."""
    days = new_year(year) + _BEFORE_MONTH[month - 1] + (_is_leap(year) and month > 2)
    return days * DAY + DAY // 2
