"""Work on many items of which none can hold up the rest: a child does it, and is replaced when it hangs."""

from __future__ import annotations

import gc
import marshal
import os
import select
import time
from contextlib import suppress

from probe import prctl
from probe.lightweight import Any, Callable, Iterator, NoReturn, Sequence, signal
from probe.node.proc_files import whole

_LENGTH = 4  # bytes that tell the size of an answer
_LIMIT = 16 << 20  # bytes of one answer
_FIRST_S = 2.0
_END_S = 1.0  # for a child that is killed; one in a system call that nothing ends is left
_PATIENCE = 20  # times the budget, at most, where other programs keep the processor
TIMED_OUT, LOST = "timed out", "lost"


def each(work: Callable[[Any], Any], items: Sequence[Any], budget_s: float) -> Iterator[tuple[Any, Any, str]]:
    """
    Yield (item, work(item), "") for every item, in order.

    *work* runs in a forked child, so that a file system that never answers takes only that child: an
    item that takes longer than *budget_s*, waiting for a processor not counted, yields
    (item, None, TIMED_OUT), one whose child dies (item, None, LOST), and the items after it are given to
    a new child. The first of all may take _FIRST_S more: what it imports serves the others. *work*
    returns what marshal can write; what it remembers lasts as long as its child. The caller has one
    thread.
    """
    at, more_s = 0, _FIRST_S
    while at < len(items):
        child = _Child(work, items[at:])
        try:
            while at < len(items):
                answer, problem = child.answer(budget_s + more_s)
                more_s = 0.0
                yield items[at], answer, problem
                at += 1
                if problem:
                    break
        finally:
            child.close()


class _Child:
    """A fork that works through items and writes one answer after the other."""

    def __init__(self, work: Callable[[Any], Any], items: Sequence[Any]) -> None:
        self._reader, writer = os.pipe2(os.O_CLOEXEC)
        self._data = bytearray()
        parent = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            _work(work, items, writer, parent)
        os.close(writer)
        self._ready = select.poll()
        self._ready.register(self._reader, select.POLLIN)

    def answer(self, budget_s: float) -> tuple[Any, str]:
        """The next answer, and "" or why there is none."""
        begin, queued, waiting = time.monotonic(), self._queued_s(self._pid), 0.0
        while True:
            size = int.from_bytes(self._data[:_LENGTH], "big") if len(self._data) >= _LENGTH else None
            if size is not None and len(self._data) >= _LENGTH + size:
                answer = marshal.loads(bytes(self._data[_LENGTH : _LENGTH + size]))  # noqa: S302 - our child's
                del self._data[: _LENGTH + size]
                return answer, ""
            waited = time.monotonic() - begin
            left = budget_s - waited
            if left <= 0:
                waiting = max(
                    waiting, self._all_queued_s() - queued
                )  # a thread that ends takes its share along
                left += min(waiting, _PATIENCE * budget_s)
            if left <= 0:
                return None, TIMED_OUT
            if not self._ready.poll(left * 1000):
                continue
            piece = os.read(self._reader, 1 << 16)
            if not piece or len(self._data) > _LIMIT:
                return None, LOST
            self._data += piece

    def _all_queued_s(self) -> float:
        """For how long all threads of the child have waited for a processor so far."""
        try:
            return sum(self._queued_s(int(thread)) for thread in os.listdir(f"/proc/{self._pid}/task"))
        except OSError:
            return 0.0

    def _queued_s(self, thread: int) -> float:
        """The same of one thread; the first has the number of the child (schedstat in proc(5))."""
        try:
            return int(whole(f"/proc/{self._pid}/task/{thread}/schedstat", 100).split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def close(self) -> None:
        """End the child."""
        os.close(self._reader)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        end = time.monotonic() + _END_S
        while not os.waitpid(self._pid, os.WNOHANG)[0] and time.monotonic() < end:
            time.sleep(0.001)


def _work(work: Callable[[Any], Any], items: Sequence[Any], writer: int, parent: int) -> NoReturn:
    try:
        gc.freeze()  # a collection would write to, and so copy, every page of the parent's objects
        prctl.load()(prctl.PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        for item in items:
            data = marshal.dumps(work(item))
            framed = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
            while framed:
                framed = framed[os.write(writer, framed) :]
        os._exit(0)
    finally:
        os._exit(1)
