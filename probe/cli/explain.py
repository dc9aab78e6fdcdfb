"""`probe explain`: what the codes mean."""

import os

from probe.cli import targets
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs
from probe.cli.exit import CommandResult

COMMAND = Command(
    "explain",
    "Lists every code that a finding can have, or explains one: what it means, why it\n"
    "happens and how to fix it, for the current base image first. For a message that\n"
    "Go, the kernel or a loader printed it lists the codes that it may be.",
    (
        *targets.FLAGS,
        Flag("--lang", "in this language: zh; else that of PROBE_LANG, LC_ALL, LC_MESSAGES, LANG", "LANG"),
        Flag("--markdown", "print all codes as one page"),
    ),
    (
        Operand(
            "[CODE]",
            "a code such as CA_BUNDLE_MISSING in any case; a check, for all its codes; or a message",
        ),
    ),
    (
        "probe explain timezone",
        "probe explain ca_bundle_missing",
        "probe explain --lang zh TIMEZONE_COPY",
        "probe explain 'x509: certificate signed by unknown authority'",
    ),
)


def run(given: ParsedArgs) -> CommandResult:
    """The list, a part of it, or the one code; an unknown one is a wrong command line."""
    from probe import explain, translations

    name = given.operand(0)
    language = translations.language(os.environ, given.one("--lang") or "")
    if given.on("--markdown"):
        from probe.explain import markdown

        return CommandResult(0, markdown.page(language))
    if name is None:
        return CommandResult(0, explain.listing(language=language))
    if codes := explain.several(name):
        return CommandResult(0, explain.listing(codes, language))
    from probe.explain import messages

    if message := messages.told(name, language):
        return CommandResult(0, message)
    return CommandResult(0, explain.one(explain.find(name), targets.build(COMMAND, given), language))
