"""The names of the functions in a Go program; stripping leaves them, the runtime needs them (debug/gosym)."""

from __future__ import annotations

from probe.formats.elf import Elf, read_at
from probe.lightweight import BinaryIO, Iterable, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_SECTIONS = (".gopclntab", ".data.rel.ro.gopclntab")  # the second in position-independent programs
_MAGICS = (0xFFFFFFF0, 0xFFFFFFF1)  # 1.18, 1.20
_MAX_NAMES = 32 << 20
_PIECE = 1 << 16
_FUNCTIONS, _FILES = 3, 5  # fields of the header; the next one is where the part ends


def linked(stream: BinaryIO, elf: Elf, functions: Iterable[str]) -> frozenset[str] | None:
    """
    Which of *functions* ("time/tzdata.init.0") are in the program; None when it has no table of them.

    The linker leaves out what nothing calls, so a name that is there is in use.
    """
    section = next((found for name in _SECTIONS if (found := elf.section(name))), None)
    if not section:
        return None
    start, size = _part(stream, elf, section.offset, _FUNCTIONS)
    wanted = {b"\0" + name.encode() + b"\0": name for name in functions}
    size = min(size or section.size, section.size, _MAX_NAMES)
    pieces = _overlapping(stream, section.offset + start, size, max(map(len, wanted)))
    return frozenset(name for piece in pieces for mark, name in wanted.items() if mark in piece)


def _overlapping(stream: BinaryIO, start: int, size: int, overlap: int) -> Iterator[bytes]:
    """These bytes in pieces that share *overlap* of them: all at once would be a megabyte, used once."""
    for at in range(0, size, _PIECE):
        yield read_at(stream, start + at, min(_PIECE + overlap, size - at))


def goroot(stream: BinaryIO, elf: Elf) -> str:
    """The Go tree that built the program, by its list of source files; "" under -trimpath."""
    section = next((found for name in _SECTIONS if (found := elf.section(name))), None)
    start, size = _part(stream, elf, section.offset, _FILES) if section else (0, 0)
    if not section or not size:
        return ""
    names = b"\0" + read_at(stream, section.offset + start, min(size, section.size, _MAX_NAMES))
    prefix, there, _ = names.partition(b"/src/runtime/proc.go\0")
    tree = prefix.rpartition(b"\0")[2].decode("utf-8", "surrogateescape")
    return tree if there and tree.startswith("/") else ""


def _part(stream: BinaryIO, elf: Elf, offset: int, number: int) -> tuple[int, int]:
    """Where in the table part *number* begins, and how long it is; zeros when that is not known."""
    header = read_at(stream, offset, 80)
    order: Literal["big", "little"] = "big" if elf.big_endian else "little"
    word = header[7] if len(header) == 80 else 0
    if word not in (4, 8) or int.from_bytes(header[:4], order) not in _MAGICS:
        return 0, 0
    begin, end = (
        int.from_bytes(header[8 + at * word : 8 + (at + 1) * word], order) for at in (number, number + 1)
    )
    return (begin, end - begin) if 0 < begin < end else (0, 0)
