"""What a command line in a deployment file would do."""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence

from probe.config.agent import Agent
from probe.lightweight import NamedTuple

INITS = ("tini", "dumb-init", "docker-init", "catatonit")


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


class ShellCommand(NamedTuple):
    """One command of a shell's line, and the operator that follows it, "" after the last."""

    words: list[str]
    operator: str


def steps(line: str) -> list[ShellCommand]:
    """The commands of *line* in order; nothing is expanded. None of them when its quotes do not close."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    reader.whitespace_split = True
    reader.commenters = ""
    found: list[ShellCommand] = []
    words: list[str] = []
    try:
        for token in reader:
            if token and set(token) <= set(";&|"):
                found.append(ShellCommand(words, token))
                words = []
            else:
                words.append(token)
    except ValueError:
        return []
    return [*found, ShellCommand(words, "")] if words else found


def of_step(step: ShellCommand) -> list[str] | None:
    """The arguments of probe in one command of a shell, past `exec` and assignments."""
    words = list(step.words)
    while words and (words[0] == "exec" or ("=" in words[0] and words[0].split("=")[0].isidentifier())):
        words.pop(0)
    return arguments(words)
