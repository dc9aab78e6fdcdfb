"""Where a shell loses the verdict, or makes one that Docker reserves."""

from collections.abc import Iterator

from probe.manifest.command_line import ShellCommand, of_step, steps
from probe.manifest.rules import LintProblem

_ALWAYS = (["true"], [":"], ["exit", "0"])


def traps(line: int, text: str, *, docker: bool) -> Iterator[LintProblem]:
    """What is wrong with the exit code of the shell's line *text*, for Docker (or compose) and others."""
    commands = steps(text)
    if docker and any(step.words[:2] == ["exit", "2"] for step in commands):
        yield LintProblem(
            line, "EXIT_CODE_RESERVED", "exit 2 is reserved by Docker", "write || exit 1, or nothing at all"
        )
    at = next((index for index, step in enumerate(commands) if of_step(step) is not None), None)
    if at is None:
        return
    mine, later = commands[at], commands[at + 1 :]
    if why := _lost(mine, later):
        yield LintProblem(line, "VERDICT_DISCARDED", why, 'call probe alone: ["probe", …] without a shell')


def _lost(mine: ShellCommand, later: list[ShellCommand]) -> str:
    if mine.operator in ("|", "|&"):
        return "the exit code is that of the last command of the pipe"
    if mine.operator == "&":
        return "probe runs in the background and the shell does not wait for its exit code"
    if mine.operator == ";" and later:
        return f"the exit code is that of what follows: {' '.join(later[-1].words)[:60]}"
    if mine.operator == "||" and later and later[0].words in _ALWAYS:
        return f"|| {' '.join(later[0].words)} makes every verdict a healthy one"
    if mine.operator == "||" and later and later[0].words[:1] not in (["exit"], ["false"], ["kill"]):
        return f"after a failure the exit code is that of {' '.join(later[0].words)[:60]}"
    return ""
