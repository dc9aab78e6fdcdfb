"""Why a target cannot be examined, as an error of this layer."""

from __future__ import annotations

from probe import redact
from probe.errors import TargetError
from probe.lightweight import Any, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.reasons import Reason


class TargetUnavailable(TargetError):
    """
    The target cannot be examined, for a reason of `targets.reasons`.

    *certain*: it is the target's own fault, not that we may not look.
    """

    def __init__(
        self,
        reason: Reason,
        subject: str,
        cause: str,
        remedy: str,
        evidence: Mapping[str, Any] | None = None,
        *,
        certain: bool = False,
    ) -> None:
        self.subject, self.cause, self.remedy = (redact.text(one) for one in (subject, cause, remedy))
        self.reason, self.evidence, self.certain = reason, evidence or {}, certain
        super().__init__(f"{self.cause}; {self.remedy}" if self.remedy else self.cause)
