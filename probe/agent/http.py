"""HTTP by waitress, in our loop: bounded, without threads, and silent about bad requests."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from probe.agent.channel import HEADER_BYTES
from probe.agent.listener import BACKLOG
from probe.agent.loop import Loop, greedy
from probe.lightweight import Any

_SETTINGS: dict[str, Any] = {
    "max_request_header_size": HEADER_BYTES,
    "max_request_body_size": 64 << 10,
    "channel_timeout": 1 << 40,  # it goes by the wall clock, and a byte now and then renews it
    "connection_limit": 1 << 20,  # ours is in probe.agent.loop: it makes room instead of refusing
    "send_bytes": 1 << 20,  # more than any answer: one leaves in one piece
    "backlog": BACKLOG,
    "log_socket_errors": False,
    "clear_untrusted_proxy_headers": False,
    "ident": None,
}


def serve(app: Callable[..., Any], loop: Loop, bound: socket.socket, channel: Callable[..., Any]) -> None:
    """
    Answer with *app* (WSGI) whoever connects to *bound*, as *loop* turns; *channel* takes a connection.

    waitress resolves a listener of its own too, and imports IDNA where that has a name.
    """
    logging.getLogger("waitress").disabled = True  # it would tell of each bad request
    logging.getLogger("waitress.queue").disabled = True
    where = (bound.family, bound.type, bound.proto, bound.getsockname())
    settings = Adjustments(listen="*:0", **_SETTINGS)
    given: dict[str, Any] = {"dispatcher": loop.inline, "adj": settings, "sockinfo": where}
    server: Any = TcpWSGIServer(app, loop.map, True, bound, **given, bind_socket=False)
    server.handle_accept = greedy(server.handle_accept, bound.fileno())
    server.pull_trigger = _unneeded  # it wakes a loop that sleeps while threads work
    server.channel_class = channel


def _unneeded() -> None:
    """Whoever works is the loop itself."""
