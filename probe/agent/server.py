"""The agent as a process: binds, follows signals, turns the loop until it is asked to end."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Callable, Sequence

from probe.agent import http, log
from probe.agent.app import App
from probe.agent.channel import Channel
from probe.agent.loop import Loop
from probe.agent.reload import PlanReload
from probe.agent.schedule import Plan
from probe.agent.signals import Signals, wake
from probe.agent.state import State
from probe.agent.status_socket import SocketTaken, StatusSocket
from probe.agent.workload import Workload
from probe.errors import ProbeError
from probe.lightweight import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe import lightweight

_TICK_S = 1.0  # while somebody is connected, so that the silent are seen
_REST_S = 30.0


def serve(
    plan: Plan,
    reading: PlanReload,
    listener: lightweight.socket.socket,
    places: Sequence[str],
    workload: Workload | None = None,
) -> None:
    """
    Answer on *listener* by *plan* until SIGTERM or SIGINT; SIGHUP has *reading* make a new plan.

    `probe status` is answered at the first of *places* that will do.

    Beside a *workload* that has been told to end we begin as after the first SIGTERM.
    """
    state, loop = State(plan, workload), Loop()
    bound = socket.socket(fileno=listener.detach())
    http.serve(App(state), loop, bound, _secured(state, loop) if state.credentials else Channel)
    local = _local(places, state, loop)
    signals = Signals(loop)
    if workload and workload.ending:
        signals.end += 1
    host, port = bound.getsockname()[:2]
    log.tell("info", "listening", address=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    gc.collect()
    gc.freeze()  # what is here stays, and need not be looked through again
    try:
        _Server(state, loop, local, signals, reading).run()
    finally:
        state.schedule.stop()
        reading.stop()
        if local:
            local.close()
        loop.close()


class _Server:
    def __init__(
        self, state: State, loop: Loop, local: StatusSocket | None, signals: Signals, reading: PlanReload
    ) -> None:
        self._state, self._loop, self._local, self._signals = state, loop, local, signals
        self._reading = reading
        self._watched: set[int] = set()  # the descriptors on which children write

    def run(self) -> None:
        """Serve; after the first request to end for `drain_s` more, after the second no more."""
        while not self._signals.end:
            self._turn(_REST_S)
        self._state.drain()
        end = time.monotonic() + self._state.plan.agent.drain_s
        while (left := end - time.monotonic()) > 0 and self._signals.end < 2:
            self._turn(left)
        last = time.monotonic() + 1.0
        while self._loop.busy and time.monotonic() < last:
            self._turn(0.05)

    def _turn(self, most_s: float) -> None:
        schedule = self._state.schedule
        schedule.tick()
        self._take_over()
        self._follow({schedule.descriptor, self._reading.descriptor})
        self._state.look()
        wait = min(most_s, schedule.wait_s(), self._reading.wait_s())
        if self._loop.channels or (self._local and self._local.waiting):
            wait = min(wait, _TICK_S)
        self._loop.turn(wait)
        if self._local:
            self._local.sweep()

    def _follow(self, descriptors: set[int | None]) -> None:
        """Have the loop wait for the children that are at work, and for no other."""
        wanted = {one for one in descriptors if one is not None}
        for gone in self._watched - wanted:
            self._loop.forget(gone)
        for one in wanted:  # anew: the number may be that of another pipe by now
            self._loop.watch(one, wake)
        self._watched = wanted

    def _take_over(self) -> None:
        """Begin to read the configuration when asked to, and go by it when it has been read."""
        try:
            if self._signals.reload:
                self._signals.reload = False
                self._reading.begin()
            if plan := self._reading.ended():
                self._state.adopt(plan)
        except ProbeError as problem:
            self._state.refuse(problem)


def _secured(state: State, loop: Loop) -> Callable[..., None]:
    """What makes a channel of a connection, with the credentials that are in force then."""
    from probe.agent.tls import TlsChannel

    def channel(server: Any, connection: socket.socket, *more: Any, **named: Any) -> None:
        try:
            if state.credentials:
                context = state.credentials.context()
                TlsChannel(context, loop.held, server, connection, *more, **named)
        except (OSError, ValueError):  # it has gone again
            connection.close()

    return channel


def _local(places: Sequence[str], state: State, loop: Loop) -> StatusSocket | None:
    """The socket of `probe status`. Without it the agent still answers HTTP, and says what is missing."""
    why = ""
    for place in places:
        try:
            return StatusSocket(place, state, loop)
        except SocketTaken as problem:  # `status` would ask that one, whatever other place we took
            why = str(problem)
            break
        except (OSError, ProbeError) as problem:
            told = str(problem) if isinstance(problem, ProbeError) else f"{place}: {problem.strerror}"
            why = why or told  # of the first, which is where it belongs
    if places:
        log.tell("warn", "no socket for probe status, which will run a check itself", cause=why)
    return None
