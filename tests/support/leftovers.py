"""What /proc says about processes that should be gone."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

HANGING_GO = """#!/bin/sh
# One child in our session, one that has left it, one that has left it for good, and we hang.
sleep {nap} &
setsid sleep {nap} &
setsid sh -c 'sleep {nap} & exec sleep {nap}' &
exec sleep {nap}
"""
NAPPING = 5  # the processes above


def pids_of(part: str) -> list[int]:
    """The living processes whose command line holds *part* (arguments end with a NUL)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if part.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass  # it has just ended
    return found


def children_of(parent: int) -> list[int]:
    """The processes whose parent is *parent*."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


def gone(pids: Iterable[int]) -> bool:
    """
    Whether none of *pids* exists, not even as a zombie that its parent has not reaped.

    A zombie that PID 1 has inherited counts as gone: in many a container PID 1 reaps nobody.
    """
    return not any(_exists(pid) for pid in pids)


def _exists(pid: int) -> bool:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return False
    return (state, parent) != ("Z", "1")


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when *condition* holds; an AssertionError when it has not for *seconds*."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "still not so"
        time.sleep(0.01)
