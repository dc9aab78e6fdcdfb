"""
ELF programs: what loads them, what they need, and where their sections lie (elf(5)).

A reader of its own because it is on the way of every run: it looks at the headers
through a seekable stream and reads a few kilobytes, whatever the size of the file.
"""

from __future__ import annotations

from probe.lightweight import BinaryIO, NamedTuple, struct

SHARED = 3  # e_type: ET_DYN (position-independent programs too)
LOAD, DYNAMIC, INTERPRETER = 1, 2, 3  # p_type
WRITABLE, RUNNABLE = 2, 1  # p_flags: PF_W, PF_X

SYMBOLS = (".symtab", ".debug_info", ".zdebug_info")  # what strip(1) takes away

MAX_SEGMENTS = 1024
MAX_SECTIONS = 8192
MAX_NEEDED = 256
_MAX_NAMES = 1 << 20  # bytes of section names
_MAX_TEXT = 4096  # bytes of one path or library name
_MAX_NAME = 256  # bytes of one section name
_MAX_ENTRIES = 4096  # of the dynamic section
_MAX_OFFSET = (1 << 63) - 1

_NOBITS = 8  # sh_type of a section without bytes in the file
NEEDED, STRING_TABLE = 1, 5  # d_tag

# e_machine → GOARCH; where two share one, bits and byte order tell them apart.
_ARCHITECTURES = {
    3: "386",
    8: "mips",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    62: "amd64",
    183: "arm64",
    243: "riscv64",
    258: "loong64",
}
_LITTLE = {"mips": "mipsle", "mips64": "mips64le", "ppc64": "ppc64le"}


class NotElf(NamedTuple):
    """These bytes are no ELF program that can be read, and why."""

    reason: str


class Segment(NamedTuple):
    """What a program header maps into memory."""

    kind: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int


class Section(NamedTuple):
    name: str
    kind: int
    address: int
    offset: int
    size: int


class Elf(NamedTuple):
    """The headers of a program. What is damaged or beyond the bounds is left out, not guessed."""

    bits: int  # 32 or 64
    big_endian: bool
    kind: int
    machine: int
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]
    interpreter: str  # the dynamic loader's path, "" when none is asked for
    needed: tuple[str, ...]  # the libraries that the loader must find

    @property
    def architecture(self) -> str:
        """As GOARCH calls it; "machine 94" for one that Go does not know."""
        name = _ARCHITECTURES.get(self.machine, f"machine {self.machine}")
        if name == "mips" and self.bits == 64:
            name = "mips64"
        return name if self.big_endian else _LITTLE.get(name, name)

    @property
    def static(self) -> bool:
        """Whether it starts without a dynamic loader and libraries."""
        return not self.interpreter and not self.needed

    @property
    def stripped(self) -> bool:
        """Whether it holds neither a symbol table nor debug information."""
        return not any(self.section(name) for name in SYMBOLS)

    @property
    def libc(self) -> str:
        """The C library that its loader belongs to: "glibc", "musl", or "" for neither."""
        name = self.interpreter.rpartition("/")[2]
        if name.startswith("ld-musl-"):
            return "musl"
        return "glibc" if name.startswith(("ld-linux", "ld64.so", "ld.so.1", "ld-2.")) else ""

    def section(self, name: str) -> Section | None:
        return next((section for section in self.sections if section.name == name), None)

    def at(self, stream: BinaryIO, address: int, size: int) -> bytes:
        """Up to *size* bytes that the file puts at a memory address; b"" where it puts none."""
        for segment in self.segments:
            if segment.kind == LOAD and 0 <= address - segment.address < segment.file_size:
                inside = address - segment.address
                return read_at(stream, segment.offset + inside, min(size, segment.file_size - inside))
        return b""


class _Layout(NamedTuple):
    """Where the fields of one class and byte order stand."""

    header: struct.Struct  # from e_type on
    segment: struct.Struct
    section: struct.Struct
    dynamic: struct.Struct


def _layout(order: str, word: str) -> _Layout:
    # 64-bit program headers have the flags second, 32-bit ones second to last.
    segment = "IIQQQQQQ" if word == "Q" else "IIIIIIII"
    return _Layout(
        struct.Struct(f"{order}HHI{word}{word}{word}IHHHHHH"),
        struct.Struct(order + segment),
        struct.Struct(f"{order}II{word}{word}{word}{word}II{word}{word}"),
        struct.Struct(f"{order}{word}{word}"),
    )


def read(stream: BinaryIO) -> Elf | NotElf:
    """
    Read the headers of the program in *stream*.

    Total: any bytes give a value, and no more than the bounds above is read. Only an
    error of the file itself is raised, as OSError.
    """
    identity = read_at(stream, 0, 64)
    if identity[:4] != b"\x7fELF":
        return NotElf(_what_else(identity))
    if len(identity) < 52 or identity[4] not in (1, 2) or identity[5] not in (1, 2):
        return NotElf("an ELF header that is truncated or damaged")
    wide, big = identity[4] == 2, identity[5] == 2
    layout = _layout(">" if big else "<", "Q" if wide else "I")
    if len(identity) < 16 + layout.header.size:
        return NotElf("an ELF header that is truncated or damaged")
    fields = layout.header.unpack_from(identity, 16)
    kind, machine, _, _, segments_at, sections_at, _, _, *sizes = fields
    segment_size, segment_count, section_size, section_count, names_index = sizes
    segments = _segments(stream, layout.segment, wide, segments_at, segment_size, segment_count)
    sections = _sections(stream, layout.section, sections_at, section_size, section_count, names_index)
    elf = Elf(64 if wide else 32, big, kind, machine, segments, sections, "", ())
    return elf._replace(interpreter=_interpreter(stream, elf), needed=_needed(stream, elf))


def read_at(stream: BinaryIO, offset: int, size: int) -> bytes:
    """Up to *size* bytes from *offset*; b"" for an offset that no file has."""
    if not 0 <= offset <= _MAX_OFFSET or size <= 0:
        return b""
    stream.seek(offset)
    return stream.read(size)


def _what_else(start: bytes) -> str:
    if not start:
        return "an empty file"
    if start.startswith(b"#!"):
        return "a script"
    if start.startswith(b"MZ"):
        return "a Windows program"
    if start[:4] in (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"):
        return "a macOS program"
    return "no ELF program"


def _segments(
    stream: BinaryIO, layout: struct.Struct, wide: bool, offset: int, size: int, count: int
) -> tuple[Segment, ...]:
    if size != layout.size or count > MAX_SEGMENTS:
        return ()
    table = read_at(stream, offset, size * count)
    found = []
    for entry in layout.iter_unpack(table[: len(table) // size * size]):
        if wide:
            kind, flags, offset, address, _, file_size, memory_size, _ = entry
        else:
            kind, offset, address, _, file_size, memory_size, flags, _ = entry
        found.append(Segment(kind, flags, offset, address, file_size, memory_size))
    return tuple(found)


def _sections(
    stream: BinaryIO, layout: struct.Struct, offset: int, size: int, count: int, names_index: int
) -> tuple[Section, ...]:
    if size != layout.size or count > MAX_SECTIONS or names_index >= count:
        return ()
    table = read_at(stream, offset, size * count)
    entries = list(layout.iter_unpack(table[: len(table) // size * size]))
    if names_index >= len(entries):
        return ()
    _, kind, _, _, names_at, names_size, *_ = entries[names_index]
    names = b"" if kind == _NOBITS else read_at(stream, names_at, min(names_size, _MAX_NAMES))
    return tuple(
        Section(_text(names[name : name + _MAX_NAME]), kind, address, at, length)
        for name, kind, _, address, at, length, *_ in entries
    )


def _interpreter(stream: BinaryIO, elf: Elf) -> str:
    for segment in elf.segments:
        if segment.kind == INTERPRETER:
            return _text(read_at(stream, segment.offset, min(segment.file_size, _MAX_TEXT)))
    return ""


def dynamic_entries(stream: BinaryIO, elf: Elf) -> list[tuple[int, int]]:
    """Tag and value of each entry of the dynamic section, up to its end; none for a static program."""
    segment = next((segment for segment in elf.segments if segment.kind == DYNAMIC), None)
    if not segment:
        return []
    layout = _layout(">" if elf.big_endian else "<", "Q" if elf.bits == 64 else "I").dynamic
    table = read_at(stream, segment.offset, min(segment.file_size, layout.size * _MAX_ENTRIES))
    entries = list(layout.iter_unpack(table[: len(table) // layout.size * layout.size]))
    end = next((at for at, (tag, _) in enumerate(entries) if tag == 0), len(entries))
    return entries[:end]


def text_at(stream: BinaryIO, elf: Elf, address: int) -> str:
    """The text that begins at a memory address, up to its NUL."""
    return _text(elf.at(stream, address, _MAX_TEXT))


def _needed(stream: BinaryIO, elf: Elf) -> tuple[str, ...]:
    entries = dynamic_entries(stream, elf)
    strings = next((value for tag, value in entries if tag == STRING_TABLE), 0)
    offsets = [value for tag, value in entries if tag == NEEDED][:MAX_NEEDED]
    names = (text_at(stream, elf, strings + offset) for offset in offsets)
    return tuple(name for name in names if name)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")
