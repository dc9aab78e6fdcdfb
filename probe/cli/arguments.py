"""
Command lines, from tables of flags.

argparse imports much else, and exits 2, which Docker reserves.
"""

from __future__ import annotations

from probe.errors import UsageError, did_you_mean
from probe.lightweight import Mapping, NamedTuple, NoReturn, Sequence


class Flag(NamedTuple):
    """One option: `--name`, or `--name VALUE` where `value` says what that is."""

    name: str  # with its dashes
    doc: str  # one line
    value: str = ""
    many: bool = False  # may be repeated; otherwise the last one counts
    choices: tuple[str, ...] = ()  # the values that there are, for --help and for completion


class Operand(NamedTuple):
    """What stands without dashes."""

    name: str  # "FILE", "[FILE]" when it may be left out
    doc: str
    many: bool = False  # any number of words, none too; only as the last of a command
    choices: tuple[str, ...] = ()


class Command(NamedTuple):
    """What a command takes, for its parser and its --help alike."""

    name: str
    doc: str  # what it does, a few lines
    flags: tuple[Flag, ...] = ()
    operands: tuple[Operand, ...] = ()
    examples: tuple[str, ...] = ()


class ParsedArgs(NamedTuple):
    """A command line in parts."""

    options: Mapping[str, Sequence[str]]  # flag → its values; [""] for one that takes none
    operands: Sequence[str]

    def on(self, flag: str) -> bool:
        return flag in self.options

    def many(self, flag: str) -> Sequence[str]:
        return self.options.get(flag, ())

    def one(self, flag: str) -> str | None:
        values = self.options.get(flag)
        return values[-1] if values else None

    def operand(self, number: int) -> str | None:
        return self.operands[number] if number < len(self.operands) else None


HELP = Flag("--help", "print this")
# What other programs call it.
_ELSEWHERE = {
    "--json": "--format json",
    "--output": "--format",
    "-o": "--format",
    "-f": "--config",
    "-c": "--config",
    "-n": "--namespace",
    "--lang": "PROBE_LANG=zh in the environment",
    "--version": "probe --version",
}
SHORT = {"-h": "--help", "-q": "--quiet", "-v": "--verbose"}


def parse(command: Command, arguments: Sequence[str]) -> ParsedArgs:
    """
    Take *arguments* apart: `--flag VALUE`, `--flag=VALUE`, operands; after `--` operands only.

    A value that begins with dashes has to be written with "=". UsageError for what *command* does not take.
    """
    flags = {flag.name: flag for flag in (*command.flags, HELP)}
    options: dict[str, list[str]] = {}
    operands: list[str] = []
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if argument == "--":
            operands += reversed(rest)
            break
        argument = SHORT.get(argument, argument)
        if not argument.startswith("-") or argument == "-":
            operands.append(argument)
            continue
        name, equals, value = argument.partition("=")
        flag = flags.get(name)
        if not flag:
            wrong(command, f"there is no option {name}{_instead(name, flags)}")
        if flag.value and not equals:
            if not rest or rest[-1].startswith("--"):
                wrong(command, f"{name} needs a value: {name} {flag.value}")
            value = rest.pop()
        elif equals and not flag.value:
            wrong(command, f"{name} takes no value")
        options.setdefault(name, []).append(value)
    if HELP.name not in options:
        _count(command, operands)
    return ParsedArgs(options, operands)


def _instead(name: str, flags: Mapping[str, Flag]) -> str:
    """What was meant by an option of another program, or by one that is nearly ours."""
    for other, ours in _ELSEWHERE.items():
        if name == other and ours.partition(" ")[0] in (*flags, "PROBE_LANG=zh", "probe"):
            return f"; use {ours}"
    return did_you_mean(name, (*flags, "--version"))


def _count(command: Command, operands: Sequence[str]) -> None:
    needed = [
        operand.name for operand in command.operands if not operand.many and not operand.name.startswith("[")
    ]
    if len(operands) < len(needed):
        wrong(command, f"{needed[len(operands)]} is missing")
    many = command.operands and command.operands[-1].many
    if len(operands) > len(command.operands) and not many:
        wrong(command, f"unexpected argument {operands[len(command.operands)]}")


def choose(command: Command, what: str, name: str, known: Sequence[str]) -> str:
    """*name*, which must be one of *known*."""
    if name not in known:
        wrong(command, f"{what} {name}: choose from {', '.join(known)}{did_you_mean(name, known)}")
    return name


def wrong(command: Command, problem: str) -> NoReturn:
    """Refuse the command line, and say where to read how it is used."""
    name = f"probe {command.name}"
    raise UsageError(f"{name}: {problem} ({name} --help)")
