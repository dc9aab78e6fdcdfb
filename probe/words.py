"""Lists, numbers and texts of any length, as a report tells them."""

from __future__ import annotations

from probe.lightweight import Sequence


def listed(texts: Sequence[str], most: int = 3, *, of: int = 0) -> str:
    """The first *most* of *texts*, and how many more there are; *of*: how many there are in all."""
    more = max(of, len(texts)) - most
    return ", ".join(texts[:most]) + (f" and {more} more" if more > 0 else "")


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 root", "2 roots"."""
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"


def shortened(text: str, most: int) -> str:
    """*text* as it is, or its first *most* characters and a sign that it goes on."""
    return text if len(text) <= most else f"{text[:most]}…"
