"""`probe man`: the manual page, from the same tables as --help (man-pages(7))."""

from __future__ import annotations

from probe import __version__
from probe.cli.arguments import HELP, Command, Flag, ParsedArgs
from probe.cli.exit import CommandResult
from probe.lightweight import Iterator

COMMAND = Command(
    "man",
    "Prints the manual page in roff, for `man -l -` or a package.",
    examples=("probe man | man -l -", "probe man > /usr/local/share/man/man1/probe.1"),
)
_EXIT_CODES = (
    ("0", "healthy"),
    ("1", "not healthy, or an error while looking"),
    ("64", "the command line is wrong"),
    ("78", "the configuration is wrong"),
    ("126, 127", "probe run: CMD cannot be executed, is not found"),
)


def run(_: ParsedArgs) -> CommandResult:
    """The page."""
    return CommandResult(0, "".join(f"{line}\n" for line in _page()))


def _page() -> Iterator[str]:
    from probe.cli.commands import COMMANDS, described

    yield f'.TH PROBE 1 "" "probe {__version__}" "User Commands"'
    yield from (".nh", ".ad l")  # no option is broken at its dashes, no line stretched
    yield from (".SH NAME", "probe \\- check whether a Go program will work in this container")
    yield from (".SH SYNOPSIS", ".B probe", "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]")
    yield from (".SH COMMANDS", *_rows((f"probe {name}", text) for name, text in COMMANDS.items()))
    for name in COMMANDS:
        yield from _command(described(name))
    yield from (".SH EXIT STATUS", *_rows(_EXIT_CODES))
    yield from (".SH FILES", *_rows([("/etc/probe.toml", "settings; probe config --schema describes them")]))


def _command(command: Command) -> Iterator[str]:
    yield f'.SH "PROBE {command.name.upper()}"'
    yield _escaped(command.doc)
    named = [(one.name.removeprefix("[").removesuffix("]"), one.doc) for one in command.operands]
    yield from _rows([*named, *map(_flag, (*command.flags, HELP))])
    if command.examples:
        yield from (".PP", "Examples:", ".PP", ".nf", *map(_escaped, command.examples), ".fi")


def _flag(flag: Flag) -> tuple[str, str]:
    choices = f": {', '.join(flag.choices)}" if flag.choices else ""
    return f"{flag.name} {flag.value}".strip(), flag.doc + choices


def _rows(
    pairs: Iterator[tuple[str, str]] | list[tuple[str, str]] | tuple[tuple[str, str], ...],
) -> Iterator[str]:
    for head, text in pairs:
        yield from (".TP", f".B {_escaped(head)}", _escaped(text))


def _escaped(text: str) -> str:
    """As roff prints it: no line begins a request, dashes are dashes."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)
