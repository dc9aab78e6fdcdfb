"""
/etc/ld.so.cache: where glibc's loader finds a library by its name.

The form is that of elf/cache.c and sysdeps/generic/dl-cache.h in glibc's tree.
"""

import struct
from collections.abc import Mapping

_MAGIC = b"glibc-ld.so.cache1.1"  # since glibc 2.2; older tables may stand before it
_HEADER = 48
_MAX_ENTRIES = 200_000
_LONGEST = 4096
_MAX_TEXT = 32 << 20  # characters in all: entries may share their texts, and overlap


def parse(data: bytes, *, big_endian: bool = False) -> Mapping[str, tuple[str, ...]]:
    """
    Name → paths, in the cache's order of preference; empty for what is no such cache.

    Of all architectures and levels of hardware: which one fits, the file itself tells.
    """
    begin = data.find(_MAGIC)
    if begin < 0 or len(data) < begin + _HEADER:
        return {}
    order = ">" if big_endian else "<"
    (count,) = struct.unpack_from(f"{order}I", data, begin + len(_MAGIC))
    entry = struct.Struct(f"{order}iIIIQ")  # flags, name, path, system version, hardware
    start = begin + _HEADER
    table = data[start : start + entry.size * min(count, _MAX_ENTRIES)]
    found: dict[str, list[str]] = {}
    left = _MAX_TEXT
    for _, name, path, _, _ in entry.iter_unpack(table[: len(table) // entry.size * entry.size]):
        key, place = _text(data, begin + name), _text(data, begin + path)
        left -= len(key) + len(place)
        if left < 0:
            break
        if key and place.startswith("/"):
            found.setdefault(key, []).append(place)
    return {name: tuple(paths) for name, paths in found.items()}


def _text(data: bytes, at: int) -> str:
    end = data.find(b"\0", at, at + _LONGEST)
    return data[at:end].decode("utf-8", "surrogateescape") if end >= 0 else ""
