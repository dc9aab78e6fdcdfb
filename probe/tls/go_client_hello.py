"""Does a server take what a Go client offers? OpenSSL's offer, which it took, is another one."""

import time

from probe.golang.release import Go
from probe.lightweight import NamedTuple
from probe.tls import client_hello
from probe.tls.client_hello import ServerReply
from probe.tls.dialer import Route
from probe.tls.errors import Failed

_SMALL = {"tlsmlkem": "0", "tlskyber": "0"}  # GODEBUG that leaves post-quantum keys out
_LEAST_S = 0.3  # to wait for an answer before its absence means anything
_CANCELLED = b"\x15\x03\x03\0\2\2\x5a"  # alert user_canceled: what servers log in place of an EOF


class Offer(NamedTuple):
    """Whether the server goes on after Go's first message; None where it said nothing for certain."""

    ok: bool | None
    detail: str = ""
    too_large: bool = False  # a small first message is answered, and Go's own never
    alert: int | None = None  # by which it was refused


class GoHelloTrial:
    """Go's first message on a connection of its own; sent first, and answered when there is time."""

    def __init__(self, route: Route, patience_s: float) -> None:
        self._route, self._go = route, route.dialer.go
        self._deadline, self._patience_s = route.dialer.deadline, patience_s
        self._first = _Exchange(route.again(self._deadline.within(patience_s)), self._go)

    def offer(self) -> Offer:
        """
        What the answer means. Ends the connection.

        No answer may be an accident. Where the message is large, a small one tells whether
        it was its size: then it is sent once more.
        """
        reply, silence = self._first.reply()
        if reply:
            return Offer(reply.accepted, reply.detail, alert=reply.alert)
        if len(client_hello.client_hello(self._go, self._route.server_name)) > client_hello.LARGE:
            small = self._go._replace(godebug={**self._go.godebug, **_SMALL})
            begin = time.monotonic()
            answered, _ = self._once(small)
            enough_s = max(_LEAST_S, 5 * (time.monotonic() - begin))
            if answered and answered.accepted and self._deadline.remaining() > enough_s:
                again, silence = self._once(self._go)
                if not again:
                    return Offer(False, silence, too_large=True)
        return Offer(None, silence)

    def _once(self, go: Go) -> tuple[ServerReply | None, str]:
        return _Exchange(self._route.again(self._deadline.within(self._patience_s)), go).reply()


class _Exchange:
    """One ClientHello and the answer to it."""

    def __init__(self, route: Route, go: Go) -> None:
        self._route, self._go = route, go
        self._problem: Failed | None = None
        try:
            self._stream = route.open()
            self._stream.send(client_hello.client_hello(go, route.server_name))
        except Failed as failed:
            self._problem = failed

    def reply(self) -> tuple[ServerReply | None, str]:
        """The answer, or why there was none."""
        try:
            if self._problem:
                raise self._problem
            reply = client_hello.answer(self._stream, self._go)
            self._stream.send(_CANCELLED)
        except Failed as failed:
            return None, failed.detail
        finally:
            self._route.close()
        return reply, "" if reply else "it closed the connection"
