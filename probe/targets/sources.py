"""Bytes at an offset: of a file, of a part of one, of what is packed in one; nothing is unpacked to disk."""

import errno
import io
import os
import threading
import zlib
from hashlib import sha256
from typing import Any, Protocol

from probe.deadline import Deadline
from probe.lightweight import NamedTuple
from probe.report import one_step
from probe.targets import reasons
from probe.targets.errors import TargetUnavailable

PIECE = 1 << 20
_INPUT = 1 << 15
_LEAP = 64 << 20
_EMPTY_STREAMS = 1000
_UNPACKED = 64 << 10  # at once; each of hundreds of layers may hold so much
_MARK_EVERY = 16 << 20  # unpacked bytes between two places to which a packed source can return
_MARKS = 32  # of one source; with more than that they stand half as close


class ByteSource(Protocol):
    """Any number of threads may read at once."""

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to *count* bytes, at least one unless *offset* is at or beyond the end."""


class Budget:
    """How much time and how many bytes the opening of an image may take; Refused when it is used up."""

    def __init__(self, subject: str, seconds: float, size: int) -> None:
        self.subject = subject
        self._deadline, self._seconds = Deadline(seconds), seconds
        self.left = self._size = size

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            self.refuse(f"it unpacks to more than {self._size >> 20} MiB")
        if self._deadline.expired():
            self.refuse(f"it is not read within {self._seconds:g} s")

    def refuse(self, why: str) -> None:
        raise TargetUnavailable(
            reasons.TOO_LARGE,
            self.subject,
            f"{self.subject} is too large to be examined: {why}",
            one_step("ask", "probe", "unpack the image and examine it with --root DIR"),
            certain=True,
        )


class FileSource:
    """A file on this machine, open; it is closed with the last reference to it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)

    @property
    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, count: int) -> bytes:
        return os.pread(self._descriptor, count, offset)


class Part:
    """A range of another source."""

    def __init__(self, whole: ByteSource, start: int, size: int) -> None:
        self._whole, self._start, self.size = whole, start, size

    def read_at(self, offset: int, count: int) -> bytes:
        count = min(count, self.size - offset)
        return self._whole.read_at(self._start + offset, count) if count > 0 else b""

    @property
    def stored(self) -> bool:
        """Whether its bytes stand in a file as they are."""
        return isinstance(self._whole, FileSource) or (isinstance(self._whole, Part) and self._whole.stored)


class _Mark(NamedTuple):
    """A place to which unpacking can return."""

    unpacked: int
    packed: int
    unpacker: "zlib._Decompress"


class Gzip:
    """
    What a gzip stream unpacks to, read anywhere.

    The state of the unpacker is kept every 16 MiB (some 45 kB each), in what unpacks to
    more than 512 MiB less often, so that going back costs the unpacking of that much at
    most, and no content is held.
    zlib.error where the stream is damaged, EOFError where it is cut off.
    """

    def __init__(self, packed: ByteSource) -> None:
        self._packed = packed
        self._lock = threading.Lock()
        self._marks, self._mark_every = [_Mark(0, 0, _unpacker())], _MARK_EVERY
        self._restore(self._marks[0])

    def _restore(self, mark: _Mark) -> None:
        self._start, self._at = mark.unpacked, mark.packed
        self._unpacker = mark.unpacker.copy()
        self._rest = b""  # unpacked, from _start on
        self._ended = False

    def read_at(self, offset: int, count: int) -> bytes:
        with self._lock:
            best = next(mark for mark in reversed(self._marks) if mark.unpacked <= offset)
            if offset < self._start or best.unpacked > self._start + len(self._rest):
                self._restore(best)
            while offset >= self._start + len(self._rest):
                self._start += len(self._rest)
                self._rest = b""
                if not self._advance():
                    return b""
            begin = offset - self._start
            return self._rest[begin : begin + count]

    def _advance(self) -> bool:
        """Unpack some more; False at the end."""
        if self._start >= self._marks[-1].unpacked + self._mark_every:
            self._marks.append(_Mark(self._start, self._at, self._unpacker.copy()))
            if len(self._marks) > _MARKS:
                self._marks, self._mark_every = self._marks[::2], 2 * self._mark_every
        empty = 0
        while not self._rest and not self._ended:
            data = self._packed.read_at(self._at, _INPUT)
            self._rest = self._unpacker.decompress(data, _UNPACKED)
            if self._unpacker.eof:
                self._at += len(data) - len(self._unpacker.unused_data)
                self._unpacker = _unpacker()  # another stream may follow
                self._ended = not self._packed.read_at(self._at, 1)
                empty += 1
                if empty > _EMPTY_STREAMS:
                    raise zlib.error("nothing but empty streams")
            elif data:
                self._at += len(data) - len(self._unpacker.unconsumed_tail)
            elif not self._rest:
                raise EOFError("cut off")
        return bool(self._rest)


def _unpacker() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=31)  # with the header and trailer of gzip


class Forward:
    """A source from front to back; with *hashing* every byte of it is read and counts for `finish`."""

    def __init__(self, source: ByteSource, budget: Budget, *, hashing: bool) -> None:
        self._source, self._budget = source, budget
        self._digest = sha256() if hashing else None
        self._buffer, self._at = b"", 0  # what was loaded last, and how much of it was given out
        self._loaded = 0

    @property
    def position(self) -> int:
        return self._loaded - len(self._buffer) + self._at

    def read(self, count: int) -> bytes:
        """The next *count* bytes, fewer at the end."""
        data = bytearray()
        while len(data) < count:
            piece = self._buffer[self._at : self._at + count - len(data)]
            self._at += len(piece)
            data += piece
            if len(data) < count and not self._load():
                break
        return bytes(data)

    def skip(self, count: int) -> bool:
        """Go *count* bytes on; False when the source ends before."""
        target = self.position + count
        while target > self._loaded:
            if not (self._load() if self._digest else self._leap(target)):
                return False
        self._at = len(self._buffer) - (self._loaded - target)
        return True

    def finish(self) -> str:
        """The SHA-256 of the whole source in hexadecimal; only with *hashing*."""
        self.drain()
        assert self._digest  # noqa: S101 - for the type checker
        return self._digest.hexdigest()

    def drain(self) -> None:
        """Read the rest: damage shows that stands at the end of what is packed."""
        while self._load():
            pass

    def _leap(self, target: int) -> bool:
        """Go on without reading, in steps after each of which the budget is asked."""
        self._loaded = min(target, self._loaded + _LEAP)
        self._buffer, self._at = b"", 0
        self._budget.take(0)
        return bool(self._source.read_at(self._loaded - 1, 1))

    def _load(self) -> bool:
        self._buffer, self._at = self._source.read_at(self._loaded, PIECE), 0
        self._loaded += len(self._buffer)
        self._budget.take(len(self._buffer))
        if self._digest:
            self._digest.update(self._buffer)
        return bool(self._buffer)


class SourceFile(io.RawIOBase):
    """A source as a seekable file; damage of what it is packed in shows as EIO."""

    def __init__(self, source: ByteSource, size: int) -> None:
        self._source, self._size, self._position = source, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._source.read_at(self._position, len(buffer))
        except (zlib.error, EOFError):
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from None
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
