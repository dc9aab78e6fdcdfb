"""What /proc says about processes that should be gone."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path


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
    """Whether none of *pids* exists, not even as a zombie."""
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Return when *condition* holds; an AssertionError when it has not for *seconds*."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "still not so"
        time.sleep(0.01)
