"""What a command line in a deployment file would do."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence

from probe.config.agent import Agent
from probe.lightweight import NamedTuple

INITS = ("tini", "dumb-init", "docker-init", "catatonit")
SHELLS = ("sh", "bash", "ash", "dash", "busybox")
_KEYWORDS = ("if", "elif", "then", "else", "while", "until", "do", "{", "time", "command", "exec")


class ProbeCall(NamedTuple):
    """One call of probe, as the command itself understands it."""

    command: str  # "check", "status", …
    role: str
    timeout_s: float
    shakes: bool  # whether it shakes hands with endpoints
    agent: Agent
    listens: str = ""  # the address that it serves
    other_process: bool = False  # whether it examines another one
    live_checks: tuple[str, ...] = ()  # the checks that its role live asks
    problem: str = ""  # why it would be refused; nothing else holds then


# Arguments and environment → what they come to; made by the command line, which alone knows its commands.
Interpret = Callable[[Sequence[str], Mapping[str, str]], ProbeCall]


def arguments(words: Sequence[str]) -> list[str] | None:
    """What follows the name of probe in *words*; None when they start something else."""
    words = list(words)
    while words and os.path.basename(words[0]) in INITS:
        rest = words[1:]
        words = rest[rest.index("--") + 1 :] if "--" in rest else [w for w in rest if not w.startswith("-")]
    if not words:
        return None
    name = os.path.basename(words[0])
    if name == "probe":
        return words[1:]
    if name.startswith("python"):
        for index, word in enumerate(words[1:], 1):
            if word == "-m" and words[index + 1 : index + 2] == ["probe"]:
                return words[index + 2 :]
            if word.endswith("probe/cli/status_client.py"):
                return ["status", *words[index + 1 :]]
    return None


def is_known(arguments: Sequence[str], mark: str = "$") -> bool:
    """Whether no word of a call, up to the command that it starts, has the *mark* of a variable."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return not any(mark in word for word in own)


def judged(
    interpret: Interpret, arguments: Sequence[str], env: Mapping[str, str], mark: str = "$"
) -> ProbeCall | None:
    """What the call comes to; None where that depends on the value of a variable, whose *mark* a word has."""
    call = interpret(arguments, env)
    return call if is_known(arguments, mark) or (call.problem and mark not in call.problem) else None


def shell_line(words: Sequence[str]) -> str | None:
    """The line of `sh -c LINE`; None where there is no shell."""
    at = shell_line_at(words)
    return None if at is None else words[at]


def shell_line_at(words: Sequence[str]) -> int | None:
    """Where in *words* the line of `sh -c LINE` stands; options that `set` knows may come with the -c."""
    names = [word.rpartition("/")[2] for word in words[:2]]
    if not names or names[0] not in SHELLS:
        return None
    return next((i + 1 for i, word in enumerate(words[:-1]) if _is_c(word)), None)


def _is_c(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")


class ShellCommand(NamedTuple):
    """One command of a shell's line, and the operator that follows it, "" after the last."""

    words: list[str]
    operator: str


def steps(line: str) -> list[ShellCommand]:
    """
    The commands of *line* in order, which may have several lines; nothing is expanded.

    None of them when its quotes do not close. The end of a line is the operator ";".
    """
    reader = shlex.shlex(line.replace("\\\n", ""), posix=True, punctuation_chars=";&|\n")
    reader.whitespace = " \t\r"
    reader.whitespace_split = True
    reader.commenters = ""
    found: list[ShellCommand] = []
    words: list[str] = []
    try:
        for token in reader:
            if not token or set(token) - set(";&|\n"):
                words.append(token)
            elif words:
                found.append(ShellCommand(words, token.strip("\n") or ";"))
                words = []
    except ValueError:
        return []
    if words:
        return [*found, ShellCommand(words, "")]
    return [*found[:-1], ShellCommand(found[-1].words, found[-1].operator.strip(";"))] if found else []


def of_step(step: ShellCommand) -> list[str] | None:
    """The arguments of probe in one command of a shell, past keywords, `exec` and assignments."""
    words = [word.lstrip("(") if i == 0 else word for i, word in enumerate(step.words)]
    while words and (
        words[0] in ("", "!", *_KEYWORDS) or ("=" in words[0] and words[0].split("=")[0].isidentifier())
    ):
        words.pop(0)
    found = arguments(words)
    return found and [*found[:-1], found[-1].rstrip(")")] if step.words[0].startswith("(") else found
