"""Which modules the patterns of GOPRIVATE and its like hold for (module.MatchPrefixPatterns, path.Match)."""

import re

from probe.golang.command import moduleproxy


def matches(globs: str, path: str) -> bool:
    """Whether one of the patterns of *globs* (GONOPROXY) holds for a beginning of the module *path*."""
    words = path.split("/")
    for pattern in moduleproxy.patterns(globs):
        size = pattern.count("/") + 1
        if len(words) >= size and _match(pattern, "/".join(words[:size])):
            return True
    return False


def _match(pattern: str, text: str) -> bool:
    """path.Match; a malformed pattern matches nothing. Steps: the square of *text*'s length, no more."""
    pieces: list[str] = []
    for found in re.finditer(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|\*+|.", pattern, re.DOTALL):
        if found[0] in ("[", "\\"):
            return False
        pieces.append(found[0])
    if sum(piece[0] != "*" for piece in pieces) > len(text):  # each of them takes one character
        return False
    reached = {0}  # places in *text* that the pieces so far lead to
    for piece in pieces:
        if piece[0] == "*":
            reached = _spread(reached, text)
        else:
            reached = {at + 1 for at in reached if at < len(text) and _fits(piece, text[at])}
    return len(text) in reached


def _spread(reached: set[int], text: str) -> set[int]:
    """All places from those *reached* to the ends of their segments."""
    places: set[int] = set()
    for start in sorted(reached):
        if start not in places:
            end = text.find("/", start)
            places.update(range(start, (len(text) if end < 0 else end) + 1))
    return places


def _fits(piece: str, char: str) -> bool:
    if piece == "?":
        return char != "/"
    if len(piece) < 3:
        return piece[-1] == char
    inside = re.findall(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", piece[1:-1].removeprefix("^"), re.DOTALL)
    found = any(low[-1] <= char <= (high or low)[-1] for low, high in inside)
    return found != piece.startswith("[^") and char != "/"
