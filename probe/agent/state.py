"""What the loop, the application and the socket of `probe status` share."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from probe.agent import log
from probe.agent.roles import READY, STARTUP, Role
from probe.agent.schedule import Plan, Schedule
from probe.agent.workload import Workload
from probe.errors import ConfigError
from probe.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.agent.tls import CertificatePair
    from probe.agent.token import Token


class State:
    """The plan in force, the schedule that follows it, and what became of reloads."""

    def __init__(self, plan: Plan, workload: Workload | None = None) -> None:
        self.plan = plan
        self.workload = workload
        self.schedule = Schedule(plan, self._changed)
        for role in self.schedule.roles.values():
            role.workload = workload
        self._told: dict[str, bool] = {}  # role → what the log last said of it
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
            raise ConfigError("agent.tls_cert: TLS cannot come or go while the agent runs; restart it")
        token, credentials = _token(plan), _credentials(plan)
        self.token, self.credentials = token, credentials
        self.plan = plan
        self.schedule.adopt(plan)
        self.reloaded_well, self.reloaded_at = True, time.time()
        log.tell("info", "configuration reloaded")

    def refuse(self, problem: Exception) -> None:
        """Keep the plan in force, and let it be seen."""
        self.reloaded_well = False
        log.tell("error", "configuration refused, the old one stays", cause=str(problem))

    def _changed(self, role: Role, report: Report) -> None:
        """Tell of it; why the start fails also where the kubelet looks for it."""
        self._told[role.name] = report.healthy
        _tell(role.name, report)
        if role.name == STARTUP:
            _leave_word(self.plan.agent.termination_log, report)

    def look(self) -> None:
        """Tell of what turns without a run: a report becomes too old, and is replaced after all."""
        now = time.monotonic()
        for name, healthy in self._told.items():
            view = self.schedule.roles[name].view(now)
            if view.healthy != healthy:
                self._told[name] = view.healthy
                _tell(name, view)

    def drain(self) -> None:
        """Take no traffic any more."""
        self.schedule.roles[READY].draining = True
        drain_s = self.plan.agent.drain_s
        more = {"drain_s": drain_s} if drain_s < float("inf") else {}  # else until the workload has ended
        log.tell("info", "asked to end, takes leave", **more)


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


def _tell(role: str, report: Report) -> None:
    why = {} if report.healthy else log.reason(report)
    word = "healthy" if report.healthy else "unhealthy"
    log.tell("info" if report.healthy else "error", f"{role} is {word}", role=role, **why)


def _leave_word(name: str, report: Report) -> None:
    """Write the reason to the file, if it exists; once the start has passed there is none."""
    with suppress(OSError, ValueError):
        # O_NONBLOCK: a FIFO that nobody reads must not hold us.
        descriptor = os.open(name, os.O_WRONLY | os.O_TRUNC | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not report.healthy:
                from probe.output import text  # needed in failure alone

                os.write(descriptor, text.render(report).encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
