"""`probe node --serve`: scans on a schedule, and answers HTTP from the last scan."""

from __future__ import annotations

import gc
import socket
import time

from probe import __version__, prctl
from probe.agent import http, listener, log, worker
from probe.agent.channel import Channel
from probe.agent.loop import Loop
from probe.agent.signals import Signals, wake
from probe.node import bounded
from probe.node.app import NodeApp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.agent.worker import WorkerProcess
    from probe.node.scan import Scanner, Snapshot

_SCAN_S = 120.0  # a scan that takes longer is given up
_QUICK_S = 5.0  # a quick one
_LIMIT = 256 << 20  # bytes of a scan
_TICK_S = 1.0


def serve(address: str, scanner: Scanner, interval_s: float) -> None:
    """
    Answer on *address*, and scan every *interval_s* in a child, until SIGTERM or SIGINT.

    SIGHUP scans at once. ProbeError where nobody can listen there.
    """
    loop = Loop()
    bound = socket.socket(fileno=listener.listen(address).detach())
    node = _NodeScan(scanner, interval_s, loop)
    http.serve(NodeApp(node), loop, bound, Channel)
    signals = Signals(loop)
    prctl.load()  # what it imports would be imported by each child of each scan
    log.tell("info", "listening", address=address)
    gc.collect()
    gc.freeze()
    try:
        while not signals.end:
            if signals.reload:
                signals.reload = False
                node.due_at = time.monotonic()
            node.turn()
    finally:
        node.stop()
        loop.close()
    log.tell("info", "shutting down")


class _NodeScan:
    """The last snapshot, and the scan that is to replace it."""

    version = __version__

    def __init__(self, scanner: Scanner, interval_s: float, loop: Loop) -> None:
        self.snapshot: Snapshot | None = None
        self.interval_s = interval_s
        self.due_at = time.monotonic()
        self._scanner, self._loop = scanner, loop
        self._child: WorkerProcess | None = None
        self._quick = False  # whether the child's scan is
        self._careful = False  # whether the next has to be
        self._left: list[WorkerProcess] = []  # killed, and in a system call that nothing ends

    @property
    def fresh(self) -> bool:
        """Whether the snapshot is not older than three intervals, or three scans that are given up."""
        most_s = 3 * max(self.interval_s, _SCAN_S)
        return self.snapshot is not None and time.time() - self.snapshot.at < most_s

    def turn(self) -> None:
        """Begin a scan where one is due, take in one that has ended, answer who asks."""
        now = time.monotonic()
        if self._left:
            self._left = [one for one in self._left if one.ended() is None]
        if not self._child and now >= self.due_at:
            self._begin(now)
        self._loop.turn(min(_TICK_S, max(0.0, self.due_at - now)) if not self._child else _TICK_S)
        if self._child:
            self._follow(self._child)

    def stop(self) -> None:
        if self._child:
            self._child.kill()

    def _begin(self, now: float) -> None:
        self.due_at = now + self.interval_s
        self._quick = quick = self._scanner.knows and not self._careful
        most_s = _QUICK_S if quick else _SCAN_S
        try:
            self._child = worker.WorkerProcess(lambda: self._scanned(quick=quick), most_s, limit=_LIMIT)
        except OSError as problem:
            log.tell("error", "no scan: a process cannot be started", cause=str(problem.strerror))
            return
        self._loop.watch(self._child.descriptor, wake)

    def _scanned(self, *, quick: bool) -> bytes:
        """In the child: a scan in bytes; what ends it is in the log, because the child's end does not say."""
        try:
            return self._scanner.packed(quick=quick)
        except Exception as problem:
            from probe import redact

            cause = redact.text(f"{type(problem).__name__}: {problem}")
            log.tell("error", "the scan failed", cause=cause)
            raise

    def _follow(self, child: WorkerProcess) -> None:
        more = child.read()
        if more and time.monotonic() < child.end:
            return
        if not more and (data := child.text):
            self.snapshot = self._scanner.unpacked(data)
            self._careful = bounded.TIMED_OUT in self.snapshot.skipped
        elif self._quick:
            self._careful, self.due_at = True, time.monotonic()
        elif more:
            log.tell("error", f"the scan did not end within {_SCAN_S:g} s")
        else:
            log.tell("error", "the scan ended without a result")
        self._loop.forget(child.descriptor)
        child.kill()
        child.close()
        self._left = [one for one in (*self._left, child) if one.ended() is None]
        self._child = None
