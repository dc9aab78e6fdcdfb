"""
A file tree below a directory, resolved as if that directory were "/".

Each component is opened by itself, relative to its parent's descriptor and never
following a link: a link's text is read and resolved by us, inside the root. A
hostile tree can therefore not lead us out, not by absolute links, not by "..",
not by renames under our feet, and not by the magic links of a mounted /proc,
whose text we treat as any other.
"""

import errno
import io
import os
import stat
from typing import BinaryIO, NamedTuple, cast

from probe.target import files, users
from probe.target.files import MAX_LINKS, Stat
from probe.target.users import User

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_PATH_MAX = 4096  # bytes with the closing NUL, as the kernel has it
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class _Step(NamedTuple):
    descriptor: int
    name: str  # "" for the root


class _Walk:
    """The descriptors from the root to a file; a context manager that closes them."""

    def __init__(self, root: int) -> None:
        self.steps = [_Step(root, "")]

    def __enter__(self) -> "_Walk":
        return self

    def __exit__(self, *_: object) -> None:
        self.rewind(1)

    def rewind(self, depth: int) -> None:
        while len(self.steps) > depth:
            os.close(self.steps.pop().descriptor)

    @property
    def here(self) -> int:
        return self.steps[-1].descriptor

    @property
    def path(self) -> str:
        return "/" + "/".join(step.name for step in self.steps[1:])


class RootedFiles:
    """Files below *root*, as *user* may see them (None: as the kernel lets ourselves)."""

    def __init__(self, root: str, user: User | None = None) -> None:
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._user = user

    def close(self) -> None:
        os.close(self._root)

    def open(self, path: str) -> BinaryIO:
        with self._walk(path) as walk:
            found = os.fstat(walk.here)
            if not files.require_regular(path, found):
                return io.BytesIO()
            self._require(path, found, os.R_OK)
            name, parent = walk.steps[-1].name, walk.steps[-2].descriptor
            descriptor = os.open(name, _READ, dir_fd=parent)
        stream = cast(BinaryIO, io.FileIO(descriptor, "rb"))
        opened = os.fstat(descriptor)
        if (opened.st_dev, opened.st_ino) != (found.st_dev, found.st_ino):
            stream.close()  # swapped between looking and opening
            raise files.error(errno.EAGAIN, path)
        return stream

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        with self._walk(path, follow=follow) as walk:
            return files.to_stat(os.fstat(walk.here))

    def readlink(self, path: str) -> str:
        with self._walk(path, follow=False) as walk:
            return os.readlink("", dir_fd=walk.here)

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            self._require(path, os.fstat(walk.here), os.R_OK)
            descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=walk.here)
        try:
            return sorted(os.listdir(descriptor), key=os.fsencode)
        finally:
            os.close(descriptor)

    def resolve(self, path: str) -> str:
        with self._walk(path) as walk:
            return walk.path

    def access(self, path: str, mode: int) -> None:
        with self._walk(path) as walk:
            found = os.fstat(walk.here)
            if mode & os.W_OK and _read_only(walk.here):
                raise files.error(errno.EROFS, path)
            user = self._user or users.ourselves()
            if not users.may(user, found.st_mode, found.st_uid, found.st_gid, mode):
                raise files.error(errno.EACCES, path)

    def _walk(self, path: str, *, follow: bool = True) -> _Walk:
        walk = _Walk(self._root)
        try:
            self._descend(walk, path, follow=follow)
        except BaseException:
            walk.rewind(1)
            raise
        return walk

    def _descend(self, walk: _Walk, path: str, *, follow: bool) -> None:
        if "\0" in path:
            raise files.error(errno.EINVAL, path)
        if len(os.fsencode(path)) >= _PATH_MAX:
            raise files.error(errno.ENAMETOOLONG, path)
        pending = path.split("/")[::-1]
        links = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                # "file/" and "file/." are errors: only a directory has something below it.
                self._require_directory(walk, path)
                continue
            if name == "..":
                self._require_directory(walk, path)
                walk.rewind(max(1, len(walk.steps) - 1))
                continue
            self._require(path, self._require_directory(walk, path), os.X_OK)
            descriptor = os.open(name, _LOOK, dir_fd=walk.here)
            if stat.S_ISLNK(os.fstat(descriptor).st_mode) and (follow or pending):
                try:
                    text = os.readlink("", dir_fd=descriptor)
                finally:
                    os.close(descriptor)
                links += 1
                if links > MAX_LINKS:
                    raise files.error(errno.ELOOP, path)
                if text.startswith("/"):
                    walk.rewind(1)
                pending.extend(text.split("/")[::-1])
            else:
                walk.steps.append(_Step(descriptor, name))

    def _require_directory(self, walk: _Walk, path: str) -> os.stat_result:
        found = os.fstat(walk.here)
        if not stat.S_ISDIR(found.st_mode):
            raise files.error(errno.ENOTDIR, path)
        return found

    def _require(self, path: str, found: os.stat_result, want: int) -> None:
        if self._user and not users.may(self._user, found.st_mode, found.st_uid, found.st_gid, want):
            raise files.error(errno.EACCES, path)


def _read_only(descriptor: int) -> bool:
    return bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)
