"""
Headers of tar archives: ustar, pax (POSIX.1-2001) and GNU, read as Go's archive/tar reads them.

The standard library's tarfile reads an extended header of any length into memory,
takes quadratic time for a crafted one before Python 3.11.10, and takes a damaged
header in the middle for the end. Here each block is one bounded value.
"""

from collections.abc import Mapping

from probe.lightweight import NamedTuple

BLOCK = 512
EXTENDED_LIMIT = 1 << 20  # bytes; a pax header or a GNU long name that is larger is refused
REGULAR, HARD_LINK, LINK, CHARACTER, BLOCK_DEVICE, DIRECTORY, FIFO = b"0", b"1", b"2", b"3", b"4", b"5", b"6"
PAX, PAX_GLOBAL, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
_XATTR = "SCHILY.xattr."
_TEXTS = (b"path", b"linkpath", b"uname", b"gname")
_PIECES = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
WITHOUT_DATA = {HARD_LINK, LINK, CHARACTER, BLOCK_DEVICE, DIRECTORY, FIFO}


class Header(NamedTuple):
    """One entry. Names are as written: nothing is tidied, and they may lead anywhere."""

    name: str
    kind: bytes
    mode: int  # permission bits only
    uid: int
    gid: int
    size: int  # bytes of data that follow
    mtime: int
    link: str
    device: tuple[int, int]  # major, minor
    sparse: int | None = None  # bytes of a file of which the data is pieces
    xattrs: Mapping[str, bytes] = {}  # extended attributes by name

    @property
    def data(self) -> int:
        """The bytes up to the next header."""
        return -(-self.size // BLOCK) * BLOCK


class BadTarBlock(NamedTuple):
    """A block that is not a header."""

    why: str


END = "end"
"""A block of zeros."""


def header(block: bytes) -> Header | BadTarBlock | str:
    """The header in a block of 512 bytes, END, or what is wrong with it."""
    if len(block) != BLOCK:
        return BadTarBlock("the archive ends within a header")
    if not block.strip(b"\0"):
        return END
    if not _sum_holds(block):
        return BadTarBlock("a header's checksum is wrong")
    fields = [_number(block[start:end]) for start, end in _NUMBERS]
    mode, uid, gid, size, mtime, major, minor = (-1 if field is None else field for field in fields)
    if size < 0 or None in fields[:5]:
        return BadTarBlock("a number in a header is not one")
    name, kind = _text(block[:100]), block[156:157]
    if block[257:263] == b"ustar\0" and (prefix := _text(block[345:500])):
        name = f"{prefix}/{name}"
    if kind == b"\0":  # of old: a regular file, a directory by its "/" only
        kind = DIRECTORY if name.endswith("/") else REGULAR
    if kind in WITHOUT_DATA:
        size = 0
    return Header(name, kind, mode & 0o7777, uid, gid, size, mtime, _text(block[157:257]), (major, minor))


# Where the numbers stand: mode, uid, gid, size, mtime, devmajor, devminor.
_NUMBERS = ((100, 108), (108, 116), (116, 124), (124, 136), (136, 148), (329, 337), (337, 345))


def extended(found: Header, records: dict[str, bytes]) -> Header | BadTarBlock:
    """*found* with what a pax header says about it laid over."""
    changes: dict[str, object] = {}
    for key, field in (("path", "name"), ("linkpath", "link")):
        if value := records.get(key):
            changes[field] = value.decode("utf-8", "surrogateescape")
    for key in ("uid", "gid", "size", "mtime"):
        if value := records.get(key):
            number = _decimal(value)
            if number is None or (key == "size" and number < 0 and found.kind not in WITHOUT_DATA):
                return BadTarBlock(f"the {key} of a pax header is not a number")
            if key != "size" or found.kind not in WITHOUT_DATA:
                changes[key] = number
    xattrs = {key[len(_XATTR) :]: value for key, value in records.items() if key.startswith(_XATTR) and value}
    if xattrs:
        changes["xattrs"] = xattrs
    return found._replace(**changes)  # type: ignore[arg-type]


def records(data: bytes) -> dict[str, bytes] | BadTarBlock:
    """The records "LENGTH KEY=VALUE" of a pax header; of two with the same key the later counts."""
    found: dict[str, bytes] = {}
    pieces: list[bytes] = []  # of a sparse file, in the first form of its map: offset and length in turns
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = _decimal(data[at:space]) if space > at else None
        if not length or length > len(data) - at or length < space - at + 3:
            return BadTarBlock("a record of a pax header has a wrong length")
        record = data[space + 1 : at + length]
        key, equals, value = record[:-1].partition(b"=")
        if not equals or not key or record[-1:] != b"\n":
            return BadTarBlock("a record of a pax header is not KEY=VALUE")
        if b"\0" in (value if key in _TEXTS else key):  # archive/tar/strconv.go, validPAXRecord
            return BadTarBlock("a NUL in a record of a pax header")
        if key in _PIECES:
            if key != _PIECES[len(pieces) % 2] or b"," in value:
                return BadTarBlock("the map of a sparse file is wrong")
            pieces.append(value)
        else:
            found[key.decode("utf-8", "surrogateescape")] = value
        at += length
    if pieces:
        found["GNU.sparse.map"] = b",".join(pieces)
    return found


def _sum_holds(block: bytes) -> bool:
    told = _number(block[148:156])
    blanked = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(blanked)
    return told in (unsigned, unsigned - 256 * sum(byte > 127 for byte in blanked))


def _number(field: bytes) -> int | None:
    """Octal digits, or, with the highest bit set, a two's complement number of base 256; "" is 0."""
    if field[:1] >= b"\x80":
        value = int.from_bytes(field) & ((1 << (8 * len(field) - 1)) - 1)
        value -= (value & 1 << (8 * len(field) - 2)) << 1
        return value if -(1 << 63) <= value < 1 << 63 else None
    text = field.strip(b" \0").partition(b"\0")[0]
    if not text:
        return 0
    return int(text, 8) if all(48 <= digit < 56 for digit in text) else None


def _decimal(text: bytes) -> int | None:
    """A decimal number, of which a fraction is dropped."""
    whole = text.partition(b".")[0]
    digits = whole.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > 18:
        return None
    return int(whole)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")
