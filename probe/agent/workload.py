"""The program that the agent stands beside in `probe run --serve`, as the kernel sees it now."""

import os

from probe import codes
from probe.lightweight import NamedTuple
from probe.report import CheckResult, Finding, Remedies, Status, one_step

NAME = "workload"
_ENDED = {b"Z", b"X", b"x"}  # proc_pid_stat(5): zombie, dead


class Workload(NamedTuple):
    """What the init told this agent when it started it."""

    pid: int  # 0: there is none, the checks had failed and --on-fail is hold
    starts: int  # of agents beside it, this one included
    ending: bool  # it had been told to end before this agent was started
    why: str = ""  # what had failed, where it was not started for that

    def alive(self) -> bool:
        """
        Whether it has been started and has not ended.

        Its pid cannot be another's: the init, which ends with it and ends us, has to reap it first.
        """
        if not self.pid:
            return False
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stream:
                return stream.read(4096).rpartition(b")")[2].split()[0] not in _ENDED
        except (OSError, IndexError):
            return self._answers()

    def _answers(self) -> bool:
        """Where /proc does not show it: there is none, or it belongs to somebody else."""
        try:
            os.kill(self.pid, 0)
        except OSError as problem:
            return isinstance(problem, PermissionError)
        return True

    def result(self) -> CheckResult:
        """What every role says of it."""
        if self.alive():
            finding = Finding(Status.PASS, codes.WORKLOAD_OK, NAME, f"process {self.pid} runs")
        else:
            finding = Finding(Status.FAIL, codes.WORKLOAD_GONE, NAME, *self._missing())
        return CheckResult(NAME, (finding,), 0.0)

    def _missing(self) -> tuple[str, Remedies]:
        if self.pid:
            pod = "KUBERNETES_SERVICE_HOST" in os.environ
            command = "kubectl logs POD --previous" if pod else "docker logs CONTAINER"
            return f"process {self.pid} has ended", (one_step("look", "container", command),)
        why = f" ({self.why})" if self.why else ""
        return (
            f"it was not started: the checks had failed, and --on-fail is hold{why}",
            (one_step("probe", "probe", "probe check"),),
        )
