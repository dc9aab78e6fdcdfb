"""DER elements of a certificate that the parser has already seen to: no checks, no errors."""

from __future__ import annotations

from probe.lightweight import Iterator


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element in *data*, one after the other."""
    at = 0
    while at + 1 < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            wide = length & 0x7F
            length = int.from_bytes(data[at : at + wide], "big")
            at += wide
        yield tag, data[at : at + length]
        at += length


def inside(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements within the one element that *data* is."""
    for _, content in elements(data):
        yield from elements(content)
        return
