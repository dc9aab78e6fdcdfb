"""SHA-256 of many files of a target, several at once, each read once and by a deadline."""

from __future__ import annotations

import io
import os
import threading
from queue import Empty, SimpleQueue

from probe import room
from probe.deadline import Deadline, DeadlineExceeded
from probe.lightweight import BinaryIO, Iterator, NamedTuple, Sequence, cast
from probe.targets import NotRegular, Target, TooLarge

_PIECE = 1 << 20  # bytes; hashlib lets other threads run meanwhile
_MOST_THREADS = 8
_LAST_WORD_S = 0.02


class Changed(Exception):
    """The file was written to, cut off or replaced while it was read."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} changed while it was read")


class Digest(NamedTuple):
    """What a path holds, or why that cannot be told."""

    path: str
    sha256: str = ""  # lower-case hexadecimal
    size: int = 0  # bytes
    problem: OSError | NotRegular | TooLarge | Changed | None = None


class Hashing:
    """The work on a list of paths; `done` and `read_bytes` tell at any time how far it is."""

    def __init__(self, target: Target, paths: Sequence[str], deadline: Deadline, limit: int) -> None:
        self._target, self._paths, self._deadline, self._limit = target, paths, deadline, limit
        self._next = iter(paths)
        self._lock = threading.Lock()
        self._finished: SimpleQueue[Digest | BaseException] = SimpleQueue()
        self._read = [0] * min(len(paths), _MOST_THREADS, len(os.sched_getaffinity(0)))  # bytes, by thread
        self.done = 0

    @property
    def read_bytes(self) -> int:
        return sum(self._read)

    def results(self) -> Iterator[Digest]:
        """
        Each digest as it is there; those that are not ready by the deadline are missing.

        A thread that hangs in a read (a dead file server) is left behind.
        """
        self._start()
        patience = Deadline(self._deadline.remaining() + _LAST_WORD_S)
        while self.done < len(self._paths):
            try:
                found = self._finished.get(timeout=patience.remaining())
            except Empty:
                return
            if isinstance(found, DeadlineExceeded):
                return
            if isinstance(found, BaseException):
                raise found
            self.done += 1
            yield found

    def _start(self) -> None:
        for started in range(len(self._read)):
            try:
                room.start_thread(self._work, (started,))
            except RuntimeError:  # no room for more; fewer will do
                if not started:
                    self._work(0)
                return

    def _work(self, number: int) -> None:
        buffer = memoryview(bytearray(_PIECE))
        while True:
            with self._lock:
                path = next(self._next, None)
            if path is None:
                return
            try:
                self._finished.put(self._hash(path, buffer, number))
            except BaseException as problem:  # noqa: BLE001 - handed on to whoever waits
                self._finished.put(problem)
                return

    def _hash(self, path: str, buffer: memoryview, number: int) -> Digest:
        try:
            found = self._target.stat(path)
            if not found.is_file:  # /dev/null too, which could be opened
                return Digest(path, problem=NotRegular(path, found.kind))
            if found.size > self._limit:
                return Digest(path, problem=TooLarge(path, self._limit))
            with self._target.open(path) as stream:
                before = _state(stream)
                digest, size = self._contents(path, stream, buffer, number)
                after = _state(stream)
        except (OSError, NotRegular, TooLarge) as problem:
            return Digest(path, problem=problem)
        if before != after or (before and before[0] and size != before[0]):  # /proc says 0 of all its files
            return Digest(path, size=size, problem=Changed(path))
        return Digest(path, digest, size)

    def _contents(self, path: str, stream: BinaryIO, buffer: memoryview, number: int) -> tuple[str, int]:
        from hashlib import sha256  # only where something is hashed

        digest, size = sha256(), 0
        while count := cast(io.BufferedReader, stream).readinto(buffer):
            digest.update(buffer[:count])
            size += count
            self._read[number] += count
            if size > self._limit:
                raise TooLarge(path, self._limit)
            self._deadline.check()
        return digest.hexdigest(), size


def _state(stream: BinaryIO) -> tuple[int, ...] | None:
    """Size and times of an open file; None for what lies in an archive, and cannot change."""
    try:
        found = os.fstat(stream.fileno())
    except io.UnsupportedOperation:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
