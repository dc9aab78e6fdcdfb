"""`probe manifest`: snippets for deployments, and problems in those that exist."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from probe.cli import settings
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs, choose, wrong
from probe.cli.exit import CommandResult
from probe.errors import HEALTHY, UNHEALTHY, ProbeError
from probe.manifest.command_line import Interpret, ProbeCall

if TYPE_CHECKING:
    from probe.config.load import Settings as Effective

_FORMATS = ("text", "json", "sarif", "github", "gitlab")
_WHAT = ("kubernetes", "healthcheck", "compose")

COMMAND = Command(
    "manifest",
    "Prints the health checks of a deployment, with timings that follow from the\n"
    "settings; with --lint, problems in files: FILE:LINE: NAME: what; fix: how.\n"
    "Exit 0 nothing found, 1 something found, 64 usage (also a file that cannot be\n"
    "read), 78 configuration.",
    (
        Flag(
            "--lint",
            "check FILE: Dockerfile or YAML, by its name or content; - is stdin",
            "FILE",
            many=True,
        ),
        Flag("--format", "how to print what --lint found; text is the default", "NAME", choices=_FORMATS),
        Flag("--rules", "list the rules of --lint"),
        Flag("--command", "how probe is called in the snippet, such as /opt/probe/bin/probe", "PATH"),
        *settings.FLAGS,
    ),
    (Operand("[WHAT]", f"which snippet: {', '.join(_WHAT)}; after --lint more files", many=True),),
    (
        "probe manifest kubernetes --timeout 8",
        "probe manifest kubernetes --set agent.listen=[::]:9810",
        "probe manifest healthcheck --command /opt/probe/bin/probe",
        "probe manifest --lint Dockerfile --lint deploy.yaml",
        "probe manifest --lint deploy.yaml --format sarif > probe.sarif",
        "kubectl kustomize overlay | probe manifest --lint -",
    ),
)
_CONFIGURED = ("--config", "--set", "--timeout", "--strict", "--only", "--skip")


def run(given: ParsedArgs) -> CommandResult:
    """The snippet, the rules, or what is wrong with the files."""
    modes = [len(given.operands) == 1 and not given.on("--lint"), given.on("--lint"), given.on("--rules")]
    if sum(modes) != 1 or (given.on("--rules") and given.operands):
        wrong(COMMAND, f"choose one of {', '.join(_WHAT)}, --lint FILE, --rules")
    if given.on("--format") and not given.on("--lint"):
        wrong(COMMAND, "--format is for --lint")
    if given.on("--rules"):
        from probe.manifest.rules import RULES

        width = max(map(len, RULES))
        return CommandResult(HEALTHY, "".join(f"{name:<{width}}  {doc}\n" for name, doc in RULES.items()))
    return _lint(given) if given.on("--lint") else _snippet(given)


def _snippet(given: ParsedArgs) -> CommandResult:
    from probe.manifest.snippets import SNIPPETS, SnippetSettings

    what = choose(COMMAND, "WHAT", given.operand(0) or "", _WHAT)
    command = given.one("--command") or "probe"
    if not command.isprintable() or command.strip() != command:
        wrong(COMMAND, f"--command {command!r}: write the path of a program")
    effective = settings.effective(COMMAND, given)
    found = SnippetSettings(
        effective.timeout_s,
        effective.agent,
        _shaking(effective),
        effective.live_checks,
        command,
        effective.program or "/app",
    )
    return CommandResult(HEALTHY, SNIPPETS[what](found))


def _shaking(effective: "Effective") -> tuple[str, ...]:
    roles = (getattr(check, "handshake_roles", ()) for check in effective.selected)
    return tuple(role for some in roles for role in some)


def _lint(given: ParsedArgs) -> CommandResult:
    from probe.manifest import rules
    from probe.manifest.lint import lint
    from probe.manifest.reports import JudgedFile, render
    from probe.output.base import printable

    form = choose(COMMAND, "--format", given.one("--format") or "text", _FORMATS)
    settings.effective(COMMAND, given)  # what is wrong with ours is not the fault of any file
    names = [*given.many("--lint"), *given.operands]
    files = [JudgedFile(name, tuple(lint(name, interpreter(given)))) for name in names]
    code = UNHEALTHY if any(rules.hurts(file.problems) for file in files) else HEALTHY
    if form != "text":
        return CommandResult(code, render(form, files))
    told = ""
    for file in files:
        name = printable("stdin" if file.name == "-" else file.name)
        told += "".join(f"{printable(line)}\n" for line in rules.render(name, file.problems).splitlines())
    return CommandResult(code, told)


def interpreter(ours: ParsedArgs) -> Interpret:
    """
    What tells what a command line would do, by its own options, its environment and our settings.

    A --config in it names a file that is not here: ours stands for it.
    """

    def interpret(arguments: Sequence[str], env: Mapping[str, str]) -> ProbeCall:
        from probe.config.agent import Agent

        try:
            return _interpreted(ours, arguments, env)
        except ProbeError as problem:
            return ProbeCall("", "", 0.0, False, Agent(), problem=str(problem))

    return interpret


def _interpreted(ours: ParsedArgs, arguments: Sequence[str], env: Mapping[str, str]) -> ProbeCall:
    from importlib import import_module

    from probe.cli.arguments import parse
    from probe.cli.commands import COMMANDS
    from probe.errors import UsageError, did_you_mean
    from probe.report import ROLES

    named = arguments and not arguments[0].startswith("-")
    name = arguments[0] if named else "check"
    if name not in COMMANDS:
        raise UsageError(f"there is no command {name}{did_you_mean(name, COMMANDS)}")
    command: Command = import_module(f"probe.cli.{name}").COMMAND
    theirs = parse(command, arguments[1:] if named else arguments)
    if name == "run" and theirs.operands and "--" not in arguments:
        raise UsageError("probe run: write -- before the command: probe run -- CMD")
    for flag in command.flags:
        if flag.choices:
            for word in (word.strip() for value in theirs.many(flag.name) for word in value.split(",")):
                choose(command, flag.name, word, flag.choices)
    effective = settings.effective(command, _joined(ours, theirs, env), {**os.environ, **env})
    role = theirs.one("--role") or {"status": "ready", "run": "startup"}.get(name, "all")
    if theirs.on("--role"):
        choose(command, "--role", role, ROLES if name == "status" else (*ROLES, "all"))
    shaking = [
        check.handshake_roles for check in effective.of_role(role) if hasattr(check, "handshake_roles")
    ]
    return ProbeCall(
        name,
        role,
        effective.timeout_s,
        any(role in (*roles, "all") for roles in shaking),
        effective.agent,
        _listens(command, theirs, effective),
        theirs.on("--process") or theirs.on("--pid"),
        tuple(check.name for check in effective.of_role("live")),
    )


def _joined(ours: ParsedArgs, theirs: ParsedArgs, env: Mapping[str, str]) -> ParsedArgs:
    """Their options over ours; their file of settings is not here, ours is."""
    options = {flag: ours.many(flag) for flag in _CONFIGURED if ours.on(flag)}
    if "PROBE_TIMEOUT_S" in env:  # nearer to the call than our option
        options.pop("--timeout", None)
    for flag in _CONFIGURED[1:]:
        if theirs.on(flag):
            options[flag] = [*options.get(flag, ()), *theirs.many(flag)]
    return ParsedArgs(options, ())


def _listens(command: Command, theirs: ParsedArgs, effective: "Effective") -> str:
    """The address that the call serves, "" for none."""
    from probe.config.address import address

    if command.name == "run":
        text = theirs.one("--serve") or ""
    else:
        text = (theirs.operand(0) or effective.agent.listen) if command.name == "serve" else ""
    if not text:
        return ""
    try:
        address(text)
    except ValueError as problem:
        wrong(command, f"{text}: {problem}")
    return text
