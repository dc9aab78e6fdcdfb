"""The zone that was probably meant by a name that is none."""

from probe import likeness
from probe.golang import zonedata

# Windows' name of a zone without "Standard Time" or "Daylight Time" → the zone, where the city does not tell.
# Source: CLDR, supplemental/windowsZones.xml, territory 001.
_WINDOWS = {
    "china": "Asia/Shanghai",
    "india": "Asia/Kolkata",
    "korea": "Asia/Seoul",
    "arabian": "Asia/Dubai",
    "se asia": "Asia/Bangkok",
    "w. europe": "Europe/Berlin",
    "central europe": "Europe/Budapest",
    "central european": "Europe/Warsaw",
    "romance": "Europe/Paris",
    "fle": "Europe/Kyiv",
    "gtb": "Europe/Bucharest",
    "russian": "Europe/Moscow",
    "gmt": "Europe/London",
    "turkey": "Europe/Istanbul",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "us mountain": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "e. south america": "America/Sao_Paulo",
    "south africa": "Africa/Johannesburg",
    "egypt": "Africa/Cairo",
    "aus eastern": "Australia/Sydney",
    "new zealand": "Pacific/Auckland",
}
_OF_WINDOWS = (" standard time", " daylight time")


def nearest(name: str) -> str:
    """The zone that was probably meant, "" when no guess is good."""
    city = name.rpartition("/")[2].casefold()
    if city.endswith(_OF_WINDOWS):
        city = city[: -len(_OF_WINDOWS[0])]
        if city in _WINDOWS:
            return _WINDOWS[city]
    city = city.replace(" ", "_")
    usual = zonedata.usual_names()
    for known in sorted(usual):
        if known.rpartition("/")[2].casefold() == city:
            return known
    if likeness.nearest(city[:64], ("beijing", "peking"), 0.8):  # cities without a zone of their own
        return "Asia/Shanghai"
    return likeness.nearest(name[:64], zonedata.names(), 0.75)
