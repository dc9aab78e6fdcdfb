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
)
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

    A message may be broken over lines, and each line, or what a semicolon ends, may be another one.
    """
    whole = find(text)
    if not whole:
        return []
    parts = [part for line in _unescaped(text[:_LIMIT]).splitlines() for part in line.split("; ")][:_PARTS]
    found: dict[Message, str] = {}
    for part in parts:
        if known := find(part):
            found.setdefault(known, known.piece(_folded(part)))
    if whole not in found:
        found = {whole: whole.piece(_folded(text))}
    return [(piece, known) for known, piece in found.items()]


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
    return " ".join(_unescaped(text[:_LIMIT]).casefold().split())


def _unescaped(text: str) -> str:
    """As it was before JSON or a quoting logger wrote it into a line, and without colours of a terminal."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    for escape, meant in _ESCAPES:
        text = text.replace(escape, meant)
    return text


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
    for part in piece.casefold().split(_GAP):
        found = folded.find(part.strip(), at)
        if found < 0:
            return False
        at = found + len(part.strip())
    return True
