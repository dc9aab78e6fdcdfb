"""Files of /proc, which have no size, read with as few system calls as there can be."""

import os

_PIECE = 1 << 16


def whole(path: str, limit: int, *, single: bool = False) -> bytes:
    """
    What the file holds, until *limit* bytes are exceeded.

    *single*: a file that the kernel makes as one record (single_open in fs/proc), such as stat, status,
    limits and cgroup: what does not fill the room for it is all.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, _PIECE)
        if single and len(data) < _PIECE:
            return data
        while data and len(data) < limit and (piece := os.read(descriptor, _PIECE)):
            data += piece
        return data
    finally:
        os.close(descriptor)
