"""Many visits side by side, each outcome as soon as it is there."""

from __future__ import annotations

import _thread  # "threading" costs 2 ms, with what it imports
from _queue import Empty, SimpleQueue  # "queue" adds nothing to them but heapq

from probe import codes
from probe.deadline import Deadline
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, TIMEOUTS, Failed
from probe.tls.handshake import HandshakeTask, Outcome, handshake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_THREADS = 128
_LAST_WORD_S = 0.02  # what ends right at the deadline may still say how


def handshake_all(
    visits: Sequence[HandshakeTask], deadline: Deadline, progress: Callable[[str], None]
) -> Iterator[Outcome]:
    """
    Make all *visits*; yield every outcome as it comes, by the deadline.

    A visit that hangs beyond it (in the resolver) is left to its daemon thread and
    yields a timeout of the phase that it was in.
    """
    crowd = _ThreadPool(visits)
    crowd.start()
    left = set(range(len(visits)))
    patience = Deadline(deadline.remaining() + _LAST_WORD_S)
    while left:
        progress(crowd.told(min(left)))
        try:
            number, outcome = crowd.finished.get(timeout=patience.remaining())
        except Empty:
            break
        if isinstance(outcome, BaseException):
            raise outcome
        left.discard(number)
        yield outcome
    for number in sorted(left):
        yield crowd.given_up(number)


class _ThreadPool:
    """The threads and what they are at."""

    def __init__(self, visits: Sequence[HandshakeTask]) -> None:
        self._visits = visits
        self._phases = ["waiting for its turn"] * len(visits)
        self._next = iter(range(len(visits)))
        self._lock = _thread.allocate_lock()
        self.finished: SimpleQueue[tuple[int, Outcome | BaseException]] = SimpleQueue()

    def start(self) -> None:
        for started in range(min(len(self._visits), MOST_THREADS)):
            try:
                _thread.start_new_thread(self._work, ())
            except RuntimeError:  # no room for more; fewer will do
                if not started:
                    raise
                return

    def told(self, number: int) -> str:
        return f"{self._visits[number].endpoint.text}: {self._phases[number]}"

    def given_up(self, number: int) -> Outcome:
        one, phase = self._visits[number], self._phases[number]
        code = TIMEOUTS.get(phase, codes.TLS_HANDSHAKE_TIMEOUT)
        if one.proxy and phase in (RESOLVING, CONNECTING):
            code = codes.TLS_PROXY_UNREACHABLE
        known = phase if phase in TIMEOUTS else HANDSHAKE
        failed = Failed(code, known, f"no end in time; it was at: {phase}")
        return Outcome(one.endpoint, one.proxy, 1, {}, failed=failed)

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

        try:
            return handshake(self._visits[number], tell)
        except BaseException as problem:  # noqa: BLE001 - handed on to whoever waits
            return problem
