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

"(s)" is the ending of a plural, there or not.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache

from probe.lightweight import NamedTuple
from probe.translations import directory

_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_VALUE = r"(?![a-z]+(?=[\s,;:)]|$))\S+?"
_KINDS = {
    "": _VALUE,
    "name": r"\S+?",
    "list": r"\S+?(?:(?:, (?:and |or )?| and | or )\S+?)*",
    "text": r".+?",
    "part": r".+?",
}
_DEPTH = 8  # phrases within phrases
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

    def translate(self, text: str, depth: int = _DEPTH) -> str | None:
        """The whole of *text*, which is one line; None where any part of it has no translation."""
        if len(text) > _LONGEST:
            return None
        for phrase, pieces in self._phrases:
            if all(piece in text for piece in pieces):
                found = _pattern(phrase.english).fullmatch(text)
                told = found and self._filled(phrase, found.groupdict(), depth)
                if told:
                    return told
        return None

    def _filled(self, phrase: Phrase, values: Mapping[str, str], depth: int) -> str | None:
        filled = dict(values)
        for name, kind in _PLACEHOLDER.findall(phrase.english):
            if kind == "list":
                filled[name] = "、".join(_items(values[name]))
            elif kind == "part":
                part = self.translate(values[name], depth - 1) if depth else None
                if part is None:
                    return None
                filled[name] = part
        return _PLACEHOLDER.sub(lambda found: filled[found[1]], phrase.translated)


def _items(text: str) -> list[str]:
    return re.split(r", (?:and |or )?| and | or ", text)


@cache
def _pattern(english: str) -> re.Pattern[str]:
    found, at = "", 0
    for placeholder in _PLACEHOLDER.finditer(english):
        found += _literal(english[at : placeholder.start()])
        found += f"(?P<{placeholder[1]}>{_KINDS[placeholder[2] or '']})"
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
