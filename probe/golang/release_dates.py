"""How long a Go release is supported: 1.N until 1.(N+2) appears (https://go.dev/doc/devel/release#policy)."""

import time

from probe.lightweight import NamedTuple

# The day on which 1.N.0 (up to 1.20: 1.N) appeared, from the release history.
RELEASED = {
    15: "2020-08-11",
    16: "2021-02-16",
    17: "2021-08-16",
    18: "2022-03-15",
    19: "2022-08-02",
    20: "2023-02-01",
    21: "2023-08-08",
    22: "2024-02-06",
    23: "2024-08-13",
    24: "2025-02-11",
    25: "2025-08-12",
    26: "2026-02-10",
    27: "2026-08-19",
}
NEWEST_KNOWN = max(RELEASED)


class Support(NamedTuple):
    """Until when a release is supported."""

    until: str  # the first day without support, "2026-02-10"
    known: bool  # False: worked out from the rhythm of releases, not from one that has happened
    ended: bool


def released(minor: int) -> tuple[str, bool]:
    """
    The day of 1.*minor*, and whether it is known.

    Releases come in February (even) and August (odd); one that is not known is taken
    for the last day of that month, so that nothing is called outdated too early.
    """
    if minor in RELEASED:
        return RELEASED[minor], True
    if minor < min(RELEASED):
        return RELEASED[min(RELEASED)], False
    year = 2013 + minor // 2
    if minor % 2:
        return f"{year}-08-31", False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return f"{year}-02-{29 if leap else 28}", False


def support(minor: int, now: float) -> Support:
    """The support of 1.*minor* at *now*, in seconds since the epoch (UTC)."""
    until, known = released(minor + 2)
    return Support(until, known, _day(now) >= until)


def seconds(day: str) -> float:
    """The begin of *day*, "2026-02-10", in seconds since the epoch (UTC)."""
    year, month, number = (int(part) for part in day.split("-"))
    since_march = year - (month < 3)  # years that begin in March end with the leap day
    leaps = since_march // 4 - since_march // 100 + since_march // 400
    days = 365 * since_march + leaps + (153 * ((month + 9) % 12) + 2) // 5 + number - 1
    return 86400.0 * (days - 719_468)


def to_take(now: float) -> str:
    """The newest known release line that is supported at *now*, "1.27"; empty when all of them have ended."""
    return "" if support(NEWEST_KNOWN, now).ended else f"1.{NEWEST_KNOWN}"


def _day(now: float) -> str:
    moment = time.gmtime(min(max(now, 0), 253402300799))  # until the year 9999
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}"
