"""A file tree in memory: what the layers of an image add up to, without the contents."""

import errno
import io
import os
import stat
from typing import BinaryIO

from probe.targets import access, files
from probe.targets.access import User
from probe.targets.files import Stat
from probe.targets.resolve import ResolveStep, Tree
from probe.targets.sources import ByteSource, SourceFile


class Inode:
    """A file, link, directory or device. Hard links are one node in several places."""

    __slots__ = (
        "acls",
        "children",
        "content",
        "device",
        "gid",
        "gone",
        "implied",
        "link",
        "mode",
        "mtime",
        "opaque",
        "size",
        "uid",
    )

    def __init__(self, mode: int, uid: int = 0, gid: int = 0, mtime: int = 0) -> None:
        self.mode, self.uid, self.gid, self.mtime = mode, uid, gid, mtime
        self.size = 0
        self.link = ""
        self.device = 0
        self.acls: tuple[bytes, ...] = _NO_ACLS  # of access.ACCESS and access.DEFAULT
        self.content: ByteSource | None = None
        self.children: dict[str, Inode] = {} if self.is_dir else _NO_CHILDREN
        # Of a directory in a layer: what it takes away from the layers below.
        self.gone: set[str] | None = None
        self.opaque = False
        self.implied = False  # no entry of its own, only things below it

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    def stat(self) -> Stat:
        identity = (0, id(self))
        return Stat(self.mode, self.size, self.uid, self.gid, self.mtime, identity, self.device)


_NO_ACLS = (b"", b"")
_NO_CHILDREN: dict[str, Inode] = {}  # shared: there may be hundreds of thousands of files


def directory(*, implied: bool = False) -> Inode:
    node = Inode(stat.S_IFDIR | 0o755)
    node.implied = implied
    return node


class MemoryFiles(Tree[Inode]):
    """The tree below *root* as *user* may see it."""

    def __init__(self, root: Inode, user: User) -> None:
        self._root, self._user = root, user

    def unrestricted(self) -> "MemoryFiles":
        """The same tree as root sees it."""
        return MemoryFiles(self._root, User(0, 0, override=True))

    def open(self, path: str) -> BinaryIO:
        with self._walk(path) as walk:
            self._require(path, walk.last, os.R_OK)
            node = walk.last.handle
            if not files.require_regular(path, walk.last.stat) or not node.size:
                return io.BytesIO()
            if not node.content:
                raise files.error(errno.EIO, path)
            return io.BufferedReader(SourceFile(node.content, node.size))

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            self._require_directory(path, walk.last)
            self._require(path, walk.last, os.R_OK)
            return sorted(walk.last.handle.children, key=os.fsencode)

    def access(self, path: str, mode: int) -> None:
        with self._walk(path) as walk:
            self._require(path, walk.last, mode)

    def acl(self, path: str, kind: str) -> bytes:
        with self._walk(path) as walk:
            return walk.last.handle.acls[kind == access.DEFAULT]

    def space(self, path: str) -> None:  # noqa: ARG002
        return None

    def _start(self) -> ResolveStep[Inode]:
        return ResolveStep(self._root, "", self._root.stat())

    def _look(self, parent: ResolveStep[Inode], name: str, path: str) -> ResolveStep[Inode]:
        node = parent.handle.children.get(name)
        if not node:
            raise files.error(
                errno.ENAMETOOLONG if len(os.fsencode(name)) > files.NAME_MAX else errno.ENOENT, path
            )
        return ResolveStep(node, name, node.stat())

    def _text(self, link: ResolveStep[Inode]) -> str:
        return link.handle.link

    def _may(self, step: ResolveStep[Inode], want: int) -> bool:
        found = step.stat
        return access.may(self._user, found.mode, found.uid, found.gid, want, step.handle.acls[0])
