"""What signals ask of a process with a loop."""

from __future__ import annotations

import os

from probe.agent.loop import Loop, drained
from probe.lightweight import signal


class Signals:
    """What we have been asked to do; each signal also wakes the loop."""

    def __init__(self, loop: Loop) -> None:
        self.end = 0
        self.reload = False
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number, handler in (
            (signal.SIGTERM, self._end),
            (signal.SIGINT, self._end),
            (signal.SIGHUP, self._again),
            (signal.SIGCHLD, wake),
        ):
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # the init has us begin with it held
        loop.watch(reader, lambda: drained(reader))

    def _end(self, *_: object) -> None:
        self.end += 1

    def _again(self, *_: object) -> None:
        self.reload = True


def wake(*_: object) -> None:
    """The descriptor that the loop waits for does all that is needed."""
