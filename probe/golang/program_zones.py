"""
What a program brings for time zones: the archive of time/tzdata, and where the Go tree that built it stood.

Sources in Go's tree: time/tzdata/zzipdata.go (one constant, an archive in clear), runtime/extern.go (GOROOT),
gc.go of the go command (-X runtime.defaultGOROOT, not under -trimpath).
"""

from __future__ import annotations

from probe.formats import elf
from probe.formats.elf import Elf, buildinfo, pclntab
from probe.golang import zone_archive
from probe.golang.release import ProgramZones
from probe.golang.zone_archive import number
from probe.lightweight import BinaryIO

_FIRST = b"Africa/Abidjan"  # the first of all zone names
_MAX_SCANNED = 256 << 20
_PIECE = 4 << 20
_END = 22  # bytes of an end record


def find(stream: BinaryIO, headers: Elf, *, embedded: bool) -> ProgramZones:
    """What the program holds; its archive only where time/tzdata is linked in, which *embedded* says."""
    if buildinfo.packed(stream, headers):
        return ProgramZones(packed=True)
    return ProgramZones(_archive(stream, headers) if embedded else b"", pclntab.goroot(stream, headers))


def _archive(stream: BinaryIO, headers: Elf) -> bytes:
    scanned = 0
    for segment in headers.segments:
        if segment.kind != elf.LOAD or segment.flags & (elf.WRITABLE | elf.RUNNABLE):
            continue
        for at in range(0, min(segment.file_size, _MAX_SCANNED - scanned), _PIECE):
            start = segment.offset + at
            piece = elf.read_at(stream, start, min(_PIECE + _END, segment.file_size - at))
            scanned += min(_PIECE, len(piece))
            found = _in_piece(stream, piece, start)
            if found or not piece:
                return found
    return b""


def _in_piece(stream: BinaryIO, piece: bytes, start: int) -> bytes:
    """The archive of zones whose last record lies in *piece*, which is at *start* of the file."""
    at = piece.find(b"PK\5\6")
    while at >= 0:
        end = piece[at : at + _END]
        directory, offset = number(end, 12, 4), number(end, 16, 4)
        base, size = start + at - directory - offset, directory + offset + _END
        first = elf.read_at(stream, base + offset, 46 + len(_FIRST))
        if first[:4] == b"PK\1\2" and first[46:] == _FIRST and size <= zone_archive.LIMIT:
            archive = elf.read_at(stream, base, size)
            if archive.startswith(b"PK\3\4"):
                return archive
        at = piece.find(b"PK\5\6", at + 1)
    return b""
