"""What is not the list of words that it was meant to be."""

import re
from collections.abc import Iterator, Sequence

from probe.manifest.command_line import shell_line_at
from probe.manifest.rules import LintProblem

_DOCKERS_WORDS = ("CMD", "CMD-SHELL", "NONE")
# A list in brackets, of which a shell would make the command "[…": `[ -f /x ]` and `[[ … ]]` are tests.
_QUOTE = "['\"\u2018\u2019\u201c\u201d]"  # word processors' too
_LIST = re.compile(rf"\[(?=\S)(?!\[\s)|\[\s*{_QUOTE}[^'\"]*{_QUOTE}\s*,")
_FIX = '["probe", "check"]'


def problems(line: int, words: Sequence[str]) -> Iterator[LintProblem]:
    """What is wrong with *words* as a list of which the first is executed."""
    if not words:
        return
    first = words[0].strip()
    if first in _DOCKERS_WORDS:
        yield LintProblem(
            line,
            "CMD_IN_COMMAND",
            f"a program called {first} is executed: only compose writes {first} into the list, once",
            f"leave it out: {_FIX}",
        )
    elif _LIST.match(first):
        yield broken_list(line, words[0])
    elif re.search(r"\s", first):
        yield one_string(line, words[0])
    elif (at := shell_line_at(words)) is not None and words[at + 1 :] and "$" not in words[at]:
        lost = " ".join(words[at + 1 :])[:60]
        yield LintProblem(
            line,
            "SHELL_DROPS_ARGUMENTS",
            f'-c takes one string, "{words[at][:60]}"; the shell ignores {lost}',
            "write the whole line as one string after -c, or no shell",
        )


def one_string(line: int, text: str) -> LintProblem:
    """The problem with a command that is one string instead of a list."""
    return LintProblem(
        line,
        "COMMAND_IN_ONE_STRING",
        f'"{text.strip()[:60]}" is executed as the name of one file, spaces and all',
        f"write a list with one string for each word: {_FIX}",
    )


def is_list(text: str) -> bool:
    """Whether *text*, which a shell is going to get, was meant as a list."""
    return _LIST.match(text.strip()) is not None


def broken_list(line: int, text: str) -> LintProblem:
    """The problem with a list that is text for a shell: wrong quotes or commas."""
    why = "single quotes are not JSON" if "'" in text else "it is not a JSON list of strings"
    return LintProblem(
        line,
        "EXEC_FORM_BROKEN",
        f"{text.strip()[:60]} goes to a shell as a command: {why}",
        f"write double quotes around each word, and commas between: {_FIX}",
    )
