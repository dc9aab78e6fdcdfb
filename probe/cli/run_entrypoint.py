"""
`probe run -- CMD`: from the command line into the workload.

This process stays small: it imports nothing that the checks need. They run in a child,
and so does the reading of all options but those that decide what becomes of the child's answer.
"""

import os

from probe.cli.run_options import seconds, value
from probe.entrypoint import gate
from probe.entrypoint.exec import become
from probe.entrypoint.inherited import InheritedSignals
from probe.entrypoint.init import supervise
from probe.errors import CONFIG, UNHEALTHY, USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    from probe.entrypoint.init import Worker


def enter(arguments: "Sequence[str]", held: frozenset[int]) -> None:
    """
    Check and become the command after the first `--`; return only where there is none, or help is wanted.

    All signals are held; *held* were so before.
    """
    split = arguments.index("--")
    options, command = arguments[:split], [os.fsencode(word) for word in arguments[split + 1 :]]
    if not command or "--help" in options or "-h" in options:
        return
    from probe.cli import std_streams

    std_streams.fill()
    caller = InheritedSignals(held)
    on_fail = value(options, "--on-fail") or "exit"
    address = value(options, "--serve")
    agent = _agent(options, command, address, caller) if address else None
    code = gate.passed(
        _checks(options, command, on_fail), caller, seconds(value(options, "--retry-for")) or 0.0
    )
    if code not in (0, USAGE, CONFIG):
        code = _after_failure(on_fail, caller, agent)
    if code:
        os._exit(code)
    gate.ended(caller)
    if not agent:
        become(command, caller)
    supervise(command, caller, agent(), seconds(value(options, "--kill-after")))


def _checks(
    options: "Sequence[str]", command: "Sequence[bytes]", on_fail: str
) -> "Callable[[gate.GateAttempt], int]":
    def checks(this: gate.GateAttempt) -> int:
        from probe.cli import run

        return run.checked(options, command, this, last_words=on_fail == "exit")

    return checks


def _agent(
    options: "Sequence[str]", command: "Sequence[bytes]", address: str, caller: InheritedSignals
) -> "Callable[[], Worker]":
    """Have the address bound now; what begins to listen there later, and gives what to run."""
    from probe.cli import listening

    listener = listening.bound(address, options, caller)

    def work(*workload: "Unpack[tuple[int, int, bool]]") -> None:
        from probe.cli import run

        run.serve(options, command, listener, workload)

    def agent() -> "Worker":
        listening.listen(listener, address)
        return work

    return agent


def _after_failure(on_fail: str, caller: InheritedSignals, agent: "Callable[[], Worker] | None") -> int:
    """0 where the workload is to be started all the same."""
    if on_fail == "hold":
        os.write(2, b"probe: staying, unhealthy, until told to stop; the command was not started\n")
        supervise(None, caller, agent() if agent else None)
    return 0 if on_fail == "warn" else UNHEALTHY
