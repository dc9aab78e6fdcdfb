"""What a run found: plain data, ordered by how bad it is."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from probe.codes import Code
from probe.values import NamedTuple


class Status(Enum):
    """Five words; `severity` orders them and the worst one wins."""

    PASS = "pass"  # noqa: S105
    SKIP = "skip"  # policy said so
    WARN = "warn"
    UNKNOWN = "unknown"  # we could not find out: unhealthy
    FAIL = "fail"

    @property
    def severity(self) -> int:
        return _SEVERITY[self]


_SEVERITY = {status: rank for rank, status in enumerate(Status)}


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of *statuses*; of none at all, UNKNOWN: nothing looked at is not healthy."""
    return max(statuses, key=_SEVERITY.__getitem__, default=Status.UNKNOWN)


class Finding(NamedTuple):
    """
    One answer about one subject.

    `cause` is one sentence that names what is wrong (or what was found), `remedy`
    what mends it, ready to be pasted; it is empty when there is nothing to mend.
    `evidence` holds JSON values only, already redacted.
    """

    status: Status
    code: Code
    subject: str  # a path, a variable, a host:port
    cause: str
    remedy: str = ""
    evidence: Mapping[str, Any] = {}


class CheckResult(NamedTuple):
    """All findings of one check, in the order in which they were made."""

    name: str
    findings: tuple[Finding, ...]
    duration_s: float

    @property
    def status(self) -> Status:
        return worst(finding.status for finding in self.findings)


class Report(NamedTuple):
    """The outcome of one run."""

    version: str  # of probe
    target: str
    role: str
    started_at: float  # seconds since the epoch
    duration_s: float
    strict: bool  # warn counts as unhealthy
    checks: tuple[CheckResult, ...]

    @property
    def status(self) -> Status:
        return worst(check.status for check in self.checks)

    def accepts(self, status: Status) -> bool:
        """Whether a finding of *status* leaves this run healthy."""
        return status in (Status.PASS, Status.SKIP) or (status is Status.WARN and not self.strict)

    @property
    def healthy(self) -> bool:
        """The one place where findings become a verdict; the exit code follows from it."""
        return self.accepts(self.status)
