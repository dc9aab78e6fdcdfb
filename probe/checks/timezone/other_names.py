"""Names of zones that the zone database does not have: Windows', the letters of clocks, offsets from UTC."""

from __future__ import annotations

# Windows' name of a zone without "Standard Time", "_" for blanks → the zone, where the city does not tell.
# Source: CLDR, supplemental/windowsZones.xml, territory 001.
_WINDOWS = {
    "china": "Asia/Shanghai",
    "india": "Asia/Kolkata",
    "korea": "Asia/Seoul",
    "arabian": "Asia/Dubai",
    "arab": "Asia/Riyadh",
    "arabic": "Asia/Baghdad",
    "iran": "Asia/Tehran",
    "israel": "Asia/Jerusalem",
    "pakistan": "Asia/Karachi",
    "sri_lanka": "Asia/Colombo",
    "nepal": "Asia/Kathmandu",
    "bangladesh": "Asia/Dhaka",
    "myanmar": "Asia/Yangon",
    "west_asia": "Asia/Tashkent",
    "se_asia": "Asia/Bangkok",
    "caucasus": "Asia/Yerevan",
    "georgian": "Asia/Tbilisi",
    "azerbaijan": "Asia/Baku",
    "w._europe": "Europe/Berlin",
    "central_europe": "Europe/Budapest",
    "central_european": "Europe/Warsaw",
    "romance": "Europe/Paris",
    "fle": "Europe/Kyiv",
    "gtb": "Europe/Bucharest",
    "e._europe": "Europe/Chisinau",
    "belarus": "Europe/Minsk",
    "russian": "Europe/Moscow",
    "gmt": "Europe/London",
    "greenwich": "Atlantic/Reykjavik",
    "turkey": "Europe/Istanbul",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "us_mountain": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "alaskan": "America/Anchorage",
    "hawaiian": "Pacific/Honolulu",
    "atlantic": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "e._south_america": "America/Sao_Paulo",
    "sa_pacific": "America/Bogota",
    "pacific_sa": "America/Santiago",
    "venezuela": "America/Caracas",
    "argentina": "America/Argentina/Buenos_Aires",
    "south_africa": "Africa/Johannesburg",
    "e._africa": "Africa/Nairobi",
    "w._central_africa": "Africa/Lagos",
    "egypt": "Africa/Cairo",
    "morocco": "Africa/Casablanca",
    "aus_eastern": "Australia/Sydney",
    "e._australia": "Australia/Brisbane",
    "w._australia": "Australia/Perth",
    "cen._australia": "Australia/Adelaide",
    "aus_central": "Australia/Darwin",
    "tasmania": "Australia/Hobart",
    "new_zealand": "Pacific/Auckland",
}
_OF_WINDOWS = (" standard time", " daylight time")
# The letters that clocks show, where one zone stands out among those that show them: not for CST, IST, BST.
_LETTERS = {
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "PKT": "Asia/Karachi",
    "ICT": "Asia/Bangkok",
    "WIB": "Asia/Jakarta",
    "PHT": "Asia/Manila",
    "MSK": "Europe/Moscow",
    "TRT": "Europe/Istanbul",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "MDT": "America/Denver",
    "CDT": "America/Chicago",
    "EDT": "America/New_York",
    "AKST": "America/Anchorage",
    "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
    "SAST": "Africa/Johannesburg",
    "EAT": "Africa/Nairobi",
    "WAT": "Africa/Lagos",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "ACST": "Australia/Adelaide",
    "AWST": "Australia/Perth",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
    "CEST": "Europe/Berlin",
    "EEST": "Europe/Athens",
    "WEST": "Europe/Lisbon",
}
# Minutes east of UTC that are no whole hours → a zone that has shown them, and nothing else, for long.
_MINUTES = {
    270: "Asia/Kabul",
    210: "Asia/Tehran",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    -570: "Pacific/Marquesas",
}
_SIGNS = {"+": 1, "-": -1, "\u2212": -1}


def windows(name: str) -> tuple[str, str]:
    """The zone that Windows calls *name*, and what is left of *name* where a city tells it: one is ""."""
    folded = name.casefold()
    if not folded.endswith(_OF_WINDOWS):
        return "", name
    plain = folded[: -len(_OF_WINDOWS[0])]
    zone = _WINDOWS.get(plain.replace(" ", "_"), "")
    return zone, "" if zone else plain


def letters(name: str) -> str:
    """The zone whose clocks show the letters *name*; "" for none, or many."""
    return _LETTERS.get(name.upper(), "")


def offset(name: str) -> int | None:
    """
    The minutes east of UTC in "UTC+8", "GMT+0530", "+08:00", "utc 8"; None where it is none.

    As ISO 8601 and people count: a POSIX rule counts the other way, and Etc/GMT+8 does.
    """
    text = name.replace(" ", "").upper()
    west = text.startswith("ETC/GMT")
    for word in ("ETC/", "UTC", "GMT", "Z"):
        text = text.removeprefix(word)
    if text[:1] not in _SIGNS and text == name.strip():
        return None  # a bare number may be anything
    sign = _SIGNS.get(text[:1], 1) * (-1 if west else 1)
    digits = text[1:] if text[:1] in _SIGNS else text
    hours, colon, minutes = digits.partition(":")
    if not colon and len(digits) in (3, 4):
        hours, minutes = digits[:-2], digits[-2:]
    if not hours.isdecimal() or len(hours) > 2 or (minutes or "0") not in ("0", "00", "15", "30", "45"):
        return None
    total = sign * (60 * int(hours) + int(minutes or "0"))
    return total if -12 * 60 <= total <= 14 * 60 else None


def fixed(minutes: int) -> str:
    """The zone that always is so many minutes east of UTC, or has been for long; "" for none."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return _MINUTES.get(minutes, "")
    # The sign in these names is the other way round: Etc/GMT-8 is eight hours east.
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
