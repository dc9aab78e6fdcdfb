"""One monotonic end time, shared by everything in a run."""

import time

# How the time of a run is shared out: each is a part of `Deadline.remaining()`, so that what comes after
# it has the rest. A run ends two reserves before its timeout (`runner`). Of ca-bundle's endpoints each has
# all of the time, as they are probed concurrently; of clock's each an equal part of what is left.
WAIT_FOR_GO_ENV = 0.3  # go-version waits for the answer that go-env asks for; the rest: to ask by itself
GO_VERSION = 0.6  # go-version runs `go version`; the rest: to say that it hangs
GO_ENV = 0.8  # go-env runs `go env`; the rest: to judge by the files instead
WHOM_TO_CALL = 0.3  # ca-bundle, downloads and offline run `go env`; the rest: to connect
GO_LIST = 0.8  # offline runs `go list`; the rest: to say that it hangs
FIRST_ANSWER = 0.6  # ca-bundle waits for any answer at all; the rest: to try other messages beside it
SECOND_HANDSHAKES = 0.7  # ca-bundle asks OpenSSL, and sends Go's ClientHello; the rest: to report
EARLIER_PROXY = 0.5  # downloads asks an entry of GOPROXY that is not the last; the rest: the next ones


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

    def share(self, part: float) -> "Deadline":
        """A deadline after that part of the time that is left."""
        return self.within(part * self.remaining())

    def check(self) -> None:
        """Raise DeadlineExceeded when the time is up."""
        if self.expired():
            raise DeadlineExceeded
