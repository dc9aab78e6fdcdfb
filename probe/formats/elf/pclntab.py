"""The names of the functions in a Go program; stripping leaves them, the runtime needs them (debug/gosym)."""

from __future__ import annotations

from probe.formats.elf import Elf, read_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO, Literal

_SECTIONS = (".gopclntab", ".data.rel.ro.gopclntab")  # the second in position-independent programs
_MAGICS = (0xFFFFFFF0, 0xFFFFFFF1)  # 1.18, 1.20
_MAX_NAMES = 32 << 20


def linked(stream: BinaryIO, elf: Elf, functions: Iterable[str]) -> frozenset[str] | None:
    """
    Which of *functions* ("time/tzdata.init.0") are in the program; None when it has no table of them.

    The linker leaves out what nothing calls, so a name that is there is in use.
    """
    section = next((found for name in _SECTIONS if (found := elf.section(name))), None)
    if not section:
        return None
    start, size = _names(stream, elf, section.offset)
    names = read_at(stream, section.offset + start, min(size or section.size, section.size, _MAX_NAMES))
    return frozenset(name for name in functions if b"\0" + name.encode() + b"\0" in names)


def _names(stream: BinaryIO, elf: Elf, offset: int) -> tuple[int, int]:
    """Where in the table the names begin, and how long they are; zeros when that is not known."""
    header = read_at(stream, offset, 64)
    order: Literal["big", "little"] = "big" if elf.big_endian else "little"
    word = header[7] if len(header) == 64 else 0
    if word not in (4, 8) or int.from_bytes(header[:4], order) not in _MAGICS:
        return 0, 0
    begin, end = (int.from_bytes(header[8 + at * word : 8 + (at + 1) * word], order) for at in (3, 4))
    return (begin, end - begin) if 0 < begin < end else (0, 0)
