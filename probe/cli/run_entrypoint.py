"""
`probe run -- CMD`: from the command line into the workload.

This process stays small: it imports nothing that the checks need. They run in a child,
and so does the reading of all options but those that decide what becomes of the child's answer.
"""

import os

from probe import room
from probe.cli.run_options import seconds, transient_code, value
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
    reason = _Reason() if agent and on_fail == "hold" else None
    checks = _checks(options, command, on_fail, reason)
    code = gate.passed(checks, caller, seconds(value(options, "--retry-for")) or 0.0)
    if code not in (0, USAGE, CONFIG):
        failed = transient_code(options) if code == gate.TRANSIENT else UNHEALTHY
        code = failed if _after_failure(on_fail, caller, agent, reason) else 0
    if code:
        os._exit(code)
    gate.ended(caller)
    if not agent:
        become(command, caller)
    supervise(command, caller, agent(""), seconds(value(options, "--kill-after")))


class _Reason:
    """Why the command is not started: written by the child that ran the checks, read by who stays."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def text(self) -> str:
        """The last one; "" where the checks ended without a word. No more can be written afterwards."""
        os.close(self.writer)
        data = b""
        while piece := os.read(self._reader, 1 << 16):
            data += piece
        os.close(self._reader)
        return data.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]


def _checks(
    options: "Sequence[str]", command: "Sequence[bytes]", on_fail: str, reason: _Reason | None
) -> "Callable[[gate.GateAttempt], int]":
    def checks(this: gate.GateAttempt) -> int:
        if room.tight():
            from probe.cli import tight_memory

            tight_memory.guard()
        from probe.cli import run

        tell = reason.writer if reason else None
        return run.checked(options, command, this, last_words=on_fail == "exit", reason=tell)

    return checks


def _agent(
    options: "Sequence[str]", command: "Sequence[bytes]", address: str, caller: InheritedSignals
) -> "Callable[[str], Worker]":
    """Have the address bound now; what listens there later, and what to run when told why no command runs."""
    from probe.cli import listening

    listener = listening.bound(address, options, caller)

    def agent(why: str) -> "Worker":
        def work(*workload: "Unpack[tuple[int, int, bool]]") -> None:
            from probe.cli import run

            run.serve(options, command, listener, (*workload, why))

        listening.listen(listener, address)
        return work

    return agent


def _after_failure(
    on_fail: str, caller: InheritedSignals, agent: "Callable[[str], Worker] | None", reason: _Reason | None
) -> int:
    """0 where the workload is to be started all the same."""
    if on_fail == "hold":
        os.write(2, b"probe: staying, unhealthy, until told to stop; the command was not started\n")
        supervise(None, caller, agent(reason.text() if reason else "") if agent else None)
    return 0 if on_fail == "warn" else UNHEALTHY
