"""One endpoint: shake hands, look at the certificates, judge them as Go does, ask OpenSSL too."""

import ssl
import time
from collections.abc import Callable
from typing import NamedTuple

from probe import codes
from probe.deadline import Deadline
from probe.golang import served
from probe.golang.certificate import Certificate
from probe.golang.endpoint import Endpoint
from probe.golang.httpproxy import Proxy
from probe.golang.judged import Go
from probe.golang.served import Served
from probe.golang.verify import Chain, Verdict
from probe.tls import opinion, retries, signatures, trial
from probe.tls.failure import HANDSHAKE, Failed
from probe.tls.line import Line
from probe.tls.opinion import Opinion, Trust
from probe.tls.session import Session
from probe.tls.trial import Offer

_SHARE = 0.7  # of the time that is left
_OF_THE_OFFER = (codes.TLS_HANDSHAKE_FAILURE, codes.TLS_ALERT)
_CLOCKS_AGREE_S = 60  # OpenSSL judges by the clock, so it is asked about now only


class Visitor(NamedTuple):
    """What all visits of one run share."""

    go: Go
    trust: Trust
    looking: ssl.SSLContext
    now: float  # seconds since the epoch; dates are judged against it
    attempts: int
    deadline: Deadline


class Visit(NamedTuple):
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
    opinion: Opinion = Opinion(None, "it was not asked")
    protocol: str = ""
    cipher: str = ""
    refused: str = ""  # the alert by which the server refused a client without a certificate
    offer: Offer = Offer(None)  # what the server says to Go's own first message


def visit(it: Visit, progress: Callable[[str], None]) -> Outcome:
    """
    Visit an endpoint, again and again while the network fails in passing and there is time.

    *progress* is told the phase. Ends by the deadline, unless the resolver hangs.
    """
    visitor = it.visitor
    attempt = 1
    while True:
        line = Line(it.endpoint, it.proxy, visitor.go, visitor.trust, visitor.now, visitor.deadline, progress)
        try:
            outcome = _look(visitor, line, attempt, progress)
            good = outcome.verdict and outcome.verdict.ok is not False and not outcome.refused
            return _offer(visitor, line, outcome, progress) if good else outcome
        except Failed as failed:
            pause = retries.pause(attempt)
            last = attempt >= visitor.attempts or not retries.worth_waiting(pause, visitor.deadline)
            if last or not failed.transient:
                outcome = _without_handshake(visitor, line, attempt, failed)
                ours = failed.code in _OF_THE_OFFER and not failed.presented
                return _offer(visitor, line, outcome, progress) if ours else outcome
        finally:
            line.close()
        progress(f"the pause before attempt {attempt + 1}")
        time.sleep(pause)
        attempt += 1


def _offer(visitor: Visitor, line: Line, outcome: Outcome, progress: Callable[[str], None]) -> Outcome:
    """The same with what the server says to Go's own first message."""
    line.close()
    progress("the first message as Go sends it")
    patience_s = _patience(visitor, sum(outcome.seconds.values()))
    offer = trial.make(line, visitor.go, visitor.deadline, patience_s)
    return outcome._replace(offer=offer)


def _patience(visitor: Visitor, first_s: float) -> float:
    """Seconds for a connection that must not cost us what we know already."""
    return min(visitor.deadline.remaining() * _SHARE, max(1.0, 3 * first_s))


def _look(visitor: Visitor, line: Line, attempt: int, progress: Callable[[str], None]) -> Outcome:
    stream = line.open()
    progress(HANDSHAKE)
    begin = time.monotonic()
    tls = Session(stream, visitor.looking, line.server_name)
    tls.handshake()
    seconds = {**line.seconds, HANDSHAKE: time.monotonic() - begin}
    tls.close()
    line.finish_sending()  # a server that serves one client at a time turns to the next
    peer = line.peer
    shown = served.read(tls.presented(), visitor.go)
    if not (shown.chain or shown.refusal):
        raise Failed(codes.TLS_PROTOCOL_ERROR, HANDSHAKE, "the server sent no certificate")
    second = _ask_openssl(visitor, line, shown, sum(seconds.values()), progress)
    refused = tls.refusal()  # by now an alert that answers our handshake has had time to arrive
    verdict = _judge(visitor, line, shown, second, tls13=tls.protocol == "TLSv1.3")
    return Outcome(
        line.endpoint,
        line.proxy,
        attempt,
        seconds,
        peer,
        None,
        len(tls.presented()),
        shown.chain,
        verdict,
        second,
        tls.protocol,
        tls.cipher,
        refused,
    )


def _without_handshake(visitor: Visitor, line: Line, attempt: int, failed: Failed) -> Outcome:
    outcome = Outcome(line.endpoint, line.proxy, attempt, dict(line.seconds), line.peer, failed)
    if not failed.presented:
        return outcome
    shown = served.read(failed.presented, visitor.go)
    verdict = _judge(visitor, line, shown, Opinion(None, ""), tls13=False)
    return outcome._replace(presented=len(failed.presented), chain=shown.chain, verdict=verdict)


def _ask_openssl(
    visitor: Visitor, line: Line, shown: Served, first_s: float, progress: Callable[[str], None]
) -> Opinion:
    """OpenSSL's opinion by a second connection; none where no root could lead anywhere."""
    if abs(visitor.now - time.time()) > _CLOCKS_AGREE_S:
        return Opinion(None, "it judges by the clock only")
    context = visitor.trust.context(shown.chain)
    if not context:
        return Opinion(False, "none of the roots has the name of an issuer")
    progress("TLS handshake as OpenSSL's clients do it")
    line.deadline = visitor.deadline.within(_patience(visitor, first_s))
    try:
        return opinion.ask(line.open(), context, line.endpoint.host)
    except Failed as failed:
        return Opinion(None, failed.detail)


def _judge(visitor: Visitor, line: Line, shown: Served, second: Opinion, *, tls13: bool) -> Verdict:
    def signed(child: Certificate, parent: Certificate) -> bool | None:
        return True if (child.der, parent.der) in second.signed else signatures.signed(child, parent)

    host, pool = line.endpoint.host, visitor.trust.pool
    return served.judge(shown, host, visitor.now, pool, visitor.go, signed, tls13=tls13)
