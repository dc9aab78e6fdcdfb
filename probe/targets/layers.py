"""The layers of an image, laid one over the other (OCI image-spec, layer.md)."""

import os
import stat
from collections.abc import Iterator
from typing import TypeVar

from probe.formats import tar
from probe.formats.tar import BadTarBlock, Header
from probe.targets import access, reasons
from probe.targets.archive_errors import ArchiveError
from probe.targets.files import MAX_LINKS, NAME_MAX, PATH_MAX
from probe.targets.memory_fs import Inode, directory
from probe.targets.sources import ByteSource, Forward, Part

_WHITEOUT, _OPAQUE, _AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."
_MAX_NAMES = 2 * PATH_MAX  # on the way to one entry, links included
_ENTRY_BYTES, _NODE_BYTES = 200, 450  # measured: a name in a directory, and what it names
# What overlayfs takes from attributes (Documentation/filesystems/overlayfs.rst in the kernel's tree): where
# an engine writes them into a layer, as dockerd does, they change what is seen of the layers below.
_OVERLAY = {
    f"{space}.overlay.{name}"
    for space in ("trusted", "user")
    for name in ("opaque", "redirect", "metacopy", "whiteout", "whiteouts", "verity", "overlay")
}
_KINDS = {
    tar.REGULAR: stat.S_IFREG,
    tar.SPARSE: stat.S_IFREG,
    tar.LINK: stat.S_IFLNK,
    tar.CHARACTER: stat.S_IFCHR,
    tar.BLOCK_DEVICE: stat.S_IFBLK,
    tar.DIRECTORY: stat.S_IFDIR,
    tar.FIFO: stat.S_IFIFO,
}


_Value = TypeVar("_Value")


def members(reader: Forward) -> Iterator[tuple[Header, int]]:
    """The entries of a tar archive, each with the offset of its data. Raises Broken."""
    overlay: dict[str, bytes] = {}
    long: dict[str, bytes] = {}
    while True:
        start = reader.position
        block = reader.read(tar.BLOCK)
        found = tar.header(block) if block else tar.END
        if isinstance(found, BadTarBlock) and not start:
            raise ArchiveError(reasons.INVALID, "it is no tar archive")
        if isinstance(found, BadTarBlock):
            raise ArchiveError(reasons.TRUNCATED if len(block) < tar.BLOCK else reasons.INVALID, found.why)
        if isinstance(found, str):
            _end(reader, block)
            return
        if found.kind in (tar.PAX, tar.PAX_GLOBAL):
            # Of several before one entry the last counts, a global one for nothing (archive/tar/reader.go).
            records = _extension(reader, found)
            overlay = records if found.kind == tar.PAX else overlay
            continue
        if found.kind in (tar.LONG_NAME, tar.LONG_LINK):
            long |= _extension(reader, found)
            continue
        whole = _sound(tar.extended(found, overlay | long))
        overlay, long = {}, {}
        if len(whole.name) >= PATH_MAX or len(whole.link) >= PATH_MAX:
            raise ArchiveError(reasons.INVALID, "the name of an entry is longer than any system allows")
        if found.kind == tar.SPARSE:
            _skip_sparse_map(reader, block)
        yield whole, reader.position
        _skip(reader, whole)


def _end(reader: Forward, block: bytes) -> None:
    """Of blocks of zeros another one, or nothing, has to follow (archive/tar/reader.go, readHeader)."""
    after = reader.read(tar.BLOCK) if block else b""
    if after and len(after) < tar.BLOCK:
        raise ArchiveError(reasons.TRUNCATED, "the archive ends within a header")
    if after.strip(b"\0"):
        raise ArchiveError(reasons.INVALID, "a single block of zeros is between its entries")


def _extension(reader: Forward, found: Header) -> dict[str, bytes]:
    if found.size > tar.EXTENDED_LIMIT:
        raise ArchiveError(reasons.TOO_LARGE, f"an extended header holds {found.size} bytes")
    data = reader.read(found.data)
    if len(data) < found.size:
        raise ArchiveError(reasons.TRUNCATED, "the archive ends within an extended header")
    data = data[: found.size]
    if found.kind in (tar.PAX, tar.PAX_GLOBAL):
        return _sound(tar.records(data))
    return {"path" if found.kind == tar.LONG_NAME else "linkpath": data.partition(b"\0")[0]}


def _sound(value: _Value | BadTarBlock) -> _Value:
    if isinstance(value, BadTarBlock):
        raise ArchiveError(reasons.INVALID, value.why)
    return value


def _skip(reader: Forward, found: Header) -> None:
    if not reader.skip(found.size):
        raise ArchiveError(reasons.TRUNCATED, f"it ends within {found.name!r}")
    reader.skip(found.data - found.size)


def _skip_sparse_map(reader: Forward, block: bytes) -> None:
    more = tar.continues(block, first=True)
    while more:
        block = reader.read(tar.BLOCK)
        if len(block) < tar.BLOCK:
            raise ArchiveError(reasons.TRUNCATED, "it ends within the map of a sparse file")
        more = tar.continues(block, first=False)


class MemoryBudget:
    """How many bytes of our memory the names of all that an archive holds may take."""

    def __init__(self, size: int) -> None:
        self.left = self._size = size

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ArchiveError(
                reasons.TOO_LARGE,
                f"its files, without their contents, take more than {self._size >> 20} MiB",
            )

    def name(self, *names: str) -> None:
        """One entry in a directory, or in a list, with its *names*."""
        self.take(_ENTRY_BYTES + sum(map(len, names)))


def read(reader: Forward, source: ByteSource, room: MemoryBudget) -> Inode:
    """
    The tree of one layer alone.

    *source* is what *reader* reads: contents are found in it later. What dockerd, on
    overlay2, refuses to make of a layer raises ArchiveError.
    """
    root = directory(implied=True)
    for found, offset in members(reader):
        _obeyed_by_overlay(found)
        parts = safe_parts(found.name)
        if not parts:
            if found.kind == tar.DIRECTORY:
                _describe(root, found)
            continue
        parent, name = _parent(root, parts, room), parts[-1]
        room.name(name, found.link)
        if name.startswith(_WHITEOUT):
            _take_away(parent, name)
        elif (old := parent.children.get(name)) and not old.implied:
            raise ArchiveError(reasons.INVALID, f"the entry {found.name!r} is there twice")
        elif found.kind == tar.HARD_LINK:
            parent.children[name] = _linked(found, root)
        else:
            room.take(_NODE_BYTES + 4 * sum(map(len, found.xattrs.values())))
            _put(parent, name, found, Part(source, offset, found.size))
    return root


def lay_over(lower: Inode, upper: Inode) -> None:
    """Change *lower* to what is seen when the layer *upper* lies on it."""
    pending = [(lower, upper)]
    while pending:
        below, above = pending.pop()
        if above.opaque:
            below.children.clear()
        for name in above.gone or ():
            below.children.pop(name, None)
        if not above.implied:
            below.mode, below.uid, below.gid, below.mtime = above.mode, above.uid, above.gid, above.mtime
            below.acls = above.acls
        for name, node in above.children.items():
            old = below.children.get(name)
            if old and old.is_dir and node.is_dir:
                pending.append((old, node))
            else:
                below.children[name] = node


def safe_parts(name: str) -> list[str]:
    """The components of an entry's name below the root; Broken when ".." leads out of it."""
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                raise ArchiveError(reasons.UNSAFE_ENTRY, f"the entry {name!r} leads out of the archive")
            parts.pop()
        elif part not in ("", "."):
            if len(part) > NAME_MAX // 4 and len(part.encode("utf-8", "replace")) > NAME_MAX:
                raise ArchiveError(reasons.INVALID, "the name of an entry is longer than any system allows")
            parts.append(part)
    return parts


def _parent(root: Inode, parts: list[str], room: MemoryBudget) -> Inode:
    """
    The directory of an entry, made where it is missing.

    Links of the same layer are followed inside it; where they lead has to be there.
    """
    way = [root]
    pending = parts[-2::-1]
    links = taken = linked = 0  # linked: how many of the last in `pending` are a link's
    while pending:
        part = pending.pop()
        taken += 1
        linked, by_link = max(0, linked - 1), linked > 0
        if part == "..":
            del way[max(1, len(way) - 1) :]
        if part in ("", ".", ".."):
            continue
        node = way[-1].children.get(part)
        if not node and by_link:
            raise ArchiveError(
                reasons.INVALID, f"{'/'.join(parts)!r} lies below a link to nothing in this layer"
            )
        if not node:
            room.name(part)
            room.take(_NODE_BYTES)
            node = way[-1].children[part] = directory(implied=True)
        if node.is_link:
            links += 1
            if node.link.startswith("/"):
                del way[1:]
            steps = node.link.split("/")[::-1]
            linked += len(steps)
            pending.extend(steps)
        elif node.is_dir:
            way.append(node)
        if links > MAX_LINKS or taken > _MAX_NAMES or not (node.is_dir or node.is_link):
            raise ArchiveError(
                reasons.INVALID, f"{'/'.join(parts)!r} lies below something that is no directory"
            )
    return way[-1]


def _obeyed_by_overlay(found: Header) -> None:
    """Refuse what makes a container see other files on one engine than on another."""
    for key in found.xattrs:
        name = key.replace("overlay.overlay.", "overlay.")  # as a nested mount escapes it
        if name in _OVERLAY:
            raise ArchiveError(
                reasons.UNSAFE_ENTRY,
                f"the entry {found.name!r} has the attribute {key}, which not every engine obeys",
            )


def _take_away(parent: Inode, name: str) -> None:
    if name == _OPAQUE:
        parent.opaque = True
    elif not name.startswith(_AUFS):  # others of that form are notes that aufs made for itself
        gone = name.removeprefix(_WHITEOUT)
        if gone in ("", ".", ".."):
            raise ArchiveError(reasons.UNSAFE_ENTRY, f"the whiteout {name!r} takes away its own directory")
        if gone in parent.children or gone in (parent.gone or ()):
            raise ArchiveError(reasons.INVALID, f"the whiteout {name!r} is for an entry of its own layer")
        parent.gone = parent.gone or set()
        parent.gone.add(gone)


def _linked(found: Header, root: Inode) -> Inode:
    """The file that a hard link names, which is an earlier one of the same layer."""
    node: Inode | None = root
    for part in safe_parts(found.link):
        node = node.children.get(part) if node else None
    if node and not node.is_dir:
        return node
    raise ArchiveError(
        reasons.INVALID,
        f"the hard link {found.name!r} leads to {found.link!r}, which is not there in its layer",
    )


def _put(parent: Inode, name: str, found: Header, content: Part) -> None:
    if found.kind not in _KINDS:
        raise ArchiveError(reasons.INVALID, f"the entry {found.name!r} is of the unknown kind {found.kind!r}")
    if found.kind in (tar.CHARACTER, tar.BLOCK_DEVICE) and safe_parts(found.name)[0] != "dev":
        # Old base images carry some in /dev, over which every engine mounts its own.
        raise ArchiveError(reasons.UNSAFE_ENTRY, f"the entry {found.name!r} is a device node outside /dev")
    old = parent.children.get(name)
    if old and old.is_dir and found.kind == tar.DIRECTORY:
        _describe(old, found)
        return
    node = parent.children[name] = Inode(_KINDS[found.kind])
    _describe(node, found)
    node.size, node.link = found.size, found.link
    node.content = None if found.sparse else content
    if all(0 <= number < 1 << 20 for number in found.device):
        node.device = os.makedev(*found.device)


def _describe(node: Inode, found: Header) -> None:
    node.mode = stat.S_IFMT(node.mode) | found.mode
    node.uid, node.gid, node.mtime = found.uid, found.gid, found.mtime
    node.implied = False
    if access.ACCESS in found.xattrs or access.DEFAULT in found.xattrs:
        node.acls = found.xattrs.get(access.ACCESS, b""), found.xattrs.get(access.DEFAULT, b"")
