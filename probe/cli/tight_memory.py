"""A command in a process whose memory is so limited that the interpreter itself may die of it."""

import select
import sys
import time

from probe import prctl, room, syscalls
from probe.cli.remote_mounts import guards
from probe.errors import UNHEALTHY
from probe.lightweight import os, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_GRACE_S = 1.0  # beyond what the child has asked for
_SETTLING_S = 10.0  # for the settings to be read, before the checks have a deadline of their own
_TICK_S = 0.25
_PAUSE_S = 1.0  # between two looks of ours: then we were stopped, and it with us
_PIECE = 4096
_MOST = 1 << 16  # bytes of what it has to say on stderr
_DEATHS = {
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGABRT,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGTRAP,
    signal.SIGKILL,
}


def guard(seconds: float = _SETTLING_S) -> None:
    """
    Go on in a child; its exit code becomes ours, and when it dies or hangs one line says why.

    CPython survives not every allocation that fails. It crashes, or aborts with words of its own; or it loops
    for ever with all threads held, as `exception_unwind` in Python/ceval.c asks again for the integer that it
    could not have. The child has *seconds*, and as many more as it tells (`remote_mounts.within`).
    """
    told, say = os.pipe2(os.O_CLOEXEC)
    heard, errors = os.pipe2(os.O_CLOEXEC)
    pid = prctl.fork()
    if pid is None:  # then without: it is the same work
        for descriptor in (told, say, heard, errors):
            os.close(descriptor)
        return
    if pid:
        signal.setitimer(signal.ITIMER_REAL, 0)  # of `entrypoint.gate`: from here on the child has one
        os.close(say)
        os.close(errors)
        _wait(pid, told, heard, seconds)
    os.close(told)
    os.close(heard)
    guards.append(say)
    os.dup2(errors, 2)
    os.close(errors)
    sys.stderr = None  # what CPython has to tell of a thread is for nobody


def _wait(pid: int, told: int, heard: int, seconds: float) -> "NoReturn":
    """End as the child does."""
    ready, left, words, late = syscalls.poll(), {told, heard}, b"", False
    for descriptor in left:
        ready.register(descriptor, select.POLLIN)
    looked = time.monotonic()
    until = looked + seconds
    while left:  # the last to hold the other ends is the child, and lets go of them by its end
        for descriptor, _ in ready.poll(_TICK_S * 1000):
            if not (piece := os.read(descriptor, _PIECE)):
                ready.unregister(descriptor)
                left.discard(descriptor)
            elif descriptor == told:
                until = time.monotonic() + float(piece.split()[-1]) + _GRACE_S
            elif len(words) < _MOST:
                words += piece
        before, looked = looked, time.monotonic()
        if looked - before > _PAUSE_S:  # as by `docker pause`
            until += looked - before
        if looked > until and not late:
            late = True
            os.kill(pid, signal.SIGKILL)
    code = syscalls.reap(pid, wait=True) or 0
    if late or -code in _DEATHS:
        words, code = f"probe: {room.no_memory()}\n".encode(), UNHEALTHY
    _say(words)
    os._exit(code if code >= 0 else 128 - code)


def _say(words: bytes) -> None:
    try:
        while words:
            words = words[os.write(2, words) :]
    except OSError:
        return
