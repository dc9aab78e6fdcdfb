"""What is known for each role: startup, ready, live."""

from collections.abc import Mapping, Sequence

from probe import __version__, codes
from probe.agent.workload import Workload
from probe.codes import Code
from probe.config.agent import Agent
from probe.report import LIVE, READY, ROLES, STARTUP, CheckResult, Finding, Remedy, Report, Status, one_step

NO_CHECKS = (
    "run",
    "target",
)  # what a report holds in place of checks: the run was lost, the target not found


class Role:
    """
    The verdict of one role, and the report that it rests on.

    A report that contradicts the verdict has to be confirmed by as many more as the
    thresholds say before the verdict turns; the first one counts at once, unless it is good
    and several are asked for. Startup, once passed, stays passed. Live is healthy while this
    answers and the workload lives: only a failed check of its own turns it, never a run that
    is late, killed or too old.
    """

    def __init__(self, name: str, settings: Agent, now: float, checks: Sequence[str]) -> None:
        self.name = name
        self.settings = settings
        self.checks = checks  # those that it takes from a run; a run may have more
        self.healthy: bool | None = None
        self.report: Report | None = None  # what the verdict rests on
        self.draining = False
        self.workload: Workload | None = None  # where we stand beside one
        self._since = now  # monotonic: the end of the last run, before the first one our own start
        self._against = 0  # reports in a row that contradict the verdict

    @property
    def latched(self) -> bool:
        return self.name == STARTUP and self.healthy is True

    def take(self, report: Report, now: float) -> None:
        """Take the report of a run that has ended."""
        if self.latched:
            return
        report = self._own_part(report)
        self._since = now
        if not self.checks or (self.name == LIVE and report.status is Status.UNKNOWN):
            return
        good = report.healthy
        if good == self.healthy:
            self._against, self.report = 0, report
            return
        self._against += 1
        if self._against >= self._needed(good):
            self._against, self.report, self.healthy = 0, report, good

    def _own_part(self, report: Report) -> Report:
        """What *report* says of the checks of this role, or of why there is nothing to say."""
        wanted = {*self.checks, *NO_CHECKS}
        checks = tuple(check for check in report.checks if check.name in wanted)
        return report._replace(role=self.name, checks=checks)

    def _needed(self, good: bool) -> int:
        if good:
            return self.settings.success_threshold
        return 1 if self.healthy is None else self.settings.failure_threshold

    def adopt(self, settings: Agent, checks: Sequence[str]) -> None:
        """Go by other settings; a role that has no checks any more forgets what they found."""
        self.settings, self.checks = settings, checks
        if not checks and not self.latched:
            self.healthy, self.report, self._against = None, None, 0

    def age_s(self, now: float) -> float:
        """Since the last run ended, before the first one since we began; 0 without checks."""
        return now - self._since if self.checks else 0.0

    def view(self, now: float) -> Report:
        """The report as this role stands now: the agent itself, the workload beside it, then the checks."""
        own = CheckResult("agent", (self._state(now),), 0.0)
        beside = (self.workload.result(),) if self.workload else ()
        checks = (own, *beside, *(self.report.checks if self.report else ()))
        if not self.report:
            return Report(__version__, "this container", self.name, 0.0, 0.0, False, checks)
        return self.report._replace(role=self.name, checks=checks)

    def brief(self, now: float) -> Report:
        """The same for `probe status`: the checks, and of the agent and the workload only what is wrong."""
        view = self.view(now)
        ours = len(view.checks) - (len(self.report.checks) if self.report else 0)
        wrong = tuple(check for check in view.checks[:ours] if not view.accepts(check.status))
        checks = (*wrong, *view.checks[ours:])
        if not checks:
            cause = f"the agent answers; the role {self.name} has no checks: {self.name}_checks is empty"
            finding = Finding(Status.PASS, codes.ROLE_WITHOUT_CHECKS, "role", cause)
            checks = (CheckResult("role", (finding,), 0.0),)
        return view._replace(checks=checks)

    def _state(self, now: float) -> Finding:
        age = self.age_s(now)
        if self.draining and self.name == READY:
            return _own(Status.FAIL, codes.AGENT_DRAINING, "the agent is shutting down")
        if self.latched:
            return _own(Status.PASS, codes.AGENT_OK, "startup has passed")
        if not self.checks:
            return _own(Status.PASS, codes.AGENT_OK, f"the agent answers; {self.name} has no checks")
        if self.name == LIVE:
            return _own(Status.PASS, codes.AGENT_OK, "the agent answers")
        if age > self.settings.stale_after_s:
            return _own(
                Status.UNKNOWN,
                codes.AGENT_REPORT_STALE,
                f"no run has ended for {age:.0f} s; a report counts for {self.settings.stale_after_s:g} s",
                one_step("probe", "probe", "probe check --verbose"),
            )
        if self.report is None:
            cause = f"no verdict yet, {age:.1f} s after the start"
            return _own(Status.UNKNOWN, codes.AGENT_NOT_RUN_YET, cause)
        return _own(Status.PASS, codes.AGENT_OK, f"the last run ended {age:.1f} s ago")


def _own(status: Status, code: Code, cause: str, *remedies: Remedy) -> Finding:
    return Finding(status, code, "agent", cause, remedies)


def runs(kinds: Mapping[str, Sequence[bool]]) -> dict[str, tuple[str, ...]]:
    """
    The runs that are needed, and the roles that each serves.

    *kinds* says of each role that needs one what its run does beside the rest: handshakes, downloads.
    Roles that ask for the same share one run, which goes under the name of ready if it is among them.
    """
    found: dict[tuple[bool, ...], tuple[str, ...]] = {}
    for role in ROLES:
        if role in kinds:
            kind = tuple(kinds[role])
            found[kind] = (*found.get(kind, ()), role)
    return {READY if READY in roles else roles[0]: roles for roles in found.values()}
