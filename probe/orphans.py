"""Children that are not ours to wait for, and those that are."""

import os
import time

_PATIENCE_S = 2.0
_SIGKILL = 9


def known() -> frozenset[int]:
    """The children that we have now, of whichever thread; none where the kernel does not list them."""
    found: set[int] = set()
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/children", "rb") as stream:
                found.update(map(int, stream.read().split()))
    except (OSError, ValueError):
        return frozenset(found)
    return frozenset(found)


def end_all_but(before: frozenset[int]) -> None:
    """
    Kill and reap what has become our child since *before*: as PID 1 or subreaper we inherit orphans.

    The others came with us from our caller and are the workload's affair.
    """
    end = time.monotonic() + _PATIENCE_S
    while (others := known() - before) and time.monotonic() < end:
        for pid in others:
            try:
                os.kill(pid, _SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                continue
        if known() - before:
            time.sleep(0.001)
