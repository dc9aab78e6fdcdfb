"""Mutations of text and bytes without a structure of their own, and of JSON by its structure."""

import copy
import random
from collections.abc import Sequence
from typing import Any

_PIECES = [
    b"", b"\0", b"\n", b"\r\n", b"\r", b" ", b"\t", b"\v", b"\f", b"\x1b[31m", b"\x7f", b"\x80", b"\xff",
    b"\xc3\x28", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", "é".encode(), "\u2028".encode(), "\u0130".encode(), "\u0664".encode(),
    "\U0001f600".encode(), b"\xe2\x80\x8b", b"%", b"%zz", b"%00",
    b"%ff", b"%25", b"%u]", b":", b"::", b"://", b"//", b"/", b"/../", b"..", b".", b"@", b"@@", b"[",
    b"]", b"[::1]", b"[::1%25z]", b"=", b"==", b"=>",
    b" => ", b",", b"|", b";", b"#", b"//", b"*", b"?", b"&", b"(", b")", b"{", b"}", b'"', b"'", b"`",
    b"\\", b"\\\n", b"\\x", b"\\u0000", b"$", b"${", b"$$", b"<<EOF",
    b"-", b"--", b"+", b"0", b"1", b"-1", b"00", b"0x", b"1e9", b"1_0", b"4294967296",
    b"9223372036854775808", b"99999999999999999999999", b"-0", b"NaN",
    b"a", b"A" * 300, b"go1.27.3", b"off", b"direct", b"none", b"default", b"machine", b"macdef",
    b"require", b"replace", b"true", b"null", b"[]",
]  # fmt: skip


class TextMutator:
    """Mutates *seeds*: pieces put in, cut out, doubled and exchanged, also between two of them."""

    def __init__(self, seeds: Sequence[bytes], chance: random.Random) -> None:
        self._seeds = seeds
        self.chance = chance

    def mutant(self) -> bytes:
        data = self.chance.choice(self._seeds)
        for _ in range(self.chance.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            data = self._changed(data)
        return data

    def _changed(self, data: bytes) -> bytes:
        chance, size = self.chance, len(data)
        at = chance.randrange(size + 1)
        end = min(size, at + chance.choice((1, 1, 2, 4, 9, 30)))
        kind = chance.randrange(8)
        if kind <= 2:
            return data[:at] + chance.choice(_PIECES) + data[at:]
        if kind == 3:
            return data[:at] + data[end:]
        if kind == 4:
            return data[:end] + data[at:end] * chance.choice((1, 2, 20)) + data[end:]
        if kind == 5:
            other = chance.choice(self._seeds)
            start = chance.randrange(len(other) + 1)
            return data[:at] + other[start : start + chance.randrange(40)] + data[at:]
        if kind == 6:
            return data[:at] + chance.choice(_PIECES) + data[end:]
        if not size:
            return chance.randbytes(3)
        at = at % size
        return data[:at] + bytes((data[at] ^ 1 << chance.randrange(8),)) + data[at + 1 :]


_ODD: list[Any] = [
    None, True, False, 0, -1, 1 << 70, 1.5, "", "\0", "\ud800", "a" * 400, "sha256:",
    "sha256:" + "\ud800" * 64, "sha256:" + "0" * 64, "../../etc/passwd",
    "/", [], {}, [[]], [None], {"": None}, [{}], "application/vnd.oci.image.index.v1+json",
    "blobs/sha256/" + "0" * 64,
]  # fmt: skip


def mutated_json(value: Any, chance: random.Random) -> Any:
    """*value* with one to four of its parts replaced, left out or doubled."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(value))
        if not places:
            return chance.choice(_ODD)
        holder, key = chance.choice(places)
        kind = chance.randrange(5)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif kind == 2 and isinstance(holder, dict):
            holder[chance.choice(("digest", "Config", "\ud800", "Layers"))] = holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(_ODD))
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    if isinstance(value, list):
        keys = list(range(len(value)))
    found = [(value, key) for key in keys]
    for key in keys:
        found += _places(value[key])
    return found
