"""Checks one after another, where no thread can be started."""

from __future__ import annotations

import errno
import time

from probe import codes, prctl, room, syscalls
from probe.deadline import DeadlineExceeded
from probe.lightweight import signal
from probe.remedies import actions
from probe.report import CheckResult, Finding, Status

_SHARE = (
    0.7  # of the time that is left for one of several: what comes after a check that hangs must still be told
)
_CLONE3 = '{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}'


class Alarm:
    """
    Raises DeadlineExceeded in the block after *seconds*, out of system calls that can be interrupted.

    In the main thread only, where signals are handled; elsewhere the deadline of whoever called us has to do.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = max(seconds, 0.001)
        self._began = time.monotonic()
        self._timer = 0.0
        self._handles = False

    def __enter__(self) -> None:
        try:
            self._handler = signal.signal(signal.SIGALRM, _exceeded)
            self._handles = True
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds)[0]
        except (OSError, ValueError):  # refused, or not the main thread
            return

    def __exit__(self, *_: object) -> None:
        """Put the timer back that was there before."""
        if not self._handles:
            return
        left = self._timer and max(self._timer - (time.monotonic() - self._began), 0.001)
        try:
            signal.setitimer(signal.ITIMER_REAL, left)
            signal.signal(signal.SIGALRM, signal.SIG_DFL if self._handler is None else self._handler)
        except OSError:
            return


def share(left_s: float, more: bool) -> float:
    """The seconds for the next check; *more*: whether others come after it."""
    return left_s * _SHARE if more else left_s


def explain(problem: RuntimeError, role: str, *, at_all: bool) -> CheckResult:
    """
    Why there were too few threads (*at_all*: some), as a result beside those of the checks.

    A program of Go makes threads in its first instructions, by clone(2) or, with cgo, by clone3(2).
    """
    number = prctl.clone3_error()
    if number in syscalls.REFUSED and number != errno.ENOSYS:
        name = errno.errorcode[number]
        cause = (
            f"seccomp answers the system call clone3 with {name}, not ENOSYS: checks ran one after another; "
            "programs with cgo cannot start threads here"
        )
        evidence = {"syscall": "clone3", "errno": name}
        missing = actions.ways(actions.pod(_CLONE3))
        return _result(Finding(Status.WARN, codes.SYSCALL_REFUSED, "clone3", cause, missing, evidence))
    status = Status.FAIL if role == "startup" and not at_all else Status.WARN
    how = "too few threads" if at_all else "no thread"
    cause = (
        f"{how} can be started here ({problem}), so checks ran one after another; programs of Go need some"
    )
    limit = room.tight() if str(problem).endswith(room.tight()) else ""
    fix = actions.ways(actions.shell(room.lifted(limit), raises=True)) if limit else actions.more_room()
    return _result(Finding(status, codes.THREADS_LIMITED, "threads", cause, fix))


def no_processes(name: str) -> CheckResult:
    """That seccomp refuses the system call *name*, so that no command was run."""
    cause = f"seccomp refuses the system call {name}: commands were not run, but judged by their files"
    allow = actions.ways(actions.allow_syscall(name))
    return _result(Finding(Status.WARN, codes.SYSCALL_REFUSED, name, cause, allow, {"syscall": name}))


def _result(finding: Finding) -> CheckResult:
    return CheckResult("run", (finding,), 0.0)


def _exceeded(*_: object) -> None:
    raise DeadlineExceeded
