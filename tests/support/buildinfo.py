"""Programs with a build info of any form."""

import struct

from probe.formats.elf import buildinfo

FRAME = b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"


ADDRESS = 0x400000


DATA_AT = 0x1000


def program(blob: bytes, *, named: bool = False, wide: bool = True, big: bool = False) -> bytes:
    """An ELF program whose only data is *blob*, at ADDRESS; with a section of its own when *named*."""
    order = ">" if big else "<"
    word = "Q" if wide else "I"
    sizes = (64, 56, 64) if wide else (52, 32, 40)
    names = b"\0.go.buildinfo\0.shstrtab\0"
    names_at = DATA_AT + len(blob)
    sections_at = names_at + len(names)
    count = 3 if named else 0
    header = b"\x7fELF" + bytes([2 if wide else 1, 2 if big else 1, 1]) + bytes(9)
    header += struct.pack(
        f"{order}HHI{word}{word}{word}IHHHHHH", 2, 62, 1, 0, sizes[0], sections_at if named else 0, 0,
        sizes[0], sizes[1], 1, sizes[2], count, 2 if named else 0,
    )  # fmt: skip
    length = len(blob)
    if wide:
        header += struct.pack(f"{order}IIQQQQQQ", 1, 6, DATA_AT, ADDRESS, 0, length, length, 16)
    else:
        header += struct.pack(f"{order}IIIIIIII", 1, DATA_AT, ADDRESS, 0, length, length, 6, 16)
    table = b""
    if named:
        layout = f"{order}II{word}{word}{word}{word}II{word}{word}"
        table = struct.pack(layout, *([0] * 10))
        table += struct.pack(layout, 1, 1, 3, ADDRESS, DATA_AT, length, 0, 0, 16, 0)
        table += struct.pack(layout, 15, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)
    return header.ljust(DATA_AT, b"\0") + blob + names + table


def varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def inline(version: bytes, text: bytes) -> bytes:
    """The layout since 1.18."""
    start = buildinfo.MAGIC + b"\x08\x02"
    return start.ljust(32, b"\0") + varint(len(version)) + version + varint(len(text)) + text


def pointed(version: bytes, text: bytes, *, size: int, big: bool) -> bytes:
    """The layout up to 1.17: two pointers to string headers."""
    order = "big" if big else "little"

    def words(*numbers: int) -> bytes:
        return b"".join(number.to_bytes(size, "big" if order == "big" else "little") for number in numbers)

    strings = ADDRESS + 32 + 4 * size
    start = buildinfo.MAGIC + bytes([size, 1 if big else 0])
    start += words(ADDRESS + 32, ADDRESS + 32 + 2 * size).ljust(16, b"\0")
    return start + words(strings, len(version), strings + len(version), len(text)) + version + text


def framed(text: str) -> bytes:
    return FRAME + text.encode() + FRAME


TEXT = "path\texample.com/x\nmod\texample.com/x\tv1.2.3\th1:abc=\nbuild\tGOOS=linux\n"
