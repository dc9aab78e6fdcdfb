"""One endpoint: shake hands, look at the certificates, judge them as Go does, ask OpenSSL too."""

from __future__ import annotations

import time

from probe.deadline import FIRST_ANSWER, SECOND_HANDSHAKES
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy
from probe.golang.tls import served
from probe.golang.tls.offer import broken
from probe.golang.tls.served import Served
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.verify import Chain, Verdict
from probe.lightweight import NamedTuple
from probe.tls import reasons
from probe.tls.dialer import Dialer, Route
from probe.tls.errors import CONNECTING, HANDSHAKE, OPENSSL_MESSAGE, TOO_LONG, Failed
from probe.tls.go_client_hello import GoHelloTrial, Offer
from probe.tls.openssl_verify import OpenSslVerdict, OpenSslVerification
from probe.tls.session import Session

# What the offer may be the cause of: Go's is another one than OpenSSL's.
_OF_THE_OFFER = (
    reasons.HANDSHAKE_FAILURE,
    reasons.ALERT,
    reasons.PROTOCOL_VERSION,
    reasons.CONNECTION_RESET,
    reasons.CLOSED,
    reasons.PROTOCOL_ERROR,
)
_OTHER_MESSAGES = 6 << 10  # bytes at most, beside that of the certificates
_HELLO_S = 0.3  # for an answer to Go's message where OpenSSL's has got none for long
_CLOCKS_AGREE_S = 60  # OpenSSL judges by the clock, so it is asked about now only


class Outcome(NamedTuple):
    """
    What came of a visit.

    Without a handshake `failed` says why; there may be certificates even so. `verdict` is
    Go's about them.
    """

    endpoint: Endpoint
    proxy: Proxy | None
    attempts: int
    seconds: dict[str, float]  # by phase, of the connection that looked
    peer: str = ""
    failed: Failed | None = None
    presented: int = 0  # certificates that the server sent
    chain: Chain = ()  # these, leaf first, as far as Go reads them
    verdict: Verdict | None = None
    opinion: OpenSslVerdict = OpenSslVerdict(None, "it was not asked")
    protocol: str = ""
    cipher: str = ""
    refused: str = ""  # the alert by which the server refused a client without a certificate
    offer: Offer = Offer(None)  # what the server says to Go's own first message
    broken: str = ""  # why this Go cannot even send it


def handshake(dialer: Dialer, endpoint: Endpoint) -> Outcome:
    """
    Shake hands with an endpoint, again while the network fails in passing and there is time.

    Ends by the dialer's deadline, unless the resolver hangs.
    """
    attempt = 1
    while True:
        route = dialer.route(endpoint)
        try:
            return _look(route, attempt)
        except Failed as failed:
            from probe.tls import backoff

            pause = backoff.pause(attempt)
            last = attempt >= dialer.attempts or not backoff.worth_waiting(pause, dialer.deadline)
            if last or not failed.transient:
                return _without_handshake(route, attempt, failed)
        finally:
            route.close()
        dialer.progress(f"the pause before attempt {attempt + 1}")
        time.sleep(pause)
        attempt += 1


def _look(route: Route, attempt: int) -> Outcome:
    context = route.dialer.context  # before there is a connection, which would wait for it
    stream = route.open()
    route.dialer.progress(HANDSHAKE)
    begin = time.monotonic()
    tls = Session(stream, context, route.server_name)
    _shake_hands(tls, route)
    seconds = {**route.seconds, HANDSHAKE: time.monotonic() - begin}
    tls.close()
    route.finish_sending()  # a server that serves one client at a time turns to the next
    shown = served.read(tls.presented(), route.dialer.go)
    if not (shown.chain or shown.refusal):
        raise Failed(reasons.PROTOCOL_ERROR, HANDSHAKE, "the server sent no certificate")
    tls13 = tls.protocol == "TLSv1.3"
    if fault := served.too_long(tls.presented(), route.dialer.go, tls13=tls13):
        raise Failed(reasons.TOO_MUCH_DATA, HANDSHAKE, fault)
    route.dialer.progress("what OpenSSL and Go's own first message get")
    patience_s = _patience(route, sum(seconds.values()))
    inquiry, unasked = _inquire(route, shown, patience_s)
    trial = GoHelloTrial(route, patience_s)
    opinion = inquiry.opinion() if inquiry else unasked
    refused = tls.refusal()  # by now an alert that answers our handshake has had time to arrive
    verdict = _judge(route, shown, opinion, tls13=tls13)
    return Outcome(
        route.endpoint,
        route.proxy,
        attempt,
        seconds,
        route.peer,
        None,
        len(tls.presented()),
        shown.chain,
        verdict,
        opinion,
        tls.protocol,
        tls.cipher,
        refused,
        trial.offer(sum(seconds.values()), lambda: _is_answered(route)),
        broken(route.dialer.go),
    )


class _Unanswered(Failed):
    """OpenSSL's message got no answer; `offer` says what came of Go's."""

    def __init__(self, failed: Failed, offer: Offer) -> None:
        super().__init__(failed.reason, failed.phase, failed.detail)
        self.offer = offer


def _shake_hands(tls: Session, route: Route) -> None:
    """As `Session.handshake`; while there is no answer at all, find out whether Go's message gets one."""
    deadline = route.dialer.deadline
    route.wait_until(deadline.share(FIRST_ANSWER))
    try:
        tls.handshake()
    except Failed as failed:
        if failed.reason is not reasons.HANDSHAKE_TIMEOUT or tls.recorded:
            raise
        offer = GoHelloTrial(route, _HELLO_S).offer(route.seconds[CONNECTING], lambda: False)
        if offer.ok or offer.disturbance:
            raise _Unanswered(failed, offer) from None
        route.wait_until(deadline)
        tls.handshake()


def _without_handshake(route: Route, attempt: int, failed: Failed) -> Outcome:
    if failed.limit == TOO_LONG and (limit := _exceeded(route)):
        detail = f"tls: handshake message of certificates exceeds maximum of {limit} bytes"
        failed = Failed(reasons.TOO_MUCH_DATA, HANDSHAKE, detail)
    outcome = Outcome(route.endpoint, route.proxy, attempt, dict(route.seconds), route.peer, failed)
    if failed.presented:
        shown = served.read(failed.presented, route.dialer.go)
        verdict = _judge(route, shown, OpenSslVerdict(None, ""), tls13=False)
        outcome = outcome._replace(presented=len(failed.presented), chain=shown.chain, verdict=verdict)
        if failed.reason is not reasons.PROTOCOL_ERROR:
            return outcome
    if isinstance(failed, _Unanswered):
        return outcome._replace(offer=failed.offer)
    if failed.reason in _OF_THE_OFFER:
        trial = GoHelloTrial(route, _patience(route, sum(route.seconds.values())))
        return outcome._replace(offer=trial.offer(sum(route.seconds.values()), lambda: False))
    return outcome


def _exceeded(route: Route) -> int:
    """The limit of Go's for certificates, where the server sends more, which is over OpenSSL's; else 0."""
    from probe.tls.client_hello import client_hello

    limit = served.message_limit(route.dialer.go)
    if limit <= OPENSSL_MESSAGE:
        return limit
    again = route.again(route.dialer.deadline.share(SECOND_HANDSHAKES))
    try:
        stream = again.open()
        stream.send(client_hello(route.dialer.go, route.server_name).encode())
        left = limit + limit // 512 + _OTHER_MESSAGES  # with the heads of records
        while data := stream.receive():
            left -= len(data)
            if left < 0:
                return limit
            again.wait_until(again.dialer.deadline.within(_patience(again, sum(route.seconds.values()))))
    except Failed:  # it waits for us to go on: that was all
        pass
    finally:
        again.close()
    return 0


def _is_answered(route: Route) -> bool:
    """Whether OpenSSL's handshake, which has come about, does so again."""
    again = route.again(route.dialer.deadline.share(SECOND_HANDSHAKES))
    try:
        tls = Session(again.open(), again.dialer.context, again.server_name)
        tls.handshake()
        tls.close()
    except Failed:
        return False
    finally:
        again.hang_up()
    return True


def _patience(route: Route, first_s: float) -> float:
    """Seconds for connections that must not cost us what we know already."""
    return min(route.dialer.deadline.remaining() * SECOND_HANDSHAKES, max(1.0, 3 * first_s))


def _inquire(
    route: Route, shown: Served, patience_s: float
) -> tuple[OpenSslVerification | None, OpenSslVerdict]:
    """A second handshake as OpenSSL's clients make it; none where no root could lead anywhere."""
    if abs(route.dialer.now - time.time()) > _CLOCKS_AGREE_S:
        return None, OpenSslVerdict(None, "it judges by the clock only")
    context = route.dialer.roots.context(shown.chain)
    if not context:
        return None, OpenSslVerdict(False, "none of the roots has the name of an issuer")
    again = route.again(route.dialer.deadline.within(patience_s))
    return OpenSslVerification(again, context), OpenSslVerdict(None, "")


def _judge(route: Route, shown: Served, opinion: OpenSslVerdict, *, tls13: bool) -> Verdict:
    def signed(child: Certificate, parent: Certificate) -> bool | None:
        if (child.der, parent.der) in opinion.signed:
            return True
        from probe.tls import signatures

        return signatures.signed(child, parent)

    host, pool = route.endpoint.host, route.dialer.roots.pool
    return served.judge(shown, host, route.dialer.now, pool, route.dialer.go, signed, tls13=tls13)
