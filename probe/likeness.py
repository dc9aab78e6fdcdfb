"""
The name that was probably meant by one that is not known, as difflib.get_close_matches finds it.

The likeness of two words is Ratcliff's and Obershelp's: twice the letters of the longest block that both
have, and of those on its left and on its right, by the letters of both words. difflib imports re and enum,
which cost as much as a quarter of a healthy run.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: "Iterable[str]", least: float) -> str:
    """The one of *known* that is most like *word*, the last in order of several; "" where none is *least*."""
    best, found = least, ""
    for other in known:
        bound = 2 * min(len(other), len(word)) / (len(other) + len(word) or 1)
        if bound >= best and 2 * _in_common(other, word) / (len(other) + len(word) or 1) >= best:
            likeness = ratio(other, word)
            if likeness > best or (likeness == best and other > found):
                best, found = likeness, other
    return found


def ratio(first: str, second: str) -> float:
    """How like two words are, from 0 to 1: difflib.SequenceMatcher(None, first, second, False).ratio()."""
    if not first and not second:
        return 1.0
    return 2 * _matching(first, second) / (len(first) + len(second))


def _in_common(first: str, second: str) -> int:
    """How many letters both have, wherever: no fewer than there are in blocks."""
    return sum([min(first.count(letter), second.count(letter)) for letter in set(first)])


def _matching(first: str, second: str) -> int:
    """How many letters are in the longest block of both, and in those beside it."""
    at, where, size = _longest_block(first, second)
    if not size:
        return 0
    left = _matching(first[:at], second[:where])
    return left + size + _matching(first[at + size :], second[where + size :])


def _longest_block(first: str, second: str) -> tuple[int, int, int]:
    """Where it begins in each, and its length; the earliest of several in *first*, then in *second*."""
    best_at, best_where, best = 0, 0, 0
    for at in range(len(first)):
        while at + best < len(first):
            where = second.find(first[at : at + best + 1])
            if where < 0:
                break
            best_at, best_where, best = at, where, best + 1
    return best_at, best_where, best
