"""
Sentences that were made with values in them, told in another language.

A catalogue has the English template of a sentence on the left and its translation on the right:

    "{path} holds {what:part} instead of {zone}" = "{zone} ≠ {what}: {path}"

What stands in the place of a placeholder is taken over as it is, except for a part:

    {x}        one word that is a value: a path, a number, a variable; no plain English word
    {x:name}   one word of any kind: a user, a command, a host
    {x:list}   such words, with commas, "and" and "or" between them
    {x:text}   any text of somebody else: a subject, what a program printed
    {x:part}   a phrase that the catalogue translates too; without a translation the whole has none
    {x:said}   such a phrase, or a text that may as well be a value: without a translation as it is

"(s)" is the ending of a plural, there or not.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache

from probe.lightweight import NamedTuple
from probe.translations import directory

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_VALUE = r"(?![a-z]+(?=[\s,;)]|:?(?:\s|$)))\S+?"
_KINDS = {
    "": _VALUE,
    "name": r"\S+?",
    "list": r"\S+?(?:(?:, (?:and |or )?| and | or )\S+?)*",
    "text": r".+?",
    "part": r".+?",
    "said": r"(?:(?!; ).)+?",
}
_FIRST = r"(?!\()(?:(?!; |: ).)+?"  # what is said at the beginning is whom or what the sentence is about
_CHINESE = "[\\u3000-\\u303f\\u4e00-\\u9fff\\uff00-\\uffef]"
_NEEDLESS = re.compile(f"(?<={_CHINESE}) (?=\\0{_CHINESE})|(?<={_CHINESE}\\0) (?={_CHINESE})")
_DEPTH = 8  # phrases within phrases
_PARTS = 200  # looked up for one sentence
_LONGEST = 2000  # characters of a sentence that is looked up: values may be hostile


class Phrase(NamedTuple):
    """One line of a catalogue."""

    english: str
    translated: str

    def pieces(self) -> list[str]:
        """What stands between the placeholders, the endings of plurals left out."""
        return [piece for text in _PLACEHOLDER.split(self.english)[::3] for piece in text.split("(s)")]


class Catalogue:
    """The phrases of some files; those with more words of their own are tried first."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        phrases = [Phrase(english, translated) for english, translated in entries.items()]
        phrases.sort(key=lambda phrase: (-sum(map(len, phrase.pieces())), phrase.english))
        self._phrases = [(phrase, tuple(filter(None, phrase.pieces()))) for phrase in phrases]

    def translate(self, text: str) -> str | None:
        """The whole of *text*, which is one line; None where any part of it has no translation."""
        if len(text) > _LONGEST or "\0" in text:
            return None
        return self._translate(text, _DEPTH, {})

    def _translate(self, text: str, depth: int, known: dict[str, str | None]) -> str | None:
        """*known*: what parts that were looked up already have become."""
        if text not in known:
            known[text] = None  # a part of itself has no translation
            if depth and len(known) <= _PARTS:
                known[text] = self._found(text, depth, known)
        return known[text]

    def _found(self, text: str, depth: int, known: dict[str, str | None]) -> str | None:
        for phrase, pieces in self._phrases:
            if all(piece in text for piece in pieces):
                found = _pattern(phrase.english).fullmatch(text)
                told = found and self._filled(phrase, found.groupdict(), depth, known)
                if told:
                    return told
        return None

    def _filled(
        self, phrase: Phrase, values: Mapping[str, str], depth: int, known: dict[str, str | None]
    ) -> str | None:
        filled = dict(values)
        for name, kind in _PLACEHOLDER.findall(phrase.english):
            if kind == "list":
                filled[name] = "、".join(_items(values[name]))
            elif kind in ("part", "said"):
                part = self._translate(values[name], depth - 1, known)
                if part is not None:
                    filled[name] = f"\0{part}\0"  # where its edges are, for the spaces around it
                elif kind == "part":
                    return None
        told = _PLACEHOLDER.sub(lambda found: filled[found[1]], phrase.translated)
        return _NEEDLESS.sub("", told).replace("\0", "")


def _items(text: str) -> list[str]:
    return re.split(r", (?:and |or )?| and | or ", text)


@cache
def _pattern(english: str) -> re.Pattern[str]:
    found, at = "", 0
    for placeholder in _PLACEHOLDER.finditer(english):
        found += _literal(english[at : placeholder.start()])
        kind = _KINDS[placeholder[2] or ""] if placeholder[2] != "said" or placeholder.start() else _FIRST
        found += f"(?P<{placeholder[1]}>{kind})"
        at = placeholder.end()
    return re.compile(found + _literal(english[at:]))


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\(s\)", "s?")


@cache
def catalogue(language: str, *names: str) -> Catalogue:
    """That of the files NAME.toml in the folder of the *language*; one that does not exist is empty."""
    entries: dict[str, str] = {}
    for name in names:
        entries.update(read(language, name))
    return Catalogue(entries)


def read(language: str, name: str) -> dict[str, str]:
    """The lines of one file."""
    import tomllib

    path = os.path.join(directory(language), f"{name}.toml")
    if not os.path.exists(path):
        return {}
    with open(path, "rb") as stream:
        return {str(english): str(told) for english, told in tomllib.load(stream).items()}


def line(text: str, spoken: Catalogue) -> str:
    """*text* translated, or as it is."""
    return spoken.translate(text) or text


def lines(text: str, spoken: Catalogue) -> str:
    """*text*, a remedy or a fix of several lines, with its prose and its comments translated line by line."""
    return "\n".join(_line(line, spoken) for line in text.split("\n"))


def _line(line: str, spoken: Catalogue) -> str:
    for head, prose in _prose(line):
        told = spoken.translate(prose)
        if told:
            return head + told
    return line


def _prose(line: str) -> Iterator[tuple[str, str]]:
    """What may be a sentence: after a comment's sign, at the start or behind a command, or the whole line."""
    head, sign, comment = line.partition("# ")
    if sign and (not head or head[-1].isspace()):
        yield head + sign, comment
    elif line.strip():
        yield line[: len(line) - len(line.lstrip())], line.strip()
