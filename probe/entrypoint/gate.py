"""The checks before the workload: in a child, so that nothing of them is left in the process that stays."""

import os
import time

from probe import orphans, room, syscalls
from probe.entrypoint import block_signals
from probe.entrypoint.block_signals import signal
from probe.entrypoint.inherited import InheritedSignals, stops
from probe.entrypoint.terminal import lead_group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

AGAIN = 75  # EX_TEMPFAIL in sysexits(3): not healthy yet, and there is time for another try
TRANSIENT = 76  # to our parent: not healthy, for what may pass by itself
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
    if number := block_signals.pending(caller.ending):
        _leave(number, pid)


def deadline(seconds: float) -> None:
    """Have the kernel end this process in *seconds*, wherever it may hang, if setitimer(2) is not refused."""
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    except OSError:
        return


def _in_child(work: "Callable[[], int]", caller: InheritedSignals) -> int:
    """The exit code of *work*, negative for the signal that ended it."""
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return _in_this_process(work)
    if not pid:
        _run(work, parent)
    lead_group(pid)  # it does so itself, and may have ended
    stuck = False
    while True:
        code = syscalls.reap(pid)
        if code is not None:
            return code
        ended = orphans.stuck(pid)
        if ended is not None and stuck:  # for a second: a thread of it hangs on a dead mount
            return ended if ended >= 0 else -signal.SIGALRM
        stuck = ended is not None
        _obey(block_signals.take(caller.awaited, _STATUS_S), caller, pid)


def _in_this_process(work: "Callable[[], int]") -> int:
    """
    The exit code of *work* where there can be no child.

    A signal that would end the workload is then obeyed after the checks, which end in time by themselves.
    """
    before = signal.getsignal(signal.SIGALRM)
    mask = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM}) & signal.valid_signals()
    try:
        return work()
    finally:
        deadline(0)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)


def _pause(seconds: float, caller: InheritedSignals) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        _obey(block_signals.take(caller.awaited, left), caller)


def _obey(number: int, caller: InheritedSignals, pid: int = 0) -> None:
    """Do what the default action of a signal is."""
    if number in caller.ending:
        _leave(number, pid)
    if number and stops(number):
        os.kill(os.getpid(), signal.SIGSTOP)


def _leave(number: int, pid: int) -> "NoReturn":
    if pid:
        _end(pid)
    os._exit(128 + number)


def _end(pid: int) -> None:
    """Kill the child *pid* and its group, and reap what it leaves to a PID 1 that may reap nobody."""
    from probe import prctl

    others = orphans.known() - {pid}
    prctl.load()(prctl.CHILD_SUBREAPER, 1)
    for kill in (os.killpg, os.kill):  # where setpgid(2) is refused it leads no group
        try:
            kill(pid, signal.SIGKILL)
        except OSError:
            continue
    syscalls.reap(pid, wait=True)
    orphans.end_all_but(others)


def _run(work: "Callable[[], int]", parent: int) -> "NoReturn":
    """In the child: a group of its own, a clean mask, and no life without its parent."""
    from probe import openssl_env, prctl

    code = BROKEN
    try:
        lead_group()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # we write to a terminal from the background
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        deadline(_SETTLING_S)
        openssl_env.shield()
        if prctl.end_with(parent):
            code = work()
    except Exception as problem:  # noqa: BLE001 - whatever it is, the checks did not begin
        words = room.no_memory() if room.tight() else f"{type(problem).__name__}: {problem}"
        os.write(2, f"probe: the checks did not begin: {words}\n".encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _crashed(number: int, this: GateAttempt) -> int:
    """The checks died: that is never healthy, and may go better next time."""
    why = "did not finish in time" if number == signal.SIGALRM else f"were ended by signal {number}"
    os.write(2, f"probe: the checks {why}\n".encode())
    if this.may_be_repeated():
        return AGAIN
    return TRANSIENT if number == signal.SIGALRM else 1
