"""The one command in which a line of sh -c ends, where that is certain."""

from __future__ import annotations

from probe.lightweight import Mapping, NamedTuple

_OF_A_SHELL = set("|<>()`*?[]{}~#!\n\\$")  # what makes a command more than its words
_ALL, _NAME = "\1", "\2"  # in the place of the parameters: no argument holds them
_PARAMETERS = (('"$@"', _ALL), ('"$0"', _NAME))
_WITHOUT_VALUE = frozenset("eualvxhm")  # letters of set(1) that change nothing of what is started
_LOGIN = ("--login", "-l")
# What a shell does itself, or begins a longer form with: no program of that name is looked for.
_BUILTINS = """
    [ . : alias bg bind break builtin caller case cd command continue coproc declare dirs disown echo enable
    eval exec exit export false fc fg for function getopts hash help history if jobs kill let local logout
    mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test
    time times trap true type typeset ulimit umask unalias unset until wait while
"""
_HARMLESS = ("umask", "ulimit", ":", "true", "trap")


class ShellLine(NamedTuple):
    """The command that takes the place of the shell, or ends its line."""

    words: tuple[str, ...]
    changes: Mapping[str, str | None] = {}
    cwd: str = ""
    limits: Mapping[str, int] = {}  # soft ones in bytes, by the letters of ulimit


def read(shell: str, arguments: tuple[str, ...]) -> ShellLine | None:
    """What `SHELL arguments…` starts in the end; None where it is more than simple commands."""
    login = False
    while arguments and arguments[0] in ("--login", "-e", "-u", "-x", "-l", "-a"):
        login = login or arguments[0] in _LOGIN
        arguments = arguments[1:]
    if len(arguments) < 2 or not _runs_a_line(arguments[0]):
        return None
    script = arguments[1].strip()
    for parameter, mark in _PARAMETERS:
        script = script.replace(parameter, mark)
    if _OF_A_SHELL.intersection(script):
        return None
    *before, last = [part.strip() for part in script.replace("&&", ";").split(";") if part.strip()] or [""]
    commands = [split(part) for part in (*before, last)]
    if "&" in script.replace("&&", "") or None in commands:
        return None
    found = _followed(shell, [words for words in commands if words is not None], arguments[2:])
    login = login or "l" in arguments[0]
    if found and login and "/" not in found.words[0]:
        return None  # /etc/profile sets PATH
    return found


def split(text: str) -> tuple[str, ...] | None:
    """The words of a simple command; None where its quotes do not match, or it is more than that."""
    import shlex

    if _OF_A_SHELL.intersection(text) or "&" in text or ";" in text:
        return None
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return None


def _runs_a_line(option: str) -> bool:
    return option[:1] == "-" and option[-1:] == "c" and _WITHOUT_VALUE.issuperset(option[1:-1])


def _followed(shell: str, commands: list[tuple[str, ...]], parameters: tuple[str, ...]) -> ShellLine | None:
    changes: dict[str, str | None] = {}
    cwd, limits = "", dict[str, int]()
    for words in commands[:-1]:
        name, *rest = words
        if name == "cd" and len(rest) == 1 and not rest[0].startswith("-"):
            cwd = rest[0] if rest[0].startswith("/") or not cwd else f"{cwd}/{rest[0]}"
        elif name == "export" and rest and all("=" in word for word in rest):
            changes.update({word.partition("=")[0]: word.partition("=")[2] for word in rest})
        elif name == "unset" and rest and all(word.isidentifier() for word in rest):
            changes.update(dict.fromkeys(rest))
        elif name == "set" and all(word[:1] == "-" and word != "--" for word in rest):
            pass
        elif name == "ulimit":
            limits.update(_limit(rest))
        elif name not in _HARMLESS:
            return None
    words = commands[-1]
    while words and words[0].partition("=")[0].isidentifier() and "=" in words[0]:
        name, _, value = words[0].partition("=")
        changes[name], words = value, words[1:]
    words = _program(shell, words)
    values = (cwd, *changes.values(), *(word for word in words if word not in (_ALL, _NAME)))
    if any(mark in value for value in values if value for mark in (_ALL, _NAME)):
        return None  # a parameter within a word, or elsewhere
    words = tuple(each for word in words for each in _put(word, parameters))
    return ShellLine(words, changes, cwd, limits) if words and words[0][:1] not in ("", "-") else None


def _limit(words: list[str]) -> dict[str, int]:
    """What `ulimit -v 1000` or `-HSd 1000` sets, in KiB; nothing for a hard limit alone, and for others."""
    option, value = words if len(words) == 2 else ("", "")
    letter = option.removeprefix("-").replace("S", "")
    if "S" in option:
        letter = letter.replace("H", "")
    if letter not in ("v", "d") or not (value.isdecimal() or value == "unlimited"):  # bash: soft, hard
        return {}
    return {letter: int(value) << 10 if value.isdecimal() else -1}


def _program(shell: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those with which a shell is told to start a program; () where it starts none."""
    if words[:1] == ("command",):
        words = words[1:]
    if words[:1] != ("exec",):
        return () if words and words[0] in _BUILTINS.split() else words
    if words[1:2] == ("-a",) and shell == "bash":  # dash has no such option
        return words[3:]
    return words[1:]


def _put(word: str, parameters: tuple[str, ...]) -> tuple[str, ...]:
    if word == _ALL:
        return parameters[1:]
    return parameters[:1] if word == _NAME else (word,)
