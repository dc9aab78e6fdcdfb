"""The one loop of the agent: HTTP connections, our own descriptors, and what is due."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from waitress import wasyncore

from probe import syscalls
from probe.agent.channel import Channel
from probe.lightweight import Any

CONNECTIONS = 256  # that are kept; above, some go
HELD_BYTES = 1 << 20  # of requests and answers that lie here, of all connections together
_SPARE_DESCRIPTORS = 32  # for everything that is no connection
_SLICE_S = 0.02  # that those who ask for more may take before newcomers are looked for
_NEWCOMERS = 64  # that are taken in before those who are here are seen to
FIRST = (b"/livez", b"/readyz", b"/startupz", b"/healthz")


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
        first = not task.begun and task.path.startswith(FIRST)
        task.begun = True
        (self._first if first else self._rest).append(task)

    def serve(self) -> None:
        """Serve all of the first, and of the others as many as there is time for, in turns."""
        while self._first:
            _serve(self._first.popleft())
        end = time.monotonic() + _SLICE_S
        for _ in range(len(self._rest)):
            task = self._rest.popleft()
            if not task.connected:
                continue
            if task.full:
                self._rest.append(task)
            else:
                _serve(task)
            if time.monotonic() >= end:
                return

    @property
    def ready(self) -> bool:
        return bool(self._first) or any(not task.full for task in self._rest)

    def set_thread_count(self, count: int) -> None:
        """There are none."""

    def shutdown(self) -> None:
        for task in (*self._first, *self._rest):
            task.cancel()
        self._first.clear()
        self._rest.clear()


def _serve(task: Channel) -> None:
    if task.connected:
        task.service()
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
        return any(one.queued or one.total_outbufs_len for one in self.channels)

    def _make_room(self) -> None:
        """
        Close who is late, and some of the others where they are too many or make us hold too much.

        Those go who came first, of the peer that has most. Who opens many connections, and says
        nothing or never stops, thereby pushes out his own, and not the kubelet, who is new, quick
        and gone. In the order in which they came: a dict keeps it, and no clock can be set under it.
        """
        now, channels = time.monotonic(), self.channels
        for channel in channels:
            if channel.due_at < now and (channel.full or not channel.queued):
                channel.handle_close()
        _shed(channels, lambda one: one.weight if one.connected else 0, self._most)
        _shed(channels, lambda one: one.held if one.connected else 0, HELD_BYTES)

    def close(self) -> None:
        self.inline.shutdown()
        wasyncore.close_all(self.map, ignore_all=True)


def _shed(channels: list[Channel], weight: Callable[[Channel], int], limit: int) -> None:
    """Close *channels*, the first of the heaviest peer each time, until *weight* sums up to *limit*."""
    total = sum(map(weight, channels))
    if total <= limit:
        return
    peers: dict[str, list[Channel]] = {}
    for channel in channels:
        if weight(channel):
            peers.setdefault(channel.addr[0], []).append(channel)
    sums = {peer: sum(map(weight, ones)) for peer, ones in peers.items()}
    while total > limit:
        peer = max(sums, key=sums.__getitem__)
        channel = peers[peer].pop(0)
        total, sums[peer] = total - weight(channel), sums[peer] - weight(channel)
        channel.handle_close()


def greedy(accept: Callable[[], None], descriptor: int) -> Callable[[], None]:
    """*accept*, which takes one connection, as often as there are any, so that none has to wait its turn."""
    waiting = syscalls.poll()
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
