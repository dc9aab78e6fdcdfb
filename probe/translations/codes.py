"""What codes mean, and why they happen, in another language."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from probe.codes import Code
from probe.lightweight import NamedTuple
from probe.translations import directory, file_of


class CodeText(NamedTuple):
    """What is written about one code."""

    meaning: str
    why: Sequence[str]


def digest(english: CodeText) -> str:
    """What a translation stores of the text that it was made from."""
    from hashlib import sha256

    return sha256("\n".join([english.meaning, *english.why]).encode()).hexdigest()[:12]


def translated(code: Code, english: CodeText, language: str) -> CodeText:
    """The text about *code* in *language*; the *english* one where it has none that was made from it."""
    entry = entries(language, file_of(code)).get(code.name)
    if not entry or entry["source"] != digest(english):
        return english
    return CodeText(entry["meaning"], entry.get("why", english.why))


@cache
def entries(language: str, name: str) -> Mapping[str, Any]:
    """The tables of one file, by code: `source`, `meaning`, and `why` where it is translated."""
    import tomllib

    path = os.path.join(directory(language), "codes", f"{name}.toml")
    if not os.path.exists(path):
        return {}
    with open(path, "rb") as stream:
        return tomllib.load(stream)
