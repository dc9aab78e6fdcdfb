"""What a zstd stream unpacks to, read anywhere: by Python 3.14's own module, or by `zstandard`."""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Callable
from typing import Any

from probe.lightweight import cast
from probe.targets.sources import ByteSource

WINDOW_LOG = 25  # 32 MiB; what is packed with a longer window takes more memory than we give
_AT_ONCE = 64 << 10
_Opener = Callable[[io.RawIOBase], Any]


class Zstd:
    """
    A source like `sources.Gzip`, but its state cannot be copied: going back begins anew.

    One stream at a time is open in the whole process: each takes the memory of its window.
    zlib.error where it is damaged, or needs a longer window.
    """

    _lock = threading.Lock()
    _open: Zstd | None = None  # the one with a stream

    def __init__(self, packed: ByteSource, opener: _Opener) -> None:
        self._packed, self._opener = packed, opener
        self._close()

    def _close(self) -> None:
        self._stream: Any = None
        self._start, self._rest = 0, b""

    def read_at(self, offset: int, count: int) -> bytes:
        with Zstd._lock:
            if Zstd._open is not self or offset < self._start or self._stream is None:
                self._begin()
            while offset >= self._start + len(self._rest):
                self._start += len(self._rest)
                self._rest = self._more()
                if not self._rest:
                    return b""
            begin = offset - self._start
            return self._rest[begin : begin + count]

    def _begin(self) -> None:
        if Zstd._open:
            Zstd._open._close()
        self._close()
        self._stream = self._opener(_RawReader(self._packed))
        Zstd._open = self

    def _more(self) -> bytes:
        try:
            return bytes(self._stream.read(_AT_ONCE))
        except (OSError, EOFError):
            raise
        except Exception as problem:  # noqa: BLE001 - each of the modules has an error of its own
            raise zlib.error(f"zstd: {problem}") from None


class _RawReader(io.RawIOBase):
    """A source as a file that is read from its beginning."""

    def __init__(self, source: ByteSource) -> None:
        self._source, self._at = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def opener() -> _Opener | None:
    """What opens a stream for reading; None where neither module is there."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return _of_package()
    options = {zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
    return lambda raw: zstd.ZstdFile(raw, options=options)


def _of_package() -> _Opener | None:
    try:
        import zstandard
    except ImportError:
        return None
    made = zstandard.ZstdDecompressor(max_window_size=1 << WINDOW_LOG)
    return lambda raw: made.stream_reader(cast("Any", raw), read_across_frames=True, closefd=False)
