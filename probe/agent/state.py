"""What the loop, the application and the socket of `probe status` share."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

from probe import codes
from probe.agent import log
from probe.agent.schedule import Plan, Schedule
from probe.agent.workload import Workload
from probe.errors import ConfigError
from probe.report import READY, STARTUP, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.agent.tls import CertificatePair
    from probe.agent.token import Token


_PROCESS = "--process "  # how a report calls a target that is looked for by its name
_ABSENT = (codes.TARGET_NOT_FOUND.name,)
# What is not told of a role at the start: of one with checks nothing, of one without that it is healthy.
_UNTOLD = (None, "")


class State:
    """The plan in force, the schedule that follows it, and what became of reloads."""

    def __init__(self, plan: Plan, workload: Workload | None = None) -> None:
        self.plan = plan
        self.workload = workload
        self.schedule = Schedule(plan)
        for role in self.schedule.roles.values():
            role.workload = workload
        self.draining = bool(workload and workload.ending)
        self._told: dict[str, str] = {}  # role → what the log last said of it: its worst code, "" for healthy
        self._found = self._waiting = False  # the process to look at has been there; its absence was told
        self.token = _token(plan)
        self.credentials = _credentials(plan)
        self.started_at = time.time()
        self.reloaded_well = True
        self.reloaded_at = self.started_at

    def adopt(self, plan: Plan) -> None:
        """Go by *plan* from now on; ConfigError, and nothing has changed, where that cannot be done."""
        for key in ("listen", "socket"):
            if getattr(plan.agent, key) != getattr(self.plan.agent, key):
                raise ConfigError(f"agent.{key}: cannot change while the agent runs; restart it")
        if bool(plan.agent.tls_cert) != bool(self.plan.agent.tls_cert):
            raise ConfigError(
                "agent.tls_cert: TLS cannot be turned on or off while the agent runs; restart it"
            )
        token, credentials = _token(plan), _credentials(plan)
        self.token, self.credentials = token, credentials
        self.plan = plan
        self.schedule.adopt(plan)
        self.reloaded_well, self.reloaded_at = True, time.time()
        log.tell("info", "configuration reloaded")

    def refuse(self, problem: Exception) -> None:
        """Keep the plan in force, and let it be seen."""
        self.reloaded_well = False
        log.tell("error", "configuration rejected, keeping the old one", cause=str(problem))

    def look(self) -> None:
        """
        Tell of each role what has changed: its verdict, or the worst code while it is unhealthy.

        Why the start fails is left where the kubelet looks for it too.
        """
        now = time.monotonic()
        for role in self.schedule.roles.values():
            view = role.view(now)
            code = "" if view.healthy else log.reason(view)["code"]
            if code == self._told.get(role.name, _UNTOLD[not role.checks]) or self._waits(view, code):
                continue
            self._told[role.name] = code
            self._tell(role.name, view)

    def _waits(self, view: Report, code: str) -> bool:
        """Whether there is nothing to tell yet: no run has ended, or the program to look at has not begun."""
        if code == codes.AGENT_NOT_RUN_YET.name:
            return True
        self._found = self._found or not code or code not in _ABSENT
        if self._found or not view.target.startswith(_PROCESS):
            return False
        if not self._waiting:
            self._waiting = True
            log.tell("info", f"waiting for process {view.target.removeprefix(_PROCESS)}")
        return True

    def _tell(self, role: str, view: Report) -> None:
        """An end that was asked for is no error."""
        why = {} if view.healthy else log.reason(view)
        level = "info" if view.healthy or self.draining else "error"
        log.tell(level, f"{role} is {'healthy' if view.healthy else 'unhealthy'}", role=role, **why)
        if role == STARTUP:
            _leave_word(self.plan.agent.termination_log, view)

    def drain(self) -> None:
        """Take no traffic any more."""
        self.draining = self.schedule.roles[READY].draining = True
        drain_s = self.plan.agent.drain_s
        more = {"drain_s": drain_s} if drain_s < float("inf") else {}  # else until the workload has ended
        log.tell("info", "shutting down, draining", **more)


def _token(plan: Plan) -> Token | None:
    """The bearer token, None when none is asked for; ConfigError for a file that holds none."""
    if not plan.agent.token_file:
        return None
    from probe.agent.token import Token

    return Token(plan.agent.token_file)


def _credentials(plan: Plan) -> CertificatePair | None:
    """Certificate and key of the listener, None for plain HTTP; ConfigError for no such pair."""
    if not plan.agent.tls_cert:
        return None
    from probe.agent.tls import CertificatePair  # with OpenSSL: 4 MB that only those who want TLS pay for

    return CertificatePair(plan.agent.tls_cert, plan.agent.tls_key)


def _leave_word(name: str, report: Report) -> None:
    """Write the reason to the file, if it exists; once the start has passed there is none."""
    with suppress(OSError, ValueError):
        # No link is followed: whoever may write to the directory would choose one of our files to overwrite.
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode) or os.fstat(descriptor).st_nlink > 1:
                return
            os.ftruncate(descriptor, 0)
            if not report.healthy:
                from probe.output import text  # needed in failure alone

                os.write(descriptor, text.render(report).encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
