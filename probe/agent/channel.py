"""One HTTP connection of the agent: how much it may make us hold, and for how long."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestHeaderFieldsTooLarge

from probe.lightweight import Any

HEADER_BYTES = 16 << 10
HEADER_LINES = 100  # bounds what parsing a header takes
READ_BYTES = 4 << 10  # at once
REQUEST_S = 10.0  # from the first byte of a request to its last
ANSWER_S = 10.0  # until an answer has been taken
IDLE_S = 60.0  # between two requests
_LINGER_S, _LINGER_BYTES = 1.0, 64 << 10  # for a body that nobody wants
_END = b"\r\n\r\n"


class Channel(HTTPChannel):
    """
    A connection that holds one unparsed header and one answer, never more.

    waitress parses all that arrives and keeps it until it is served. Here requests stay as
    bytes, and unread in the kernel, until it is their turn; the next is begun when the client
    has taken the last answer. A body is not read: no path takes one. The answer is then the
    last, and what arrives after it is thrown away for a moment, because a close with unread
    data would reset the connection and take the answer with it.
    """

    begun = False  # has it asked for anything before?
    queued = False  # does it wait for its turn?
    weight = 1  # among the connections that are kept
    _lingers = _lingering = False
    _discarded = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        self.raw = b""  # what has been received and not been parsed
        self.due_at = time.monotonic() + REQUEST_S
        super().__init__(*given, **named)

    @property
    def full(self) -> bool:
        """Whether its answer lies here because nobody takes it."""
        return bool(self.connected and self.total_outbufs_len)

    @property
    def held(self) -> int:
        """Bytes that lie here for its sake."""
        return len(self.raw) + int(self.total_outbufs_len)

    @property
    def path(self) -> bytes:
        """Of the request that comes next, as it stands."""
        return [*self.raw.partition(b"\r\n")[0].split(b" ", 2), b"", b""][1]

    def readable(self) -> bool:
        if self._lingering:
            return True
        return not (self.queued or self.total_outbufs_len or self.will_close or self.close_when_flushed)

    def writable(self) -> bool:
        return not self._lingering and bool(super().writable())

    def handle_read(self) -> None:
        try:
            data = self.socket.recv(READ_BYTES)  # type: ignore[union-attr] # it is connected
        except OSError as problem:
            if not isinstance(problem, BlockingIOError):
                self.handle_close()
            return
        self.take(data)

    def take(self, data: bytes) -> None:
        """Take *data*; b"" is the end: whoever has closed one direction is still answered."""
        if self._lingering:
            self._discarded += len(data)
            if not data or self._discarded > _LINGER_BYTES:
                self.handle_close()
        elif not data:
            self.handle_close()
        else:
            if not self.raw:
                self.due_at = time.monotonic() + REQUEST_S
            self.raw += data
            self._line_up()

    def _line_up(self) -> None:
        """Wait for a turn, when there is a whole header, or more than one may have."""
        self.raw = self.raw.lstrip(b"\r\n")
        if _END in self.raw or len(self.raw) >= HEADER_BYTES:
            self.queued = True
            self.server.add_task(self)  # type: ignore[arg-type] # types-waitress

    def service(self) -> None:
        """Answer one request."""
        self.queued = False
        self.requests = [self._next()]
        super().service()
        self.due_at = time.monotonic() + ANSWER_S
        if self.connected and not self.close_when_flushed:
            self._line_up()

    def _next(self) -> HTTPRequestParser:
        end = self.raw.find(_END) + len(_END)
        header, self.raw = (self.raw[:end], self.raw[end:]) if end >= len(_END) else (self.raw, b"")
        request = self.parser_class(self.adj)
        if header.count(b"\n") > HEADER_LINES:
            request.parse_header(b"GET / HTTP/1.0\r\n")
            request.error = RequestHeaderFieldsTooLarge(f"more than {HEADER_LINES} header lines")
        else:
            request.received(header)
        if request.body_rcv is not None or request.error:
            self.raw = b""
            request.headers["CONNECTION"] = "close"  # type: ignore[index] # types-waitress
            self._lingers = True
        return request

    def handle_write(self) -> None:
        try:
            self._flush_some()  # type: ignore[attr-defined] # types-waitress
        except OSError:
            self.handle_close()
        if not self.connected or self.total_outbufs_len:
            return
        if self.will_close or self.close_when_flushed:
            self._finish()
        elif not self.queued:
            self.due_at = time.monotonic() + (REQUEST_S if self.raw else IDLE_S)

    def _finish(self) -> None:
        """All is said: close, or first let the client say what it still has to say."""
        if not self._lingers or self.will_close:
            self.handle_close()
            return
        self.close_when_flushed, self._lingering = False, True
        self.due_at = time.monotonic() + _LINGER_S
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]
