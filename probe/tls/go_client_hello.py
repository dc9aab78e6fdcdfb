"""Does a server take what a Go client offers? OpenSSL's offer, which it took, is another one."""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.lightweight import Callable, NamedTuple
from probe.tls import server_reply
from probe.tls.client_hello import ClientHello, client_hello
from probe.tls.dialer import Route
from probe.tls.errors import Failed
from probe.tls.server_reply import ServerReply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.tls.offer import RicherOffer
    from probe.tls.hello_bisect import Disturbance

# handshake_failure, illegal_parameter, protocol_version, insufficient_security: what too small an offer gets
_TOO_LITTLE = (40, 47, 70, 71)
_LEAST_S = 0.25  # to wait for an answer before its absence means anything


class Offer(NamedTuple):
    """Whether the server goes on after Go's first message; None where it said nothing for certain."""

    ok: bool | None
    detail: str = ""
    alert: int | None = None  # by which it was refused
    disturbance: Disturbance | None = None  # what of it is to blame
    reply: ServerReply | None = None
    richer: RicherOffer | None = None  # with which the message was answered, where it offers too little


class GoHelloTrial:
    """Go's first message on a connection of its own; sent first, and answered when there is time."""

    def __init__(self, route: Route, patience_s: float) -> None:
        self._route, self._go = route, route.dialer.go
        self._patience_s = patience_s
        hello = client_hello(self._go, route.server_name)
        self._first = _Exchange(route.again(route.dialer.deadline.within(patience_s)), self._go, hello)

    def offer(self, answered_s: float, control: Callable[[], bool]) -> Offer:
        """
        What the answer means. Ends the connection.

        Where it is no ServerHello, the message is sent again, and others like it, to find
        what is to blame. *answered_s*: how long another message took to be answered;
        *control*: whether that one is answered still.
        """
        reply, silence = self._first.reply()
        if reply and reply.accepted:
            return Offer(True, reply=reply)
        if reply and reply.version:  # it has answered, and chosen what Go does not do
            refused = Offer(False, reply.detail, reply=reply)
            return refused if reply.detail == server_reply.LACKS_EMS else self._richer(refused)
        from probe.tls.hello_bisect import MOST_S, Bisection, Passing

        until = self._route.dialer.deadline.within(MOST_S)
        wait_s = max(_LEAST_S, 5 * answered_s)
        refused = Offer(False, reply.detail, reply.alert) if reply else Offer(False, silence)

        too_little = bool(reply and reply.alert in _TOO_LITTLE)

        def answered(hello: ClientHello) -> bool:
            found, _ = _Exchange(self._route.again(until.within(wait_s)), self._go, hello).reply()
            # Who asks for another key first may refuse the rest of the offer after that.
            return bool(found and found.accepted and not (too_little and found.retry))

        def more() -> bool:
            return until.remaining() > wait_s / 2

        kept = len(offer.richer(self._go)) if too_little else 0
        found = Bisection(self._go, self._route.server_name, answered, more=more, kept=kept).find()
        if isinstance(found, Passing):
            return Offer(True)
        if found:
            return refused._replace(disturbance=found)
        if reply:
            return self._richer(refused) if too_little else refused
        return self._alone(refused, wait_s, control)

    def _richer(self, refused: Offer) -> Offer:
        """With the change to the program whose offer the server takes, if there is such."""
        for richer in offer.richer(self._go):
            deadline = self._route.dialer.deadline
            hello = client_hello(richer.go, self._route.server_name)
            route = self._route.again(deadline.within(min(self._patience_s, deadline.remaining() / 2)))
            reply, _ = _Exchange(route, richer.go, hello).reply()
            if reply and reply.accepted:
                return refused._replace(richer=richer)
        return refused

    def _alone(self, refused: Offer, wait_s: float, control: Callable[[], bool]) -> Offer:
        """No message of ours got an answer: is that Go's offer, or the network in passing?"""
        deadline = self._route.dialer.deadline
        if deadline.remaining() > 2 * wait_s and control():
            hello = client_hello(self._go, self._route.server_name)
            again, _ = _Exchange(self._route.again(deadline.within(wait_s)), self._go, hello).reply()
            return Offer(True, reply=again) if again and again.accepted else refused
        return Offer(None, refused.detail)


class _Exchange:
    """One ClientHello and the answer to it."""

    def __init__(self, route: Route, go: Go, hello: ClientHello) -> None:
        self._route, self._go = route, go
        self._problem: Failed | None = None
        try:
            self._stream = route.open()
            self._stream.send(hello.encode())
        except Failed as failed:
            self._problem = failed

    def reply(self) -> tuple[ServerReply | None, str]:
        """The answer, or why there was none. Ends the connection as a client that changes its mind does."""
        # No alert: the server may have begun to encrypt, and would log that ours does not decrypt.
        try:
            if self._problem:
                raise self._problem
            reply = server_reply.receive(self._stream, self._go)
        except Failed as failed:
            return None, failed.detail
        finally:
            self._route.hang_up()
        return reply, "" if reply else "it closed the connection"
