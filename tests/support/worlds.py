"""File systems that tests lay out: path → content, link, directory, FIFO, device, each with a mode."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Link(NamedTuple):
    text: str


class Node(NamedTuple):
    """Something that is no regular file."""

    kind: int  # stat.S_IFDIR, S_IFIFO, S_IFSOCK or S_IFCHR
    mode: int = 0o755
    device: tuple[int, int] = (0, 0)


class File(NamedTuple):
    """A file with a mode of its own."""

    content: bytes
    mode: int


Content = bytes | File | Link | Node
World = Mapping[str, Content]

DIRECTORY = Node(stat.S_IFDIR)
FIFO = Node(stat.S_IFIFO, 0o666)
SOCKET = Node(stat.S_IFSOCK, 0o666)
NULL = Node(stat.S_IFCHR, 0o666, (1, 3))
ZERO = Node(stat.S_IFCHR, 0o666, (1, 5))


def shut(node: Node, mode: int = 0) -> Node:
    return node._replace(mode=mode)


def lay(root: Path, world: World) -> None:
    """Lay *world* out below *root*; paths may be relative to it or absolute, and hold bytes as surrogates."""
    for name, content in world.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            os.symlink(content.text, path)
        elif isinstance(content, Node):
            if content.kind == stat.S_IFDIR:
                path.mkdir(exist_ok=True)
            else:
                os.mknod(path, content.kind | 0o600, os.makedev(*content.device))
        else:
            path.write_bytes(content.content if isinstance(content, File) else content)
    for name, content in world.items():  # last: a shut directory takes no more files
        if isinstance(content, File | Node):
            os.chmod(root / name.lstrip("/"), content.mode)
