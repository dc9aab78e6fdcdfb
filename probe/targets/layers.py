"""The layers of an image, laid one over the other (OCI image-spec, layer.md)."""

import os
import stat

from probe.formats import tar
from probe.formats.tar import Header
from probe.targets import access, reasons
from probe.targets.archive_errors import ArchiveError
from probe.targets.attributes import settable
from probe.targets.files import MAX_LINKS, NAME_MAX, PATH_MAX
from probe.targets.members import members
from probe.targets.memory_fs import Inode, directory
from probe.targets.sources import ByteSource, Forward, Part

_WHITEOUT, _OPAQUE, _AUFS = ".wh.", ".wh..wh..opq", ".wh..wh."
_MAX_NAMES = 2 * PATH_MAX  # on the way to one entry, links included
_ENTRY_BYTES, _NODE_BYTES = 280, 450  # measured: a name in a directory, and what it names
# What overlayfs takes from attributes (Documentation/filesystems/overlayfs.rst in the kernel's tree): where
# an engine writes them into a layer, as dockerd does, they change what is seen of the layers below.
_OVERLAY = {
    f"{space}.overlay.{name}"
    for space in ("trusted", "user")
    for name in ("opaque", "redirect", "metacopy", "whiteout", "whiteouts", "verity", "overlay")
}
_KINDS = {
    tar.REGULAR: stat.S_IFREG,
    tar.LINK: stat.S_IFLNK,
    tar.CHARACTER: stat.S_IFCHR,
    tar.BLOCK_DEVICE: stat.S_IFBLK,
    tar.DIRECTORY: stat.S_IFDIR,
    tar.FIFO: stat.S_IFIFO,
}


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
    seen: set[int] = set()  # hashes of the names, as tar-split compares them: "/a" is another than "a"
    for found, offset in members(reader):
        _obeyed_by_overlay(found)
        parts = safe_parts(found.name)
        room.name(*parts[-1:], found.link)
        if (tidy := hash(f"{'/' * found.name.startswith('/')}{'/'.join(parts)}")) in seen:
            raise ArchiveError(reasons.INVALID, f"the entry {found.name!r} is there twice")
        seen.add(tidy)
        if not parts:
            if found.kind == tar.DIRECTORY:
                _describe(root, found)
            continue
        if parts[-1] == _OPAQUE and _is_file(root, parts[:-1]):
            continue  # of which dockerd notes that it is opaque, and nothing comes of it
        parent, name = _parent(root, parts, room), parts[-1]
        if not name.startswith(_WHITEOUT):
            _check_attributes(found)
        if name.startswith(_WHITEOUT):
            _take_away(parent, name)
        elif found.kind == tar.HARD_LINK:
            _replace(parent, name, found)
            parent.children[name] = node = _linked(found, root)
            _describe(node, found)
        else:
            room.take(_NODE_BYTES + 4 * sum(map(len, found.xattrs.values())))
            _put(parent, name, found, Part(source, offset, found.size))
    root.opaque = False  # overlayfs does not look for it at the root
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
        if not node and part in (way[-1].gone or ()):
            raise ArchiveError(reasons.INVALID, f"{'/'.join(parts)!r} lies below what a whiteout takes away")
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


def _is_file(root: Inode, parts: list[str]) -> bool:
    """Whether a file, a device or a whiteout of this layer lies there."""
    node: Inode | None = root
    for number, part in enumerate(parts, 1):
        above, node = node, node.children.get(part) if node else None
        if above and not node:
            return number == len(parts) and part in (above.gone or ())
    return bool(node and not node.is_dir and not node.is_link)


def _check_attributes(found: Header) -> None:
    for key, value in found.xattrs.items():
        if not settable(key, value, found.kind):
            raise ArchiveError(
                reasons.INVALID, f"the entry {found.name!r} has an attribute {key[:40]!r} that cannot be set"
            )


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
    if found.kind == tar.LINK and not found.link:
        raise ArchiveError(reasons.INVALID, f"the link {found.name!r} leads nowhere")
    _replace(parent, name, found)
    if parent.gone and found.kind == tar.DIRECTORY:
        parent.gone.discard(name)  # for engines it comes in the whiteout's place, and hides nothing
    node = parent.children[name] = Inode(_KINDS[found.kind])
    _describe(node, found)
    node.size = found.size if found.sparse is None else found.sparse
    node.link = found.link
    node.content = content if found.sparse is None else None
    if all(0 <= number < 1 << 20 for number in found.device):
        node.device = os.makedev(*found.device)


def _replace(parent: Inode, name: str, found: Header) -> None:
    """
    Take away what an earlier entry has put where *found* comes.

    Times of directories are set at last; where there is none any more dockerd gives up.
    """
    old = parent.children.pop(name, None)
    pending = [*old.children.values()] if old else []
    if old and old.is_dir and not old.implied and found.kind == tar.LINK:
        pending.append(old)
    while pending:
        node = pending.pop()
        if node.is_dir and not node.implied:
            raise ArchiveError(reasons.INVALID, f"the entry {found.name!r} takes the place of directories")
        pending.extend(node.children.values())


def _describe(node: Inode, found: Header) -> None:
    if not node.is_link:
        node.mode = stat.S_IFMT(node.mode) | found.mode
    node.uid, node.gid, node.mtime = found.uid, found.gid, found.mtime
    node.implied = False
    if access.ACCESS in found.xattrs or access.DEFAULT in found.xattrs:
        node.acls = found.xattrs.get(access.ACCESS, b""), found.xattrs.get(access.DEFAULT, b"")
