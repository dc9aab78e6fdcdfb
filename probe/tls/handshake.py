"""One endpoint: shake hands, look at the certificates, judge them as Go does, ask OpenSSL too."""

from __future__ import annotations

import time

from probe import codes
from probe.deadline import Deadline
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy
from probe.golang.release import Go
from probe.golang.tls import served
from probe.golang.tls.served import Served
from probe.golang.x509.certificate import Certificate
from probe.golang.x509.verify import Chain, Verdict
from probe.lightweight import NamedTuple
from probe.tls import openssl
from probe.tls.dialer import Line
from probe.tls.errors import HANDSHAKE, Failed
from probe.tls.go_client_hello import GoHelloTrial, Offer
from probe.tls.openssl_verify import OpenSslVerdict, OpenSslVerification
from probe.tls.root_store import RootStore
from probe.tls.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SHARE = 0.7  # of the time that is left
_OF_THE_OFFER = (codes.TLS_HANDSHAKE_FAILURE, codes.TLS_ALERT)
_CLOCKS_AGREE_S = 60  # OpenSSL judges by the clock, so it is asked about now only


class Visitor(NamedTuple):
    """What all visits of one run share."""

    go: Go
    trust: RootStore
    looking: openssl.Context
    now: float  # seconds since the epoch; dates are judged against it
    attempts: int
    deadline: Deadline


class HandshakeTask(NamedTuple):
    """Whom to visit, which way."""

    visitor: Visitor
    endpoint: Endpoint
    proxy: Proxy | None


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


def handshake(it: HandshakeTask, progress: Callable[[str], None]) -> Outcome:
    """
    Visit an endpoint, again and again while the network fails in passing and there is time.

    *progress* is told the phase. Ends by the deadline, unless the resolver hangs.
    """
    visitor = it.visitor
    attempt = 1
    while True:
        line = Line(it.endpoint, it.proxy, visitor.go, visitor.trust, visitor.now, visitor.deadline, progress)
        try:
            return _look(visitor, line, attempt, progress)
        except Failed as failed:
            from probe.tls import backoff

            pause = backoff.pause(attempt)
            last = attempt >= visitor.attempts or not backoff.worth_waiting(pause, visitor.deadline)
            if last or not failed.transient:
                return _without_handshake(visitor, line, attempt, failed)
        finally:
            line.close()
        progress(f"the pause before attempt {attempt + 1}")
        time.sleep(pause)
        attempt += 1


def _look(visitor: Visitor, line: Line, attempt: int, progress: Callable[[str], None]) -> Outcome:
    stream = line.open()
    progress(HANDSHAKE)
    begin = time.monotonic()
    tls = Session(stream, visitor.looking, line.server_name)
    tls.handshake()
    seconds = {**line.seconds, HANDSHAKE: time.monotonic() - begin}
    tls.close()
    line.finish_sending()  # a server that serves one client at a time turns to the next
    shown = served.read(tls.presented(), visitor.go)
    if not (shown.chain or shown.refusal):
        raise Failed(codes.TLS_PROTOCOL_ERROR, HANDSHAKE, "the server sent no certificate")
    progress("what OpenSSL and Go's own first message get")
    patience_s = _patience(visitor, sum(seconds.values()))
    inquiry, unasked = _inquire(visitor, line, shown, patience_s)
    trial = GoHelloTrial(line, visitor.go, visitor.deadline, patience_s)
    opinion = inquiry.opinion() if inquiry else unasked
    refused = tls.refusal()  # by now an alert that answers our handshake has had time to arrive
    verdict = _judge(visitor, line, shown, opinion, tls13=tls.protocol == "TLSv1.3")
    return Outcome(
        line.endpoint,
        line.proxy,
        attempt,
        seconds,
        line.peer,
        None,
        len(tls.presented()),
        shown.chain,
        verdict,
        opinion,
        tls.protocol,
        tls.cipher,
        refused,
        trial.offer(),
    )


def _without_handshake(visitor: Visitor, line: Line, attempt: int, failed: Failed) -> Outcome:
    outcome = Outcome(line.endpoint, line.proxy, attempt, dict(line.seconds), line.peer, failed)
    if failed.presented:
        shown = served.read(failed.presented, visitor.go)
        verdict = _judge(visitor, line, shown, OpenSslVerdict(None, ""), tls13=False)
        return outcome._replace(presented=len(failed.presented), chain=shown.chain, verdict=verdict)
    if failed.code in _OF_THE_OFFER:
        trial = GoHelloTrial(
            line, visitor.go, visitor.deadline, _patience(visitor, sum(line.seconds.values()))
        )
        return outcome._replace(offer=trial.offer())
    return outcome


def _patience(visitor: Visitor, first_s: float) -> float:
    """Seconds for connections that must not cost us what we know already."""
    return min(visitor.deadline.remaining() * _SHARE, max(1.0, 3 * first_s))


def _inquire(
    visitor: Visitor, line: Line, shown: Served, patience_s: float
) -> tuple[OpenSslVerification | None, OpenSslVerdict]:
    """A second handshake as OpenSSL's clients make it; none where no root could lead anywhere."""
    if abs(visitor.now - time.time()) > _CLOCKS_AGREE_S:
        return None, OpenSslVerdict(None, "it judges by the clock only")
    context = visitor.trust.context(shown.chain)
    if not context:
        return None, OpenSslVerdict(False, "none of the roots has the name of an issuer")
    return OpenSslVerification(line.again(visitor.deadline.within(patience_s)), context), OpenSslVerdict(
        None, ""
    )


def _judge(visitor: Visitor, line: Line, shown: Served, opinion: OpenSslVerdict, *, tls13: bool) -> Verdict:
    def signed(child: Certificate, parent: Certificate) -> bool | None:
        if (child.der, parent.der) in opinion.signed:
            return True
        from probe.tls import signatures

        return signatures.signed(child, parent)

    host, pool = line.endpoint.host, visitor.trust.pool
    return served.judge(shown, host, visitor.now, pool, visitor.go, signed, tls13=tls13)
