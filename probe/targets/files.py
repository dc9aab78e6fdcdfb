"""What a view of a target's files offers, and the two answers that no errno has."""

from __future__ import annotations

import errno
import io
from itertools import islice

from probe.lightweight import Any, BinaryIO, Mapping, NamedTuple, Protocol, os, stat, suppress

READ_LIMIT = 64 << 20  # bytes; callers that know better pass less
NAMES_LIMIT = 200_000  # in one directory
MAX_LINKS = 40  # path_resolution(7)
PATH_MAX = 4096  # bytes, with the final NUL
NAME_MAX = 255  # bytes, of one component
_WIDEST = 4  # bytes that a character takes in any encoding of a locale
_PIECE = 1 << 16
_TEXTS_LIMIT = 1 << 20  # characters of the links of one directory, of which each may have 4095
KINDS = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFDIR: "directory",
    stat.S_IFREG: "regular file",
    stat.S_IFLNK: "symbolic link",
}


class NotRegular(Exception):
    """The path leads to something whose reading may never end: a FIFO or a device."""

    def __init__(self, path: str, kind: str) -> None:
        super().__init__(f"{path} is a {kind}")
        self.path, self.kind = path, kind


class TooLarge(Exception):
    """The file (or directory) holds more than the caller is willing to read."""

    def __init__(self, path: str, limit: int, unit: str = "bytes") -> None:
        super().__init__(f"{path} holds more than {limit} {unit}")
        self.path, self.limit = path, limit


class Stat(NamedTuple):
    """The part of stat(2) that checks need."""

    mode: int
    size: int
    uid: int
    gid: int
    mtime: float  # seconds since the epoch
    identity: tuple[int, int] = (0, 0)  # device and inode where there are any
    device: int = 0  # that a device node stands for

    @property
    def kind(self) -> str:
        return KINDS.get(stat.S_IFMT(self.mode), "unknown")

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


class Space(NamedTuple):
    """What statvfs(3) says about the file system that something lies on."""

    read_only: bool
    noexec: bool
    block: int  # bytes
    blocks: int  # 0 where the file system does not count them
    free: int  # blocks, those kept back for root among them
    available: int  # blocks, for anybody
    inodes: int  # 0 where the file system does not count them
    free_inodes: int
    available_inodes: int


class Files(Protocol):
    """
    A target's file tree. Paths are absolute and mean the target's own root.

    Every method raises OSError with the errno that the kernel would give the
    target's user: ENOENT, ENOTDIR, EACCES, ELOOP, EISDIR, ENAMETOOLONG, ENXIO.
    Nothing outside the target's root is ever read, whatever links say.
    """

    def open(self, path: str) -> BinaryIO:
        """A seekable stream of a regular file (/dev/null reads as an empty one); else NotRegular."""

    def stat(self, path: str, *, follow: bool = True) -> Stat: ...

    def readlink(self, path: str) -> str: ...

    def listdir(self, path: str) -> list[str]:
        """The names in a directory, sorted by their bytes as Go's os.ReadDir does."""

    def resolve(self, path: str) -> str:
        """The path after every link is followed, inside the root; it must exist."""

    def access(self, path: str, mode: int) -> None:
        """Return when the target's user may R_OK, W_OK or X_OK the path; raise OSError when not."""

    def acl(self, path: str, kind: str) -> bytes:
        """The POSIX list of users.ACCESS or users.DEFAULT, b"" for none; a link is not followed."""

    def space(self, path: str) -> Space | None:
        """The file system that the path lies on; None where there is none yet."""


def read(files: Files, path: str, limit: int = READ_LIMIT) -> bytes:
    """The content of a regular file; TooLarge when it holds more than *limit* bytes."""
    at_once = getattr(files, "content", None)
    if at_once and (whole := at_once(path, limit)) is not None:
        return bytes(whole)
    with files.open(path) as stream:
        with suppress(OSError):  # files of /proc do not know their size
            if stream.seek(0, os.SEEK_END) > limit:
                raise TooLarge(path, limit)
        stream.seek(0)
        data = bytearray()
        # One read is not enough: files of /proc give a page at a time.
        while piece := stream.read(min(limit + 1 - len(data), _PIECE)):
            data += piece
    if len(data) > limit:
        raise TooLarge(path, limit)
    return bytes(data)


def scan(files: Files, path: str) -> tuple[list[str], Mapping[str, str] | None]:
    """The names in a directory, as `listdir`, and the texts of links; None where each has to be read."""
    known = getattr(files, "scan", None)
    if known:
        found: tuple[list[str], Mapping[str, str] | None] = known(path)
        return found
    return files.listdir(path), None


class Reader(io.FileIO):
    """An open file for reading; EAGAIN where another one would answer None, as /proc/kmsg does."""

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor, "rb")
        self._path = path

    def read(self, size: int | None = -1) -> bytes:
        data: bytes | None = super().read(size)
        if data is None:
            raise error(errno.EAGAIN, self._path)
        return data

    def readinto(self, buffer: Any) -> int:
        count: int | None = super().readinto(buffer)
        if count is None:
            raise error(errno.EAGAIN, self._path)
        return count


def names(directory: int, path: str, limit: int = NAMES_LIMIT) -> list[str]:
    """The names in an open directory in the order of their bytes; TooLarge when there are too many."""
    with os.scandir(directory) as entries:
        return _sorted(list(islice(entries, limit + 1)), path, limit)


def scanned(directory: int, path: str, limit: int = NAMES_LIMIT) -> tuple[list[str], dict[str, str] | None]:
    """The same, and the texts of those that are links; None where one cannot be read, or for too much."""
    texts: dict[str, str] = {}
    left = _TEXTS_LIMIT
    with os.scandir(directory) as entries:
        found = list(islice(entries, limit + 1))
        names = _sorted(found, path, limit)
        for entry in found:
            try:
                if entry.is_symlink():
                    text = texts[entry.name] = os.readlink(entry.name, dir_fd=directory)
                    left -= len(text)
            except OSError:  # gone meanwhile, or readlinkat is refused, which readlink need not be
                return names, None
            if left < 0:
                return names, None
    return names, texts


def _sorted(found: list[os.DirEntry[str]], path: str, limit: int) -> list[str]:
    if len(found) > limit:
        raise TooLarge(path, limit, "names")
    names = [entry.name for entry in found]
    return sorted(names, key=None if "".join(names).isascii() else os.fsencode)


def checked(path: str) -> str:
    """*path*, or the OSError that the kernel (or Go, for a NUL) has for one that cannot be."""
    if "\0" in path:
        raise error(errno.EINVAL, path)
    if not path:
        raise error(errno.ENOENT, path)
    if len(path) * _WIDEST >= PATH_MAX and len(os.fsencode(path)) >= PATH_MAX:
        raise error(errno.ENAMETOOLONG, path)
    return path


def to_stat(result: os.stat_result) -> Stat:
    return Stat(
        result.st_mode,
        result.st_size,
        result.st_uid,
        result.st_gid,
        result.st_mtime,
        (result.st_dev, result.st_ino),
        result.st_rdev,
    )


def to_space(result: os.statvfs_result) -> Space:
    return Space(
        bool(result.f_flag & os.ST_RDONLY),
        bool(result.f_flag & os.ST_NOEXEC),
        result.f_frsize,
        result.f_blocks,
        result.f_bfree,
        result.f_bavail,
        result.f_files,
        result.f_ffree,
        result.f_favail,
    )


def require_regular(path: str, found: Stat) -> bool:
    """
    Whether *path* may be opened for reading; False when it is /dev/null, which reads as empty.

    Raises what Go's os.ReadFile would meet: EISDIR for a directory, ENXIO for a
    socket; NotRegular where Go would wait or read for ever.
    """
    if found.is_file:
        return True
    if found.is_dir:
        raise error(errno.EISDIR, path)
    if stat.S_ISSOCK(found.mode):
        raise error(errno.ENXIO, path)
    if stat.S_ISCHR(found.mode) and found.device == os.makedev(1, 3):
        return False
    raise NotRegular(path, KINDS.get(stat.S_IFMT(found.mode), "special file"))


def error(number: int, path: str) -> OSError:
    """The OSError subclass for *number*, with the kernel's words."""
    return OSError(number, os.strerror(number), path)
