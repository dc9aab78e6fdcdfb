"""What lies below the views of one target: asked once for each thing, and within an allowance."""

import io
import math
import time

from probe.lightweight import BinaryIO
from probe.targets import Target
from probe.targets.access import User
from probe.targets.files import Files, Space, Stat
from probe.targets.resolve import Walk

_SHORT, _KEPT = 8 << 10, 512  # bytes of a file that is kept, such as a certificate, and how many are
_SELDOM = 16  # questions between two looks at the clock, which cost as much as one


class TrialTooLong(Exception):
    """What a view may take has been taken; nothing can be said of the rest."""


class Allowance:
    """What all views of one target may take together: CPU seconds of our own, wall seconds, bytes."""

    def __init__(self, cpu_s: float, wall_s: float, size: float, each_s: float = math.inf) -> None:
        self._ends, self._wall = time.thread_time() + cpu_s, time.monotonic() + wall_s
        self._left, self._asked = size, 0
        self.each_s = each_s  # CPU seconds for one finding, after which no trial begins
        self._given_up = math.inf

    def begin(self, lasting_s: float) -> None:
        """What follows is for one finding, and is given up after so many CPU seconds."""
        self._given_up = time.thread_time() + lasting_s

    def take(self, size: int = 0) -> None:
        """Raise TrialTooLong where it is used up, or *size* more bytes are too many."""
        self._left -= size
        self._asked += 1
        if self._left < 0 or (self._asked % _SELDOM == 0 and self.spent()):
            raise TrialTooLong

    def spent(self) -> bool:
        return time.thread_time() > min(self._ends, self._given_up) or time.monotonic() > self._wall


class LowerFiles:
    """
    The files of a target as whoever applies a remedy sees them; of all paths no part is a link.

    An answer stays what it was, so that each of several views pays only for what it changes.
    """

    def __init__(self, target: Target, allowance: Allowance | None = None) -> None:
        self._files, self._allowance = as_root(target), allowance
        resolved = getattr(self._files, "resolved", None)
        self._fast = resolved() if resolved else None
        self._stats: dict[str, Stat | None] = {}
        self._links: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        self._contents: dict[str, bytes] = {}
        # What views have found on which nothing was changed, for each user: theirs to fill.
        self.reached: dict[User, dict[tuple[str, bool], tuple[Walk[str], list[str]]]] = {}

    def take(self) -> None:
        if self._allowance:
            self._allowance.take()

    def begin(self, lasting_s: float) -> None:
        if self._allowance:
            self._allowance.begin(lasting_s)

    @property
    def each_s(self) -> float:
        return self._allowance.each_s if self._allowance else math.inf

    def spent(self) -> bool:
        """Whether what all views may take has been taken."""
        return self._allowance is not None and self._allowance.spent()

    def stat(self, path: str) -> Stat | None:
        """As lstat(2); None for nothing."""
        if path not in self._stats:
            try:
                self._stats[path] = (
                    self._fast.stat(path) if self._fast else self._files.stat(path, follow=False)
                )
            except (FileNotFoundError, NotADirectoryError):
                self._stats[path] = None
        return self._stats[path]

    def readlink(self, path: str) -> str:
        if path not in self._links:
            self._links[path] = (self._fast or self._files).readlink(path)
        return self._links[path]

    def listdir(self, path: str) -> list[str]:
        if path not in self._names:
            self._names[path] = self._files.listdir(path)
        return self._names[path]

    def content(self, path: str, limit: int) -> bytes | None:
        """What a regular file holds, where it can be had at once; a short one is read once for all views."""
        if path in self._contents:
            known = self._contents[path]
            return known if len(known) <= limit else None
        at_once = getattr(self._fast or self._files, "content", None)
        data: bytes | None = at_once(path, limit) if at_once else None
        if data is not None and self._allowance:
            self._allowance.take(len(data))
        if data is not None and len(data) <= _SHORT and len(self._contents) < _KEPT:
            self._contents[path] = data
        return data

    def open(self, path: str) -> BinaryIO:
        stream = self._files.open(path)
        return _MeteredStream(stream, self._allowance) if self._allowance else stream

    def acl(self, path: str, kind: str) -> bytes:
        return self._files.acl(path, kind)

    def space(self, path: str) -> Space | None:
        return self._files.space(path)


def as_root(target: Target) -> Files:
    """The files as whoever applies a remedy sees them, where we may; else as the target does."""
    unrestricted = getattr(target.files, "unrestricted", None)
    return unrestricted() if unrestricted else target.files


class _MeteredStream(io.RawIOBase, BinaryIO):
    """A stream of which each byte read is taken from an allowance: of a large program only a few are."""

    def __init__(self, stream: BinaryIO, allowance: Allowance) -> None:
        super().__init__()
        self._stream, self._allowance = stream, allowance

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._allowance.take(len(data))
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()
