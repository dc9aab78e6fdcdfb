"""When to look again, and who looks: one child at a time."""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from probe import codes
from probe.agent import heap, reports
from probe.agent.roles import NO_CHECKS, Role, runs
from probe.agent.worker import WorkerProcess
from probe.config.agent import Agent
from probe.lightweight import NamedTuple
from probe.output.base import by_severity
from probe.report import ROLES, CheckResult, Report

_GRACE_S = 1.0  # a run ends itself at its deadline; this much later it is killed
_REAP_S = 0.05
_JITTER = 0.1  # of the interval, to either side
_REMEMBERED = 60  # runs


class Plan(NamedTuple):
    """What a run needs to know; made anew from the configuration when that is reloaded."""

    agent: Agent
    timeout_s: float
    checks: Mapping[str, Sequence[str]]  # role → the names of its checks
    kinds: Mapping[str, Sequence[bool]]  # see roles.runs
    work: Callable[[str], bytes]  # role → the report as JSON


class LastRun(NamedTuple):
    """What is remembered of a run that has ended."""

    name: str
    ended_at: float  # seconds since the epoch
    duration_s: float
    healthy: bool
    code: str  # of the worst finding


class CheckSeen(NamedTuple):
    """A check as the last run that got to it found it."""

    result: CheckResult
    ended_at: float  # of that run, seconds since the epoch


class _Job:
    """One kind of run: whom it serves, when it is due (monotonic)."""

    def __init__(self, name: str, roles: tuple[str, ...], due: float) -> None:
        self.name, self.roles, self.due = name, roles, due


class Schedule:
    """
    The roles, the jobs that keep them fresh, and the child that is at work, if any.

    `tick` does what is due and never blocks; `wait_s` says when it wants to be called next.
    Nobody who asks for a verdict causes a run.
    """

    def __init__(self, plan: Plan) -> None:
        now = time.monotonic()
        self.roles = {name: Role(name, plan.agent, now, plan.checks[name]) for name in ROLES}
        self.last: dict[str, Report] = {}  # run → what its last run brought, whatever the verdict
        self.ended_at: dict[str, float] = {}  # run → seconds since the epoch
        self.seen: dict[str, dict[str, CheckSeen]] = {}  # run → check → how it came out last
        self.runs: Counter[tuple[str, str]] = Counter()  # (run, result)
        self.lost = 0  # runs that ended without a report
        self.checks: Counter[tuple[str, str]] = Counter()  # (check, status)
        self.history: deque[LastRun] = deque(maxlen=_REMEMBERED)
        self._trim = heap.trimmer()
        self._child: WorkerProcess | None = None
        self._job: _Job | None = None
        self._open = False  # whether the child may still write
        self._plan, self._jobs = plan, self._fresh(plan, now)

    def adopt(self, plan: Plan) -> None:
        """Go by *plan* from now on, and look at once."""
        if self._child:  # what it finds is of no use any more; it is reaped when it has ended
            self._child.kill()
            self._job, self._open = None, False
        self._plan, self._jobs = plan, self._fresh(plan, time.monotonic())
        for name in set(self.last) - set(self.kinds):
            for held in (self.last, self.ended_at, self.seen):
                held.pop(name, None)
        for role in self.roles.values():
            role.adopt(plan.agent, plan.checks[role.name])

    def _fresh(self, plan: Plan, now: float) -> list[_Job]:
        return [_Job(name, roles, now) for name, roles in runs(plan.kinds).items()]

    @property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The runs that are made, and the roles that each serves."""
        return {job.name: job.roles for job in self._jobs}

    @property
    def descriptor(self) -> int | None:
        """Where the child's report arrives; the loop calls `tick` when there is something."""
        return self._child.descriptor if self._child and self._open else None

    def wait_s(self) -> float:
        """Seconds until `tick` has something to do by itself."""
        if self._child:
            if self._child.killed or not self._open:  # nothing tells us that it can be reaped
                return _REAP_S
            return max(0.0, self._child.end - time.monotonic())
        return max(0.0, min((job.due for job in self._needed()), default=3600.0) - time.monotonic())

    def tick(self) -> None:
        if self._child:
            self._follow(self._child)
        due = [job for job in self._needed() if job.due <= time.monotonic()]
        if due and not self._child:
            self._start(min(due, key=lambda job: job.due))

    def stop(self) -> None:
        """Kill the run that is under way; wait for its end, but not for one that cannot be killed."""
        if not self._child:
            return
        self._child.kill()
        end = time.monotonic() + _GRACE_S
        while self._child.ended() is None and time.monotonic() < end:
            time.sleep(0.005)
        self._child.close()
        self._child = None

    def _needed(self) -> list[_Job]:
        return [job for job in self._jobs if not all(self.roles[role].latched for role in job.roles)]

    def _start(self, job: _Job) -> None:
        work = self._plan.work
        self._job = job
        try:
            self._child = WorkerProcess(lambda: work(job.name), self._plan.timeout_s + _GRACE_S)
            self._open = True
        except OSError as problem:
            self._lost(codes.AGENT_RUN_LOST, f"no process could be started: {problem.strerror}", 0.0)

    def _follow(self, child: WorkerProcess) -> None:
        if self._open and not child.read():
            self._open = False
        code = child.ended()
        late = time.monotonic() >= child.end
        if code is None:
            if late and not child.killed:
                child.kill()
                self._open = False
                cause = f"the run had not finished after {child.end - child.begun:g} s and was killed"
                self._lost(codes.AGENT_RUN_TIMED_OUT, cause, time.monotonic() - child.begun)
            return
        if self._open:
            child.read()
        self._child = None
        child.close()
        if self._job:  # else it was told of when it was killed
            self._ended(child, code)

    def _ended(self, child: WorkerProcess, code: int) -> None:
        try:
            self._take(reports.read(child.text))
        except ValueError:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self._lost(
                codes.AGENT_RUN_LOST, f"the run {how} without a report", time.monotonic() - child.begun
            )

    def _lost(self, code: codes.Code, cause: str, duration_s: float) -> None:
        self.lost += 1
        role = self._job.name if self._job else ""
        self._take(reports.lost(code, cause, role=role, now=time.time(), duration_s=duration_s))

    def _take(self, report: Report) -> None:
        job, self._job = self._job, None
        if not job:
            return
        now = time.monotonic()
        self.last[job.name], self.ended_at[job.name] = report, time.time()
        self._remember(job.name, report)
        self.runs[job.name, "healthy" if report.healthy else "unhealthy"] += 1
        self.checks.update((check.name, check.status.value) for check in report.checks)
        _, worst = next(by_severity(report), (None, None))
        code = worst.code.name if worst else codes.NOTHING_CHECKED.name
        self.history.append(
            LastRun(job.name, self.ended_at[job.name], report.duration_s, report.healthy, code)
        )
        for role in job.roles:
            self.roles[role].take(report, now)
        self._trim()
        settings = self._plan.agent
        job.due = now + _spread(settings.interval_s if report.healthy else settings.retry_s)

    def _remember(self, name: str, report: Report) -> None:
        """A run that was lost says nothing of the checks: they stay as they were seen."""
        now, seen = self.ended_at[name], self.seen.setdefault(name, {})
        if any(check.name not in NO_CHECKS for check in report.checks):
            seen.clear()
        seen.update((check.name, CheckSeen(check, now)) for check in report.checks)

    @property
    def current(self) -> list[str]:
        """The runs that are still made, the newest first; before one of those has ended all that were."""
        needed = {job.name for job in self._needed()}
        names = sorted(self.seen, key=self.ended_at.__getitem__, reverse=True)
        return [name for name in names if name in needed] or names

    def newest_first(self) -> list[Report]:
        """The last report of each run, the newest first."""
        names = sorted(self.last, key=self.ended_at.__getitem__, reverse=True)
        return [self.last[name] for name in names]

    def fresh_for_s(self, role: Role) -> float:
        """How long a report of this role counts before the next run."""
        settings = self._plan.agent
        return settings.interval_s if role.healthy else settings.retry_s


def _spread(seconds: float) -> float:
    """About *seconds*: a fleet that starts at once shall not look at once for ever."""
    return seconds * (1 + _JITTER * (int.from_bytes(os.urandom(4)) / 2**31 - 1))
