"""`probe baseline snapshot`: record what is here, for `probe check --baseline`."""

from probe.cli import as_of, settings, targets
from probe.cli.arguments import Command, Operand, ParsedArgs, choose
from probe.cli.exit import CommandResult
from probe.cli.in_time import in_child
from probe.errors import ProbeError

_GRACE_S = 0.5  # to say what exactly took so long

COMMAND = Command(
    "baseline",
    "Records what is here now as TOML on stdout: version, digests, roots, zone and\n"
    "environment. The same container gives the same text. `probe check --baseline\n"
    "FILE` then reports what has changed. Nothing is run, and no secret is recorded.\n"
    "Exit 1 and no output when a digest or root that belongs in it is not known.",
    (*settings.SOURCES, *targets.FLAGS, as_of.AS_GO),
    (Operand("snapshot", "the only subcommand"),),
    (
        "probe baseline snapshot > baseline.toml",
        "probe baseline snapshot --root /srv/image > baseline.toml",
        "probe check --baseline baseline.toml",
    ),
)


def run(given: ParsedArgs) -> CommandResult:
    """The text of the baseline."""
    from probe.checks.baseline import document
    from probe.checks.baseline import facts as looking
    from probe.deadline import Deadline
    from probe.facts import Facts

    choose(COMMAND, "WHAT", given.operand(0) or "", ("snapshot",))
    # Not the file that is being replaced: the shell has emptied it already.
    effective = settings.effective(COMMAND, given, sets=("baseline.file=",))
    as_go = as_of.as_go(COMMAND, given)
    late = (
        f"baseline snapshot: not done after {effective.timeout_s:g} s; nothing was recorded; raise --timeout"
    )
    in_child(effective.timeout_s + _GRACE_S, ProbeError(late))
    deadline = Deadline(effective.timeout_s)
    target = targets.build(COMMAND, given)
    program = target.path(effective.program) if effective.program else target.executable
    sections = frozenset(looking.SECTIONS) - (frozenset() if program else {"program"})
    wanted = looking.BaselineScope(sections, program)
    found = looking.gather(Facts(target, program=program, as_go=as_go), wanted, deadline)
    if found.unknown:
        about, why = found.unknown[0]
        why += "; raise --timeout" if about == "[files]" else ""
        raise ProbeError(f"baseline snapshot: {about}: {why}; nothing was recorded")
    try:
        return CommandResult(0, document.write(found.sections))
    except ValueError:
        raise ProbeError("baseline snapshot: a name here is no Unicode text; nothing was recorded") from None
