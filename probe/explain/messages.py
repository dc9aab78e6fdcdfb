"""Messages of Go, the kernel and the loaders, as people have them in the clipboard, and their codes."""

import os
from collections.abc import Iterator, Sequence
from functools import cache

from probe.codes import CODES, Code
from probe.explain import text_of, word
from probe.lightweight import NamedTuple
from probe.translations import ENGLISH

_LIMIT = 64 << 10  # characters of a message that are looked at
_GAP = "…"
_ENDPOINT = ("TLS_",)


class Message(NamedTuple):
    """One message, by the pieces that stand in it, and the codes it may be, the likeliest first."""

    says: Sequence[str]
    codes: tuple[Code, ...]
    tells: str  # the check that finds out which

    @property
    def command(self) -> str:
        """What tells which of the codes it is, here."""
        if any(code.name.startswith(_ENDPOINT) for code in self.codes):
            return f"probe check --only {self.tells} --set {self.tells}.endpoints=HOST:PORT"
        return f"probe check --only {self.tells}"


def find(text: str) -> Message | None:
    """The message that *text* holds; None for one that is not known."""
    folded = " ".join(text[:_LIMIT].casefold().split())
    return next((known for known in table() if any(_holds(folded, piece) for piece in known.says)), None)


def told(text: str, language: str = ENGLISH) -> str:
    """What a message of Go's stands for; "" for one that is not known, or for the name of a code."""
    if text.strip().upper().replace("-", "_") in CODES:
        return ""
    found = find(text)
    return explained(found, language) if found else ""


def explained(message: Message, language: str = ENGLISH) -> str:
    """The codes with their meanings, and the command that tells which."""
    width = max(len(code.name) for code in message.codes)
    lines = [word("This may be, the likeliest first:", language)]
    lines += [f"  {code.name:<{width}}  {text_of(code, language).meaning}" for code in message.codes]
    lines += ["", word("which one it is, in the container that says so:", language), f"  {message.command}"]
    lines += ["", word("what to do about one:", language), f"  probe explain {message.codes[0].name}"]
    return "\n".join(lines) + "\n"


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
