"""The checks before the workload: in a child, so that nothing of them is left in the process that stays."""

import os
import time

from probe import orphans
from probe.entrypoint.block_signals import signal
from probe.entrypoint.inherited import InheritedSignals, stops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

AGAIN = 75  # EX_TEMPFAIL in sysexits(3): not healthy yet, and there is time for another try
BROKEN = 70  # EX_SOFTWARE
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
_SETTLING_S = 10.0  # for the settings to be read, before the checks have a deadline of their own
_STATUS_S = 1.0  # between looks at a child whose SIGCHLD went missing


class GateAttempt:
    """One run of the checks: its number, and whether another one may follow."""

    __slots__ = ("_until", "number", "pause_s")

    def __init__(self, number: int, until: float) -> None:
        self.number = number
        # Jitter, so that containers that were started together do not ask together.
        jitter = int.from_bytes(os.urandom(2)) / (1 << 16)
        longest: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(number - 1, 10))
        self.pause_s = longest * (0.5 + jitter / 2)
        self._until = until

    def may_be_repeated(self) -> bool:
        """Whether, from now, the pause ends within the time for retries."""
        return time.monotonic() + self.pause_s <= self._until


def passed(check: "Callable[[GateAttempt], int]", caller: InheritedSignals, retry_for_s: float) -> int:
    """
    Run *check* in a child until it does not ask for another try; its exit code.

    A signal that would end the workload ends the checks, all that they started and this
    process, at once.
    """
    until = time.monotonic() + retry_for_s
    number = 0
    before = orphans.known()
    while True:
        number += 1
        this = GateAttempt(number, until)
        code = _in_child(lambda: check(this), caller)  # noqa: B023 - it is called before `this` changes
        orphans.end_all_but(before)
        if code < 0:
            code = _crashed(-code, this)
        if code != AGAIN:
            return code
        _pause(this.pause_s, caller)


def ended(caller: InheritedSignals, pid: int = 0) -> None:
    """End this process, and the group of the child *pid*, where a signal that says so is pending."""
    for number in signal.sigpending() & caller.ending:
        _leave(number, pid)


def deadline(seconds: float) -> None:
    """Have the kernel end this process in *seconds*, wherever it may hang."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _in_child(work: "Callable[[], int]", caller: InheritedSignals) -> int:
    """The exit code of *work*, negative for the signal that ended it."""
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        _run(work, parent)
    try:  # noqa: SIM105 - contextlib costs 3 ms to import
        os.setpgid(pid, pid)
    except OSError:
        pass  # it has done so itself, and may have ended
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        _heed(signal.sigtimedwait(caller.awaited, _STATUS_S), caller, pid)


def _pause(seconds: float, caller: InheritedSignals) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        _heed(signal.sigtimedwait(caller.awaited, left), caller)


def _heed(info: "signal.struct_siginfo | None", caller: InheritedSignals, pid: int = 0) -> None:
    """Do what the default action of a signal is."""
    if not info:
        return
    if info.si_signo in caller.ending:
        _leave(info.si_signo, pid)
    if stops(info.si_signo):
        os.kill(os.getpid(), signal.SIGSTOP)


def _leave(number: int, pid: int) -> "NoReturn":
    if pid:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os._exit(128 + number)


def _run(work: "Callable[[], int]", parent: int) -> "NoReturn":
    """In the child: a group of its own, a clean mask, and no life without its parent."""
    from probe import prctl

    code = BROKEN
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # we write to a terminal from the background
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        deadline(_SETTLING_S)
        prctl.load()(prctl.PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            code = work()
    finally:
        os._exit(code)


def _crashed(number: int, this: GateAttempt) -> int:
    """The checks died: that is never healthy, and may go better next time."""
    why = "did not end in time" if number == signal.SIGALRM else f"were ended by signal {number}"
    os.write(2, f"probe: the checks {why}\n".encode())
    return AGAIN if this.may_be_repeated() else 1
