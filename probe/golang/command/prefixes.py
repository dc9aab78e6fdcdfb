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
    """path.Match; a malformed pattern matches nothing. Steps: the product of both lengths, no more."""
    pieces = re.findall(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|.", pattern, re.DOTALL)
    if any(piece in ("[", "\\") for piece in pieces):
        return False
    reached = {0}  # places in *text* that the pieces so far lead to
    for piece in pieces:
        if piece == "*":
            reached = {end for start in reached for end in range(start, _segment_end(text, start) + 1)}
        else:
            reached = {at + 1 for at in reached if at < len(text) and _fits(piece, text[at])}
    return len(text) in reached


def _segment_end(text: str, start: int) -> int:
    end = text.find("/", start)
    return len(text) if end < 0 else end


def _fits(piece: str, char: str) -> bool:
    if piece == "?":
        return char != "/"
    if len(piece) < 3:
        return piece[-1] == char
    inside = re.findall(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", piece[1:-1].removeprefix("^"), re.DOTALL)
    found = any(low[-1] <= char <= (high or low)[-1] for low, high in inside)
    return found != piece.startswith("[^") and char != "/"
