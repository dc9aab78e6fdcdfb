"""Where a shell loses the verdict, or makes one that Docker reserves."""

from collections.abc import Iterator, Sequence

from probe.manifest.command_line import ShellCommand, of_step, shell_line, steps
from probe.manifest.rules import LintProblem

_CONDITIONS = ("if", "elif", "while", "until")
_PIPES = ("|", "|&")


def traps(line: int, text: str, *, docker: bool, options: Sequence[str] = ()) -> Iterator[LintProblem]:
    """
    What is wrong with the exit code of the shell's line *text*, for Docker (or compose) and others.

    *options* are the words that start the shell, which may hold -e.
    """
    commands = steps(text)
    if docker and any(step.words[-2:] == ["exit", "2"] for step in commands):
        yield LintProblem(
            line, "EXIT_CODE_RESERVED", "exit 2 is reserved by Docker", "write || exit 1, or nothing at all"
        )
    at = next((index for index, step in enumerate(commands) if of_step(step) is not None), None)
    if at is None:
        return
    before = [word for step in commands[:at] if step.words[0] == "set" for word in step.words[1:]]
    before += [word for word in options if word.startswith("-") and word.endswith("c")]
    if why := _lost(commands[at], commands[at + 1 :], before):
        yield LintProblem(line, "VERDICT_DISCARDED", why, 'call probe alone: ["probe", …] without a shell')


def between(line: int, words: Sequence[str]) -> Iterator[LintProblem]:
    """A shell in *words*, which start a container, that stays process 1 while probe runs below it."""
    text = shell_line(words)
    if text is None:
        return
    if any(of_step(step) is not None and step.words[0] != "exec" for step in steps(text)):
        yield LintProblem(
            line,
            "ENTRYPOINT_SHELL_FORM",
            f"{words[0]} -c is process 1: it hands no signal on, and the exit code is its last command's",
            'write ["probe", "run", "--", …] without a shell, or exec probe as its last command',
        )


def _lost(mine: ShellCommand, later: Sequence[ShellCommand], settings: Sequence[str]) -> str:
    """What takes the place of a failing probe's exit code; "" where the shell ends with a failure too."""
    if mine.words[0] == "!":
        return "! inverts the verdict"
    if mine.words[0] in _CONDITIONS:
        return "" if any(_fails(step.words) for step in later) else "no branch of it ends with a failure"
    stops = any(word.startswith("-") and "e" in word.rstrip("c")[1:] for word in settings)
    operator, index, why = mine.operator, 0, ""
    while index < len(later) or operator == "&":
        if operator in _PIPES and "pipefail" not in settings:
            return "the exit code is that of the last command of the pipe"
        if operator == "&":
            return "probe runs in the background and the shell does not wait for its exit code"
        one = later[index]
        if operator not in ("&&", *_PIPES):  # after && a failure skips what follows
            if operator != "||" and stops and not why:
                return ""
            if _ends_as_before(one.words) or _fails(one.words):
                return why if _ends_as_before(one.words) else ""
            why = _instead(one.words, operator)
        while operator == "&&" and one.operator in _PIPES and index + 1 < len(later):
            index, one = index + 1, later[index + 1]
        operator, index = one.operator, index + 1
    return why


def _fails(words: Sequence[str]) -> bool:
    """Whether the command fails, or ends the shell with something that is not known here."""
    words = [word for word in words if word not in ("{", "then", "else")]
    if words[:1] in (["exit"], ["return"]):
        return len(words) > 1 and words[1] not in ("0", "$?")
    return words[:1] in (["false"], ["kill"])


def _ends_as_before(words: Sequence[str]) -> bool:
    words = [word for word in words if word != "{"]
    return words in (["exit"], ["exit", "$?"], ["return", "$?"]) or (
        words[:1] in (["test"], ["["]) and "$?" in words
    )


def _instead(words: Sequence[str], operator: str) -> str:
    told = " ".join(words)[:60]
    if operator == "||":
        return f"|| {told} decides after every failure"
    return f"the exit code is that of what follows: {told}"
