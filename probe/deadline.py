"""One monotonic end time, shared by everything in a run."""

import time


class DeadlineExceeded(Exception):
    """The time of a run is up."""


class Deadline:
    """An end time on the monotonic clock; handing it on never extends it."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def expired(self) -> bool:
        return time.monotonic() >= self._end

    def within(self, seconds: float) -> "Deadline":
        """A deadline *seconds* from now, or this one if it comes first."""
        inner = Deadline(seconds)
        inner._end = min(inner._end, self._end)
        return inner

    def check(self) -> None:
        """Raise DeadlineExceeded when the time is up."""
        if self.expired():
            raise DeadlineExceeded
