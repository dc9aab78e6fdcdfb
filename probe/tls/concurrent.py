"""Probe many endpoints concurrently; yield each result as it completes."""

from __future__ import annotations

from probe import room
from probe.deadline import Deadline
from probe.lightweight import Iterator, Sequence, os, queue, thread
from probe.tls import reasons
from probe.tls.dialer import Dialer
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, TIMEOUTS, Failed
from probe.tls.handshake import Outcome, handshake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.net.endpoint import Endpoint

MOST_THREADS = 128
_FILES_EACH = 3  # of a handshake: its socket, a second one to another address, or one to a name server
_OTHER_FILES = 14  # standard ones, modules that are imported, pipes to commands of other checks
_WAITING = "waiting for its turn"
_LAST_WORD_S = 0.02  # what ends right at the deadline may still say how


def handshake_all(dialer: Dialer, endpoints: Sequence[Endpoint]) -> Iterator[Outcome]:
    """
    Shake hands with all *endpoints* concurrently; yield each outcome as it comes, by the deadline.

    A handshake that hangs beyond it (in the resolver) is left to its daemon thread and
    yields a timeout of the phase that it was in. They are under way when this returns.
    """
    crowd = _ThreadPool(dialer, endpoints)
    count = len(endpoints)
    return _finished(dialer, crowd, count) if crowd.start() else _in_turn(crowd, count)


def _in_turn(crowd: _ThreadPool, count: int) -> Iterator[Outcome]:
    """No thread can be started: one after another, in this one."""
    for number in range(count):
        crowd.watch(number)
        yield crowd.outcome(number)


def _finished(dialer: Dialer, crowd: _ThreadPool, count: int) -> Iterator[Outcome]:
    left = set(range(count))
    patience = Deadline(dialer.deadline.remaining() + _LAST_WORD_S)
    while left:
        crowd.watch(min(left))
        try:
            number, outcome = crowd.finished.get(timeout=patience.remaining())
        except queue.Empty:
            break
        if isinstance(outcome, BaseException):
            raise outcome
        left.discard(number)
        yield outcome
    for number in sorted(left):
        yield crowd.given_up(number)


class _ThreadPool:
    """The threads and what they are at."""

    def __init__(self, dialer: Dialer, endpoints: Sequence[Endpoint]) -> None:
        self._dialer, self._endpoints = dialer, endpoints
        self._phases = [_WAITING] * len(endpoints)
        self._most = min(MOST_THREADS, _most_with_descriptors())
        self._next = iter(range(len(endpoints)))
        self._watched = -1
        self._lock = thread.allocate_lock()
        self.finished: queue.SimpleQueue[tuple[int, Outcome | BaseException]] = queue.SimpleQueue()

    def start(self) -> bool:
        """Whether at least one thread is there, or none is needed."""
        for started in range(min(len(self._endpoints), self._most)):
            try:
                room.start_thread(self._work, ())
            except RuntimeError:  # no room for more; fewer will do
                return started > 0
        return True

    def outcome(self, number: int) -> Outcome:
        """Of one handshake, made here and now."""
        outcome = self._visit(number)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def watch(self, number: int) -> None:
        """Tell from here on what this one is at: whoever is late was waiting for that."""
        self._watched = number
        self._tell(number)

    def _tell(self, number: int) -> None:
        self._dialer.progress(f"{self._endpoints[number].text}: {self._phases[number]}")

    def given_up(self, number: int) -> Outcome:
        endpoint, phase = self._endpoints[number], self._phases[number]
        proxy = self._dialer.route(endpoint).proxy
        if phase == _WAITING and self._most < MOST_THREADS:
            failed = Failed(reasons.SOCKET_ERROR, CONNECTING, _no_room(self._most))
            return Outcome(endpoint, proxy, 1, {}, failed=failed)
        reason = TIMEOUTS.get(phase, reasons.HANDSHAKE_TIMEOUT)
        if proxy and phase in (RESOLVING, CONNECTING):
            reason = reasons.PROXY_UNREACHABLE
        known = phase if phase in TIMEOUTS else HANDSHAKE
        failed = Failed(reason, known, f"no end in time; it was at: {phase}")
        return Outcome(endpoint, proxy, 1, {}, failed=failed)

    def _work(self) -> None:
        while True:
            with self._lock:
                number = next(self._next, None)
            if number is None:
                return
            self.finished.put((number, self._visit(number)))

    def _visit(self, number: int) -> Outcome | BaseException:
        def tell(phase: str) -> None:
            self._phases[number] = phase
            if number == self._watched:
                self._tell(number)

        try:
            return handshake(self._dialer._replace(progress=tell), self._endpoints[number])
        except BaseException as problem:  # noqa: BLE001 - handed on to whoever waits
            return problem


def _most_with_descriptors() -> int:
    """How many handshakes the soft limit of open files has room for beside the rest; at least one."""
    limit = os.sysconf("SC_OPEN_MAX")  # RLIMIT_NOFILE, -1 for none: sysconf(3)
    return MOST_THREADS if limit < 0 else max(1, (limit - _OTHER_FILES) // _FILES_EACH)


def _no_room(most: int) -> str:
    limit = os.sysconf("SC_OPEN_MAX")
    room = f"the limit of {limit} open files (ulimit -n) has room for {most} at a time"
    return f"{room}, and its turn did not come"
