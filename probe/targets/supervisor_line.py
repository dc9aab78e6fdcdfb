"""The line to the process that starts commands (probe.targets.supervisor), and what comes back over it."""

from __future__ import annotations

import errno
import select

from probe import orphans, prctl, syscalls
from probe.deadline import Deadline
from probe.lightweight import Mapping, NamedTuple, Sequence, os, signal, socket, suppress
from probe.targets import supervisor_protocol as protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.processes import Interlude

_PIECE = 1 << 16
_STEP_S = 0.01  # between two looks at a supervisor that does not answer


class SupervisorLost(Exception):
    """The process that starts commands for us has ended, and the command with it."""


class Finished(NamedTuple):
    """
    What became of a command: `code` or `signal`, and neither when we ended it because its
    time was up (`timed_out`) or it went on writing beyond what we read (`truncated`).
    """

    code: int | None
    signal: int | None
    out: bytes
    err: bytes
    timed_out: bool = False
    truncated: bool = False


class SupervisorLine:
    """
    One supervisor, started here, and our end of the line to it. OSError where none can be started.

    *program*: the path of one that does what a fork of ours would; "" for the fork.
    """

    def __init__(self, program: str) -> None:
        self._others: frozenset[int] | None = None  # children that are no affair of ours
        # Found before any fork. Where other threads run, a child must not import: it would wait for ever for
        # the lock of a module that one of them was importing.
        self._prctl = prctl.load()
        try:
            self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, "socketpair") from None
        if syscalls.poll_refused():  # by which alone the program waits
            program = ""
        self.pid = (program and _spawned(program, theirs)) or self._forked(theirs)
        theirs.close()

    def _forked(self, theirs: socket.socket) -> int:
        """The supervisor as a fork of ours."""
        from probe.targets import supervisor  # before the fork, as prctl

        # It never runs a handler of ours, nor dies of a signal before it can block them.
        # Without the C library's own, which a caller may have blocked: Python warns when it sets them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, protocol.CATCHABLE) & signal.valid_signals()
        try:
            pid = os.fork()
            if not pid:
                try:  # nothing that is raised here goes on as the program that we are a copy of
                    self._line.close()
                    supervisor.keep(theirs)
                finally:
                    os._exit(1)
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, "clone") from None
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pid

    def close(self, within: float) -> None:
        """Kill what still runs; return when all of it is gone, or after *within* seconds."""
        gone = self._told(within)
        self._line.close()
        code: int | None = 1
        with suppress(ChildProcessError):  # where SIGCHLD is ignored, the kernel reaps
            code = syscalls.reap(self.pid, wait=gone)
        if gone and self._others is not None:
            if code != 0:
                orphans.end_all_but(self._others)
            self._prctl(prctl.CHILD_SUBREAPER, 0)

    def _told(self, within: float) -> bool:
        """Have the supervisor end; whether it has, or is about to."""
        poll = syscalls.poll()
        poll.register(self._line, select.POLLRDHUP)
        try:
            self._line.shutdown(1)
        except OSError:  # refused; it sees that our end is closed, we do not see its
            return True
        return bool(poll.poll(within * 500)) or self._woken(poll, within / 2)

    def _woken(self, poll: select.poll, within: float) -> bool:
        """
        A command may have stopped the supervisor: wake it, and kill it where it is stopped again.

        What it leaves behind comes to us then (see `_adopt`).
        """
        deadline = Deadline(within)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
        while not poll.poll(_STEP_S * 1000):
            if self._stopped():
                os.kill(self.pid, signal.SIGKILL)
                return True
            if deadline.expired():
                return False
        return True

    def _stopped(self) -> bool:
        try:
            return os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
        except OSError:  # it has ended, or waitid(2) is refused
            return False

    def _adopt(self) -> None:
        """
        Be the next in line: should a command kill the supervisor, what it leaves behind comes to us.

        The supervisor cannot be guarded against a command of the same user.
        """
        if self._others is None:
            self._others = orphans.known()
            self._prctl(prctl.CHILD_SUBREAPER, 1)

    def run(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
        deadline: Deadline,
        limit: int,
        interlude: Interlude | None = None,
    ) -> Finished:
        """As `Processes.run`; *interlude* begins when the command is asked for, and is waited for to end."""
        self._adopt()
        ours, theirs = socket.socketpair()
        pipes: list[int] = []
        try:
            for _ in range(2):
                pipes += os.pipe2(os.O_CLOEXEC)
            self._hand_over(pipes[1], pipes[3], theirs)
            for writer in (pipes.pop(3), pipes.pop(1)):
                os.close(writer)
            theirs.close()
            _ask(ours, argv, env, cwd, deadline)
            follower = _Follower(ours, pipes[0], pipes[1], limit)
            if interlude:
                interlude.begin()
            return follower.follow(deadline, argv[0])
        finally:
            if interlude:
                interlude.wait_for_end()
            for descriptor in pipes:
                os.close(descriptor)
            theirs.close()
            ours.close()

    def _hand_over(self, out: int, err: int, control: socket.socket) -> None:
        rights = protocol.DESCRIPTORS.pack(out, err, control.fileno())
        try:
            self._line.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except OSError as problem:
            if problem.errno not in (errno.EPIPE, errno.ECONNRESET, errno.EBADF):
                raise
            raise SupervisorLost("the process that starts commands has ended") from None


def _ask(
    control: socket.socket, argv: Sequence[str], env: Mapping[str, str], cwd: str, deadline: Deadline
) -> None:
    settings = [os.fsencode(f"{name}={value}") for name, value in env.items()]
    strings = [os.fsencode(cwd), *map(os.fsencode, argv), *settings]
    if any(not name or "=" in name for name in env) or any(b"\0" in one for one in strings):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), argv[0])
    body = b"\0".join(strings) + b"\0"
    if not syscalls.poll_refused():  # Python's timeouts are by poll(2)
        control.settimeout(max(deadline.remaining(), 0.001))
    with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):  # the answer will tell
        control.sendall(protocol.REQUEST.pack(len(body), len(argv), len(env)) + body)


def _spawned(program: str, theirs: socket.socket) -> int:
    """The pid of *program*; 0 where it cannot be started. Neither of us copies a page for it."""
    actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), protocol.LINE)]
    try:
        return os.posix_spawn(
            program, ["probe-supervisor"], {}, file_actions=actions, setsigmask=protocol.CATCHABLE
        )
    except OSError:  # where it is for more than this program, a fork says so
        return 0


class _Follower:
    """Reads what a command writes until it has ended, whoever else still holds its pipes."""

    def __init__(self, control: socket.socket, out: int, err: int, limit: int) -> None:
        self._control, self._out, self._err = control.fileno(), out, err
        self._limit = limit
        self._data = {out: bytearray(), err: bytearray()}
        self._poll = syscalls.poll()
        for descriptor in (self._control, out, err):
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)

    def follow(self, deadline: Deadline, program: str) -> Finished:
        while True:
            ready = [descriptor for descriptor, _ in self._poll.poll(deadline.remaining() * 1000)]
            if self._control in ready:
                for descriptor in self._data:
                    while self._read(descriptor):
                        pass
                return self._conclude(program)
            if not ready and deadline.expired():
                return self._finish(timed_out=True)
            for descriptor in ready:
                if self._read(descriptor) is False:
                    self._poll.unregister(descriptor)
            if self._too_much:
                return self._finish()

    def _read(self, descriptor: int) -> bool | None:
        """Take one piece; False at the end or beyond the limit, None when there is nothing now."""
        data = self._data[descriptor]
        try:
            piece = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return None
        data += piece
        return len(piece) > 0 and len(data) <= self._limit

    @property
    def _too_much(self) -> bool:
        return any(len(data) > self._limit for data in self._data.values())

    def _conclude(self, program: str) -> Finished:
        try:
            told = os.read(self._control, protocol.ANSWER.size)
        except ConnectionResetError:
            told = b""
        if not told:
            raise SupervisorLost("the process that starts commands has ended")
        kind, number = protocol.ANSWER.unpack(told)
        if kind == b"E":
            raise OSError(number, os.strerror(number), program)
        return self._finish(number if number >= 0 else None, -number if number < 0 else None)

    def _finish(
        self, code: int | None = None, signal: int | None = None, *, timed_out: bool = False
    ) -> Finished:
        out, err = (bytes(data[: self._limit]) for data in self._data.values())
        return Finished(code, signal, out, err, timed_out, self._too_much)
