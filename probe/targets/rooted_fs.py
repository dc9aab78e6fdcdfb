"""
A file tree below a directory, resolved as if that directory were "/".

Each component is opened by itself, relative to its parent's descriptor and never
following a link: a link's text is read and resolved by us, inside the root, and ".."
goes back to a descriptor that we hold. A hostile tree can therefore not lead us out,
not by absolute links, not by "..", not by renames under our feet, and not by the magic
links of a mounted /proc, whose text we treat as any other.
"""

import errno
import io
import os
import stat
from collections.abc import Callable
from typing import BinaryIO, TypeVar, cast

from probe import syscalls
from probe.errors import TargetError
from probe.targets import access, files
from probe.targets.access import User
from probe.targets.files import Space, Stat
from probe.targets.resolve import ResolveStep, Tree

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_Answer = TypeVar("_Answer")
_KEPT_OPEN = 8  # directories
_TRIES = 5  # for a file that is replaced by something else between looking and opening


class RootedFiles(Tree[int]):
    """Files below *root*, as *user* may see them (None: as the kernel lets ourselves)."""

    _root = -1  # of the class: whoever is interrupted before the first statement is deleted too

    def __init__(self, root: str, user: User | None = None) -> None:
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._user = user

    def __del__(self) -> None:
        if self._root >= 0:
            os.close(self._root)

    def unrestricted(self) -> "RootedFiles":
        """The same tree as we ourselves may see it."""
        return self.seen_by(None)

    def resolved(self) -> "ResolvedFiles":
        """The same tree for those who follow links themselves."""
        return ResolvedFiles(self)

    def seen_by(self, user: User | None) -> "RootedFiles":
        """The same tree as *user* may see it, None: as we ourselves may."""
        other = RootedFiles.__new__(RootedFiles)
        other._root, other._user = os.dup(self._root), user
        return other

    def handle(self, path: str) -> int:
        """A descriptor of what is at *path*, by which what is in it can be asked; the caller closes it."""
        with self._walk(path) as walk:
            return os.dup(walk.last.handle)

    def open(self, path: str) -> BinaryIO:
        for _ in range(_TRIES):
            with self._walk(path) as walk:
                self._require(path, walk.last, os.R_OK)
                if not files.require_regular(path, walk.last.stat):
                    return io.BytesIO()
                try:
                    descriptor = self._open(walk.last.name, _READ, walk.steps[-2], path)
                except OSError as problem:
                    if problem.errno == errno.ELOOP:  # a link has taken its place
                        continue
                    raise
            opened = _step(descriptor, "")
            if opened.stat.is_file and self._may(opened, os.R_OK):
                return cast(BinaryIO, files.Reader(descriptor, path))
            os.close(descriptor)
        raise files.error(errno.EAGAIN, path)

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            self._require_directory(path, walk.last)
            self._require(path, walk.last, os.R_OK)
            # To open "." would take the right to search it, which listing does not.
            itself = "." if self._may(walk.last, os.X_OK) else f"/proc/self/fd/{walk.last.handle}"
            descriptor = self._open(itself, _LIST, walk.last, path)
        try:
            return files.names(descriptor, path)
        finally:
            os.close(descriptor)

    def access(self, path: str, mode: int) -> None:
        with self._walk(path) as walk:
            if mode & os.W_OK and os.fstatvfs(walk.last.handle).f_flag & os.ST_RDONLY:
                raise files.error(errno.EROFS, path)
            if self._user:
                self._require(path, walk.last, mode)
            elif not syscalls.accessible(f"/proc/self/fd/{walk.last.handle}", mode):
                raise files.error(errno.EACCES, path)

    def acl(self, path: str, kind: str) -> bytes:
        with self._walk(path, follow=False) as walk:
            return access.acl_of(walk.last.handle, kind)

    def space(self, path: str) -> Space:
        with self._walk(path) as walk:
            return files.to_space(os.fstatvfs(walk.last.handle))

    def _start(self) -> ResolveStep[int]:
        return _step(self._root, "")

    def _look(self, parent: ResolveStep[int], name: str, path: str) -> ResolveStep[int]:
        return _step(self._open(name, _LOOK, parent, path), name)

    def _text(self, link: ResolveStep[int]) -> str:
        return os.readlink("", dir_fd=link.handle)

    def _close(self, step: ResolveStep[int]) -> None:
        os.close(step.handle)

    def _may(self, step: ResolveStep[int], want: int) -> bool:
        if not self._user:
            return True
        found = step.stat
        acl = access.acl_of(step.handle) if found.mode & 0o070 else b""
        return access.may(self._user, found.mode, found.uid, found.gid, want, acl)

    def _open(self, name: str, flags: int, parent: ResolveStep[int], path: str) -> int:
        try:
            return os.open(name, flags, dir_fd=parent.handle)
        except PermissionError:
            if not self._user:
                raise files.error(errno.EACCES, path) from None
            # Our own judgement for the target's user has said yes before.
            raise TargetError(
                f"{path}: the target's user may look there, but uid {os.geteuid()}, which we are, may not; "
                "run probe as root"
            ) from None
        except OSError as problem:
            raise files.error(problem.errno or errno.EIO, path) from None


class ResolvedFiles:
    """
    What lies in a tree by paths without a link, each as it stands there: for hundreds in one directory.

    Directories that were asked for stay open: others may take their place unnoticed, none outside the root.
    """

    def __init__(self, tree: RootedFiles) -> None:
        self._tree = tree
        self._directories: dict[str, int] = {}

    def __del__(self) -> None:
        for descriptor in self._directories.values():
            os.close(descriptor)

    def stat(self, path: str) -> Stat:
        """As lstat(2)."""
        return files.to_stat(
            self._call(path, lambda name, at: os.stat(name, dir_fd=at, follow_symlinks=False))
        )

    def readlink(self, path: str) -> str:
        return self._call(path, lambda name, at: os.readlink(name, dir_fd=at))

    def content(self, path: str, limit: int) -> bytes | None:
        """What an ordinary file holds, read at once; None for anything else, and for more than *limit*."""
        descriptor = self._call(path, lambda name, at: os.open(name, _READ, dir_fd=at))
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= limit:
                return None
            data = os.read(descriptor, found.st_size + 1)
        finally:
            os.close(descriptor)
        return data if len(data) == found.st_size else None

    def _call(self, path: str, ask: Callable[[str, int], _Answer]) -> _Answer:
        directory, _, name = path.rpartition("/")
        at = self._directories.get(directory)
        try:
            return ask(name or ".", self._enter(directory) if at is None else at)
        except OSError as problem:
            raise files.error(problem.errno or errno.EIO, path) from None

    def _enter(self, directory: str) -> int:
        descriptor = self._tree.handle(directory or "/")
        if len(self._directories) == _KEPT_OPEN:
            os.close(self._directories.pop(next(iter(self._directories))))
        self._directories[directory] = descriptor
        return descriptor


def _step(descriptor: int, name: str) -> ResolveStep[int]:
    return ResolveStep(descriptor, name, files.to_stat(os.fstat(descriptor)))
