"""Commands that we run: bounded in time and output, and none of them outlives us."""

from __future__ import annotations

import sys

from probe import syscalls
from probe.lightweight import Mapping, Sequence, suppress, thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.deadline import Deadline
    from probe.targets.supervisor_line import Finished, SupervisorLine


class Interlude:
    """
    The time for which the first command of a run is at work: another thread has the interpreter for itself.

    The thread that has asked for the command does nothing but read what it prints, until that is `over`.
    """

    def __init__(self) -> None:
        self._begun, self._over = thread.allocate_lock(), thread.allocate_lock()
        self._begun.acquire()
        self._over.acquire()

    def begin(self) -> None:
        """The command was asked for, or none will be; only the first time counts."""
        with suppress(RuntimeError):
            self._begun.release()

    def wait(self, seconds: float) -> bool:
        """Whether it has begun, or does within *seconds*."""
        return self._begun.acquire(timeout=seconds)

    def end(self) -> None:
        """Once: whoever has asked for a command may go on with what it has printed."""
        self._over.release()

    def wait_for_end(self) -> None:
        with self._over:
            return


class Processes:
    """
    Starts commands by a process of our own, the supervisor, and ends all of them.

    `start` forks it before the first thread, where commands are to be run anyway; else the first `run` does.
    `run` may be called from any thread, by many at once. `close` kills all that was started. *supervisor*:
    the program to start in place of a fork, "" for none; by default the bundle's, where we are in one.
    """

    def __init__(self, supervisor: str | None = None) -> None:
        self._program = _bundled() if supervisor is None else supervisor
        self._line: SupervisorLine | None = None
        self._problem: OSError | None = None
        self._over = False
        self._starting = thread.allocate_lock()
        self._interlude: Interlude | None = None

    @property
    def refused(self) -> str:
        """The system call that a seccomp profile refuses and that starting a process needs; "" for none."""
        problem = self._problem
        return problem.filename or "" if problem and problem.errno in syscalls.REFUSED else ""

    @property
    def forks(self) -> bool:
        """Whether the supervisor is to be a fork of ours."""
        return not self._program

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Fork the supervisor, once. Where that fails, every `run` raises the reason."""
        with self._starting:
            if self._line or self._problem or self._over:
                return
            from probe.targets.supervisor_line import SupervisorLine

            try:
                self._line = SupervisorLine(self._program)
            except OSError as problem:
                self._problem = problem

    def interlude(self) -> Interlude:
        """The time for which the next command is at work. Before any is asked for."""
        self._interlude = Interlude()
        return self._interlude

    def close(self, within: float = 0.25) -> None:
        """Kill what still runs; return when all of it is gone, or after *within* seconds."""
        with self._starting:
            line, self._line, self._over = self._line, None, True
        if line:
            line.close(within)

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        deadline: Deadline,
        limit: int = 1 << 20,
    ) -> Finished:
        """
        Run *argv*, whose first item is the path of a program, with no input and only *env*.

        It is in a session of its own, which is killed when it ends, when *deadline*
        passes or when stdout or stderr exceeds *limit* bytes. OSError as execve(2) or
        chdir(2) gave it; SupervisorLost when nobody can say how it went.
        """
        self.start()
        from probe.targets.supervisor_line import SupervisorLost

        if self._problem:
            raise SupervisorLost(f"no process can be started here: {self._problem.strerror}")
        if not (line := self._line):
            raise SupervisorLost("commands can no longer be started: the run is over")
        return line.run(argv, env, cwd, deadline, limit, self._interlude)


def _bundled() -> str:
    """The program that the bundle has for it; "" elsewhere."""
    return f"{sys.base_exec_prefix}/libexec/probe-supervisor" if "bundle" in sys._xoptions else ""
