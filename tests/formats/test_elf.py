"""The ELF reader, beside pyelftools on real programs, and on anything else."""

import io
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment
from hypothesis import given
from hypothesis import strategies as st

from probe.formats import elf
from probe.formats.elf import Elf, NotElf
from tests.golang.builds import HELLO, build

ARCHITECTURES = ("amd64", "386", "arm64", "mips", "s390x")  # both classes, both byte orders


def programs() -> Iterator[Path]:
    """Some programs and libraries of this machine."""
    yield Path(sys.executable)
    for folder in ("/bin", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/lib"):
        found = sorted(path for path in Path(folder).glob("*") if path.is_file() and not path.is_symlink())
        yield from (path for path in found[:60] if is_elf(path))


def is_elf(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def compare(path: Path) -> None:
    """Hold our reading against theirs."""
    with path.open("rb") as stream:
        ours = elf.read(stream)
        assert isinstance(ours, Elf), path
        theirs = ELFFile(stream)
        assert ours.bits == theirs.elfclass
        assert ours.big_endian == (not theirs.little_endian)
        assert [section.name for section in ours.sections] == [s.name for s in theirs.iter_sections()]
        assert [(s.address, s.offset, s.size) for s in ours.sections] == [
            (s["sh_addr"], s["sh_offset"], s["sh_size"]) for s in theirs.iter_sections()
        ]
        assert [(s.flags, s.offset, s.address, s.file_size, s.memory_size) for s in ours.segments] == [
            (s["p_flags"], s["p_offset"], s["p_vaddr"], s["p_filesz"], s["p_memsz"])
            for s in theirs.iter_segments()
        ]
        names = [s.get_interp_name() for s in theirs.iter_segments() if isinstance(s, InterpSegment)]
        assert ours.interpreter == "".join(names)
        dynamic = theirs.get_section_by_name(".dynamic")
        tags = dynamic.iter_tags("DT_NEEDED") if isinstance(dynamic, DynamicSection) else ()
        assert list(ours.needed) == [getattr(tag, "needed") for tag in tags]  # noqa: B009 - untyped there
        for section in theirs.iter_sections():
            if section.name in (".rodata", ".dynstr", ".go.buildinfo"):
                assert ours.at(stream, section["sh_addr"], section["sh_size"]) == section.data()


@pytest.mark.slow
def test_programs_of_this_machine_read_as_pyelftools_reads_them() -> None:
    """Headers, sections, segments, loader, libraries, and bytes by their address."""
    found = list(programs())
    assert len(found) > 10
    for path in found:
        compare(path)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.sweep
def test_go_programs_of_all_kinds_read_as_pyelftools_reads_them(architecture: str) -> None:
    """32 and 64 bits, little and big endian; Go's are static."""
    program = build("1.27.3", {"main.go": HELLO}, GOARCH=architecture)
    compare(program)
    with program.open("rb") as stream:
        found = elf.read(stream)
    assert isinstance(found, Elf)
    assert found.architecture == architecture
    assert found.static


def test_a_position_independent_program_asks_for_a_loader() -> None:
    """Even with CGO_ENABLED=0, and although it needs no library."""
    program = build("1.27.3", {"main.go": HELLO}, "-buildmode=pie")
    compare(program)
    with program.open("rb") as stream:
        found = elf.read(stream)
    assert isinstance(found, Elf)
    assert (found.interpreter, found.needed, found.static) == ("/lib64/ld-linux-x86-64.so.2", (), False)
    assert found.kind == elf.SHARED


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b"#!/bin/sh\n", "a script"),
        (b"MZ\x90\0", "a Windows program"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\1", "a macOS program"),
        (b"\x7fEL", "no ELF program"),
        (b"<html>", "no ELF program"),
        (b"\x7fELF", "an ELF header that is truncated or damaged"),
        (b"\x7fELF\x02\x01" + bytes(50), "an ELF header that is truncated or damaged"),
        (b"\x7fELF\x03\x01" + bytes(58), "an ELF header that is truncated or damaged"),
        (b"\x7fELF\x02\x03" + bytes(58), "an ELF header that is truncated or damaged"),
    ],
)
def test_what_is_no_program_says_what_it_is(data: bytes, reason: str) -> None:
    """By its first bytes."""
    assert elf.read(io.BytesIO(data)) == NotElf(reason)


class Counting(io.BytesIO):
    """A stream that counts what is taken from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def header(**fields: int) -> bytes:
    """A 64-bit little-endian header with hostile values."""
    values = {
        "phoff": 64,
        "shoff": 64,
        "phentsize": 56,
        "phnum": 0,
        "shentsize": 64,
        "shnum": 0,
        "shstrndx": 0,
    }
    values |= fields
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 0, values["phoff"], values["shoff"], 0, 64,
        values["phentsize"], values["phnum"], values["shentsize"], values["shnum"], values["shstrndx"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"phnum": 65535},
        {"phnum": 1024},
        {"shnum": 65535, "shstrndx": 1},
        {"shnum": 8192, "shstrndx": 8191},
        {"phoff": (1 << 64) - 1, "phnum": 9},
        {"shoff": (1 << 63) + 7, "shnum": 9},
        {"phentsize": 0, "phnum": 9},
        {"shentsize": 1, "shnum": 9},
        {"shnum": 3, "shstrndx": 3},
    ],
)
@pytest.mark.parametrize("filler", [b"\xff", b"\x01\0\0\0", b"\x03\0\0\0", b"\x02\0\0\0"])
def test_hostile_headers_cost_a_bounded_amount_of_reading(fields: dict[str, int], filler: bytes) -> None:
    """Counts, sizes and offsets beyond reason are left out."""
    stream = Counting(header(**fields) + filler * (8 << 20))
    found = elf.read(stream)
    assert isinstance(found, Elf)
    assert stream.taken < 4 << 20
    assert len(found.segments) <= elf.MAX_SEGMENTS
    assert len(found.needed) <= elf.MAX_NEEDED


def test_addresses_outside_every_segment_give_nothing() -> None:
    """Neither do those behind what the file holds of one."""
    with build("1.27.3", {"main.go": HELLO}).open("rb") as stream:
        found = elf.read(stream)
        assert isinstance(found, Elf)
        last = max(segment.address + segment.file_size for segment in found.segments)
        assert found.at(stream, last, 16) == b""
        assert found.at(stream, -1, 16) == b""
        assert found.at(stream, 1 << 70, 16) == b""
        assert found.at(stream, last - 4, 16) != b""


WORDS = st.integers(0, (1 << 64) - 1) | st.integers(0, 4096)


@given(st.binary(max_size=300), st.lists(WORDS, max_size=60), st.integers(1, 2), st.integers(1, 2))
def test_any_bytes_give_a_value(tail: bytes, words: list[int], bits: int, order: int) -> None:
    """With a plausible beginning or without."""
    body = b"".join(word.to_bytes(8, "little") for word in words)
    for data in (tail, b"\x7fELF" + bytes([bits, order]) + tail, header(phnum=3, shnum=4) + body + tail):
        stream = io.BytesIO(data)
        found = elf.read(stream)
        if isinstance(found, Elf):
            assert found.architecture
            found.at(stream, words[0] if words else 0, 1 << 20)


@given(st.data())
def test_a_damaged_program_gives_a_value(data: st.DataObject) -> None:
    """Any byte of its headers may be anything."""
    whole = bytearray(build("1.27.3", {"main.go": HELLO}, "-buildmode=pie").read_bytes()[:6000])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, 1200))] = data.draw(st.integers(0, 255))
    stream = io.BytesIO(bytes(whole))
    assert isinstance(elf.read(stream), Elf | NotElf)
