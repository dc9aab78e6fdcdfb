"""The live half of `ca-bundle`: a TLS handshake with each endpoint, judged as Go judges it."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.ca_bundle import name_servers
from probe.golang.net.endpoint import Endpoint, parse_endpoint
from probe.golang.release import Go
from probe.golang.x509.trust import Roots
from probe.lightweight import Iterator, NamedTuple, Sequence
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.ca_bundle import CaBundle
    from probe.checks.ca_bundle.name_servers import Asking
    from probe.facts import Facts
    from probe.golang.x509.certificate_fields import Certificate
    from probe.samples import Sample
    from probe.tls.handshake import Outcome

AUTO = "auto"
_OF_FIPS = (codes.TLS_FIPS_ONLY, codes.TLS_FIPS_MASTER_SECRET, codes.TLS_FIPS_CHAIN)


class Handshakes(NamedTuple):
    """Those of one run, under way."""

    outcomes: Iterator[Outcome]  # as each comes, by the deadline
    asking: Asking | None


def begin(settings: CaBundle, target: Target, run: Run, endpoints: Sequence[Endpoint] = ()) -> Handshakes:
    """
    Shake hands with *endpoints*, by default those of the settings, side by side, against the run's roots.

    What the network takes passes while these are read.
    """
    from probe.tls.concurrent import handshake_all  # OpenSSL is loaded only where there is a server to call
    from probe.tls.dialer import dialer
    from probe.tls.root_store import RootStore

    endpoints = endpoints or named_endpoints(settings, run)[0]
    go, attempts = run.facts.go(), settings.attempts
    hosts, lookup = name_servers.hosts(target, go), name_servers.lookup(target, go, run.deadline)
    trust = RootStore(_trusted(run.facts.telling(bool)))  # who waits for them is no phase of this check
    shared = dialer(go, trust, target.env, run.now, run.deadline, run.phase, attempts, hosts, lookup)
    asking = name_servers.ask(shared, endpoints, target, run)
    return Handshakes(handshake_all(shared, endpoints), asking)


def findings(
    settings: CaBundle, target: Target, run: Run, roots: Roots, begun: Handshakes | None = None
) -> Iterator[Finding]:
    """
    What the handshakes say, those that have *begun* or else all that are asked for now.

    Yields as each endpoint is done, by the deadline. Only what Go would do counts:
    a handshake that brought facts is no success.
    """
    if not settings.asked_in(run.role):
        yield _not_asked(settings, run)
        return
    if not begun:
        run.phase("finding the endpoints")
        endpoints, why_none = named_endpoints(settings, run)
        if not endpoints:
            yield _no_endpoint(settings, why_none)
            return
        begun = begin(settings, target, run, endpoints)
    from probe.checks.ca_bundle.handshake_evidence import measured

    seen: list[Outcome] = []
    for outcome in begun.outcomes:
        seen.append(outcome)
        numbers: tuple[Sample, ...] = ()
        for finding in _tell(outcome, settings, target, run, roots):
            numbers = numbers or measured(outcome, success=finding.status is Status.PASS)
            yield finding._replace(samples=numbers)
    yield from name_servers.findings(begun.asking, seen, target, run)


def named_endpoints(settings: CaBundle, run: Run) -> tuple[list[Endpoint], str]:
    """The endpoints, each once, or why there is none; "auto": those that the go command would call."""
    texts: list[str] = []
    why_none = "the list is empty"
    for text in settings.endpoints:
        if text == AUTO:
            from probe.checks.ca_bundle import auto_endpoints

            found, why_none = auto_endpoints.find(run)
            texts += found
        else:
            texts.append(text)
    return list(dict.fromkeys(map(parse_endpoint, texts))), why_none


def _not_asked(settings: CaBundle, run: Run) -> Finding:
    roles = ", ".join(settings.handshake_roles) or "no role"
    return Finding(
        Status.SKIP,
        codes.TLS_NOT_ASKED,
        "handshake",
        f"no handshake in the role {run.role}: handshake_roles names {roles}",
        (),
        {"role": run.role, "handshake_roles": list(settings.handshake_roles)},
    )


def _no_endpoint(settings: CaBundle, why: str) -> Finding:
    from probe.remedies import actions

    return Finding(
        Status.WARN,
        codes.TLS_NO_ENDPOINT,
        "handshake",
        f"no TLS handshake attempted: ca-bundle.endpoints names none, and {why}",
        actions.ways(actions.endpoints("api.internal:443")),
        {"endpoints": list(settings.endpoints)},
    )


def _trusted(facts: Facts) -> Iterator[Certificate]:
    """What the judged Go trusts; nothing is read before the first is asked for."""
    go, roots = facts.go(), facts.roots()
    if roots.fallback:
        from probe.checks.ca_bundle import mozilla

        yield from mozilla.roots(go)
    else:
        yield from [root.certificate for root in roots.roots]


def _tell(outcome: Outcome, settings: CaBundle, target: Target, run: Run, roots: Roots) -> Iterator[Finding]:
    from probe.checks.ca_bundle import handshake_passed
    from probe.checks.ca_bundle.handshake_evidence import gather

    facts = gather(outcome, target, run.now, run.facts.go())
    verdict = outcome.verdict
    usable = not (roots.blocks_on or roots.error)
    shaken = not (outcome.failed or outcome.refused or outcome.broken or outcome.offer.ok is False)
    if verdict and verdict.ok and usable and shaken:
        days = settings.expires_in_days
        yield from handshake_passed.tell(outcome, verdict.chains, days, run.now, facts, target.env)
        if roots.fallback:
            yield handshake_passed.fallback(outcome)
        return
    from probe.checks.ca_bundle import certificate_rejected, handshake_failed  # on the way of a failure only

    go, refused = run.facts.go(), None
    if not outcome.broken:
        refused = certificate_rejected.tell(outcome, target, run.now, roots, go, facts, run.deadline)
    yield _as_vendor(refused or handshake_failed.tell(outcome, facts, target.env, go), go)


def _as_vendor(finding: Finding, go: Go) -> Finding:
    """What FIPS 140 forbids is known of Go's own module only; vendors bring OpenSSL's."""
    if not go.vendor or finding.status is not Status.FAIL or finding.code not in _OF_FIPS:
        return finding
    cause = f"{finding.cause}; the program is a build of {go.vendor}, whose rules for FIPS 140 are not known"
    return finding._replace(status=Status.UNKNOWN, cause=cause)
