"""What servers say, against our own clock."""

from __future__ import annotations

import time

from probe import codes, samples
from probe.checks.base import Run
from probe.codes import Code
from probe.golang.net.endpoint import parse_endpoint
from probe.golang.timefmt import rfc3339
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.checks.clock import Clock
    from probe.samples import Sample
    from probe.web.date_header import ServerDate

_SET = "chronyc makestep\n\ntimedatectl set-ntp true"


def findings(settings: Clock, target: Target, run: Run, begin: float) -> Iterator[Finding]:
    """Ask one endpoint after the other; *begin* is the monotonic time at which it was `run.now`."""
    if run.role != "all" and run.role not in settings.handshake_roles:
        roles = ", ".join(settings.handshake_roles) or "no role"
        cause = f"no server is contacted for the time in the role {run.role}: handshake_roles names {roles}"
        yield Finding(Status.SKIP, codes.CLOCK_NOT_ASKED, "endpoints", cause)
        return
    from probe.tls.dialer import dialer  # OpenSSL is loaded only where there is a server to ask
    from probe.tls.root_store import RootStore
    from probe.web import date_header

    go = run.facts.go()
    roots = RootStore(root.certificate for root in run.facts.roots().roots)
    shared = dialer(go, roots, target.env, run.now, run.deadline)
    for number, text in enumerate(settings.endpoints):
        endpoint = parse_endpoint(text)
        share = run.deadline.within(run.deadline.remaining() / (len(settings.endpoints) - number))
        now = run.now + time.monotonic() - begin

        def tell(phase: str, whom: str = endpoint.text) -> None:
            run.phase(f"{whom}: {phase}")

        told = date_header.ask(shared._replace(now=now, deadline=share, progress=tell), endpoint)
        yield _judge(told, run.now - begin, settings.max_skew_s)


def _judge(told: ServerDate, zero: float, bound_s: float) -> Finding:
    """*zero*: what our clock showed when the monotonic one began."""
    whom, ours = told.endpoint.text, zero + time.monotonic()
    evidence: dict[str, object] = {"ours": rfc3339(ours), "max_skew_s": bound_s}

    numbers: list[Sample] = []

    def tell(status: Status, code: Code, cause: str, remedy: str) -> Finding:
        return Finding(status, code, whom, cause, remedy, evidence, samples=tuple(numbers))

    if told.failed:
        cause = f"{whom} gave no time: {told.failed.phase}: {told.failed.detail}"
        remedy = f"curl -vI https://{whom}/\n\nprobe check --set clock.endpoints=NAME:443"
        return tell(Status.UNKNOWN, codes.CLOCK_SERVER_UNREACHABLE, cause, remedy)
    if not told.trusted:
        why = told.verdict.error if told.verdict else ""
        cause = f"{whom} is not trusted at any time, so its time is not used: {why}"
        remedy = f"probe check --only ca-bundle --set ca-bundle.endpoints={whom}"
        return tell(Status.UNKNOWN, codes.CLOCK_SERVER_UNTRUSTED, cause, remedy)
    leaf = told.chain[0]
    evidence |= {"not_before": rfc3339(leaf.not_before), "not_after": rfc3339(leaf.not_after)}
    if told.date is None:
        return _by_certificate(told, ours, bound_s, evidence)
    middle = (told.asked_at + told.answered_at) / 2
    skew = zero + middle - (told.date + 0.5)  # a Date is cut to the second
    unsure = (told.answered_at - told.asked_at) / 2 + 0.5
    evidence |= {"theirs": rfc3339(told.date), "skew_s": round(skew, 3), "unsure_s": round(unsure, 3)}
    numbers.append(samples.CLOCK_SKEW.sample(round(skew, 3), endpoint=whom))
    if abs(skew) - unsure <= bound_s:
        cause = f"the clock agrees with {whom} to {max(abs(skew), unsure):.1f} s"
        return tell(Status.PASS, codes.CLOCK_SERVER_OK, cause, "")
    where = "behind" if skew < 0 else "ahead of"
    cause = f"the clock is {abs(skew):.0f} s {where} {whom}, whose Date is {rfc3339(told.date)}"
    if told.verdict and not told.verdict.ok:
        cause += f"; that is why its certificate fails here: {told.verdict.error}"
    return tell(Status.FAIL, codes.CLOCK_SKEWED, cause, _SET)


def _by_certificate(told: ServerDate, ours: float, bound_s: float, evidence: dict[str, object]) -> Finding:
    """A server that tells no time; its certificate was made before now, and is still in use."""
    whom, start = told.endpoint.text, max(one.not_before for one in told.chain)
    if ours < start - bound_s:
        cause = (
            f"the clock shows {rfc3339(ours)}, and the certificate of {whom} is valid from "
            f"{rfc3339(start)} on: the server uses it already, so the clock is behind"
        )
        return Finding(Status.FAIL, codes.CLOCK_BEFORE_CERTIFICATE, whom, cause, _SET, evidence)
    if told.verdict and not told.verdict.ok and ours >= start:
        cause = (
            f"the clock shows {rfc3339(ours)}, at which the certificate of {whom} does not hold: "
            f"{told.verdict.error}; the clock is ahead, or the certificate was not renewed in time"
        )
        remedy = f"{_SET}\n\nAsk the owner of {whom} to renew its certificate"
        return Finding(Status.FAIL, codes.CLOCK_AFTER_CERTIFICATE, whom, cause, remedy, evidence)
    cause = f"{whom} sends no time: its answer to HEAD / has no Date, or none in the form of RFC 9110"
    remedy = "probe check --set clock.endpoints=NAME:443"
    return Finding(Status.WARN, codes.CLOCK_NO_DATE, whom, cause, remedy, evidence)
