"""
What a program or library tells the dynamic loader: where to look, and which versions of symbols it wants.

elf(5); the version tables are those of the LSB and of glibc's elf/dl-version.c.
"""

import struct
from typing import BinaryIO

from probe.formats import elf
from probe.formats.elf import Elf
from probe.lightweight import NamedTuple

_SONAME, _RPATH, _RUNPATH, _FLAGS_1 = 14, 15, 29, 0x6FFFFFFB
_DEFINED, _DEFINED_COUNT, _WANTED, _WANTED_COUNT = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_NO_DEFAULT_LIBRARIES = 0x800  # DF_1_NODEFLIB
_WEAK = 2  # VER_FLG_WEAK
_MAX_LIBRARIES = 256
_MAX_VERSIONS = 1024
_MAX_READS = 2048  # of entries and names, in one file
_MAX_NAME = 256  # bytes of a version's or library's name


class VersionNeed(NamedTuple):
    """Versions that a library must define."""

    library: str
    versions: tuple[str, ...]


class Dynamic(NamedTuple):
    """What stands in the dynamic section. What is damaged or beyond the bounds is left out."""

    soname: str = ""
    rpath: str = ""  # searched before LD_LIBRARY_PATH
    runpath: str = ""  # searched after it; where it is there, `rpath` does not count
    default_libraries: bool = True
    wanted: tuple[VersionNeed, ...] = ()
    defined: frozenset[str] = frozenset()


def read(stream: BinaryIO, headers: Elf) -> Dynamic:
    """The dynamic section of the program in *stream*; total, as `elf.read`."""
    entries = elf.dynamic_entries(stream, headers)
    first: dict[int, int] = {}
    for tag, value in entries:
        first.setdefault(tag, value)
    strings = first.get(elf.STRING_TABLE, 0)
    reader = _VersionTableReader(stream, headers, strings)

    def text(tag: int) -> str:
        return reader.text(first[tag]) if tag in first else ""

    return Dynamic(
        text(_SONAME),
        text(_RPATH),
        text(_RUNPATH),
        not first.get(_FLAGS_1, 0) & _NO_DEFAULT_LIBRARIES,
        reader.wanted(first.get(_WANTED, 0), first.get(_WANTED_COUNT, 0)),
        frozenset(reader.defined(first.get(_DEFINED, 0), first.get(_DEFINED_COUNT, 0))),
    )


class _VersionTableReader:
    """Reads the linked lists of the version tables, whose offsets are relative to each entry."""

    def __init__(self, stream: BinaryIO, headers: Elf, strings: int) -> None:
        self._stream, self._elf, self._strings = stream, headers, strings
        self._left = _MAX_READS
        order = ">" if headers.big_endian else "<"
        self._need = struct.Struct(f"{order}HHIII")  # version, count, file, first, next
        self._aux = struct.Struct(f"{order}IHHII")  # hash, flags, index, name, next
        self._definition = struct.Struct(f"{order}HHHHIII")  # version, flags, index, count, hash, first, next
        self._name = struct.Struct(f"{order}II")  # name, next

    def text(self, offset: int) -> str:
        return elf.text_at(self._stream, self._elf, self._strings + offset)

    def _named(self, offset: int) -> str:
        return self.text(offset)[:_MAX_NAME]

    def wanted(self, at: int, count: int) -> tuple[VersionNeed, ...]:
        found = []
        for _ in range(min(count, _MAX_LIBRARIES)):
            entry = self._unpack(self._need, at)
            if not entry:
                break
            _, versions, file, first, following = entry
            found.append(VersionNeed(self._named(file), self._versions(at + first, versions)))
            at += following
        return tuple(found)

    def _versions(self, at: int, count: int) -> tuple[str, ...]:
        found = []
        for _ in range(min(count, _MAX_VERSIONS)):
            entry = self._unpack(self._aux, at)
            if not entry:
                break
            _, flags, _, name, following = entry
            if not flags & _WEAK:
                found.append(self._named(name))
            at += following
        return tuple(found)

    def defined(self, at: int, count: int) -> list[str]:
        found = []
        for _ in range(min(count, _MAX_VERSIONS)):
            entry = self._unpack(self._definition, at)
            name = self._unpack(self._name, at + entry[5]) if entry else ()
            if not entry or not name:
                break
            found.append(self._named(name[0]))
            at += entry[6]
        return found

    def _unpack(self, layout: struct.Struct, at: int) -> tuple[int, ...]:
        self._left -= 1
        data = self._elf.at(self._stream, at, layout.size) if at and self._left > 0 else b""
        return layout.unpack(data) if len(data) == layout.size else ()
