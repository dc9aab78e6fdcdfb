"""The codes of a target that cannot be examined: as a finding of a report, and on a line of its own."""

from __future__ import annotations

from probe import codes
from probe.report import Finding, Status
from probe.targets import reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.errors import TargetUnavailable

CODES = {
    reasons.NOT_FOUND: codes.TARGET_NOT_FOUND,
    reasons.PERMISSION: codes.TARGET_PERMISSION,
    reasons.AMBIGUOUS: codes.TARGET_AMBIGUOUS,
    reasons.GONE: codes.TARGET_GONE,
    reasons.USER_UNKNOWN: codes.TARGET_USER_UNKNOWN,
    reasons.INVALID: codes.IMAGE_INVALID,
    reasons.TRUNCATED: codes.IMAGE_TRUNCATED,
    reasons.TOO_LARGE: codes.IMAGE_TOO_LARGE,
    reasons.UNSAFE_ENTRY: codes.IMAGE_UNSAFE_ENTRY,
    reasons.COMPRESSION: codes.IMAGE_COMPRESSION,
    reasons.DIGEST_MISMATCH: codes.IMAGE_DIGEST_MISMATCH,
}
"""What stands for each reason of `targets.reasons`."""


def finding(problem: TargetUnavailable) -> Finding:
    """What a report says of *problem*."""
    status = Status.FAIL if problem.certain else Status.UNKNOWN
    return Finding(
        status, CODES[problem.reason], problem.subject, problem.cause, problem.remedies, problem.evidence
    )


def line(problem: TargetUnavailable) -> str:
    """*problem* for a command that makes no report."""
    return f"{CODES[problem.reason].name}: {problem}"
