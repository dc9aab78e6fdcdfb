"""From the outcome of each visit to findings."""

from __future__ import annotations

from probe.checks.base import Run
from probe.checks.ca_bundle import handshake_passed
from probe.checks.ca_bundle.handshake import Settings
from probe.checks.ca_bundle.handshake_evidence import gather
from probe.golang.net.endpoint import Endpoint
from probe.golang.release import Go
from probe.golang.x509.trust import Roots
from probe.report import Finding
from probe.targets import Target
from probe.tls.concurrent import handshake_all
from probe.tls.dialer import dialer
from probe.tls.handshake import Outcome
from probe.tls.root_store import RootStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def findings(
    endpoints: Sequence[Endpoint], settings: Settings, target: Target, run: Run, roots: Roots
) -> Iterator[Finding]:
    """Visit *endpoints* side by side and yield what each visit comes to."""
    go = run.facts.go()
    shared = dialer(go, _trust(roots, go), target.env, run.now, run.deadline, run.phase, settings.attempts)
    for outcome in handshake_all(shared, endpoints):
        yield from _tell(outcome, settings, target, run, roots)


def _trust(roots: Roots, go: Go) -> RootStore:
    if not roots.fallback:
        return RootStore(root.certificate for root in roots.roots)
    from probe.checks.ca_bundle import mozilla

    return RootStore(mozilla.roots(go))


def _tell(outcome: Outcome, settings: Settings, target: Target, run: Run, roots: Roots) -> Iterator[Finding]:
    facts = gather(outcome, target, run.now, run.facts.go())
    verdict = outcome.verdict
    usable = not (roots.blocks_on or roots.error)
    shaken = not (outcome.failed or outcome.refused or outcome.offer.ok is False)
    if verdict and verdict.ok and usable and shaken:
        yield from handshake_passed.tell(outcome, verdict.chains, settings.expires_in_days, run.now, facts)
        if roots.fallback:
            yield handshake_passed.fallback(outcome)
        return
    from probe.checks.ca_bundle import certificate_rejected, handshake_failed  # on the way of a failure only

    refused = certificate_rejected.tell(outcome, target, run.now, roots, run.facts.go(), facts)
    yield refused or handshake_failed.tell(outcome, facts)
