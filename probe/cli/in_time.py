"""A command that may hang on somebody else's files, in a child with a time of its own."""

import os
import select
import signal

from probe import prctl, syscalls

_STEP_S = 0.05


def in_child(seconds: float, late: Exception) -> None:
    """
    Go on in a child, whose exit code becomes ours; *late* is raised here when it lasts longer than *seconds*.

    A read from a dead mount may not even end by SIGKILL (fuse: once the server has taken the request), and
    with a thread of ours in it neither would we. Where no process can be started, the work is done here.
    """
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        return
    if not pid:
        if not prctl.end_with(parent):
            os._exit(1)
        return
    code = _code(pid, seconds)
    if code is None:
        os.kill(pid, signal.SIGKILL)
        raise late
    os._exit(code if code >= 0 else 128 - code)


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
    return syscalls.reap(pid, wait=True) if ended else None


def _asked_again(pid: int, seconds: float) -> "int | None":
    import time

    end = time.monotonic() + seconds
    while (code := syscalls.reap(pid)) is None and time.monotonic() < end:
        time.sleep(_STEP_S)
    return code
