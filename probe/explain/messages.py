"""Messages of Go, the kernel and the loaders, as people have them in the clipboard, and their codes."""

import os
import re
from collections.abc import Iterator, Sequence
from functools import cache

from probe.codes import CODES, Code
from probe.explain import text_of, word
from probe.lightweight import NamedTuple
from probe.translations import ENGLISH

_LIMIT = 64 << 10  # characters of a message that are looked at
_PARTS = 200  # of a text in which messages are looked for
_GAP = "…"
# As JSON and Go's %q write them; twice, where a message in quotes was quoted again.
_ESCAPES = (
    ("\\\\", "\\"),
    ("\\\\", "\\"),
    ("\\r", " "),
    ("\\n", "\n"),
    ("\\t", " "),
    ('\\"', '"'),
    *((f"\\u00{number:02x}", chr(number)) for number in (0x22, 0x26, 0x27, 0x3C, 0x3E)),
    *((f"\\u20{number:02x}", "'" if number < 0x1A else '"') for number in (0x18, 0x19, 0x1C, 0x1D)),
    *(("&quot;", '"'), ("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")),
)
# As programs for people write them: quotes that curl, dashes, blanks that are none; of GLIBC's the "`" too.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
# What stands between two errors on one line.
_JOINTS = re.compile(r", |,(?=\S+ )| \|\|? | && | and | / | - | -> | => | \+ |\. (?=\S)|\t")
_BEGINNINGS = (
    *("proxyconnect tcp", "socks connect tcp", "unrecognized import path", "starting container process"),
    *("reading http", "lookup", "parsing $GOFLAGS"),
)
_COMPLETE = ("proxyconnect tcp …", "socks connect tcp")  # of these, with a cause
_OF_THE_NETWORK = ("ca-bundle", "downloads")
# Between the parts of one line, as the runtimes keep them: the json-file driver of docker, and CRI.
_DOCKER = r'",\s?"stream":\s?"std(?:out|err)",\s?"time":\s?"[^"]{1,40}"\}\s*\{"log":\s?"'
_CRI = re.compile(r"\S{10,40} std(?:out|err) ([PF]) (.*)")
_NARROW = 20  # columns
_COLONS = 20
_BEGUN = 13  # characters of a message that are too few to tell it
_ENDPOINT = ("TLS_",)


class Message(NamedTuple):
    """One message, by the pieces that stand in it, and the codes it may be, the likeliest first."""

    says: Sequence[str]
    codes: tuple[Code, ...]
    tells: str  # the check that finds out which

    def piece(self, folded: str) -> str:
        """Which of the pieces stands in a text that is folded; "" for none."""
        return next((piece for piece in self.says if _holds(folded, piece)), "")

    @property
    def command(self) -> str:
        """What tells which of the codes it is, here."""
        if any(code.name.startswith(_ENDPOINT) for code in self.codes):
            return f"probe check --only {self.tells} --set {self.tells}.endpoints=HOST:PORT"
        return f"probe check --only {self.tells}"


def find(text: str) -> Message | None:
    """The message that *text* holds; None for one that is not known."""
    folded = _folded(text)
    return next((known for known in table() if known.piece(folded)), None)


def find_all(text: str) -> list[tuple[str, Message]]:
    """
    The messages that *text* holds, each with its piece, in the order in which they stand there.

    A message may be broken over lines, within a word too, and cut off at the end; each line, or what a
    joint ends, may be another one.
    """
    plain = unwrapped(text[:_LIMIT])
    whole = find(plain)
    if not whole or _is_wide(whole.piece(_folded(plain))):
        whole = _broken(plain) or _cut_off(plain) or whole
    if not whole:
        return []
    parts = [part for line in plain.splitlines() for part in line.split("; ")][:_PARTS]
    found = [one for part in parts for one in _joined(part)]
    return _each_once(found, whole, whole.piece(_folded(plain)) or whole.says[0])


def _each_once(found: list[tuple[str, Message]], whole: Message, piece: str) -> list[tuple[str, Message]]:
    """What the parts of a text say, or what the *whole* does, where it is one message in parts."""
    once = {known: piece for piece, known in reversed(found)}
    told = [(once.pop(known), known) for _, known in found if known in once]
    sure = [one for one in told if not _is_wide(one[0]) or one[1] is whole]
    return sure if len(sure) > 1 or any(known is whole for _, known in sure) else [(piece, whole)]


def _joined(part: str) -> list[tuple[str, Message]]:
    """The messages of one line, in which errors may be joined by signs that a message has as well."""
    whole = find(part)
    if not whole:
        return []
    by_signs = [one for piece in _JOINTS.split(part)[:_PARTS] for one in _chained(_folded(piece))]
    return _each_once(by_signs, whole, whole.piece(_folded(part)))


def _chained(folded: str) -> list[tuple[str, Message]]:
    """The messages around a colon: of a chain of causes it is one, of two errors in one `%w: %w` both."""
    whole = find(folded)
    if not whole:
        return []
    at, known, colon = -1, None, -1
    for _ in range(_COLONS):
        colon = folded.find(": ", colon + 1)
        right = find(folded[colon + 2 :]) if colon >= 0 else None
        if not right or (known and right is not known):
            break
        left = find(folded[:colon])
        if known or (left and _are_two(folded, colon, left, right)):
            at, known = colon, right  # as long as the other stays whole
    if not known:
        return [(whole.piece(folded), whole)]
    return [*_chained(folded[:at]), *_chained(folded[at + 2 :])]


def _are_two(folded: str, colon: int, left: Message, right: Message) -> bool:
    """Whether what is left of a colon is an error by itself, and no beginning of the other."""
    after = folded[colon + 2 :]
    piece, other = left.piece(folded[:colon]), right.piece(after)
    if left is right or _is_wide(piece) or _is_wide(other):
        return False
    if piece.startswith(_BEGINNINGS) and right.tells in _OF_THE_NETWORK:
        return after.startswith('get "') and piece.startswith(_COMPLETE)
    return left.tells != right.tells or not {*left.codes} & {*right.codes}


def _is_wide(piece: str) -> bool:
    """Whether a piece is in messages of many kinds, and tells none."""
    return piece.strip(": ") in ("x509", "tls", "EOF", "remote error: tls", "exec /")


def _broken(plain: str) -> Message | None:
    """What is found once no blank counts: a terminal has broken a word."""
    squeezed = "".join(_folded(plain).split())
    return next(
        (
            one
            for one in table()
            for says in one.says
            if not _is_wide(says) and _holds(squeezed, _squeezed(says))
        ),
        None,
    )


def _squeezed(piece: str) -> str:
    return _GAP.join("".join(part.split()) for part in piece.split(_GAP))


def _cut_off(plain: str) -> Message | None:
    """The message whose beginning ends the text, as a narrow column leaves it: the longest."""
    folded = _folded(plain).rstrip(f"{_GAP}.>\"' ")
    best, known = _BEGUN, None
    for one in table():
        for piece in (says for says in one.says if _GAP not in says):
            begin = _normal(piece)
            for size in range(len(begin) - 1, best, -1):
                if folded.endswith(begin[:size]):
                    best, known = size, one
                    break
    return known


def told(text: str, language: str = ENGLISH) -> str:
    """What messages of Go's stand for; "" where none is known, and for the name of a code."""
    if text.strip().upper().replace("-", "_") in CODES:
        return ""
    found = find_all(text)
    if len(found) < 2:
        return "".join(explained(known, language) for _, known in found)
    return "\n".join(f"{piece.strip()}\n{explained(known, language)}" for piece, known in found)


def explained(message: Message, language: str = ENGLISH) -> str:
    """The codes with their meanings, and the command that tells which."""
    width = max(len(code.name) for code in message.codes)
    lines = [word("This may be, the likeliest first:", language)]
    lines += [f"  {code.name:<{width}}  {text_of(code, language).meaning}" for code in message.codes]
    lines += ["", word("which one it is, in the container that says so:", language), f"  {message.command}"]
    lines += ["", word("what to do about one:", language), f"  probe explain {message.codes[0].name}"]
    return "\n".join(lines) + "\n"


def _folded(text: str) -> str:
    return _normal(unwrapped(text[:_LIMIT]))


def _normal(text: str) -> str:
    return " ".join(text.casefold().translate(_SIGNS).split())


def unwrapped(text: str) -> str:
    """As it was before a logger, a runtime, a terminal or a chat program wrote it into lines of its own."""
    text = re.sub(r"(?:\x1b|\\u001b|\\x1b|\\033|#033|\^\[)\[[0-9;]*[A-Za-z]", "", text)
    text = _whole_lines(re.sub(_DOCKER, "", text))
    for escape, meant in _ESCAPES:
        text = text.replace(escape, meant)
    return _filled(text)


def _filled(text: str) -> str:
    """Without the ends of lines that a terminal made, each as wide as it is."""
    lines = text.rstrip("\n").split("\n")
    widths = {len(line) for line in lines[:-1]}
    if len(lines) > 2 and len(widths) == 1 and max(widths) >= max(_NARROW, len(lines[-1])):
        return "".join(lines)
    return re.sub(r"(?<=\w)\n(?=[.,:)/]\S)", "", text)


def _whole_lines(text: str) -> str:
    """Without what CRI writes before each part of a line, and its parts joined: P is followed by more."""
    made: list[str] = []
    follows = False
    for line in text.split("\n"):
        part = _CRI.match(line)
        if part and follows:
            made[-1] += part[2]
        else:
            made.append(part[2] if part else line)
        follows = bool(part and part[1] == "P")
    return "\n".join(made)


@cache
def table() -> tuple[Message, ...]:
    """All messages, the narrower before the wider."""
    import tomllib

    path = os.path.join(os.path.dirname(__file__), "messages.toml")
    with open(path, "rb") as stream:
        return tuple(_entries(tomllib.load(stream)["message"]))


def _entries(entries: Sequence[dict[str, list[str] | str]]) -> Iterator[Message]:
    for entry in entries:
        codes = tuple(CODES[name] for name in entry["codes"])
        yield Message(tuple(entry["says"]), codes, str(entry["tells"]))


def _holds(folded: str, piece: str) -> bool:
    """Whether all parts of *piece* stand in the text, in this order."""
    at = 0
    for part in piece.casefold().translate(_SIGNS).split(_GAP):
        found = folded.find(part.strip(), at)
        if found < 0:
            return False
        at = found + len(part.strip())
    return True
