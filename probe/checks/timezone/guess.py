"""The zone that was probably meant by a name that is none."""

from probe.golang import zonedata


def nearest(name: str) -> str:
    """The zone that was probably meant, "" when no guess is good."""
    city = name.rpartition("/")[2].casefold().replace(" ", "_")
    usual = zonedata.usual_names()
    for known in sorted(usual):
        if known.rpartition("/")[2].casefold() == city:
            return known
    from difflib import get_close_matches

    if get_close_matches(city[:64], ("beijing", "peking"), 1, 0.8):  # cities without a zone of their own
        return "Asia/Shanghai"
    return next(iter(get_close_matches(name[:64], sorted(zonedata.names()), 1, 0.75)), "")
