"""What a PKCS #12 keystore asks of whoever tries a password. Sources: RFC 7292, RFC 8018, RFC 7914."""

_INTEGER, _OCTETS, _SEQUENCE, _CONSTRUCTED = 0x02, 0x04, 0x30, 0x20
_DEPTH, _ELEMENTS = 32, 10_000
MOST = 10**18  # larger numbers are not told apart: a file can hold one of a million digits
_CONTENTS = (1, 1, 0)  # of the store: its second element, the second of that, the first there


class _NoStore(Exception):
    """It is no BER."""


def rounds(data: bytes) -> int:
    """
    The rounds of key derivation that a keystore asks for in the open, of all its parts; 0 for no keystore.

    Every number counts that stands beside a salt or in a like place; of three or more, as scrypt has
    them, their product; MOST at most. What is encrypted cannot be looked into.
    """
    try:
        return min(MOST, _Walk(data).cost())
    except (_NoStore, IndexError):
        return 0


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._data, self._left = data, _ELEMENTS
        self._contents = bytearray()

    def cost(self) -> int:
        total = self._element(0, ())[1]
        if self._contents:
            inner = _Walk(bytes(self._contents))
            total += inner._element(0, (-1,))[1]
        return total

    def _element(self, at: int, way: tuple[int, ...]) -> tuple[int, int]:
        """The element at *at*, which stands at *way*: where it ends, and its cost."""
        self._left -= 1
        if self._left < 0 or len(way) > _DEPTH:
            raise _NoStore
        tag, begin, end = self._head(at)
        if tag == _OCTETS and way[:3] == _CONTENTS:
            self._contents += self._data[begin:end]
        if not tag & _CONSTRUCTED:
            if end < 0:
                raise _NoStore
            return end, 0
        numbers: list[int] = []
        total = number = 0
        while begin != end:
            if end < 0 and self._data[begin : begin + 2] == b"\0\0":
                begin += 2
                break
            if end < 0 <= len(self._data) <= begin or (0 <= end < begin):
                raise _NoStore
            if self._data[begin] == _INTEGER:
                _, first, last = self._head(begin)
                numbers.append(_bounded(self._data[first:last]))
            begin, cost = self._element(begin, (*way, number))
            total, number = total + cost, number + 1
        return begin, total + (_product(numbers) if len(numbers) > 2 else max(numbers, default=0))

    def _head(self, at: int) -> tuple[int, int, int]:
        """Tag, and where the content begins and ends; -1 for an end that is marked there."""
        tag, size = self._data[at], self._data[at + 1]
        begin = at + 2
        if size == 0x80:
            return tag, begin, -1
        if size > 0x80:
            begin += size & 0x7F
            size = int.from_bytes(self._data[at + 2 : begin])
        if tag & 0x1F == 0x1F or begin + size > len(self._data):
            raise _NoStore
        return tag, begin, begin + size


def _bounded(content: bytes) -> int:
    """The magnitude of an INTEGER with this content, MOST at most."""
    return MOST if len(content) > 8 else min(MOST, abs(int.from_bytes(content, signed=True)))


def _product(numbers: list[int]) -> int:
    total = 1
    for number in numbers:
        total = min(MOST, total * number)
    return total
