"""
A small init: it forwards signals, reaps what is left to it, and replaces a worker that dies.

One thread, no handlers, all signals held: what arrives is taken one by one, so that
nothing is lost before the workload exists and nothing interrupts anything. It never
starts commands by other means than fork, because who reaps everything steals the
status of those who wait for one child.
"""

import gc
import os
import select
import time

from probe import syscalls
from probe.entrypoint import terminal
from probe.entrypoint.block_signals import HELD, signal, take
from probe.entrypoint.exec import NOT_EXECUTABLE, become
from probe.entrypoint.inherited import InheritedSignals
from probe.errors import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    # Called with the pid of the workload (0: none), the number of this start, and whether
    # the workload has been told to end.
    Worker = Callable[[int, int, bool], object]

_TELLING = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_DROPPED = {signal.SIGCHLD, signal.SIGTTIN, signal.SIGTTOU}
_BY_TERMINAL = {signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 30.0
_STEADY_S = 60.0  # a worker that lived so long starts again after the first pause


def supervise(
    command: "list[bytes] | None",
    caller: InheritedSignals,
    worker: "Worker | None" = None,
    kill_after_s: float | None = None,
) -> "NoReturn":
    """
    Run *command* as a child and end as it ends: its exit code, or 128 + the signal that ended it.

    Without *command* we stay, unhealthy, for somebody to look into the container, until
    a signal says otherwise.

    *worker* runs in a child of its own, in its own process group, and ends when we are
    gone. It is started again, after growing pauses, whenever it ends, and begins with
    SIGTERM held; it gets one when the workload has been told to end. With *kill_after_s*
    the workload's whole group is killed so long after the first TERM, INT or QUIT.
    """
    _Init(command, caller, worker, kill_after_s).run()


class _Init:
    def __init__(
        self,
        command: "list[bytes] | None",
        caller: InheritedSignals,
        worker: "Worker | None",
        kill_after_s: float | None,
    ) -> None:
        self._command, self._caller = command, caller
        self._worker = _AgentProcess(worker) if worker else None
        self._kill_after_s = kill_after_s
        self._kill_at: float | None = None
        self._pid = 0

    def run(self) -> "NoReturn":
        if os.getpid() != 1:
            _become_subreaper()
        gc.freeze()  # the pages that we share with our children stay shared
        gc.disable()
        if self._command:
            self._start(self._command)
        if self._worker:
            self._worker.start(self._pid)
        while True:
            number = self._next()
            if number:
                self._heed(number)
            self._reap()
            self._see_to_what_is_due()

    def _start(self, command: "list[bytes]") -> None:
        """
        Fork the workload; return when it is in a group of its own.

        Until then a signal to our group reaches both of us. The child throws away what it
        got, we forward it: nothing is lost, nothing arrives twice.
        """
        reader, writer = os.pipe()
        try:
            self._pid = os.fork()
        except OSError as problem:
            why = reason(problem)
            _say(f"probe: no process can be started ({why}): the program runs alone, without the agent\n")
            become(command, self._caller)
        if not self._pid:
            self._prepare(command, writer)
        os.close(writer)
        os.read(reader, 1)  # a byte, or nothing when it died
        os.close(reader)

    def _prepare(self, command: "list[bytes]", writer: int) -> "NoReturn":
        """In the child."""
        try:
            before = os.getpgrp()
            terminal.lead_group()
            terminal.hand_over(os.getpid(), before)
            while take(HELD, 0):
                pass
            os.write(writer, b"x")
            become(command, self._caller)
        finally:
            os._exit(NOT_EXECUTABLE)

    def _next(self) -> int:
        """The next signal, 0 when something else is due before it."""
        again = self._worker.due if self._worker else None
        due = [moment for moment in (self._kill_at, again) if moment is not None]
        if not due:
            return take(HELD)
        return take(HELD, max(0.0, min(due) - time.monotonic()))

    def _heed(self, number: int) -> None:
        if not self._pid:
            if number in self._caller.ending:
                self._end(-number)
            return
        if number in _DROPPED:
            return
        if number == signal.SIGCONT:
            terminal.hand_over(self._pid, os.getpgrp())  # a shell that says fg gives the terminal to us
            _send(os.killpg, self._pid, number)
            return
        _send(os.kill, self._pid, number)
        if number in _TELLING:
            self._tell_the_end()

    def _tell_the_end(self) -> None:
        if self._worker:
            self._worker.stop()
        if self._kill_after_s is not None and self._kill_at is None:
            self._kill_at = time.monotonic() + self._kill_after_s

    def _reap(self) -> None:
        """Reap all that has ended; end with the workload."""
        while True:
            pid, code, stopped = syscalls.reap_any()
            if pid <= 0:
                return
            if stopped:
                if pid == self._pid:
                    self._stop_too(stopped)
            elif pid == self._pid:
                self._end(code)
            elif self._worker and pid == self._worker.pid:
                self._worker.ended(code)

    def _stop_too(self, number: int) -> None:
        """^Z at the terminal: the shell waits for us, not for the workload, and will continue us."""
        if number in _BY_TERMINAL and os.getpid() != 1 and terminal.is_foreground(self._pid):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _end(self, code: int) -> "NoReturn":
        if self._worker:
            self._worker.kill()
        os._exit(code if code >= 0 else 128 - code)

    def _see_to_what_is_due(self) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at, self._kill_after_s = None, None
            _send(os.killpg, self._pid, signal.SIGKILL)
        if self._worker and self._worker.due is not None and now >= self._worker.due:
            self._worker.start(self._pid)


class _AgentProcess:
    """The process beside the workload, and when it is to be started again."""

    def __init__(self, work: "Worker") -> None:
        self._work = work
        self.pid = 0
        self.due: float | None = None
        self._starts = 0
        self._ending = False
        self._pause_s, self._began = _FIRST_PAUSE_S, 0.0

    def start(self, workload: int) -> None:
        self.due, self._began = None, time.monotonic()
        self._starts += 1
        parent = os.getpid()
        try:
            self.pid = os.fork()
        except OSError as problem:
            self._again(f"cannot be started ({reason(problem)})")
            return
        if not self.pid:
            _run(lambda: self._work(workload, self._starts, self._ending), parent)

    def stop(self) -> None:
        """Tell it, once, that the workload is about to end; one that is started later knows."""
        if not self._ending:
            self._ending = True
            if self.pid:
                _send(os.kill, self.pid, signal.SIGTERM)

    def ended(self, code: int) -> None:
        if time.monotonic() - self._began >= _STEADY_S:
            self._pause_s = _FIRST_PAUSE_S
        self.pid = 0
        self._again(f"was ended by signal {-code}" if code < 0 else f"ended with code {code}")

    def kill(self) -> None:
        if not self.pid:
            return
        if os.getpid() == 1:  # the kernel ends all
            _send(os.killpg, self.pid, signal.SIGKILL)
        else:  # whoever is PID 1 may reap nobody
            from probe import orphans

            orphans.end_family(self.pid)

    def _again(self, why: str) -> None:
        _say(f"probe: the agent {why}; starting it again in {self._pause_s:g} s\n")
        self.due = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)


def _run(work: "Callable[[], object]", parent: int) -> "NoReturn":
    """In the child: a group of its own, no signal held but TERM, no life without its parent."""
    code = 1
    try:
        terminal.lead_group()
        alive = True
        if parent != 1:  # the kernel ends all when PID 1 ends
            from probe import prctl

            alive = prctl.end_with(parent)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it writes to the terminal from the background
        # TERM has a meaning for the worker from the start on: it waits until that can be heard.
        signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGTERM})
        gc.enable()
        if alive:
            work()
            code = 0
    finally:
        os._exit(code)


def _become_subreaper() -> None:
    """Orphans of the workload come to us, as if we were PID 1 (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    from probe import prctl

    prctl.load()(prctl.CHILD_SUBREAPER, 1)


def _send(kill: "Callable[[int, int], None]", pid: int, number: int) -> None:
    for each in dict.fromkeys((kill, os.kill)):  # where setpgid(2) is refused, there is no group
        try:
            each(pid, number)
        except OSError:
            continue  # it has ended and we shall reap it, or it runs as somebody else
        return


def _say(line: str) -> None:
    """One line on stderr, where somebody reads it: nobody must be able to stop us by not reading."""
    try:
        ready = syscalls.poll()
        ready.register(2, select.POLLOUT)
        if ready.poll(0):
            os.write(2, line.encode())
    except OSError:
        return
