"""One run of the checks in a process of its own, that ends in time with all that it started."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress

from probe import orphans, syscalls
from probe.errors import ProbeError
from probe.lightweight import NoReturn, signal

LIMIT = 4 << 20  # bytes of a report
_REAP_S = 0.005


class WorkerProcess:
    """
    A fork that runs *work* and whose answer can be read from `descriptor` without blocking.

    It leads a session, and dies with us by whatever death we die. What it starts is ended by
    its own supervisor (probe.targets.supervisor) as soon as it is gone. Only a process with one
    thread may make one.
    """

    def __init__(self, work: Callable[[], bytes], timeout_s: float, *, limit: int = LIMIT) -> None:
        self.begun = time.monotonic()
        self.end = self.begun + timeout_s
        self.killed = False
        self._limit = limit
        self._data = bytearray()
        self.descriptor, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        parent = os.getpid()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.descriptor)
            os.close(writer)
            raise
        if not self.pid:
            _work(work, writer, parent)
        os.close(writer)

    @property
    def text(self) -> bytes:
        return bytes(self._data)

    def read(self) -> bool:
        """Take what there is; False once there will be no more."""
        while True:
            try:
                piece = os.read(self.descriptor, 1 << 16)
            except BlockingIOError:
                return True
            self._data += piece
            if len(self._data) > self._limit:
                self.kill()
                return False
            if not piece:
                return False

    def kill(self) -> None:
        """Kill it and its session; what it has started ends with it."""
        self.killed = True
        for kill in (os.killpg, os.kill):  # it may not lead its group yet
            with suppress(OSError):
                kill(self.pid, signal.SIGKILL)

    def ended(self) -> int | None:
        """Its exit code, negative for a signal, once it has ended; None while it has not."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def reap(self) -> None:
        """Wait for its end, which kill() brings, but not for a thread of it that not even that ends."""
        with suppress(ChildProcessError):
            while self.ended() is None:
                select.select((), (), (), _REAP_S)
                if orphans.stuck(self.pid) is not None and self.ended() is None:
                    return

    def close(self) -> None:
        os.close(self.descriptor)


def outcome(work: Callable[[], bytes], timeout_s: float) -> bytes:
    """What *work* gives in a child, waited for; ProbeError where it gives nothing in time."""
    child = WorkerProcess(work, timeout_s)
    ready = syscalls.poll()
    ready.register(child.descriptor, select.POLLIN)
    try:
        while (left := child.end - time.monotonic()) > 0:
            if ready.poll(left * 1000) and not child.read():
                break
    finally:
        child.kill()
        child.reap()
        child.close()
    if not child.text:
        raise ProbeError(f"the settings could not be read within {timeout_s:g} s")
    return child.text


def _work(work: Callable[[], bytes], writer: int, parent: int) -> NoReturn:
    """In the child: leave everything of the agent's behind, run, write, end."""
    try:
        _die_with_parent(parent)
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        writer = _leave_all_but(writer)
        data = memoryview(work())
        while data:
            data = data[os.write(writer, data) :]
        os._exit(0)
    finally:
        os._exit(1)


def _die_with_parent(parent: int) -> None:
    from probe import prctl

    if not prctl.end_with(parent):  # where it cannot, the deadline still holds
        os._exit(1)


def _leave_all_but(writer: int) -> int:
    """Close what the agent has open but stderr: a connection held open would keep its client waiting."""
    null = os.open("/dev/null", os.O_RDWR) if os.path.exists("/dev/null") else writer
    for number in (0, 1):
        os.dup2(null, number)
    os.dup2(writer, 3, inheritable=False) if writer != 3 else None
    syscalls.close_from(4)
    os.set_blocking(3, True)
    return 3
