"""A file tree that remembers what was looked at, so that the same verdict need not be worked out again."""

from __future__ import annotations

import os
import stat

from probe.targets.rooted_fs import RootedFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.access import User
    from probe.targets.resolve import ResolveStep

    # Directory (a path without links) → name in it → what was there.
    Seen = dict[str, dict[str, tuple[object, ...]]]

_ITSELF = "."
_ACL = "system.posix_acl_access"
_PLACE = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class WatchedFiles(RootedFiles):
    """
    RootedFiles whose every step is written down in `seen`.

    A step is told by what a change of it would change: of a file or link its inode, mode, owner,
    size and times; of a directory mode, owner and access list, and its times where it was
    listed; of what is not there the error. No device: it differs for each container of an image.
    """

    def __init__(self, root: str, user: User | None = None) -> None:
        super().__init__(root, user)
        self.seen: Seen = {}
        start = os.fstat(self._root)
        self._paths = {(start.st_dev, start.st_ino): ""}

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            where = self._paths.get(walk.last.stat.identity)
            if where is not None:
                found = os.fstat(walk.last.handle)
                self.seen.setdefault(where, {})[_ITSELF] = _listed(found)
        return super().listdir(path)

    def _look(self, parent: ResolveStep[int], name: str, path: str) -> ResolveStep[int]:
        where = self._paths.get(parent.stat.identity)
        try:
            step = super()._look(parent, name, path)
        except OSError as problem:
            if where is not None:
                self.seen.setdefault(where, {})[name] = (problem.errno,)
            raise
        if where is not None:
            found = os.fstat(step.handle)
            if stat.S_ISDIR(found.st_mode):
                self._paths.setdefault(step.stat.identity, f"{where}/{name}")
            self.seen.setdefault(where, {})[name] = _told(found, f"/proc/self/fd/{step.handle}")
        return step


def unchanged(root: str, seen: Seen) -> bool:
    """Whether the tree below *root* ("/proc/N/root") still shows all that was *seen*."""
    for where, names in seen.items():
        try:
            place = os.open(f"{root}{where or '/'}", _PLACE)
        except OSError:
            return False
        try:
            if not all(_now(place, name) == told for name, told in names.items()):
                return False
        finally:
            os.close(place)
    return True


def _now(place: int, name: str) -> tuple[object, ...]:
    if name == _ITSELF:
        return _listed(os.fstat(place))
    try:
        found = os.stat(name, dir_fd=place, follow_symlinks=False)
    except OSError as problem:
        return (problem.errno,)
    return _told(found, f"/proc/self/fd/{place}/{name}")


def _told(found: os.stat_result, path: str) -> tuple[object, ...]:
    if not stat.S_ISDIR(found.st_mode):
        times = (found.st_mtime_ns, found.st_ctime_ns)
        return (found.st_ino, found.st_mode, found.st_uid, found.st_gid, found.st_size, *times)
    try:
        acl = os.getxattr(path, _ACL)
    except OSError:
        acl = b""
    return (found.st_mode, found.st_uid, found.st_gid, acl)


def _listed(found: os.stat_result) -> tuple[object, ...]:
    return (found.st_mtime_ns, found.st_ctime_ns)
