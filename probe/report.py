"""What a run found: plain data, ordered by how bad it is."""

from __future__ import annotations

from probe.codes import Code
from probe.lightweight import Any, Iterable, Mapping, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from probe.samples import Sample


STARTUP, READY, LIVE = ROLES = ("startup", "ready", "live")  # why a report is asked for; "all" by hand


class Status:
    """Five words; `severity` orders them and the worst one wins. No Enum: see probe.lightweight."""

    __slots__ = ("severity", "value")

    PASS: ClassVar[Status]
    SKIP: ClassVar[Status]  # policy said so
    WARN: ClassVar[Status]
    UNKNOWN: ClassVar[Status]  # we could not find out: unhealthy
    FAIL: ClassVar[Status]

    def __init__(self, value: str, severity: int) -> None:
        self.value, self.severity = value, severity

    def __repr__(self) -> str:
        return f"Status.{self.value.upper()}"


# What was skipped beside a pass takes nothing from it: only a check that skipped everything is "skip".
Status.PASS, Status.SKIP, Status.WARN, Status.UNKNOWN, Status.FAIL = STATUSES = (
    Status("pass", 1),
    Status("skip", 0),
    Status("warn", 2),
    Status("unknown", 3),
    Status("fail", 4),
)


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of *statuses*; of none at all, UNKNOWN: nothing looked at is not healthy."""
    return max(statuses, key=lambda status: status.severity, default=Status.UNKNOWN)


class Action(NamedTuple):
    """One step of a remedy, told by what it does; `values` may hold what a report must not show."""

    kind: str  # "set-env", "run", "copy", …
    audience: str  # "image", "pod", "build", "probe", "server", "operator": who does it
    values: Mapping[str, Any]


class Remedy(NamedTuple):
    """One way to put a finding right: its actions, and the text that is pasted."""

    text: str  # a line for each instruction
    actions: tuple[Action, ...]
    tried: bool = False  # on a view of the target, where the finding disappeared


def one_step(kind: str, audience: str, text: str) -> Remedy:
    """A remedy of one step whose text is all that there is to it; others come from `remedies.actions`."""
    return Remedy(text, (Action(kind, audience, {"command": text}),))


Remedies = tuple[Remedy, ...]
"""The ways to put a finding right, the best first; each is enough by itself."""


class Finding(NamedTuple):
    """
    One answer about one subject.

    `cause` is one sentence that names what is wrong (or what was found), `remedies` are
    the ways to put it right, the best first; none where there is nothing to do.
    `evidence` holds JSON values only, already redacted; `samples` the numbers that metrics show.
    """

    status: Status
    code: Code
    subject: str  # a path, a variable, a host:port
    cause: str
    remedies: Remedies = ()
    evidence: Mapping[str, Any] = {}
    samples: tuple[Sample, ...] = ()

    @property
    def remedy(self) -> str:
        """The text of the best remedy, ready to be pasted; "" where there is nothing to do."""
        return self.remedies[0].text if self.remedies else ""


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
    uid: int = 0  # of the target's user
    gid: int = 0

    @property
    def status(self) -> Status:
        return worst(check.status for check in self.checks)

    def accepts(self, status: Status) -> bool:
        """
        Whether a finding of *status* leaves this run healthy.

        What could not be found out is unhealthy, except for the role live: a late or killed run
        says nothing for a restart, which only a failed check of `live_checks` asks for.
        """
        if status is Status.UNKNOWN:
            return self.role == "live"
        return status in (Status.PASS, Status.SKIP) or (status is Status.WARN and not self.strict)

    @property
    def healthy(self) -> bool:
        """The one place where findings become a verdict; the exit code follows from it."""
        return self.accepts(self.status)
