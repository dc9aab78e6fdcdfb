"""What the kernel, earlier dates and servers say of the clock, as findings."""

from __future__ import annotations

import time

from probe import codes, samples
from probe.codes import Code
from probe.errors import reason
from probe.golang import build_dates
from probe.golang.timefmt import rfc3339
from probe.report import Action, Finding, Remedies, Status
from probe.targets import kernel_clock
from probe.targets.kernel_clock import KernelClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.samples import Sample
    from probe.web.date_header import ServerDate

_DAY_S = 86400


def kernel(policy: str) -> Finding:
    """Judge what adjtimex(2) tells; *policy* ("fail" or "warn") is what a fault counts as."""
    try:
        found = kernel_clock.read()
    except OSError as problem:
        why = reason(problem)
        cause = f"whether the system clock is synchronised cannot be determined: adjtimex: {why}"
        from probe.remedies import actions

        allow = actions.ways(actions.allow_syscall("adjtimex"))
        status = Status.UNKNOWN if policy == "fail" else Status.WARN
        return Finding(status, codes.CLOCK_KERNEL_SILENT, "kernel clock", cause, allow)
    return synchronised(found, policy)


def synchronised(found: KernelClock, policy: str) -> Finding:
    """What is to be said about a clock that is known."""
    evidence = {
        "synchronised": found.synchronised,
        "state": found.state,
        "offset_s": found.offset_s,
        "estimated_error_s": found.estimated_error_s,
        "max_error_s": found.max_error_s,
    }
    number = (samples.CLOCK_ERROR.sample(found.estimated_error_s),)
    if found.synchronised:
        cause = f"the system clock is synchronised, to {found.estimated_error_s * 1e3:.3g} ms by its estimate"
        return Finding(
            Status.PASS, codes.CLOCK_SYNCHRONISED_OK, "kernel clock", cause, (), evidence, samples=number
        )
    cause = "the system clock is not synchronised (STA_UNSYNC), so its error is unknown"
    from probe.remedies import actions

    status = Status.FAIL if policy == "fail" else Status.WARN
    keep = actions.ways(actions.on_node("timedatectl set-ntp true"))
    return Finding(status, codes.CLOCK_UNSYNCHRONISED, "kernel clock", cause, keep, evidence, samples=number)


def after_builds(run: Run, tolerance_s: float) -> Finding:
    """
    Whether now lies after the making of the program, the toolchain and the newest root.

    Only the first two are proof: an authority may well be made for a day to come.
    """
    evidence: dict[str, object] = {"now": rfc3339(run.now)}
    facts = run.facts
    path = facts.program or facts.target.executable
    program = facts.binary(path) if path else None
    dates = sorted(build_dates.find(facts.target, facts.toolchain(), program), key=lambda date: date.at)
    if dates:
        newest = dates[-1]
        evidence |= {"built": newest.text, "what": newest.what}
        if run.now < newest.at - tolerance_s:
            cause = (
                f"the clock shows {rfc3339(run.now)}, {_ago(newest.at - run.now)} before {newest.what} "
                f"({newest.text}): certificates will seem not yet valid"
            )
            return _behind(Status.FAIL, codes.CLOCK_BEFORE_BUILD, cause, evidence)
    root = max((one.certificate for one in facts.roots().roots), key=lambda one: one.not_before, default=None)
    if root:
        evidence |= {"newest_root": root.subject, "newest_root_from": rfc3339(root.not_before)}
        if run.now < root.not_before - tolerance_s:
            cause = (
                f"the clock shows {rfc3339(run.now)}, {_ago(root.not_before - run.now)} before the root "
                f"{root.subject} becomes valid: the clock is wrong, or that root is for later"
            )
            return _behind(Status.WARN, codes.CLOCK_BEFORE_ROOT, cause, evidence)
    cause = f"the clock shows {rfc3339(run.now)}, later than every known build time"
    return Finding(Status.PASS, codes.CLOCK_AFTER_BUILD_OK, "clock", cause, (), evidence)


def _behind(status: Status, code: Code, cause: str, evidence: dict[str, object]) -> Finding:
    from probe.remedies import actions

    return Finding(status, code, "clock", cause, actions.set_clock(), evidence)


def _ago(seconds: float) -> str:
    days = seconds / _DAY_S
    return f"{days:.0f} days" if days >= 2 else f"{seconds:.0f} s"


def server(told: ServerDate, zero: float, bound_s: float) -> Finding:
    """*zero*: what our clock showed when the monotonic one began."""
    whom, ours = told.endpoint.text, zero + time.monotonic()
    evidence: dict[str, object] = {"ours": rfc3339(ours), "max_skew_s": bound_s}

    numbers: list[Sample] = []

    def tell(status: Status, code: Code, cause: str, remedies: Remedies = ()) -> Finding:
        return Finding(status, code, whom, cause, remedies, evidence, samples=tuple(numbers))

    if told.failed:
        cause = f"{whom} gave no time: {told.failed.phase}: {told.failed.detail}"
        from probe.remedies import actions

        ways = actions.ways(actions.look(f"curl -vI https://{whom}/"), _another_server())
        return tell(Status.UNKNOWN, codes.CLOCK_SERVER_UNREACHABLE, cause, ways)
    if not told.trusted:
        why = told.verdict.error if told.verdict else ""
        cause = f"{whom} is not trusted at any time, so its time is not used: {why}"
        from probe.remedies import actions

        look = actions.ways(actions.probe(f"probe check --only ca-bundle --set ca-bundle.endpoints={whom}"))
        return tell(Status.UNKNOWN, codes.CLOCK_SERVER_UNTRUSTED, cause, look)
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
        return tell(Status.PASS, codes.CLOCK_SERVER_OK, cause)
    where = "behind" if skew < 0 else "ahead of"
    cause = f"the clock is {abs(skew):.0f} s {where} {whom}, whose Date is {rfc3339(told.date)}"
    if told.verdict and not told.verdict.ok:
        cause += f"; that is why its certificate fails here: {told.verdict.error}"
    from probe.remedies import actions

    return tell(Status.FAIL, codes.CLOCK_SKEWED, cause, actions.set_clock())


def _another_server() -> Action:
    from probe.remedies import actions

    return actions.configure("clock.endpoints", "NAME:443")


def _by_certificate(told: ServerDate, ours: float, bound_s: float, evidence: dict[str, object]) -> Finding:
    """A server that tells no time; its certificate was made before now, and is still in use."""
    from probe.remedies import actions

    whom, start = told.endpoint.text, max(one.not_before for one in told.chain)
    if ours < start - bound_s:
        cause = (
            f"the clock shows {rfc3339(ours)}, and the certificate of {whom} is valid from "
            f"{rfc3339(start)} on: the server uses it already, so the clock is behind"
        )
        return Finding(
            Status.FAIL, codes.CLOCK_BEFORE_CERTIFICATE, whom, cause, actions.set_clock(), evidence
        )
    if told.verdict and not told.verdict.ok and ours >= start:
        cause = (
            f"the clock shows {rfc3339(ours)}, at which the certificate of {whom} does not hold: "
            f"{told.verdict.error}; the clock is ahead, or the certificate was not renewed in time"
        )
        renew = actions.remedy(actions.ask(f"Ask the owner of {whom} to renew its certificate"))
        ways = (*actions.set_clock(), renew)
        return Finding(Status.FAIL, codes.CLOCK_AFTER_CERTIFICATE, whom, cause, ways, evidence)
    cause = f"{whom} sends no time: its answer to HEAD / has no Date, or none in the form of RFC 9110"
    other = actions.ways(_another_server())
    return Finding(Status.WARN, codes.CLOCK_NO_DATE, whom, cause, other, evidence)
