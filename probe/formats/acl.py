"""
POSIX access lists as the kernel keeps them in an extended attribute (acl(5), linux/posix_acl_xattr.h).

A little-endian version, then entries of tag, permissions and id.
"""

import struct
from collections.abc import Iterable, Sequence

from probe.lightweight import NamedTuple

USER_OBJ, USER, GROUP_OBJ, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_VERSION = struct.Struct("<I")
_ENTRY = struct.Struct("<HHI")
_CURRENT = 2  # POSIX_ACL_XATTR_VERSION
_NO_ID = 0xFFFFFFFF  # ACL_UNDEFINED_ID
_NAMES = {USER_OBJ: "user", USER: "user", GROUP_OBJ: "group", GROUP: "group", MASK: "mask", OTHER: "other"}


class AclEntry(NamedTuple):
    """One line of a list; `who` is a uid or gid in those of USER and GROUP."""

    tag: int
    bits: int  # as in a mode: 4 read, 2 write, 1 execute
    who: int = _NO_ID

    def __str__(self) -> str:
        """As getfacl(1) writes it: `user:1000:rw-`."""
        who = self.who if self.tag in (USER, GROUP) else ""
        return f"{_NAMES.get(self.tag, self.tag)}:{who}:{letters(self.bits)}"


def parse(data: bytes) -> tuple[AclEntry, ...]:
    """The entries in *data*; none for what the kernel would not take (posix_acl_from_xattr)."""
    size = len(data) - _VERSION.size
    if size < 0 or size % _ENTRY.size or _VERSION.unpack_from(data)[0] != _CURRENT:
        return ()
    return tuple(AclEntry(tag, bits & 7, who) for tag, bits, who in _ENTRY.iter_unpack(data[_VERSION.size :]))


def read(data: bytes) -> tuple[AclEntry, ...] | None:
    """The entries for setxattr(2), none of an unknown version; None for what it refuses."""
    size = len(data) - _VERSION.size
    if size < 0:
        return None
    if _VERSION.unpack_from(data)[0] != _CURRENT:
        return ()
    if size % _ENTRY.size:
        return None
    entries = tuple(AclEntry(*fields) for fields in _ENTRY.iter_unpack(data[_VERSION.size :]))
    known = all(entry.tag in _NAMES for entry in entries)
    named = all(entry.who != _NO_ID for entry in entries if entry.tag in (USER, GROUP))
    return entries if known and named else None


def valid(entries: Sequence[AclEntry]) -> bool:
    """Whether they are in order and whole (posix_acl_valid)."""
    tags = [entry.tag for entry in entries]
    once = [tag for tag in tags if tag not in (USER, GROUP)]
    masked = any(tag in tags for tag in (USER, GROUP, MASK))
    wanted = [USER_OBJ, GROUP_OBJ, MASK, OTHER] if masked else [USER_OBJ, GROUP_OBJ, OTHER]
    return tags == sorted(tags) and once == wanted and all(entry.bits <= 7 for entry in entries)


def pack(entries: Iterable[AclEntry]) -> bytes:
    """The bytes that `parse` reads."""
    return _VERSION.pack(_CURRENT) + b"".join(_ENTRY.pack(*entry) for entry in entries)


def mask(entries: Sequence[AclEntry]) -> int:
    """The most that a named entry or the owning group gets."""
    return next((entry.bits for entry in entries if entry.tag == MASK), 7)


def letters(bits: int) -> str:
    """`rw-` for 6."""
    return "".join(letter if bits & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
