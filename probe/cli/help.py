"""The texts of --help, from the same tables that the parser goes by."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from probe.cli.arguments import HELP, Command, Flag

_WIDTH = 80
_COLUMN = 24


def of_command(command: Command) -> str:
    operands = "".join(f" {operand.name}" for operand in command.operands)
    last = command.operands and command.operands[-1].many  # what follows it is no option of ours
    usage = f" [options]{operands}" if last else f"{operands} [options]"
    lines = [f"usage: probe {command.name}{usage}", "", *command.doc.splitlines(), ""]
    if command.operands:
        lines += [
            line for operand in command.operands for line in _row(operand.name.strip("[]"), operand.doc)
        ]
        lines.append("")
    lines += [line for flag in (*command.flags, HELP) for line in _flag(flag)]
    if command.examples:
        lines += ["", "examples:", *(f"  {example}" for example in command.examples)]
    return "\n".join(lines) + "\n"


def of_all(commands: Sequence[tuple[str, str]], notes: Sequence[str]) -> str:
    lines = ["usage: probe [command] [options]", ""]
    lines += [line for name, doc in commands for line in _row(name, doc)]
    return "\n".join([*lines, "", *notes]) + "\n"


def _flag(flag: Flag) -> Iterator[str]:
    repeatable = " (repeatable)" if flag.many else ""
    return _row(f"{flag.name} {flag.value}".rstrip(), flag.doc + repeatable)


def _row(head: str, text: str) -> Iterator[str]:
    first, *rest = wrap(text, _WIDTH - _COLUMN - 2)
    if len(head) > _COLUMN - 2:
        yield f"  {head}"
        head = ""
    yield f"  {head:<{_COLUMN}}{first}"
    for line in rest:
        yield f"  {'':<{_COLUMN}}{line}"
