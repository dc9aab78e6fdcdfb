"""Which extended attributes can be set: the kernel is asked."""

import os
import stat
import struct
from pathlib import Path

import pytest

from probe.formats import tar
from probe.targets.access import ACCESS, DEFAULT
from probe.targets.attributes import settable

KINDS = {tar.REGULAR: "file", tar.DIRECTORY: "folder", tar.LINK: "link", tar.FIFO: "fifo"}


def packed(*entries: tuple[int, int, int], version: int = 2) -> bytes:
    return struct.pack("<I", version) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NONE = 0xFFFFFFFF
OWNER, GROUP, OTHER, MASK = (1, 7, NONE), (4, 5, NONE), (32, 5, NONE), (16, 5, NONE)
NAMED, NAMED_GROUP = (2, 5, 100), (8, 5, 100)
LISTS = {
    "plain": packed(OWNER, GROUP, OTHER),
    "with a mask": packed(OWNER, GROUP, MASK, OTHER),
    "named": packed(OWNER, NAMED, GROUP, NAMED_GROUP, MASK, OTHER),
    "named twice": packed(OWNER, NAMED, NAMED, GROUP, MASK, OTHER),
    "named without a mask": packed(OWNER, NAMED, GROUP, OTHER),
    "nobody named": packed(OWNER, (2, 5, NONE), GROUP, MASK, OTHER),
    "in disorder": packed(GROUP, OWNER, OTHER),
    "without others": packed(OWNER, GROUP),
    "twice": packed(OWNER, OWNER, GROUP, OTHER),
    "odd bits": packed(OWNER, (4, 9, NONE), OTHER),
    "an odd tag": packed(OWNER, GROUP, (64, 5, NONE)),
    "empty": packed(),
    "another version": packed(OWNER, version=3),
    "another version, and cut": packed(OWNER, version=3) + b"1",
    "cut": packed(OWNER, GROUP, OTHER)[:-3],
    "short": b"\2\0",
}
CASES = {
    **{f"{kind} {name}": (kind, value) for kind in (ACCESS, DEFAULT) for name, value in LISTS.items()},
    "user": ("user.a", b"1"),
    "user alone": ("user.", b"1"),
    "trusted": ("trusted.a", b"1"),
    "trusted alone": ("trusted.", b"1"),
    "another space": ("other.a", b"1"),
    "no space": ("other", b"1"),
    "no name": ("", b"1"),
    "a long name": ("user." + "n" * 250, b"1"),
    "a longer name": ("user." + "n" * 251, b"1"),
    "a long value": ("user.a", bytes((64 << 10) + 1)),
    "capability": ("security.capability", b"\0\0\0\2" + bytes(16)),
    "capability of a namespace": ("security.capability", b"\0\0\0\3" + bytes(20)),
    "capability, wrong revision": ("security.capability", b"\0\0\0\3" + bytes(16)),
    "capability, old": ("security.capability", b"\0\0\0\1" + bytes(8)),
    "capability, cut": ("security.capability", b"\0\0\0\2"),
}


@pytest.mark.root
@pytest.mark.parametrize("name", CASES)
def test_the_kernel_says_the_same(tmp_path: Path, name: str) -> None:
    """For each kind of file; an error that dockerd overlooks is none."""
    key, value = CASES[name]
    paths = {kind: tmp_path / called for kind, called in KINDS.items()}
    paths[tar.REGULAR].write_bytes(b"")
    paths[tar.DIRECTORY].mkdir()
    paths[tar.LINK].symlink_to("nowhere")
    os.mkfifo(paths[tar.FIFO])
    told = {kind: taken(path, key, value) for kind, path in paths.items()}
    assert told == {kind: settable(key, value, kind) for kind in paths}
    assert stat.S_ISFIFO(paths[tar.FIFO].stat().st_mode)


def taken(path: Path, key: str, value: bytes) -> bool:
    try:
        os.setxattr(path, key, value, follow_symlinks=False)
    except OSError as problem:
        return problem.errno in (1, 95)  # EPERM, EOPNOTSUPP
    return True
