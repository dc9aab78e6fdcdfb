"""Why a target cannot be examined, as an error of this layer."""

from __future__ import annotations

from probe.errors import TargetError
from probe.lightweight import Any, Mapping
from probe.report import Remedy, one_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.reasons import Reason


ON_NODE = one_step("ask", "owner", "run probe on the node, as root")


class TargetUnavailable(TargetError):
    """
    The target cannot be examined, for a reason of `targets.reasons`.

    *certain*: it is the target's own fault, not that we may not look. *remedies* are the ways out.
    """

    def __init__(
        self,
        reason: Reason,
        subject: str,
        cause: str,
        *remedies: Remedy,
        evidence: Mapping[str, Any] | None = None,
        certain: bool = False,
    ) -> None:
        from probe import redact

        self.subject, self.cause, self.remedies = redact.text(subject), redact.text(cause), remedies
        self.reason, self.evidence, self.certain = reason, evidence or {}, certain
        fix = " or ".join(one.text for one in remedies)
        super().__init__(f"{self.cause}; {fix}" if fix else self.cause)
