"""A file tree as it was when it was first asked: for those who look at one target again and again."""

from __future__ import annotations

import io

from probe.lightweight import BinaryIO, Memo
from probe.targets import files
from probe.targets.files import Files, Space, Stat, TooLarge

_KEPT = 4 << 20  # bytes of one file; a larger one is read again
_TOTAL = 64 << 20  # of all files


class SeenFiles:
    """
    `Files` that are asked once for each thing: an answer, or an error, stays what it was.

    So whoever looks twice sees one state, even where a volume is replaced meanwhile. Threads may share it.
    """

    def __init__(self, under: Files) -> None:
        self._files = under
        self._known = Memo()
        self._left = _TOTAL

    def open(self, path: str) -> BinaryIO:
        data = self._known.get(("content", path), lambda: self._whole(path))
        return self._files.open(path) if data is None else io.BytesIO(data)

    def content(self, path: str, limit: int) -> bytes | None:
        """What `files.read` gives at once; None for what is too large to be kept, or than *limit*."""
        data: bytes | None = self._known.get(("content", path), lambda: self._whole(path))
        return data if data is not None and len(data) <= limit else None

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        found: Stat = self._known.get(("stat", path, follow), lambda: self._files.stat(path, follow=follow))
        return found

    def readlink(self, path: str) -> str:
        text: str = self._known.get(("link", path), lambda: self._files.readlink(path))
        return text

    def listdir(self, path: str) -> list[str]:
        return list(self._known.get(("names", path), lambda: self._files.listdir(path)))

    def resolve(self, path: str) -> str:
        real: str = self._known.get(("real", path), lambda: self._files.resolve(path))
        return real

    def access(self, path: str, mode: int) -> None:
        self._known.get(("access", path, mode), lambda: self._files.access(path, mode))

    def acl(self, path: str, kind: str) -> bytes:
        entries: bytes = self._known.get(("acl", path, kind), lambda: self._files.acl(path, kind))
        return entries

    def space(self, path: str) -> Space | None:
        found: Space | None = self._known.get(("space", path), lambda: self._files.space(path))
        return found

    def _whole(self, path: str) -> bytes | None:
        """What the file holds; None where that is too much to keep."""
        try:
            data = files.read(self._files, path, min(_KEPT, self._left))
        except TooLarge:
            return None
        self._left -= len(data)
        return data
