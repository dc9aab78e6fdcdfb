"""
The process that starts commands for the probe, and ends all of them when the probe ends.

It has one thread, so that forking is safe, and it is the subreaper of all that it
starts (prctl(2), PR_SET_CHILD_SUBREAPER): what forks itself away from a command
comes back to it. The kernel closes the probe's end of the socket between the two by
whatever death the probe dies; that is the sign to kill everything and leave.

The bundle has the same as a program (deploy/bundle/supervisor.c): what is changed here is changed there.
"""

from __future__ import annotations

import errno
import select
import time

from probe import orphans, prctl, syscalls
from probe.lightweight import NoReturn, os, signal, socket, suppress
from probe.targets.supervisor_protocol import ANSWER, CATCHABLE, DESCRIPTORS, LINE, REQUEST

_LAST_SWEEP_S = 2.0  # for how long the end of all is seen to before leaving


def keep(line: socket.socket) -> NoReturn:
    """Serve the client at the other end of *line* until it is gone. In a fresh fork, signals blocked."""
    code = 1  # whoever reads it ends what we have left behind
    try:
        _lead_session()
        line = _leave_all_but(line)
        _Supervisor(line).serve()
        code = 0
    finally:
        os._exit(code)


def _lead_session() -> None:
    """Where setsid(2) is refused a group has to do, and where that is refused too, PDEATHSIG alone."""
    for lead in (os.setsid, lambda: os.setpgid(0, 0)):
        try:
            lead()
        except OSError:
            continue
        return


def _leave_all_but(line: socket.socket) -> socket.socket:
    """Let go of every inherited descriptor: a stdout held open would keep our caller waiting."""
    kept = line.detach()
    if kept != LINE:
        os.dup2(kept, LINE, inheritable=False)
    syscalls.close_from(LINE + 1)
    null = _open_null()
    for number in range(3):
        if number != null:
            os.dup2(null, number)
    os.set_inheritable(0, True)
    if null > 3:
        os.close(null)
    return socket.socket(fileno=LINE)


def _open_null() -> int:
    try:
        return os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # a root without /dev
        reader, writer = os.pipe()
        os.close(writer)
        return reader


class _Supervisor:
    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._controls: dict[int, socket.socket] = {}  # pid of a running command → its control socket
        self._pids: dict[int, int] = {}  # descriptor of a control socket → pid
        self._poll = syscalls.poll()
        self._poll.register(line, select.POLLIN | select.POLLRDHUP)
        # Of use from the first command on; most containers have nothing to run.
        self._wake = -1  # becomes readable when a child ends
        self._prepared = False

    def serve(self) -> None:
        while True:
            for descriptor, events in self._poll.poll():
                if descriptor == self._wake:
                    os.read(self._wake, 4096)
                elif descriptor != self._line.fileno():
                    self._kill(descriptor)
                elif events & (select.POLLRDHUP | select.POLLHUP) or not self._accept():
                    self._kill_all()  # what is still asked for is not begun
                    return
            self._reap()

    def _prepare(self) -> None:
        for number in CATCHABLE:  # for the commands, which inherit what is ignored
            signal.signal(number, signal.SIG_DFL)
        self._wake, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._wake, select.POLLIN)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_SETMASK, CATCHABLE - {signal.SIGCHLD})
        control = prctl.load()
        control(prctl.CHILD_SUBREAPER, 1)
        # Should a command have stopped us, we still see our client go.
        control(prctl.PDEATHSIG, signal.SIGCONT)
        self._prepared = True

    def _accept(self) -> bool:
        """Start what the client asks for; False when it is gone."""
        room = socket.CMSG_SPACE(DESCRIPTORS.size)
        data, ancillary, _, _ = self._line.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
        if not data:
            return False
        out, err, control = DESCRIPTORS.unpack(ancillary[0][2])
        self._start(out, err, socket.socket(fileno=control))
        os.close(out)
        os.close(err)
        return True

    def _start(self, out: int, err: int, control: socket.socket) -> None:
        if not self._prepared:
            self._prepare()
        supervisor = os.getpid()
        try:
            pid = os.fork()
        except OSError as problem:
            _tell(control, b"E", problem.errno or errno.EAGAIN)
            control.close()
            return
        if not pid:
            _become(out, err, control, supervisor)
        self._controls[pid] = control
        self._pids[control.fileno()] = pid
        self._poll.register(control, select.POLLRDHUP)

    def _kill(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        _kill(self._pids[descriptor])

    def _reap(self) -> None:
        """Tell the clients what has ended; when nothing runs any more, end what was left behind."""
        try:
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                # The pid, and with it the group's number, is ours until we reap it.
                if ended.si_pid in self._controls:
                    _kill(ended.si_pid)
                    self._report(ended.si_pid)
                else:
                    syscalls.reap(ended.si_pid)
            if not self._controls:
                _kill_children()
        except ChildProcessError:
            pass  # no child at all

    def _report(self, pid: int) -> None:
        control = self._controls.pop(pid)
        del self._pids[control.fileno()]
        with suppress(KeyError):  # when the client has gone before
            self._poll.unregister(control)
        _tell(control, b"X", syscalls.reap(pid, wait=True) or 0)
        control.close()

    def _kill_all(self) -> None:
        """Kill until no child is left: each round brings home the children of those that it killed."""
        if not self._prepared:
            return
        for pid in self._controls:  # for these nobody needs /proc
            _kill(pid)
        alarm = syscalls.poll()
        alarm.register(self._wake, select.POLLIN)
        end = time.monotonic() + _LAST_SWEEP_S
        with suppress(ChildProcessError):
            while time.monotonic() < end:
                while (pid := syscalls.reap_any()[0]) > 0:
                    pass
                if pid < 0:
                    return
                _kill_children()
                if alarm.poll(5):
                    os.read(self._wake, 4096)


def _kill(pid: int) -> None:
    """Kill a child of ours and its group, which it may not have made yet."""
    for kill in (os.killpg, os.kill):
        with suppress(OSError):  # gone, or run as somebody else
            kill(pid, signal.SIGKILL)


def _kill_children() -> None:
    """Kill all our children, each with its group: a group cannot fork itself out of one signal."""
    me, ours = os.getpid(), os.getpgrp()
    for pid, parent, group in orphans.processes():
        if parent == me:
            if group > 1 and group not in (me, pid, ours):  # to 1 would be to everybody
                _kill(group)
            _kill(pid)


def _become(out: int, err: int, control: socket.socket, supervisor: int) -> NoReturn:
    """In the child: turn into the command. Its parent's death is its own."""
    try:
        _lead_session()
        if prctl.end_with(supervisor):  # else it died before it was asked for
            argv, env, cwd = _receive(control)
            os.chdir(cwd)
            os.dup2(out, 1)
            os.dup2(err, 2)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.execve(argv[0], argv, env)
    except OSError as problem:
        _tell(control, b"E", problem.errno or errno.EIO)
    except ValueError:  # a NUL in an argument, a "=" in a name
        _tell(control, b"E", errno.EINVAL)
    except MemoryError:
        _tell(control, b"E", errno.ENOMEM)
    finally:
        os._exit(127)


def _receive(control: socket.socket) -> tuple[list[bytes], dict[bytes, bytes], bytes]:
    size, arguments, _ = REQUEST.unpack(_exactly(control, REQUEST.size))
    cwd, *strings = _exactly(control, size).split(b"\0")[:-1]
    env = dict(entry.split(b"=", 1) for entry in strings[arguments:])
    return strings[:arguments], env, cwd


def _exactly(control: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = control.recv(min(length - len(data), 1 << 20))
        if not piece:
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))
        data += piece
    return bytes(data)


def _tell(control: socket.socket, kind: bytes, number: int) -> None:
    with suppress(OSError):  # nobody may listen any more
        control.send(ANSWER.pack(kind, number))
