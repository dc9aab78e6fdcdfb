"""What there is to say about a server that Go accepts."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.handshake_evidence import Facts, called, earliest_end, listed, longest_lived
from probe.golang.timefmt import rfc3339
from probe.golang.x509.verify import Chain
from probe.lightweight import Iterator, Mapping, Sequence
from probe.report import Finding, Status
from probe.tls import rfc5280
from probe.tls.handshake import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.x509.certificate_fields import Certificate
    from probe.report import Remedies

_DAY_S = 86400


def tell(
    outcome: Outcome,
    chains: tuple[Chain, ...],
    expires_in_days: int,
    now: float,
    facts: Facts,
    env: Mapping[str, str],
) -> Iterator[Finding]:
    """A pass, and warnings about what is not Go's trouble today."""
    subject = outcome.endpoint.text
    chain = longest_lived(chains)
    until = rfc3339(earliest_end(chain))
    yield Finding(
        Status.PASS,
        codes.TLS_OK,
        subject,
        f"{outcome.protocol} with {subject}; its chain ends at {called(chain[-1])}, valid until {until}",
        (),
        facts,
    )
    if outcome.offer.ok is None:
        yield _offer_unknown(subject, outcome.offer.detail, env)
    late = [one for one in chain if one.not_after - now < _notice(one, expires_in_days)]
    if late:
        yield _expires_soon(subject, chain, late, now, expires_in_days)
    if outcome.opinion.ok is False:
        yield _openssl_refuses(subject, outcome.opinion.detail)
    elif faults := rfc5280.faults(chain):
        yield _strict_clients_refuse(subject, [f"{called(one)}: {fault}" for one, fault in faults])


def fallback(outcome: Outcome) -> Finding:
    """Said beside a pass that rests on roots which nobody here has seen."""
    from probe.remedies import packages

    return Finding(
        Status.WARN,
        codes.TLS_FALLBACK_ROOTS,
        outcome.endpoint.text,
        f"{outcome.endpoint.text}: the program's roots are compiled in; Mozilla's were used instead",
        packages.copied_roots(),
        {},
    )


def _offer_unknown(subject: str, detail: str, env: Mapping[str, str]) -> Finding:
    from probe.remedies import actions, variables

    return Finding(
        Status.WARN,
        codes.TLS_GO_OFFER_UNKNOWN,
        subject,
        f"{subject} completed a handshake with OpenSSL, but did not answer Go's ClientHello: {detail}",
        actions.ways(actions.probe("probe check --timeout 30"), variables.godebug(env, "tlsmlkem=0")),
        {"go_hello": detail},
    )


def _asked(text: str) -> Remedies:
    from probe.remedies import actions

    return actions.ways(actions.ask(text))


def _notice(certificate: Certificate, expires_in_days: int) -> float:
    """
    How many seconds before its end a certificate should have been renewed.

    At most a third of its lifetime, as ACME clients renew (RFC 9773 has the server say it): one
    that lives for days is renewed in its last days, and is no reason for a warning before.
    """
    lifetime = certificate.not_after - certificate.not_before
    return min(expires_in_days * _DAY_S, lifetime / 3)


def _expires_soon(
    subject: str, chain: Chain, late: Sequence[Certificate], now: float, expires_in_days: int
) -> Finding:
    first = min(late, key=lambda one: one.not_after)
    left = max(0.0, first.not_after - now)
    days = int(left // _DAY_S)
    span = f"{days} days" if days > 1 else f"{int(left // 3600)} hours"
    where = "the server's certificate" if first is chain[0] else "an authority above the server"
    return Finding(
        Status.WARN,
        codes.TLS_EXPIRES_SOON,
        subject,
        f"{subject}: {called(first)} ({where}) expires on {rfc3339(first.not_after)}, in {span}",
        _asked("Ask its owner to renew it before that day"),
        {"not_after": rfc3339(first.not_after), "days": days, "expires_in_days": expires_in_days},
    )


def _openssl_refuses(subject: str, detail: str) -> Finding:
    return Finding(
        Status.WARN,
        codes.TLS_OPENSSL_REFUSES,
        subject,
        f"Go accepts {subject}, but clients in here that use OpenSSL (curl, Python) do not: {detail}",
        _asked("Ask the owner of the server to fix the chain, if such clients run here too"),
        {"openssl": detail},
    )


def _strict_clients_refuse(subject: str, faults: list[str]) -> Finding:
    return Finding(
        Status.WARN,
        codes.TLS_STRICT_CLIENTS_REFUSE,
        subject,
        f"Go accepts {subject}, but clients strict about X.509 (Python 3.13) do not: {listed(faults)}",
        _asked("Ask their authority to reissue them by RFC 5280, if such clients run here too"),
        {"faults": faults[:10]},
    )
