"""Why a target cannot be examined, as an error that is also a finding."""

from __future__ import annotations

from probe import redact
from probe.codes import Code
from probe.errors import TargetError
from probe.report import Finding, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class TargetUnavailable(TargetError):
    """The target cannot be examined; `finding` says so in a report, the text on one line."""

    def __init__(
        self,
        code: Code,
        subject: str,
        cause: str,
        remedy: str,
        status: Status = Status.UNKNOWN,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        subject, cause, remedy = (redact.text(one) for one in (subject, cause, remedy))
        super().__init__(f"{code.name}: {cause}; {remedy}" if remedy else f"{code.name}: {cause}")
        self.finding = Finding(status, code, subject, cause, remedy, evidence or {})
