"""
An archive of zone files as Go reads one: GOROOT/lib/time/zoneinfo.zip, ZONEINFO, and what time/tzdata holds.

Sources in Go's tree: time/zoneinfo_read.go (loadTzinfoFromZip), time/tzdata/tzdata.go.
"""

from __future__ import annotations

from probe.lightweight import BinaryIO, os

LIMIT = 10 << 20  # bytes of one entry, and of the directory

MISSING = "missing"
TOO_LARGE = "too large"
REFUSED = "not taken"  # read, but nothing that Go takes
COMPRESSED = "compressed"


class BadArchiveError(Exception):
    """There is no such entry; the text is one of the words above."""


class _Archive:
    """An archive's bytes, piece by piece."""

    __slots__ = ("size", "stream")

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.size = stream, stream.seek(0, os.SEEK_END)

    def piece(self, at: int, length: int) -> bytes:
        """*length* bytes from *at*. Go has no limit here; no zone data comes near ours."""
        if length > LIMIT:
            raise BadArchiveError(TOO_LARGE)
        if at < 0 or at + length > self.size:
            raise BadArchiveError(REFUSED)
        self.stream.seek(at)
        data = b""
        while len(data) < length:
            more = self.stream.read(length - len(data))
            if not more:
                raise BadArchiveError(REFUSED)
            data += more
        return data


def entry(stream: BinaryIO, name: bytes) -> bytes:
    """The bytes of one entry of the archive in *stream*; BadArchiveError where Go finds none."""
    archive = _Archive(stream)
    end = archive.piece(archive.size - 22, 22)
    if end[:4] != b"PK\5\6":
        raise BadArchiveError(REFUSED)
    directory = archive.piece(number(end, 16, 4), number(end, 12, 4))
    at = 0
    for _ in range(number(end, 10, 2)):
        if directory[at : at + 4] != b"PK\1\2":
            break
        length = number(directory, at + 28, 2)
        if directory[at + 46 : at + 46 + length] == name:
            if directory[at + 10 : at + 12] != b"\0\0":
                raise BadArchiveError(COMPRESSED)
            return _content(archive, name, directory[at : at + 46])
        at += 46 + length + number(directory, at + 30, 2) + number(directory, at + 32, 2)
    raise BadArchiveError(MISSING)


def _content(archive: _Archive, name: bytes, header: bytes) -> bytes:
    at = number(header, 42, 4)
    local = archive.piece(at, 30 + len(name))
    if (
        local[:4] != b"PK\3\4"
        or local[8:10] != b"\0\0"
        or number(local, 26, 2) != len(name)
        or local[30:] != name
    ):
        raise BadArchiveError(REFUSED)
    return archive.piece(at + 30 + len(name) + number(local, 28, 2), number(header, 24, 4))


def number(data: bytes, at: int, width: int) -> int:
    """The little-endian number of *width* bytes at *at*."""
    return int.from_bytes(data[at : at + width], "little")
