"""The zone that was probably meant by a name that is none."""

from __future__ import annotations

from probe import likeness
from probe.checks.timezone import other_names
from probe.formats import tzif
from probe.formats.tzif.rule import DAY
from probe.golang import zonedata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.formats.tzif import Rule

_AROUND = " \t\r\n\"'`:;,[](){}<>=\u201c\u201d\u2018\u2019\u00a0\ufeff"
_SHORT = 5  # letters of a word that is not taken for a slip: many are near
_LONG = 200  # characters, more than any name has
# Cities whose summer time others have too, the largest of each.
_TURNING = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage"),
    *("America/Halifax", "America/St_Johns", "America/Santiago", "America/Havana", "Europe/London"),
    *("Europe/Berlin", "Europe/Athens", "Europe/Lisbon", "Europe/Chisinau", "Africa/Cairo", "Asia/Jerusalem"),
    *("Asia/Beirut", "Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland"),
)


def nearest(name: str) -> str:
    """The zone that was probably meant, "" when no guess is good."""
    text = name[:_LONG].strip(_AROUND)
    text = text[3:].strip(_AROUND) if text[:3].upper() == "TZ=" else text
    text = text.replace("%2F", "/").replace("\\", "/").rpartition("zoneinfo/")[2]
    return _named(text) or next(filter(None, map(_named, _pieces(text))), "") or _like(text)


def _named(text: str) -> str:
    """The zone that *text* is a name of, however it is written; "" for none."""
    text = text.strip(_AROUND)
    if text in zonedata.names():
        return text
    minutes = other_names.offset(text)
    if minutes is not None:
        return other_names.fixed(minutes)
    found, city = other_names.windows(text)
    found = found or other_names.letters(text)
    return found or (_by_city(city.rpartition("/")[2]) if city else "")


def _pieces(text: str) -> list[str]:
    """What is between brackets, commas and remarks: "(UTC+08:00) Beijing, Chongqing"."""
    for sign in "()#;|":
        text = text.replace(sign, ",")
    pieces = [piece.strip(_AROUND) for piece in text.split(",")]
    return sorted(filter(None, pieces[:32]), key=lambda piece: other_names.offset(piece) is not None)


def _by_city(city: str) -> str:
    city = city.casefold().replace(" ", "_")
    for known in sorted(zonedata.usual_names()):
        if known.rpartition("/")[2].casefold() == city:
            return known
    if likeness.nearest(city[:64], ("beijing", "peking"), 0.8):  # cities without a zone of their own
        return "Asia/Shanghai"
    return ""


def _like(text: str) -> str:
    if len(text) <= _SHORT or (text[-1:].isdecimal() and "/" not in text):
        return ""
    return likeness.nearest(text[:64], zonedata.names(), 0.75)


def turning(rule: Rule, now: int) -> str:
    """A city with the summer time of a POSIX *rule*; "" where none is known."""
    months = [now + month * 365 * DAY // 36 for month in range(36)]
    wanted = [rule.lookup(0, at).clock.offset_s for at in months]
    for name in _TURNING:
        zone = tzif.parse(zonedata.load(name) or b"")
        if isinstance(zone, tzif.Zone) and [zone.lookup(at).clock.offset_s for at in months] == wanted:
            return name
    return ""
