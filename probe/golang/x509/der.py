"""DER as Go's cryptobyte reads it (vendor/golang.org/x/crypto/cryptobyte/asn1.go): strict, low tags only."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 1, 2, 3, 4, 5, 6
UTF8_STRING, NUMERIC_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 12, 18, 19, 20, 22
UTC_TIME, GENERALIZED_TIME, BMP_STRING = 23, 24, 30
SEQUENCE, SET = 0x30, 0x31
CONTEXT, CONSTRUCTED = 0x80, 0x20
LARGEST_INT = (1 << 63) - 1  # of Go's int

_REMEMBERED = 1024  # OBJECT IDENTIFIERs; a bundle holds a few dozen
_dotted: dict[bytes, str] = {}
_ARC_LIMIT = 64  # octets of one arc that are still written as a number


class ParseError(Exception):
    """Go's parser gives up, with these words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def take(data: bytes, at: int, end: int, tag: int, reason: str) -> tuple[int, int]:
    """
    Where the content of the element at *at* begins and ends; the next element begins at its end.

    The element must have *tag* and end before *end*; otherwise Refused with *reason*.
    """
    if end - at >= 2 and data[at] == tag:
        length = data[at + 1]
        if length < 0x80:
            stop = at + 2 + length
            if stop <= end:
                return at + 2, stop
        elif (start := at + 2 + (length & 0x7F)) <= end and (stop := _long(data, at, start)) <= end:
            return start, stop
    raise ParseError(reason)


def take_any(data: bytes, at: int, end: int, reason: str) -> tuple[int, int, int]:
    """The tag of the element at *at*, and where its content begins and ends."""
    if at < end and data[at] & 0x1F != 0x1F:
        return data[at], *take(data, at, end, data[at], reason)
    raise ParseError(reason)


def _long(data: bytes, at: int, start: int) -> int:
    """The end of an element with a long length; beyond everything where that length is not minimal."""
    octets = data[at + 2 : start]
    length = int.from_bytes(octets)
    if not 1 <= len(octets) <= 4 or octets[0] == 0 or length < 0x80:
        return 1 << 62
    return start + length


def peek(data: bytes, at: int, end: int) -> int:
    """The tag at *at*, -1 at the end."""
    return data[at] if at < end else -1


def integer(data: bytes, at: int, end: int, reason: str, tag: int = INTEGER) -> tuple[int, int]:
    """The INTEGER at *at*, and where it ends."""
    start, stop = take(data, at, end, tag, reason)
    octets = data[start:stop]
    if not octets or (len(octets) > 1 and octets[0] in (0, 0xFF) and octets[0] >> 7 == octets[1] >> 7):
        raise ParseError(reason)
    return int.from_bytes(octets, signed=True), stop


def int64(data: bytes, at: int, end: int, reason: str, tag: int = INTEGER) -> tuple[int, int]:
    """The same, refused where Go's int does not hold it."""
    value, stop = integer(data, at, end, reason, tag)
    if not -LARGEST_INT - 1 <= value <= LARGEST_INT:
        raise ParseError(reason)
    return value, stop


def boolean(data: bytes, at: int, end: int, reason: str) -> tuple[bool, int]:
    start, stop = take(data, at, end, BOOLEAN, reason)
    if data[start:stop] not in (b"\0", b"\xff"):
        raise ParseError(reason)
    return data[start] == 0xFF, stop


def bits(data: bytes, at: int, end: int, reason: str) -> tuple[bytes, int, int]:
    """The octets of the BIT STRING at *at*, how many bits at their end are padding, and where it ends."""
    start, stop = take(data, at, end, BIT_STRING, reason)
    if start == stop:
        raise ParseError(reason)
    padding, octets = data[start], data[start + 1 : stop]
    if padding > 7 or (padding and (not octets or octets[-1] & ((1 << padding) - 1))):
        raise ParseError(reason)
    return octets, padding, stop


def right_aligned(octets: bytes, padding: int) -> bytes:
    """encoding/asn1.BitString.RightAlign: the padding is shifted out at the right."""
    return (int.from_bytes(octets) >> padding).to_bytes(len(octets)) if padding else octets


def oid(data: bytes, at: int, end: int, reason: str) -> tuple[str, int]:
    """The OBJECT IDENTIFIER at *at* in dotted form, no arc above 2^31 - 1, and where it ends."""
    start, stop = take(data, at, end, OID, reason)
    text = dotted(data[start:stop])
    if not text:
        raise ParseError(reason)
    return text, stop


def dotted(content: bytes) -> str:
    """An OBJECT IDENTIFIER in dotted form; "" when it is malformed or an arc takes more than 31 bits."""
    text = _dotted.get(content)
    if text is None:
        if len(_dotted) >= _REMEMBERED:
            _dotted.clear()
        text = _dotted[content] = _in_dots(content)
    return text


def _in_dots(content: bytes) -> str:
    arcs: list[int] = []
    value = count = 0
    for octet in content:
        if count == 5 or value >= 1 << 24 or (count == 0 and octet == 0x80):
            return ""
        value = value << 7 | octet & 0x7F
        count += 1
        if octet < 0x80:
            arcs.append(value)
            value = count = 0
    return _join(arcs) if arcs and not count else ""


def dotted_any(content: bytes) -> str:
    """The same with arcs of any size (crypto/x509/oid.go); hexadecimal where one is absurdly long."""
    arcs: list[int] = []
    start = 0
    for at, octet in enumerate(content):
        if at == start and octet == 0x80:
            return ""
        if octet < 0x80:
            if at - start >= _ARC_LIMIT:
                return f"#{content.hex()}"
            value = 0
            for part in content[start : at + 1]:
                value = value << 7 | part & 0x7F
            arcs.append(value)
            start = at + 1
    return _join(arcs) if content and start == len(content) else ""


def _join(arcs: list[int]) -> str:
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def end(data: bytes, reason: str) -> None:
    """ParseError unless *data* is one element and nothing else."""
    if data and take_any(data, 0, len(data), reason)[2] != len(data):
        raise ParseError(reason)
