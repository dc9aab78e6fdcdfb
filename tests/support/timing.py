"""Seconds as a quiet machine would have taken them, and how costs grow: load decides no test."""

import os
import time
from collections.abc import Callable


def stalled() -> float | None:
    """For how many seconds since boot a task had to wait for a CPU (PSI); None where nobody says."""
    try:
        with open("/proc/pressure/cpu") as pressure:
            return int(pressure.readline().rpartition("total=")[2]) / 1e6
    except OSError:
        return None


class Stopwatch:
    """Begins when it is made."""

    def __init__(self) -> None:
        self._begin, self._stalled = time.monotonic(), stalled()

    def wall(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self._begin

    def quiet(self) -> float:
        """Seconds since then in which every task that could run did run."""
        took, now = self.wall(), stalled()
        if now is None or self._stalled is None:  # the next best: how many want each CPU
            return took / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        return max(0.0, took - (now - self._stalled))


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether four times *size* costs *work* less than eight times the CPU: quadratic would be sixteen."""

    def cost(size: int) -> float:
        best = float("inf")
        for _ in range(3):
            begin = time.process_time()
            work(size)
            best = min(best, time.process_time() - begin)
        return best

    return cost(4 * size) < 8 * cost(size) + 0.02
