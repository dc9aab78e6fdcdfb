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
from typing import BinaryIO, NamedTuple, cast

from probe.errors import TargetError
from probe.target import files, users
from probe.target.files import MAX_LINKS, Stat
from probe.target.users import User

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# Beyond what any image needs; the kernel has no such bounds, but we hold a descriptor a level.
_MAX_DEPTH = 128
_MAX_NAMES = 10_000
_TRIES = 5  # for a file that is replaced by something else between looking and opening


class _Step(NamedTuple):
    descriptor: int
    name: str  # "" for the root
    found: os.stat_result


class _Walk:
    """The descriptors from the root to a file; a context manager that closes them."""

    def __init__(self, root: int) -> None:
        self.steps = [_Step(root, "", os.fstat(root))]

    def __enter__(self) -> "_Walk":
        return self

    def __exit__(self, *_: object) -> None:
        self.rewind(1)

    def rewind(self, depth: int) -> None:
        while len(self.steps) > depth:
            os.close(self.steps.pop().descriptor)

    @property
    def last(self) -> _Step:
        return self.steps[-1]

    @property
    def path(self) -> str:
        return "/" + "/".join(step.name for step in self.steps[1:])


class RootedFiles:
    """Files below *root*, as *user* may see them (None: as the kernel lets ourselves)."""

    def __init__(self, root: str, user: User | None = None) -> None:
        self._root = -1
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._user = user

    def __del__(self) -> None:
        if self._root >= 0:
            os.close(self._root)

    def open(self, path: str) -> BinaryIO:
        for _ in range(_TRIES):
            with self._walk(path) as walk:
                self._require(path, walk.last, os.R_OK)
                if not files.require_regular(path, walk.last.found):
                    return io.BytesIO()
                try:
                    descriptor = self._open(walk.last.name, _READ, walk.steps[-2], path)
                except OSError as problem:
                    if problem.errno == errno.ELOOP:  # a link has taken its place
                        continue
                    raise
            stream = cast(BinaryIO, io.FileIO(descriptor, "rb"))
            opened = _Step(descriptor, "", os.fstat(descriptor))
            try:
                self._require(path, opened, os.R_OK)
                if stat.S_ISREG(opened.found.st_mode):
                    return stream
            except OSError:
                stream.close()
                raise
            stream.close()
        raise files.error(errno.EAGAIN, path)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        with self._walk(path, follow=follow) as walk:
            return files.to_stat(walk.last.found)

    def readlink(self, path: str) -> str:
        with self._walk(path, follow=False) as walk:
            if not stat.S_ISLNK(walk.last.found.st_mode):
                raise files.error(errno.EINVAL, path)
            return os.readlink("", dir_fd=walk.last.descriptor)

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            self._require_directory(path, walk.last)
            self._require(path, walk.last, os.R_OK)
            descriptor = self._open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, walk.last, path)
        try:
            return files.names(descriptor, path)
        finally:
            os.close(descriptor)

    def resolve(self, path: str) -> str:
        with self._walk(path) as walk:
            return walk.path

    def access(self, path: str, mode: int) -> None:
        with self._walk(path) as walk:
            if mode & os.W_OK and os.fstatvfs(walk.last.descriptor).f_flag & os.ST_RDONLY:
                raise files.error(errno.EROFS, path)
            if self._user:
                self._require(path, walk.last, mode)
            elif not os.access(f"/proc/self/fd/{walk.last.descriptor}", mode, effective_ids=True):
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
        pending = files.checked(path).split("/")[::-1]
        links = taken = 0
        while pending:
            name = pending.pop()
            # "file/" and "file/." are errors: only a directory has something below it.
            self._require_directory(path, walk.last)
            if not name:
                continue
            taken += 1
            if taken > _MAX_NAMES:
                raise files.error(errno.ELOOP, path)
            self._require(path, walk.last, os.X_OK)
            if name == ".":
                continue
            if name == "..":
                walk.rewind(max(1, len(walk.steps) - 1))
                continue
            step = self._look(name, walk, path)
            if not stat.S_ISLNK(step.found.st_mode) or not (follow or pending):
                walk.steps.append(step)
                continue
            links += 1
            text = _follow(step, path, links)
            if text.startswith("/"):
                walk.rewind(1)
            pending.extend(text.split("/")[::-1])

    def _look(self, name: str, walk: _Walk, path: str) -> _Step:
        if len(walk.steps) > _MAX_DEPTH:
            raise files.error(errno.ENAMETOOLONG, path)
        descriptor = self._open(name, _LOOK, walk.last, path)
        return _Step(descriptor, name, os.fstat(descriptor))

    def _open(self, name: str, flags: int, parent: _Step, path: str) -> int:
        try:
            return os.open(name, flags, dir_fd=parent.descriptor)
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

    def _require_directory(self, path: str, step: _Step) -> None:
        if not stat.S_ISDIR(step.found.st_mode):
            raise files.error(errno.ENOTDIR, path)

    def _require(self, path: str, step: _Step, want: int) -> None:
        if not self._user:
            return
        found = step.found
        acl = users.acl_of(step.descriptor)
        if not users.may(self._user, found.st_mode, found.st_uid, found.st_gid, want, acl):
            raise files.error(errno.EACCES, path)


def _follow(link: _Step, path: str, links: int) -> str:
    """The text of the link, which is closed."""
    try:
        if links > MAX_LINKS:
            raise files.error(errno.ELOOP, path)
        return os.readlink("", dir_fd=link.descriptor)
    finally:
        os.close(link.descriptor)
