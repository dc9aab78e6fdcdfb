"""`probe explain`: what the codes mean."""

from probe.cli import targets
from probe.cli.arguments import Command, Operand, ParsedArgs
from probe.cli.exit import CommandResult

COMMAND = Command(
    "explain",
    "Lists every code that a finding can carry, or tells what one means, why it\n"
    "happens and how to mend it, on the base image at hand first.",
    targets.FLAGS,
    (Operand("[CODE]", "a code such as CA_BUNDLE_MISSING in any case; or a check, for all of its codes"),),
    ("probe explain", "probe explain timezone", "probe explain ca_bundle_missing"),
)


def run(given: ParsedArgs) -> CommandResult:
    """The list, a part of it, or the one code; an unknown one is a wrong command line."""
    from probe import explain

    name = given.operand(0)
    if name is None:
        return CommandResult(0, explain.listing())
    if codes := explain.several(name):
        return CommandResult(0, explain.listing(codes))
    return CommandResult(0, explain.one(explain.find(name), targets.build(COMMAND, given)))
