"""The texts of --help, from the same tables that the parser goes by."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from probe.cli.arguments import HELP, Command, Flag, Operand

_WIDTH = 80
_COLUMN, _NARROW = 24, 11
_HEAD = (
    "Check whether a Go program will work in this container: CA roots, TLS, time",
    "zone, Go version and settings.",
    "",
    "usage: probe [command] [options]",
    "",
)


def of_command(command: Command) -> str:
    operands = "".join(f" {operand.name}" for operand in command.operands)
    last = command.operands and command.operands[-1].many  # what follows it is no option of ours
    usage = f" [options]{operands}" if last else f"{operands} [options]"
    lines = [f"usage: probe {command.name}{usage}", "", *command.doc.splitlines(), ""]
    if command.operands:
        lines += [line for operand in command.operands for line in _operand(operand)]
        lines.append("")
    lines += [line for flag in (*command.flags, HELP) for line in _flag(flag)]
    if command.examples:
        lines += ["", "examples:", *(f"  {example}" for example in command.examples)]
    return "\n".join(lines) + "\n"


def of_all(commands: Sequence[tuple[str, str]], notes: Sequence[str]) -> str:
    lines = list(_HEAD)
    lines += [line for name, doc in commands for line in _row(name, doc, _NARROW)]
    return "\n".join([*lines, "", *notes]) + "\n"


def _flag(flag: Flag) -> Iterator[str]:
    choices = f": {', '.join(flag.choices)}" if flag.choices else ""
    repeatable = " (repeatable)" if flag.many else ""
    return _row(f"{flag.name} {flag.value}".rstrip(), flag.doc + choices + repeatable)


def _operand(operand: Operand) -> Iterator[str]:
    choices = f": {', '.join(operand.choices)}" if operand.choices else ""
    whole = operand.name.startswith("[")  # not "-- CMD [ARGS]", of which a part may be left out
    return _row(operand.name[1:-1] if whole else operand.name, operand.doc + choices)


def _row(head: str, text: str, column: int = _COLUMN) -> Iterator[str]:
    first, *rest = wrap(text, _WIDTH - column - 2, break_on_hyphens=False)
    if len(head) > column - 2:
        yield f"  {head}"
        head = ""
    yield f"  {head:<{column}}{first}"
    for line in rest:
        yield f"  {'':<{column}}{line}"
