"""
Mutations of DER that know its structure: the lengths around a change are put right again.

So what is changed deep inside reaches the reader that it is meant for, instead of
being refused at the first length that is wrong.
"""

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

_CONSTRUCTED = 0x20
_BIT_STRING, _OCTET_STRING = 3, 4
_DEPTH = 16


class Element(NamedTuple):
    """One element, by its place in the data that it was found in."""

    start: int
    content: int  # where its elements begin, or its octets
    end: int
    parent: int  # index in the list of all, -1 at the top
    leaf: bool

    def of(self, data: bytes) -> bytes:
        return data[self.start : self.end]


def elements(data: bytes) -> list[Element]:
    """Every element of *data*, parents first; what stands in BIT STRINGs and OCTET STRINGs too."""
    found: list[Element] = []
    _collect(data, 0, len(data), -1, found, _DEPTH)
    return found


_remembered = lru_cache(4096)(elements)  # the seeds of many runs are the same


def _collect(data: bytes, at: int, end: int, parent: int, found: list[Element], depth: int) -> bool:
    """Add those between *at* and *end*; False, with nothing added, when they do not fill it."""
    before = len(found)
    while at < end:
        header = _header(data, at, end)
        if header is None or not depth:
            del found[before:]
            return False
        start, stop = header
        mine = len(found)
        found.append(Element(at, start, stop, parent, leaf=True))
        inner = start + (data[at] == _BIT_STRING)
        may = data[at] & _CONSTRUCTED or (data[at] in (_BIT_STRING, _OCTET_STRING) and stop - inner > 1)
        if may and inner < stop and _collect(data, inner, stop, mine, found, depth - 1):
            found[mine] = Element(at, inner, stop, parent, leaf=False)
        at = stop
    return True


def _header(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """Where the content of the element at *at* begins and ends."""
    if end - at < 2 or data[at] & 0x1F == 0x1F:
        return None
    start, length = at + 2, data[at + 1]
    if length & 0x80:
        wide = length & 0x7F
        start += wide
        if not 0 < wide < 4:
            return None
        length = int.from_bytes(data[at + 2 : start])
    return (start, start + length) if start + length <= end else None


def encoded(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(octets))) + octets + content


def replaced(data: bytes, tree: Sequence[Element], start: int, end: int, parent: int, new: bytes) -> bytes:
    """*data* with *new* between *start* and *end*, whose innermost element is *parent*; lengths follow."""
    while parent >= 0:
        above = tree[parent]
        first = above.start + 2 + (data[above.start + 1] & 0x7F if data[above.start + 1] & 0x80 else 0)
        new = encoded(data[above.start], data[first:start] + new + data[end : above.end])
        start, end, parent = above.start, above.end, above.parent
    return data[:start] + new + data[end:]


# --- what is put in place of an element ---------------------------------------------------

_TAGS = bytes.fromhex("0102030405060a0c1213141617181a1c1e303180818283848586878889a0a1a2a3a4a5a6bf1f00ff")
_VALUES = [
    b"", b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"\0\0", b"\0\x80", b"\xff\x7f", b"\0\xff", b"\xff\x80",
    b"\x7f" + b"\xff" * 7, b"\x80" + bytes(7), b"\0\x80" + bytes(7), b"\xff\x7f" + b"\xff" * 7, bytes(21),
    b"\1" + bytes(40),
    b".", b"..", b"*", b"*.", b"a.b", b".a.b", b"a..b", b"a.b.", b"a b", b"a_b.test", b"-a.test",
    b"*.example.test", b"w*.example.test",
    b"www.example.test", b".example.test", b"EXAMPLE.test", b"example.test\0", b"xn--a",
    b"a" * 64 + b".test", b"a." * 130 + b"b",
    b"@", b"a@b.c", b"a@@b", b'"a b"@c.d', b"a@.b.c", b"a@[10.0.0.1]", b"a\\@b@c", b"\xc3\xa9",
    b"\xc0\x80", b"\xff\xfe",
    b"http://x/", b"http://[::1]/", b"http://[::1%25z]/", b"http://[::1/", b"http://]x/", b"http://a:b/",
    b"http://a:99999/",
    b"http://a b/", b"%zz://", b"urn:a:b", b"//x", b"http://u:p@h/", b"http://x%41/", b"http://10.0.0.1/",
    b"://", b"http://",
    b"10.0.0.1", b"\x0a\0\0\1", b"\x0a\0\0\0\xff\0\0\0", b"\x0a\0\0\0\xff\0\xff\0",
    bytes(10) + b"\xff\xff\x0a\0\0\1",
    bytes(10) + b"\xff\xff\x0a\0\0\0" + b"\xff" * 12 + bytes(4), b"\x20\1\x0d\xb8" + bytes(12),
    b"\x20\1" + bytes(14) + b"\xff" * 4 + bytes(12),
    b"20500101000000Z", b"20491231235959Z", b"491231235959Z", b"500101000000Z", b"4912312359Z",
    b"491231235959+0100", b"491231235959-0000",
    b"20500101000000.5Z", b"00000101000000Z", b"99991231235959Z", b"99991231235959-2359",
    b"00010101000000+2300", b"20240230000000Z", b"240229000060Z",
    b"*&", b"'()+,-./:=?", b"a@b", b"1 2", b"\xd8\0", b"\xfe\xff\0a", b"\0a\0\0", b"\xff\xfe\0a",
    b"\0a\0", b"#a", b" a ", b"a+b,c\\\"<>;",
    bytes.fromhex("551d11"), bytes.fromhex("551d24"), bytes.fromhex("551d1e"), bytes.fromhex("551d2000"),
    bytes.fromhex("551d2500"),
    bytes.fromhex("2b06010505070301"), bytes.fromhex("2a864886f70d01010b"),
    bytes.fromhex("2a864886f70d01010a"), bytes.fromhex("2b6570"),
    bytes.fromhex("2a8648ce3d0201"), bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2b8104000a"),
    bytes.fromhex("608648016503040311"),
    b"\x80\1", b"\x81", b"\x88\x80\x80\x80\0", b"\x8f\xff\xff\xff\x7f", b"\x87\xff\xff\xff\x7f",
    b"\x2a" + b"\x81" * 70 + b"\0",
]  # fmt: skip


def _drop(_: bytes, __: random.Random) -> bytes:
    return b""


def _double(element: bytes, _: random.Random) -> bytes:
    return element + element


def _retag(element: bytes, chance: random.Random) -> bytes:
    return bytes((chance.choice(_TAGS),)) + element[1:]


def _neighbouring_tag(element: bytes, chance: random.Random) -> bytes:
    return bytes((element[0] ^ chance.choice((1, 2, 3, 0x20, 0x80)),)) + element[1:]


def _value(element: bytes, chance: random.Random) -> bytes:
    return encoded(element[0], chance.choice(_VALUES))


def _random_value(element: bytes, chance: random.Random) -> bytes:
    return encoded(element[0], chance.randbytes(chance.choice((0, 1, 1, 2, 3, 4, 8, 16, 33))))


def _content(element: bytes) -> bytes:
    header = _header(element, 0, len(element))
    return element[header[0] :] if header else element


def _octet(element: bytes, chance: random.Random) -> bytes:
    content = bytearray(_content(element))
    if content:
        at = chance.randrange(len(content))
        content[at] = chance.choice((0, 1, 0x2E, 0x7F, 0x80, 0xFF, content[at] ^ 1 << chance.randrange(8)))
    return encoded(element[0], bytes(content))


def _shorten(element: bytes, chance: random.Random) -> bytes:
    content = _content(element)
    cut = chance.randrange(len(content) + 1)
    return encoded(element[0], chance.choice((content[:cut], content[cut:])))


def _lengthen(element: bytes, chance: random.Random) -> bytes:
    content, more = _content(element), chance.choice((b"\0", b"\5\0", b"\xff", chance.choice(_VALUES)))
    return encoded(element[0], chance.choice((content + more, more + content)))


def _length_form(element: bytes, chance: random.Random) -> bytes:
    content = _content(element)
    size = len(content)
    wide = (size.to_bytes(n) if size < 1 << 8 * n else b"\xff" * n for n in (1, 2, 4))
    forms = [bytes((0x80 | len(octets),)) + octets for octets in wide]
    forms += [
        b"\x80",
        b"\xff",
        bytes((max(0, size - 1) & 0x7F,)),
        bytes((size + 1 & 0x7F,)),
        b"\x85\0\0\0\0\1",
    ]
    return element[:1] + chance.choice(forms) + content


def _wrap(element: bytes, chance: random.Random) -> bytes:
    return encoded(chance.choice((0x30, 0x31, 0xA0, 0xA1, 0xA3, 4)), element)


def _unwrap(element: bytes, _: random.Random) -> bytes:
    return _content(element)


def _inserted(element: bytes, chance: random.Random) -> bytes:
    other = encoded(chance.choice(_TAGS), chance.choice(_VALUES))
    return chance.choice((other + element, element + other))


Operation = Callable[[bytes, random.Random], bytes]
_ON_ANY: tuple[Operation, ...] = (
    _drop, _double, _retag, _neighbouring_tag, _value, _octet, _shorten, _lengthen, _length_form, _wrap,
    _unwrap, _inserted,
)  # fmt: skip
_ON_LEAF: tuple[Operation, ...] = (
    _value, _value, _octet, _octet, _random_value, _retag, _neighbouring_tag, _drop, _double, _shorten,
    _lengthen, _inserted,
)  # fmt: skip


class Mutator:
    """Mutates any of its *seeds*, with pieces of all of them for spare parts."""

    def __init__(self, seeds: Sequence[bytes], chance: random.Random) -> None:
        self.chance = chance
        self._trees = [(seed, tree) for seed in seeds if len(tree := _remembered(seed)) > 1]
        self._parts = [
            element.of(seed)
            for seed, tree in chance.sample(self._trees, min(len(self._trees), 200))
            for element in tree
            if chance.random() < 0.2
        ]

    def mutant(self) -> bytes:
        """A seed with one to four changes, one alone in most."""
        seed, tree = self.chance.choice(self._trees)
        return self.changed(seed, tree, self.chance.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 4)))

    def changed(self, data: bytes, tree: Sequence[Element] = (), times: int = 1, below: int = 0) -> bytes:
        """*data* with that many changes to elements from the number *below* on."""
        if self.chance.random() < 0.08:
            return self._noise(data)
        for left in range(times, 0, -1):
            tree = tree or elements(data)
            if len(tree) <= below:
                break
            data = self._change(data, tree, self.chance.randrange(below, len(tree)))
            tree = () if left > 1 else tree
        return data

    def _change(self, data: bytes, tree: Sequence[Element], at: int) -> bytes:
        chance, element = self.chance, tree[at]
        old, roll = element.of(data), chance.random()
        if roll < 0.1:
            part = chance.choice(self._parts) if self._parts else b""
            new = chance.choice((part, old + part, part + old))
        elif roll < 0.2 and (sibling := self._sibling(tree, at)):
            between = data[element.end : sibling.start]
            new = sibling.of(data) + between + old
            return replaced(data, tree, element.start, sibling.end, element.parent, new)
        else:
            new = chance.choice(_ON_LEAF if element.leaf else _ON_ANY)(old, chance)
        return replaced(data, tree, element.start, element.end, element.parent, new)

    def _sibling(self, tree: Sequence[Element], at: int) -> Element | None:
        later = [one for one in tree[at + 1 :] if one.parent == tree[at].parent]
        return self.chance.choice(later) if later else None

    def _noise(self, data: bytes) -> bytes:
        """Octets changed, left out and added wherever they lie."""
        changed = bytearray(data)
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            at = self.chance.randrange(len(changed)) if changed else 0
            kind = self.chance.randrange(4)
            if kind == 0 and changed:
                changed[at] ^= 1 << self.chance.randrange(8)
            elif kind == 1 and changed:
                changed[at] = self.chance.choice(_TAGS)
            elif kind == 2:
                del changed[at : at + self.chance.choice((1, 1, 2, 9))]
            else:
                changed[at:at] = self.chance.randbytes(1)
        return bytes(changed)
