"""The facts that a visit brought, as evidence: names, dates and durations, bounded."""

from __future__ import annotations

from probe import samples, words
from probe.checks.ca_bundle.findings import plain
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.verify import Chain
from probe.lightweight import Any
from probe.targets import Target
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, TUNNEL
from probe.tls.go_client_hello import Offer
from probe.tls.handshake import Outcome
from probe.tls.server_reply import LACKS_EMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.samples import Sample

Facts = dict[str, "Any"]

SHOWN = 10  # certificates, or names of one
_TEXT_LIMIT = 200  # characters of a name
_ERROR_LIMIT = 1000
_SECONDS = {RESOLVING: "resolve_s", CONNECTING: "connect_s", TUNNEL: "proxy_s", HANDSHAKE: "handshake_s"}
_OURSELVES = "this container"


def gather(outcome: Outcome, target: Target, now: float, go: Go) -> Facts:
    """Everything that a reader may want to check; `_s` are seconds, dates are in UTC."""
    facts: Facts = {"go": go.text, "clock": rfc3339(now), "attempts": outcome.attempts}
    if outcome.proxy:
        facts["proxy"] = f"{outcome.proxy.address} ({outcome.proxy.variable})"
    if target.name != _OURSELVES:
        facts["network"] = "the probe's own, not the target's"
    for name in ("peer", "protocol", "cipher"):
        if getattr(outcome, name):
            facts[name] = getattr(outcome, name)
    for phase, name in _SECONDS.items():
        if phase in outcome.seconds:
            facts[name] = round(outcome.seconds[phase], 4)
    if outcome.chain:
        facts |= _chain(outcome.chain)
        facts["openssl"] = _openssl(outcome)
    if outcome.offer.ok is not None or outcome.offer.detail:
        facts["go_hello"] = _answered(outcome.offer)
    if outcome.verdict and outcome.verdict.chains:
        best = longest_lived(outcome.verdict.chains)
        facts["verified_subjects"] = [clip(one.subject) for one in best[:SHOWN]]
        facts["verified_expires"] = rfc3339(earliest_end(best))
    if error := _go_error(outcome):
        facts["go_error"] = error[:_ERROR_LIMIT]
    return facts


def _go_error(outcome: Outcome) -> str:
    """What a Go client says, as far as it is known in its words."""
    if outcome.broken:
        return outcome.broken
    if outcome.offer.alert is not None:  # that is how far Go gets
        from probe.golang.tls import alerts

        return alerts.remote_error(outcome.offer.alert)
    if outcome.verdict and outcome.verdict.error:
        return outcome.verdict.error
    if outcome.offer.detail == LACKS_EMS:
        return "tls: FIPS 140-3 requires the use of Extended Master Secret"
    return ""


def measured(outcome: Outcome, *, success: bool) -> tuple[Sample, ...]:
    """The numbers of a visit; an end only of a chain that there is."""
    where = {"endpoint": outcome.endpoint.text}
    found = [samples.HANDSHAKE_OK.sample(int(success), **where)]
    if HANDSHAKE in outcome.seconds:
        found.append(samples.HANDSHAKE_DURATION.sample(round(outcome.seconds[HANDSHAKE], 4), **where))
    if outcome.chain:
        found.append(samples.CHAIN_END.sample(earliest_end(outcome.chain), **where, chain="presented"))
    if outcome.verdict and outcome.verdict.chains:
        best = longest_lived(outcome.verdict.chains)
        found.append(samples.CHAIN_END.sample(earliest_end(best), **where, chain="verified"))
    return tuple(found)


def longest_lived(chains: tuple[Chain, ...]) -> Chain:
    """Of several chains that Go accepts the one that it will accept for longest."""
    return max(chains, key=earliest_end)


def earliest_end(chain: Chain) -> int:
    return min(one.not_after for one in chain)


def clip(text: str) -> str:
    return words.shortened(text, _TEXT_LIMIT)


def called(certificate: Certificate) -> str:
    """A certificate by its subject, or where that is empty by its serial number."""
    return plain(certificate.subject) or f"the certificate with serial number {certificate.serial:x}"


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Some names, and how many more there are."""
    return words.listed([plain(name) for name in names], SHOWN)


def _chain(chain: Chain) -> Facts:
    shown = chain[:SHOWN]
    return {
        "chain_subjects": [clip(one.subject) for one in shown],
        "chain_not_before": [rfc3339(one.not_before) for one in shown],
        "chain_not_after": [rfc3339(one.not_after) for one in shown],
        "chain_issuer": clip(shown[-1].issuer),
        "chain_expires": rfc3339(earliest_end(chain)),
    }


def _answered(offer: Offer) -> str:
    if offer.ok is None:
        return f"not known: {offer.detail}"
    blame = f"; to blame: {offer.disturbance.part}" if offer.disturbance else ""
    return "accepted" if offer.ok else f"refused: {offer.detail}{blame}"


def _openssl(outcome: Outcome) -> str:
    opinion = outcome.opinion
    if opinion.ok is None:
        return f"not known: {opinion.detail}"
    return "accepts" if opinion.ok else f"refuses: {opinion.detail}"
