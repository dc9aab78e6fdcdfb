"""
What the codes mean and how to fix what they name.

The texts lie beside this file, NAME.toml for each check and run.toml for what any
check may say: `why` lists the usual causes, the likeliest first, `fix` is the way
that works anywhere, and the table `on` has the way on a base image.
"""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from probe.codes import CODES, Code
from probe.errors import UsageError, did_you_mean
from probe.lightweight import NamedTuple
from probe.remedies.distribution import BASES, base
from probe.targets import Target
from probe.translations import ENGLISH, phrases
from probe.translations.codes import CodeText, translated

__all__ = [
    "BASES",
    "Explanation",
    "base",
    "explanation",
    "find",
    "fix_of",
    "listing",
    "one",
    "several",
    "text_of",
    "word",
]


class Explanation(NamedTuple):
    """What is written about one code."""

    why: Sequence[str]
    fix: str
    on: Mapping[str, str]  # base → its own way


def find(name: str) -> Code:
    """The code *name*, in any case; UsageError with the nearest one when there is none."""
    code = CODES.get(name.strip().upper().replace("-", "_"))
    if not code:
        hint = did_you_mean(name, CODES)
        raise UsageError(f"there is no code {name}{hint} (probe explain lists all)")
    return code


def several(name: str) -> list[Code]:
    """The codes of the check *name*, else those that begin with this word; none for the name of a code."""
    plain = name.strip().upper().replace("-", "_")
    if not plain or plain in CODES:
        return []
    of_check = [code for code in CODES.values() if code.check.upper().replace("-", "_") == plain]
    return of_check or [code for code in CODES.values() if code.name.startswith(f"{plain}_")]


def listing(codes: Sequence[Code] = tuple(CODES.values()), language: str = ENGLISH) -> str:
    """The *codes* with their meanings, by check."""
    lines: list[str] = []
    width = max(len(code.name) for code in codes)
    for check in dict.fromkeys(code.check for code in codes):
        lines += ["", word("any check:", language) if check == "*" else f"{check}:"]
        lines += [
            f"  {code.name:<{width}}  {text_of(code, language).meaning}"
            for code in codes
            if code.check == check
        ]
    return "\n".join(lines[1:]) + "\n"


def one(code: Code, target: Target, language: str = ENGLISH) -> str:
    """All that is known of *code*, with the way on the base of *target* marked."""
    text = text_of(code, language)
    lines = [f"{code.name} ({word('any check', language) if code.check == '*' else code.check})"]
    lines += [f"  {text.meaning}"]
    written = explanation(code)
    if written is None:
        return (
            "\n".join([*lines, "", f"  {word('Nothing to do: this is how it should be.', language)}"]) + "\n"
        )
    lines += ["", word("why:", language), *(f"  - {cause}" for cause in text.why), "", word("fix:", language)]
    lines += _indented(fix_of(written.fix, language))
    here, mark = base(target), f" {word('(this image)', language)}"
    for name in sorted(written.on, key=lambda name: (name != here, BASES.index(name))):
        lines += [f"  {name}{mark if name == here else ''}:"]
        lines += _indented(fix_of(written.on[name], language), "    ")
    return "\n".join(lines) + "\n"


def text_of(code: Code, language: str = ENGLISH) -> CodeText:
    """What *code* means, and the usual causes."""
    written = explanation(code)
    english = CodeText(code.meaning, written.why if written else ())
    return translated(code, english, language) if language else english


def word(english: str, language: str) -> str:
    """A heading or a line of ours."""
    return phrases.line(english, phrases.catalogue(language, "interface")) if language else english


def fix_of(text: str, language: str = ENGLISH) -> str:
    """*text*, the fix of an explanation, with its comments in *language*."""
    return phrases.lines(text, phrases.catalogue(language, "fixes")) if language else text


def explanation(code: Code) -> Explanation | None:
    """What is written about *code*; None for one that needs no fix."""
    written = _texts("run" if code.check == "*" else code.check).get(code.name)
    return written and Explanation(written["why"], written.get("fix", ""), written.get("on", {}))


@cache
def _texts(check: str) -> Mapping[str, Any]:
    import tomllib

    path = os.path.join(os.path.dirname(__file__), f"{check}.toml")
    if not os.path.exists(path):  # a check that has only codes of success
        return {}
    with open(path, "rb") as stream:
        return tomllib.load(stream)


def _indented(text: str, indent: str = "  ") -> list[str]:
    return [f"{indent}{line}" for line in text.strip().splitlines()]
