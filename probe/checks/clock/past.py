"""What was made before now, as it must have been."""

from probe import codes
from probe.checks.base import Run
from probe.golang import build_dates
from probe.golang.timefmt import rfc3339
from probe.report import Finding, Status

_SET = "chronyc makestep\n\ntimedatectl set-ntp true"
_DAY_S = 86400


def judge(run: Run, tolerance_s: float) -> Finding:
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
            return Finding(Status.FAIL, codes.CLOCK_BEFORE_BUILD, "clock", cause, _SET, evidence)
    root = max((one.certificate for one in facts.roots().roots), key=lambda one: one.not_before, default=None)
    if root:
        evidence |= {"newest_root": root.subject, "newest_root_from": rfc3339(root.not_before)}
        if run.now < root.not_before - tolerance_s:
            cause = (
                f"the clock shows {rfc3339(run.now)}, {_ago(root.not_before - run.now)} before the root "
                f"{root.subject} becomes valid: the clock is wrong, or that root is for later"
            )
            return Finding(Status.WARN, codes.CLOCK_BEFORE_ROOT, "clock", cause, _SET, evidence)
    cause = f"the clock shows {rfc3339(run.now)}, later than every known build time"
    return Finding(Status.PASS, codes.CLOCK_AFTER_BUILD_OK, "clock", cause, "", evidence)


def _ago(seconds: float) -> str:
    days = seconds / _DAY_S
    return f"{days:.0f} days" if days >= 2 else f"{seconds:.0f} s"
