"""Times in certificates, as cryptobyte's ReadASN1UTCTime and ReadASN1GeneralizedTime take them."""

from probe.golang.release import Go
from probe.golang.x509 import der
from probe.golang.x509.der import ParseError

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def read(data: bytes, at: int, end: int, go: Go) -> tuple[int, int]:
    """The time at *at* in seconds since the epoch, and where it ends."""
    tag = der.peek(data, at, end)
    if tag == der.UTC_TIME:
        reason = "x509: malformed UTCTime"
    elif tag == der.GENERALIZED_TIME:
        reason = "x509: malformed GeneralizedTime"
    else:
        raise ParseError("x509: unsupported time format")
    start, stop = der.take(data, at, end, tag, reason)
    seconds = _seconds(data[start:stop], tag, go)
    if seconds is None:
        raise ParseError(reason)
    return seconds, stop


def _seconds(text: bytes, tag: int, go: Go) -> int | None:
    digits, offset = _zone(text, go)
    if offset is None or not digits.isdigit():
        return None
    if tag == der.UTC_TIME:
        if len(digits) == 10:  # without seconds: against X.690, and taken all the same
            digits += b"00"
        digits = (b"19" if digits >= b"5" else b"20") + digits
    if len(digits) != 14:
        return None
    year_to_day, time_of_day = divmod(int(digits), 1_000_000)
    moment = _since_epoch(year_to_day, time_of_day)
    return None if moment is None else moment - offset


def _zone(text: bytes, go: Go) -> tuple[bytes, int | None]:
    """What stands before the zone, and the zone in seconds east of UTC; None where that is not canonical."""
    if text[-1:] == b"Z":
        return text[:-1], 0
    sign, zone = text[-5:-4], text[-4:]
    if sign not in (b"+", b"-") or not zone.isdigit() or len(zone) != 4:
        return text, None
    hours, minutes = int(zone[:2]), int(zone[2:])
    if (hours > 24 and go.minor >= 23) or minutes > 59 or hours == minutes == 0:
        return text, None  # zero is written Z
    offset = 3600 * hours + 60 * minutes
    return text[:-5], offset if sign == b"+" else -offset


def _since_epoch(date: int, time_of_day: int) -> int | None:
    """YYYYMMDD and HHMMSS, the digits of each as one number."""
    year, month, day = date // 10_000, date // 100 % 100, date % 100
    hour, minute, second = time_of_day // 10_000, time_of_day // 100 % 100, time_of_day % 100
    if not 1 <= month <= 12 or hour > 23 or minute > 59 or second > 59:
        return None
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _DAYS[month - 1] + leap:
        return None
    # Days since 1 March of year 0: a year that begins in March ends with its leap day.
    year -= month < 3
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 86400 * (days - 719468) + 3600 * hour + 60 * minute + second
