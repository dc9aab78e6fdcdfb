"""Children that are not ours to wait for, and those that are."""

import os
import time

from probe.entrypoint.early import signal

_PATIENCE_S = 2.0


def known() -> frozenset[int]:
    """The children that we have now; none where the kernel does not list them."""
    try:
        with open("/proc/thread-self/children", "rb") as stream:
            return frozenset(map(int, stream.read().split()))
    except (OSError, ValueError):
        return frozenset()


def end_all_but(before: frozenset[int]) -> None:
    """
    Kill and reap what has become our child since *before*: as PID 1 we inherit orphans.

    The others came with us from our caller and are the workload's affair.
    """
    end = time.monotonic() + _PATIENCE_S
    while (others := known() - before) and time.monotonic() < end:
        for pid in others:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                continue
        if known() - before:
            time.sleep(0.001)
