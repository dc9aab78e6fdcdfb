"""Every code, every cause and every remedy is told in Chinese; what is not is named."""

import re

import pytest

from probe.codes import CODES
from probe.explain import explanation
from probe.translations import file_of
from probe.translations.codes import entries
from probe.translations.phrases import catalogue, lines, read
from tests.translations.rendered import CAUSES, FILES
from tests.translations.sentences import Sentence, sentences

# Kept as they are: what Go and the system say, what is looked for in it, and subjects, which are names.
QUOTED = (
    *(
        "x509: ",
        "tls: ",
        "go: ",
        "386 ",
        "is trimmed and",
        "cannot find GOROOT",
        "-mod=",
        "error starting it",
    ),
    *(
        "tail -c",
        "gunzip -c",
        "podman run",
        "invalid GOWORK",
        "the program of -toolexec",
        "could not create module",
        "matched no packages",
    ),
    *("requires go", "inconsistent vendoring", "import lookup", "checksum mismatch", "missing go.sum"),
    *("lookup disabled", "updates to go.mod", "no required module", "cannot find module"),
    *("executable file not found", "the build cache is required", "it could not be parsed"),
    *("permission denied", "too many links", "read-only file"),
    *("insert a leap", "delete a leap", "in a leap", "after one", "kernel clock", "module download"),
    *("user unknown", "unsafe entry", "digest mismatch", "fallback roots"),
    # Windows' names of zones.
    *("se asia", "w. europe", "central europe", "us mountain", "e. south", "south africa", "aus eastern"),
    *("new zealand", "standard time", "daylight time"),
    # What the options and rules of the configuration are for, and what is wrong with one.
    *("the value is", "the list, split", "this regular", "every directory in the value", "what a broken"),
    *("the reason, shown", "write a module", "is not a regular"),
)
SAME = ("nginx", "NetworkPolicy", "PowerShell", "Kubernetes: ", "~/.netrc")  # in both languages


def test_every_code() -> None:
    """What it means, and each of its causes."""
    files = {file_of(code) for code in CODES.values()}
    told = {name: entry for file in files for name, entry in entries("zh", file).items()}
    causes = {code.name: len(text.why) for code in CODES.values() if (text := explanation(code))}
    number = sum(len(entry.get("why", ())) for entry in told.values())
    print(f"\n{len(told)} of {len(CODES)} codes, {number} of {sum(causes.values())} causes")
    assert CODES.keys() == told.keys()
    assert {name: len(told[name].get("why", ())) for name in causes} == causes


def test_every_comment_of_a_fix() -> None:
    """And every sentence; a line that is a command has neither."""
    ways, written = catalogue("zh", "fixes"), list(filter(None, map(explanation, CODES.values())))
    fixes = {line for text in written for fix in (text.fix, *text.on.values()) for line in fix.split("\n")}
    prose = {line for line in fixes if re.search(r"(^|\s)# |^\s*[A-Z][a-z]", line)}
    english = {
        line for line in prose if lines(line, ways) == line and not any(f"# {one}" in line for one in SAME)
    }
    print(f"\n{len(prose) - len(english)} of {len(prose)} lines of fixes")
    assert len(prose) > 250
    assert not english


@pytest.mark.slow
def test_every_sentence_of_a_finding() -> None:
    """Each string of the code that is one is in a catalogue, or a part of what is."""
    spoken = catalogue("zh", "remedies", *CAUSES)
    known = "\n".join(_plain(english) for name in FILES for english in read("zh", name))
    found = [one for one in sentences() if not one.text.lstrip("\0 ").startswith(QUOTED)]
    missing = [
        one
        for one in found
        if not _covered(one, known) and spoken.translate(one.text.replace("\0", "/x1")) is None
    ]
    print(f"\n{len(found) - len(missing)} of {len(found)} sentences of findings")
    assert len(found) > 600
    assert not missing, "\n".join(f"{one.place}: {one.text!r}" for one in missing)


def _plain(english: str) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "\0", english).replace("(s)", "s")


def _covered(sentence: Sentence, known: str) -> bool:
    return all(piece in known for piece in sentence.pieces)
