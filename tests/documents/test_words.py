"""Words that an engineer does not search for, and would read twice: in no text that a user gets."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.cli import commands
from probe.cli import help as texts
from probe.codes import CODES
from tests.documents.pages import CHECKOUT, PAGES

PACKAGE = CHECKOUT / "probe"
BANNED = {  # what stands there → what the field says
    r"mend(s|ed|ing)?": "fix",
    r"heed(s|ed|ing)?": "follow, honour",
    r"fares?": "succeed, fail",
    r"takes? (\w+ )?leave": "shuts down",
    r"is worth": "counts as",
    r"belongs? into": "belongs in",
    r"somebody|nobody|whoever|anybody": "who it is, or the passive",
    r"(and|or) (the|its|their) like": "such as",
    r"for want of": "out of, without",
    r"all the same": "anyway, still",
    r"on the way to": "on the path to",
    r"found out": "determined",
    r"cannot be told": "cannot be determined",
    r"looked at": "read, checked",
    r"(shakes?|shook) hands|hands (are )?shaken": "does a TLS handshake",
    r"minds": "rejects, is sensitive to",
    r"stands? (there|in|on|at|between|before|behind)": "is",
    r"to its taste": "accepts",
    r"of no use": "unusable",
    r"(has|have) not got": "does not have",
    r"without a word": "silently",
    r"a box": "a middlebox",
    r"will hurt": "is a problem",
    r"nothing left beside": "no process remains",
    r"line ends?(?! with)": "newline",
    r"what was promised|was promised": "the recorded checksum",
    r"discipline[sd]?": "synchronised",
    r"is (there|here) no more|any more": "no longer",
}
_PATTERN = re.compile(
    "|".join(rf"(?P<g{number}>\b(?:{one})\b)" for number, one in enumerate(BANNED)), re.IGNORECASE
)


def banned(text: str) -> list[str]:
    """The findings in *text*, each with the words of the field."""
    wanted = list(BANNED.values())
    return [
        f"{found[0]!r}: {wanted[int((found.lastgroup or 'g0')[1:])]}"
        for found in _PATTERN.finditer(" ".join(text.split()))
    ]


def messages(module: Path) -> Iterator[tuple[int, str]]:
    """The string literals of a module, without docstrings."""
    tree = ast.parse(module.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_pages(page: Path) -> None:
    assert banned(page.read_text()) == []


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_help(name: str) -> None:
    assert banned(texts.of_command(commands.described(name))) == []


def test_codes() -> None:
    assert {code.name: found for code in CODES.values() if (found := banned(code.meaning))} == {}


@pytest.mark.parametrize(
    "file", sorted((PACKAGE / "explain").glob("*.toml")), ids=lambda file: str(file.stem)
)
def test_explanations(file: Path) -> None:
    """Causes and fixes; `messages.toml` quotes Go."""
    told = tomllib.loads(file.read_text())
    if file.stem != "messages":
        assert {name: found for name, about in told.items() if (found := banned(repr(about)))} == {}


def test_messages() -> None:
    """Findings, errors, logs, options: every sentence in the package."""
    found = {
        f"{module.relative_to(CHECKOUT)}:{line}": words
        for module in sorted(PACKAGE.rglob("*.py"))
        for line, text in messages(module)
        if (words := banned(text))
    }
    assert found == {}


def test_the_list_finds_them() -> None:
    """In any case and form, over line breaks too."""
    assert banned("Somebody has\n mended it, all the\nsame.") == [
        "'Somebody': who it is, or the passive",
        "'mended': fix",
        "'all the same': anyway, still",
    ]
    assert banned("Recommended amendments fix the farewell.") == []
