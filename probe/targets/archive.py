"""The files of an image archive: a tar, packed or not, or a directory; each is a source of bytes."""

import os
import posixpath
import stat
from typing import Protocol

from probe.formats import tar
from probe.lightweight import NamedTuple
from probe.targets import reasons, zstd
from probe.targets.archive_errors import ArchiveError, within
from probe.targets.files import NotRegular
from probe.targets.layers import MemoryBudget, safe_parts
from probe.targets.members import members
from probe.targets.rooted_fs import RootedFiles
from probe.targets.sources import Budget, ByteSource, FileSource, Forward, Gzip, Part

_MAX_MEMBERS = 20_000
_NAMES_BYTES = 16 << 20
_MAX_LINKS = 8
_ZSTD, _SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18"  # the latter with any last half of a byte
_PACKED = {_ZSTD: "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\3\4": "zip"}


class Blob(NamedTuple):
    source: ByteSource
    size: int


class Archive(Protocol):
    def find(self, name: str) -> Blob | None:
        """The file of that name; None when it is not there."""


def open_archive(path: str, budget: Budget) -> Archive:
    """
    The archive in a file, or the OCI layout in a directory.

    Raises Broken for what is none, and OSError when *path* cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    source = FileSource(descriptor)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        return _Directory(path)
    if not stat.S_ISREG(mode):
        raise ArchiveError(reasons.INVALID, "it is neither a file nor a directory")
    with within("the archive"):
        return _Tar(unpacked(source), budget)


def unpacked(source: ByteSource) -> ByteSource:
    """*source* itself or, where its first bytes say that it is packed, what it unpacks to."""
    head = source.read_at(0, 6)
    if head.startswith(b"\x1f\x8b"):
        return Gzip(source)
    if head[:1] and head[0] >> 4 == _SKIPPABLE[0] >> 4 and head[1:4] == _SKIPPABLE[1:]:
        head = _ZSTD  # whose frames may be preceded by others that are passed over (RFC 8878, section 3.1.2)
    if head.startswith(_ZSTD) and (opener := zstd.opener()):
        return zstd.Zstd(source, opener)
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise ArchiveError(
                reasons.COMPRESSION, f"it is packed with {name}, which this Python does not read"
            )
    return source


class _Directory:
    def __init__(self, path: str) -> None:
        self._files = RootedFiles(path)

    def find(self, name: str) -> Blob | None:
        try:
            with self._files.open(f"/{name}") as stream:
                source = FileSource(os.dup(stream.fileno()))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, NotRegular, UnicodeEncodeError):
            return None
        return Blob(source, source.size)


class _Tar:
    def __init__(self, source: ByteSource, budget: Budget) -> None:
        self._blobs: dict[str, Blob] = {}
        self._links: dict[str, str] = {}  # docker save writes a layer that is there twice as a link
        room = MemoryBudget(_NAMES_BYTES)
        reader = Forward(source, budget, hashing=False)
        for count, (found, offset) in enumerate(members(reader)):
            if count >= _MAX_MEMBERS:
                raise ArchiveError(reasons.TOO_LARGE, f"more than {_MAX_MEMBERS} entries")
            room.name(found.name, found.link)
            name = "/".join(safe_parts(found.name))
            if found.kind == tar.REGULAR:
                self._blobs[name] = Blob(Part(source, offset, found.size), found.size)
            elif found.kind == tar.LINK:
                self._links[name] = _target(name, found.link)
            elif found.kind == tar.HARD_LINK:
                self._links[name] = "/".join(safe_parts(found.link))
            elif found.kind != tar.DIRECTORY:
                raise ArchiveError(reasons.UNSAFE_ENTRY, f"the entry {found.name!r} is a device or FIFO")
        if not self._blobs:
            raise ArchiveError(reasons.INVALID, "it holds no file")
        if not isinstance(source, FileSource):
            reader.drain()

    def find(self, name: str) -> Blob | None:
        name = "/".join(safe_parts(name))
        for _ in range(_MAX_LINKS):
            if name not in self._links:
                break
            name = self._links[name]
        return self._blobs.get(name)


def _target(name: str, link: str) -> str:
    if link.startswith("/"):
        raise ArchiveError(reasons.UNSAFE_ENTRY, f"the link {name!r} leads out of the archive, to {link!r}")
    return "/".join(safe_parts(f"{posixpath.dirname(name)}/{link}"))
