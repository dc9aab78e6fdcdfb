"""`probe explain`: what the codes mean."""

from probe.cli import targets
from probe.cli.arguments import Command, Flag, Operand, ParsedArgs
from probe.cli.exit import CommandResult

COMMAND = Command(
    "explain",
    "Lists every code that a finding can carry, or tells what one means, why it\n"
    "happens and what to do about it, on the base image at hand first. Of a message\n"
    "that Go, the kernel or a loader printed it tells the codes that it may be.",
    (*targets.FLAGS, Flag("--markdown", "print all codes as one page")),
    (
        Operand(
            "[CODE]",
            "a code such as CA_BUNDLE_MISSING in any case; a check, for all its codes; or a message",
        ),
    ),
    (
        "probe explain timezone",
        "probe explain ca_bundle_missing",
        "probe explain 'x509: certificate signed by unknown authority'",
    ),
)


def run(given: ParsedArgs) -> CommandResult:
    """The list, a part of it, or the one code; an unknown one is a wrong command line."""
    from probe import explain

    name = given.operand(0)
    if given.on("--markdown"):
        from probe.explain import markdown

        return CommandResult(0, markdown.page())
    if name is None:
        return CommandResult(0, explain.listing())
    if codes := explain.several(name):
        return CommandResult(0, explain.listing(codes))
    if message := explain.said(name):
        return CommandResult(0, message)
    return CommandResult(0, explain.one(explain.find(name), targets.build(COMMAND, given)))
