"""
Sparse files as pax headers tell of them: which of them Go's archive/tar reads, and how long they are.

The maps 0.0, 0.1 and 1.0 of GNU tar (archive/tar/reader.go, readGNUSparsePAXHeaders). What lies between
the pieces is not filled in by us: whoever wants to read such a file is told that it cannot be.
"""

from collections.abc import Callable, Mapping

from probe.formats.tar import BLOCK, EXTENDED_LIMIT, BadTarBlock

MAP, NAME, SIZE, REAL_SIZE = "GNU.sparse.map", "GNU.sparse.name", "GNU.sparse.size", "GNU.sparse.realsize"
_MAJOR, _MINOR, _BLOCKS = "GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.numblocks"
_WRONG = BadTarBlock("the map of a sparse file is wrong")
_MAX = 1 << 63


def version(records: Mapping[str, bytes]) -> str:
    """Where the map stands, "0" in the header or "1" before the data; "" where the file is not sparse."""
    told = records.get(_MAJOR, b""), records.get(_MINOR, b"")
    if told in ((b"0", b"0"), (b"0", b"1")):
        return "0"
    if told == (b"1", b"0"):
        return "1"
    return "0" if told == (b"", b"") and records.get(MAP) else ""


def length(records: Mapping[str, bytes], stored: int) -> int | BadTarBlock:
    """The bytes of the file; *stored* where no record tells."""
    text = records.get(SIZE) or records.get(REAL_SIZE)
    return stored if not text else _int(text)


def in_header(records: Mapping[str, bytes]) -> list[int] | BadTarBlock:
    """Offset and length of each piece, one after another, of a map of version 0."""
    count = _int(records.get(_BLOCKS, b""))
    numbers = [_int(text) for text in records[MAP].split(b",")] if records.get(MAP) else []
    whole = [number for number in numbers if isinstance(number, int)]
    if isinstance(count, BadTarBlock) or len(numbers) != 2 * count or len(whole) < len(numbers):
        return _WRONG
    return whole


def before_data(read: Callable[[int], bytes]) -> tuple[list[int], int] | BadTarBlock:
    """The same of version 1, whole blocks of lines that *read* gives, and how many bytes it takes."""
    data = bytearray()
    there, wanted = 0, 1  # lines
    while there < wanted:
        block = read(BLOCK)
        if len(block) < BLOCK or len(data) > EXTENDED_LIMIT:
            return _WRONG
        data += block
        there += block.count(b"\n")
        if wanted == 1 and there:
            count = _int(bytes(data.partition(b"\n")[0]))
            if isinstance(count, BadTarBlock) or count < 0:
                return _WRONG
            wanted += 2 * count
    numbers = [_int(line) for line in bytes(data).split(b"\n", wanted)[1:wanted]]
    whole = [number for number in numbers if isinstance(number, int)]
    return (whole, len(data)) if len(whole) == len(numbers) else _WRONG


def holds(pieces: list[int], size: int, stored: int) -> bool:
    """Whether *pieces* are in order, end within *size*, and add up to the *stored* bytes."""
    end = 0
    for offset, count in zip(pieces[::2], pieces[1::2], strict=True):
        if offset < end or count < 0 or offset + count > size:
            return False
        end = offset + count
    return size >= 0 and sum(pieces[1::2]) == stored


def _int(text: bytes) -> int | BadTarBlock:
    """As strconv.ParseInt with base 10 and 64 bits."""
    digits = text[1:] if text[:1] in (b"+", b"-") else text
    if not digits.isdigit() or len(digits) > 25:
        return _WRONG
    return number if -_MAX <= (number := int(text)) < _MAX else _WRONG
