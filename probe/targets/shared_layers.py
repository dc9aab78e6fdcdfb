"""Layers that several images share: each is read once, for all that are examined one after another."""

from collections.abc import Callable

from probe.lightweight import NamedTuple, suppress
from probe.targets.archive import unpacked
from probe.targets.archive_errors import ArchiveError
from probe.targets.layers import MemoryBudget
from probe.targets.manifest import LayerBlob, verify
from probe.targets.memory_fs import Inode
from probe.targets.sources import PIECE, Budget, ByteSource, FileSource, Part

_MEMORY = 96 << 20  # of all trees that are kept
_MOST = 128  # layers that are kept: each holds the file that it is in open
_MARK_BYTES, _MARK_EVERY = 45 << 10, 16 << 20  # what it takes to go back in a packed layer (sources.Gzip)

Read = Callable[[LayerBlob, MemoryBudget, Budget], Inode]


class ListedLayer(NamedTuple):
    """A layer of an image."""

    digest: str  # of what it unpacks to
    size: int  # as it is stored
    read: bool  # False where another image has brought its tree


class _SharedLayer(NamedTuple):
    """A layer that was read and found to be what its digests say, and what that took of the budgets."""

    source: ByteSource
    tree: Inode
    memory: int
    unpacked: int


class SharedLayers:
    """
    Trees of layers by digest.

    An image takes a tree of another one only where its own bytes are the same: what is damaged in one of
    them is told as if it were examined alone. The budgets are charged as if it had been read.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], _SharedLayer] = {}  # the longest unused first
        self._memory = 0
        self.listed: list[ListedLayer] = []  # of all images so far; a caller may empty it

    def tree(self, layer: LayerBlob, room: MemoryBudget, budget: Budget, read: Read) -> Inode:
        """The tree of *layer*, which may be changed; *read* makes it where no image had it."""
        key = (layer.digest or layer.diff_id, layer.diff_id, layer.blob.size)
        kept = self._kept.get(key)
        if kept and _same(kept, layer, budget):
            self._kept[key] = self._kept.pop(key)
            room.take(kept.memory)
            budget.take(kept.unpacked)
            self.listed.append(ListedLayer(layer.diff_id, layer.blob.size, read=False))
            return _copied(kept.tree)
        memory, size = room.left, budget.left
        tree = read(layer, room, budget)
        self.listed.append(ListedLayer(layer.diff_id, layer.blob.size, read=True))
        if layer.digest or unpacked(layer.blob.source) is layer.blob.source:
            self._keep(key, _SharedLayer(layer.blob.source, tree, memory - room.left, size - budget.left))
            return _copied(tree)
        return tree

    def _keep(self, key: tuple[str, str, int], layer: _SharedLayer) -> None:
        if key in self._kept:
            self._memory -= _weight(self._kept.pop(key))
        self._kept[key] = layer
        self._memory += _weight(layer)
        while self._memory > _MEMORY or len(self._kept) > _MOST:
            oldest = next(iter(self._kept))
            self._memory -= _weight(self._kept.pop(oldest))


def _weight(layer: _SharedLayer) -> int:
    return layer.memory + (layer.unpacked // _MARK_EVERY + 1) * _MARK_BYTES


def _same(kept: _SharedLayer, layer: LayerBlob, budget: Budget) -> bool:
    """Whether *layer* has the bytes of *kept*, or at least the digest; comparing takes a third of hashing."""
    mine, other = layer.blob.source, kept.source
    if _stored(mine) and _stored(other):
        return _equal(mine, other, budget)
    with suppress(ArchiveError):
        verify(layer.name, layer.blob, layer.digest or layer.diff_id, budget)
        return True
    return False


def _stored(source: ByteSource) -> bool:
    return isinstance(source, FileSource) or (isinstance(source, Part) and source.stored)


def _equal(mine: ByteSource, other: ByteSource, budget: Budget) -> bool:
    at = 0
    while piece := mine.read_at(at, PIECE):
        if piece != other.read_at(at, len(piece)):
            return False
        at += len(piece)
        budget.take(0)
    return not other.read_at(at, 1)


def _copied(tree: Inode) -> Inode:
    """The same files in directories of their own, so that layers can be laid over it."""
    top = _directory(tree)
    pending = [(tree, top)]
    while pending:
        old, new = pending.pop()
        for name, node in old.children.items():
            if node.is_dir:
                new.children[name] = copy = _directory(node)
                pending.append((node, copy))
            else:
                new.children[name] = node
    return top


def _directory(node: Inode) -> Inode:
    copy = Inode(node.mode, node.uid, node.gid, node.mtime)
    copy.size, copy.acls, copy.implied, copy.opaque = node.size, node.acls, node.implied, node.opaque
    copy.gone = node.gone
    return copy
