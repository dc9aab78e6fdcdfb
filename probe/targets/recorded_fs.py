"""A view of a target's files that remembers what was asked of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from probe.targets.files import Files, Space, Stat


class RecordedFiles:
    """*files*, and in `paths` what was asked for: how often each was opened, 0 for its stat or link."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.paths: dict[str, int] = {}

    def open(self, path: str) -> BinaryIO:
        self.paths[path] = self.paths.get(path, 0) + 1
        return self._files.open(path)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        return self._files.stat(self._seen(path), follow=follow)

    def readlink(self, path: str) -> str:
        return self._files.readlink(self._seen(path))

    def listdir(self, path: str) -> list[str]:
        return self._files.listdir(self._seen(path))

    def resolve(self, path: str) -> str:
        return self._files.resolve(self._seen(path))

    def access(self, path: str, mode: int) -> None:
        self._files.access(self._seen(path), mode)

    def acl(self, path: str, kind: str) -> bytes:
        return self._files.acl(self._seen(path), kind)

    def space(self, path: str) -> Space | None:
        return self._files.space(self._seen(path))

    def __getattr__(self, name: str) -> Any:
        """What only some views offer."""
        return getattr(self._files, name)

    def _seen(self, path: str) -> str:
        self.paths.setdefault(path, 0)
        return path
