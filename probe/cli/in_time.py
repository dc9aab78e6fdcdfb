"""A command that may hang on somebody else's files, in a child with a time of its own."""

import os
import select
import time

from probe import orphans, prctl, syscalls
from probe.cli.remote_mounts import guards, within
from probe.errors import UNHEALTHY, ConfigError
from probe.lightweight import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_STEP_S = 0.05
_STILL_S = 5.0  # without a byte read or a tick of CPU
_GRACE_S = 2.0  # beyond what it has asked for
_PAUSE_S = 1.0  # between two looks of ours: then we were stopped, and it with us
_REAP_S = 0.5  # for a child that is killed; the one that the mount keeps is left to PID 1
_WAITS = (b"pipe", b"fifo", b"wait_for_partner", b"tty", b"skb")  # in wchan: for somebody who is at work
_PIECE = 1 << 16


def in_child(seconds: float, late: Exception) -> None:
    """
    Go on in a child, whose exit code becomes ours; *late* is raised here when it lasts longer than *seconds*.

    A read from a dead mount may not even end by SIGKILL (fuse: once the server has taken the request), and
    with a thread of ours in it neither would we. Where no process can be started, the work is done here.
    """
    within(seconds)
    pid = prctl.fork()
    if not pid:
        return
    code = _code(pid, seconds)
    if code is None:
        _end(pid)
        raise late
    os._exit(code if code >= 0 else 128 - code)


def guard() -> None:
    """
    Go on in a child; what it prints and its exit code become ours.

    Here we wait until it has ended, or has neither read nor computed for five seconds and has not said
    that it may (`within`); then one line says so, and the exit code is 1. What hangs keeps nobody waiting for
    us, nor for the end of our output.
    """
    told, say = os.pipe2(os.O_CLOEXEC)
    outputs = {number: _relayed(number) for number in (1, 2)}
    pid = prctl.fork()
    if pid is None:
        return
    if not pid:
        for number, ends in outputs.items():
            if ends:
                os.dup2(ends[1], number)
                os.close(ends[0])
                os.close(ends[1])
        os.close(told)
        guards.append(say)
        return
    os.close(say)
    relays = {ends[0]: number for number, ends in outputs.items() if ends}
    for ends in filter(None, outputs.values()):
        os.close(ends[1])
    _Guard(pid, told, relays).wait()


def answers(path: str, remedy: str, seconds: float = 2.0) -> None:
    """Return when *path* is there or not; ConfigError, with the *remedy*, for no answer."""
    pid = prctl.fork()
    if pid is None:
        return
    if not pid:
        os.closerange(0, 3)  # should it hang, nobody waits for the end of our output
        os.path.exists(path)
        os._exit(0)
    if _code(pid, seconds) is None:
        _end(pid)
        raise ConfigError(f"{path}: no answer within {seconds:g} s: its mount is dead; {remedy}")


class _Guard:
    """The parent of a guarded child: relays what it prints, and gives it up when nothing moves."""

    def __init__(self, pid: int, told: int, relays: dict[int, int]) -> None:
        self._pid, self._told, self._relays = pid, told, relays
        self._code = 0  # of our own: a reader that has gone
        self._seen, self._looked = (0, 0), time.monotonic()
        self._until = self._looked + _STILL_S
        self._ready = syscalls.poll()
        for descriptor in (told, *relays):
            os.set_blocking(descriptor, False)
            self._ready.register(descriptor, select.POLLIN)

    def wait(self) -> "NoReturn":
        """End as the child does."""
        while True:
            for descriptor, _ in self._ready.poll(_STEP_S * 1000 * 4):
                self._take(descriptor)
            code = _ended(self._pid)
            if code is not None:
                self._drain()
                os._exit(self._code or (code if code >= 0 else 128 - code))
            if self._still():
                self._drain()
                _end(self._pid)
                why = f"nothing moved for {_STILL_S:g} s: a file lies on a mount that does not answer"
                os.write(2, f"probe: {why} (findmnt shows them)\n".encode())
                os._exit(UNHEALTHY)

    def _still(self) -> bool:
        """Whether it is time to give the child up."""
        now, seen = time.monotonic(), _progress(self._pid)
        gap, self._looked = now - self._looked, now
        if gap > _PAUSE_S:  # as by `docker pause`, or ^Z and fg
            self._until += gap
        if seen != self._seen or seen is None:
            self._seen = seen or (0, 0)
            self._until = max(self._until, now + _STILL_S)
        return now >= self._until

    def _take(self, descriptor: int) -> bool:
        """Pass on what there is; whether there was something."""
        try:
            piece = os.read(descriptor, _PIECE)
        except OSError:
            return False
        if not piece:
            self._ready.unregister(descriptor)
            self._relays.pop(descriptor, None)
            return False
        if descriptor == self._told:
            self._until = time.monotonic() + float(piece.split()[-1]) + _GRACE_S
        else:
            self._pass_on(self._relays[descriptor], piece)
        return True

    def _pass_on(self, number: int, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(number, data) :]
        except OSError:  # an answer that nobody could be told is no healthy one
            self._code = UNHEALTHY

    def _drain(self) -> None:
        for descriptor in list(self._relays):
            while self._take(descriptor):
                pass


def _relayed(number: int) -> "tuple[int, int] | None":
    """A pipe in place of an output of ours; None for a terminal, whose reader waits for no end of it."""
    return None if os.isatty(number) else os.pipe2(os.O_CLOEXEC)


def _end(pid: int) -> None:
    """Kill the child *pid*, and reap it: a workload that is PID 1 would leave it a zombie."""
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + _REAP_S
    while syscalls.reap(pid) is None and time.monotonic() < end:
        time.sleep(0.001)


def _code(pid: int, seconds: float) -> "int | None":
    """The exit code of the child *pid*, negative for a signal; None where it lasts longer than *seconds*."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:  # before Linux 5.3, or refused
        return _asked_again(pid, seconds)
    waiting = syscalls.poll()
    waiting.register(descriptor, select.POLLIN)
    ended = waiting.poll(seconds * 1000)
    os.close(descriptor)
    return syscalls.reap(pid, wait=True) if ended else orphans.stuck(pid)


def _asked_again(pid: int, seconds: float) -> "int | None":
    end = time.monotonic() + seconds
    while (code := _ended(pid)) is None and time.monotonic() < end:
        time.sleep(_STEP_S)
    return code


def _ended(pid: int) -> "int | None":
    """The exit code of the child *pid* that has ended, though a thread may hang; None while it has not."""
    code = syscalls.reap(pid)
    return orphans.stuck(pid) if code is None else code


def _progress(pid: int) -> "tuple[int, int] | None":
    """What the child has read and computed so far; None while it waits for somebody who may be at work."""
    try:
        with open(f"/proc/{pid}/wchan", "rb", buffering=0) as stream:
            place = stream.read(100)
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as stream:
            fields = stream.read(4096).rpartition(b")")[2].split()
        with open(f"/proc/{pid}/io", "rb", buffering=0) as stream:
            read = int(stream.read(100).split()[1])
    except (OSError, IndexError, ValueError):
        return None
    if any(word in place for word in _WAITS):
        return None
    return read, int(fields[11]) + int(fields[12])
