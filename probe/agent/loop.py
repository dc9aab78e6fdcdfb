"""The one loop of the agent: HTTP connections, our own descriptors, and what is due."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from waitress import wasyncore
from waitress.channel import HTTPChannel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SEND_BYTES = 64 << 10  # up to here answers are gathered, so that one leaves in one piece
CONNECTIONS = 256  # that are kept; above, the oldest go
_SPARE_DESCRIPTORS = 32  # for everything that is no connection
_SLICE_S = 0.02  # that those who ask for more may take before newcomers are looked for
_NEWCOMERS = 64  # that are taken in before those who are here are seen to
FIRST = ("/livez", "/readyz", "/startupz", "/healthz")


class Channel(HTTPChannel):
    """A connection of waitress that remembers whether it has asked for anything before."""

    begun = False

    @property
    def full(self) -> bool:
        """Whether its answers lie here because nobody takes them."""
        return bool(self.connected and self.total_outbufs_len >= SEND_BYTES)


class Inline:
    """
    Serves requests in the loop itself, where waitress would hand them to threads.

    Every answer comes from memory, so nothing is gained by a thread, and a process with one
    thread may fork. The first request of a connection for its health goes before all else, as
    the kubelet's is; whoever asks for more shares what time is left. A connection that has not
    taken its last answers gets no other: there is a bound to what it can make us hold.
    """

    def __init__(self) -> None:
        self._first: deque[Channel] = deque()
        self._rest: deque[Channel] = deque()

    def add_task(self, task: Channel) -> None:
        path = getattr(task.requests[0], "path", "")  # what is no request has none
        first = not task.begun and path.startswith(FIRST)
        task.begun = True
        (self._first if first else self._rest).append(task)

    def serve(self) -> None:
        """Serve all of the first, and of the others as many as there is time for, in turns."""
        while self._first:
            _serve(self._first.popleft())
        end = time.monotonic() + _SLICE_S
        for _ in range(len(self._rest)):
            task = self._rest.popleft()
            if task.full:
                self._rest.append(task)
            else:
                _serve(task)
            if time.monotonic() >= end:
                return

    @property
    def ready(self) -> bool:
        return bool(self._first) or not all(task.full for task in self._rest)

    def set_thread_count(self, count: int) -> None:
        """There are none."""

    def shutdown(self) -> None:
        for task in (*self._first, *self._rest):
            task.cancel()
        self._first.clear()
        self._rest.clear()


def _serve(task: Channel) -> None:
    task.service()
    if task.connected and not task.requests:
        task.handle_write()  # at once: another turn of the loop would cost each answer a poll


class Loop:
    """What is waited for. `map` is the one that waitress keeps its sockets in."""

    def __init__(self) -> None:
        self.map: dict[int, Any] = {}
        self.inline = Inline()
        self.held: set[Any] = set()  # channels with bytes that no descriptor tells of: TLS has read them
        most = os.sysconf("SC_OPEN_MAX")  # RLIMIT_NOFILE; -1 where there is no limit
        self._most = max(4, min(CONNECTIONS, most - _SPARE_DESCRIPTORS)) if most > 0 else CONNECTIONS

    def watch(self, descriptor: int, ready: Callable[[], None]) -> None:
        """Call *ready* whenever *descriptor* can be read or has come to its end."""
        self.map[descriptor] = _Watch(ready)

    def forget(self, descriptor: int) -> None:
        self.map.pop(descriptor, None)

    def turn(self, within_s: float) -> None:
        """Wait for something, at most *within_s*, and do what there is to do."""
        held = [one for one in self.held if one.readable()]
        wasyncore.poll2(0.0 if held or self.inline.ready else within_s, self.map)
        for channel in held:
            if channel in self.held:
                channel.handle_read()
        self.inline.serve()
        self._make_room()

    @property
    def channels(self) -> list[Channel]:
        return [one for one in self.map.values() if isinstance(one, Channel)]

    @property
    def busy(self) -> bool:
        """Whether a request or an answer is still under way."""
        return any(one.requests or one.total_outbufs_len for one in self.channels)

    def _make_room(self) -> None:
        """
        Close the oldest connections when there are more than we keep, whatever they are about.

        Those who open many, and say nothing or never stop, thereby push out one another, and
        not the kubelet, who is new, quick and gone.
        """
        if len(self.map) <= self._most:
            return
        # In the order in which they came: a dict keeps it, and no clock can be set under it.
        for channel in self.channels[: len(self.map) - self._most]:
            with suppress(OSError):
                channel.handle_close()

    def close(self) -> None:
        self.inline.shutdown()
        wasyncore.close_all(self.map, ignore_all=True)


def greedy(accept: Callable[[], None], descriptor: int) -> Callable[[], None]:
    """*accept*, which takes one connection, as often as there are any, so that none has to wait its turn."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)

    def accept_all() -> None:
        accept()
        for _ in range(_NEWCOMERS):
            if not waiting.poll(0):
                return
            accept()

    return accept_all


class _Watch:
    """A descriptor of ours among those of waitress."""

    accepting = False

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        self._ready()

    handle_expt_event = handle_close = handle_read_event

    def handle_error(self) -> None:
        raise  # it is called while the error is handled

    def close(self) -> None:
        """Whoever watches it closes it."""


def drained(descriptor: int) -> None:
    """Empty a pipe that only wakes."""
    with suppress(BlockingIOError):
        while os.read(descriptor, 512):
            pass
