"""
`probe run -- CMD`: from the command line into the workload.

This process stays small: it imports nothing that the checks need. They run in a child,
and so does the reading of all options but those that decide what becomes of the child's answer.
"""

import os

from probe.entrypoint import gate
from probe.entrypoint.become import become
from probe.entrypoint.caller import Caller
from probe.entrypoint.init import supervise
from probe.errors import CONFIG, UNHEALTHY, USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ON_FAIL = ("exit", "warn", "hold")
_LONGEST_S = 86400.0


def enter(arguments: "Sequence[str]", held: frozenset[int]) -> None:
    """
    Check and become the command after the first `--`; return only where there is none, or help is wanted.

    All signals are held; *held* were so before.
    """
    split = arguments.index("--")
    options, command = arguments[:split], [os.fsencode(word) for word in arguments[split + 1 :]]
    if not command or "--help" in options or "-h" in options:
        return
    from probe.cli import descriptors

    descriptors.fill()
    caller = Caller(held)
    on_fail = _value(options, "--on-fail") or "exit"
    code = gate.passed(
        _checks(options, command, on_fail), caller, seconds(_value(options, "--retry-for")) or 0.0
    )
    if code not in (0, USAGE, CONFIG):
        code = _after_failure(on_fail, options, command, caller)
    if code:
        os._exit(code)
    gate.ended(caller)
    if not _value(options, "--serve"):
        become(command, caller)
    supervise(command, caller, _agent(options, command), seconds(_value(options, "--kill-after")))


def seconds(text: str) -> float | None:
    """A number of seconds up to a day; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= _LONGEST_S else None


def _checks(
    options: "Sequence[str]", command: "Sequence[bytes]", on_fail: str
) -> "Callable[[gate.Try], int]":
    def checks(this: gate.Try) -> int:
        from probe.cli import run

        return run.checked(options, command, this, last_words=on_fail == "exit")

    return checks


def _agent(options: "Sequence[str]", command: "Sequence[bytes]") -> "Callable[[], None]":
    def agent() -> None:
        from probe.cli import run

        run.serve(options, command)

    return agent


def _after_failure(on_fail: str, options: "Sequence[str]", command: "Sequence[bytes]", caller: Caller) -> int:
    """0 where the workload is to be started all the same."""
    if on_fail == "hold":
        os.write(2, b"probe: staying, unhealthy, until told to stop; the command was not started\n")
        supervise(None, caller, _agent(options, command) if _value(options, "--serve") else None)
    return 0 if on_fail == "warn" else UNHEALTHY


def _value(options: "Sequence[str]", flag: str) -> str:
    """The last value of *flag*; what is wrong with it, the child says."""
    value = ""
    for at, option in enumerate(options):
        name, equals, text = option.partition("=")
        if name == flag:
            value = text if equals else "".join(options[at + 1 : at + 2])
    return value
