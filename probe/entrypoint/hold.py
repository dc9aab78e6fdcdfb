"""Stay, unhealthy and idle, so that somebody can look into the container."""

import os

from probe.entrypoint.caller import Caller, stops
from probe.entrypoint.early import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def hold(caller: Caller) -> "NoReturn":
    """Wait to be told to stop, then end with 128 + signal. As PID 1, reap what others leave behind."""
    while True:
        number = signal.sigwaitinfo(caller.awaited).si_signo
        if number in caller.ending:
            os._exit(128 + number)
        if stops(number):
            os.kill(os.getpid(), signal.SIGSTOP)
        reap()


def reap() -> None:
    """Reap every child that has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
