"""The configuration, read by a child: what that costs in memory goes with it, and nothing waits for it."""

import time
from collections.abc import Callable

from probe.agent.schedule import Plan
from probe.agent.worker import WorkerProcess, outcome
from probe.errors import ProbeError

_WITHIN_S = 10.0
_REAP_S = 0.05


class PlanReload:
    """
    How a plan is made: *work*, in a child, reads the settings; *made* turns what it found into a plan.

    *made* raises a ProbeError for settings that will not do.
    """

    def __init__(self, work: Callable[[], bytes], made: Callable[[bytes], Plan]) -> None:
        self._work, self._made = work, made
        self._child: WorkerProcess | None = None
        self._open = False  # whether the child may still write
        self._again = False

    def now(self) -> Plan:
        """The plan, waited for; ProbeError says what is wrong with the settings."""
        return self._made(outcome(self._work, _WITHIN_S))

    def begin(self) -> None:
        """Read the settings as they are from here on; `ended` has the plan when it is there."""
        if self._child:  # it may have looked too early
            self._again = True
            return
        try:
            self._child, self._open = WorkerProcess(self._work, _WITHIN_S), True
        except OSError as problem:
            raise ProbeError(f"no process to read the settings with: {problem.strerror}") from None

    @property
    def descriptor(self) -> int | None:
        """Where what is read arrives; None while nothing is to come."""
        return self._child.descriptor if self._child and self._open else None

    def wait_s(self) -> float:
        """Seconds until `ended` has something to do by itself."""
        if not self._child:
            return 3600.0
        return _REAP_S if self._child.killed else max(0.0, self._child.end - time.monotonic())

    def ended(self) -> Plan | None:
        """The plan, once, when it is there; ProbeError, once, for settings that bring none. Never waits."""
        child = self._child
        if not child:
            return None
        if self._open and not child.read():
            self._open = False
        if child.ended() is None:
            if time.monotonic() >= child.end and not child.killed:
                child.kill()
                self._open = False
                raise ProbeError(f"the settings could not be read within {_WITHIN_S:g} s")
            return None
        if self._open:
            child.read()
        self._child = None
        child.close()
        if self._again:
            self._again = False
            self.begin()
            return None
        if child.killed:  # that was told when it was killed
            return None
        if not child.text:
            raise ProbeError("the settings could not be read: the process that reads them was ended")
        return self._made(child.text)

    def stop(self) -> None:
        """Kill what is under way."""
        if self._child:
            self._child.kill()
