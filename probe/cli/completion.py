"""`probe completion`: what a shell needs to complete command lines, from the same tables as --help."""

from __future__ import annotations

from probe.cli.arguments import HELP, Command, Flag, Operand, ParsedArgs, choose
from probe.cli.exit import CommandResult
from probe.lightweight import Iterator, Sequence

SHELLS = ("bash", "zsh", "fish")
COMMAND = Command(
    "completion",
    "Prints a script that completes commands, options and their values.",
    (),
    (Operand("SHELL", "the shell", choices=SHELLS),),
    (
        "probe completion bash > /etc/bash_completion.d/probe",
        "probe completion zsh > /usr/share/zsh/site-functions/_probe",
        "probe completion fish > ~/.config/fish/completions/probe.fish",
    ),
)
_FILES = ("FILE", "DIR")  # values that are paths


def run(given: ParsedArgs) -> CommandResult:
    """The script for one shell."""
    shell = choose(COMMAND, "SHELL", given.operand(0) or "", SHELLS)
    write = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return CommandResult(0, "".join(f"{line}\n" for line in write(_commands())))


def _commands() -> list[Command]:
    from probe.cli.commands import COMMANDS, described

    return [described(name) for name in COMMANDS]


def _words(command: Command) -> Sequence[str]:
    """The operands that a command takes as they are."""
    from probe.codes import CODES

    if command.name == "explain":
        return tuple(CODES)
    return tuple(word for operand in command.operands for word in operand.choices)


def _bash(commands: Sequence[Command]) -> Iterator[str]:
    yield "_probe() {"
    yield "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=check words="
    yield f"\tlocal commands='{' '.join(one.name for one in commands)}'"
    yield "\tCOMPREPLY=()"
    yield '\t[[ " $commands " == *" ${COMP_WORDS[1]} "* && $COMP_CWORD -gt 1 ]] && command=${COMP_WORDS[1]}'
    yield "\tcase $command:$prev in"
    for one in commands:
        for flag in one.flags:
            if flag.choices:
                yield f"\t{one.name}:{flag.name}) words='{' '.join(flag.choices)}' ;;"
            elif flag.value in _FILES:
                yield f'\t{one.name}:{flag.name}) COMPREPLY=($(compgen -f -- "$cur")); return ;;'
            elif flag.value:
                yield f"\t{one.name}:{flag.name}) return ;;"
    yield "\t*) case $command in"
    for one in commands:
        words = [*_words(one), *(flag.name for flag in (*one.flags, HELP))]
        yield f"\t\t{one.name}) words='{' '.join(words)}' ;;"
    yield "\t\tesac"
    yield '\t\t[[ $COMP_CWORD -eq 1 ]] && words="$commands $words" ;;'
    yield "\tesac"
    yield '\tCOMPREPLY=($(compgen -W "$words" -- "$cur"))'
    yield "}"
    yield "complete -F _probe probe"


def _zsh(commands: Sequence[Command]) -> Iterator[str]:
    from probe.cli.commands import COMMANDS

    yield "#compdef probe"
    yield "_probe() {"
    yield "\tlocal -a commands=("
    yield from (f"\t\t{_quoted(f'{name}:{text}')}" for name, text in COMMANDS.items())
    yield "\t)"
    yield "\tif (( CURRENT == 2 )) && [[ ${words[2]} != -* ]]; then _describe command commands; return; fi"
    yield "\tlocal command=${words[2]}"
    yield "\t[[ $command == -* ]] && command=check"
    yield "\tcase $command in"
    for one in commands:
        yield f"\t{one.name}) _arguments -s \\"
        for flag in (*one.flags, HELP):
            yield f"\t\t{_quoted(_zsh_flag(flag))} \\"
        words = _words(one)
        rest = f"*:{one.name}:({' '.join(words)})" if words else "*:argument:_files"
        yield f"\t\t{_quoted(rest)} ;;"
    yield "\tesac"
    yield "}"
    yield '_probe "$@"'


def _zsh_flag(flag: Flag) -> str:
    text = flag.doc.replace("[", "(").replace("]", ")").replace(":", ",")
    head = f"{'*' if flag.many else ''}{flag.name}[{text}]"
    if not flag.value:
        return head
    what = f"({' '.join(flag.choices)})" if flag.choices else "_files" if flag.value in _FILES else " "
    return f"{head}:{flag.value.replace(':', ' ')}:{what}"


def _fish(commands: Sequence[Command]) -> Iterator[str]:
    from probe.cli.commands import COMMANDS

    yield "complete -c probe -f"
    for name, text in COMMANDS.items():
        yield f"complete -c probe -n __fish_use_subcommand -a {name} -d {_quoted(text)}"
    for one in commands:
        seen = f"-n '__fish_seen_subcommand_from {one.name}'"
        for flag in (*one.flags, HELP):
            takes = " -r" if flag.value else ""
            takes += f" -a {_quoted(' '.join(flag.choices))}" if flag.choices else ""
            takes += " -F" if flag.value in _FILES else ""
            yield f"complete -c probe {seen} -l {flag.name.removeprefix('--')}{takes} -d {_quoted(flag.doc)}"
        if words := _words(one):
            yield f"complete -c probe {seen} -a {_quoted(' '.join(words))}"


def _quoted(text: str) -> str:
    """As one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"
