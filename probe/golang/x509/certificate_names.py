"""
Distinguished names: which crypto/x509 takes, and how pkix.Name.String() writes them.

Sources: crypto/x509/parser.go:parseName, parseASN1String, readASN1Any; crypto/x509/pkix/pkix.go.
"""

from probe.golang.release import Go
from probe.golang.x509 import certificate_times, der
from probe.golang.x509.der import ParseError
from probe.lightweight import NamedTuple

# The attributes that pkix.Name has fields for, in the order in which it prints them.
_FIELDS = {
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.3": "CN",
    "2.5.4.11": "OU",
    "2.5.4.10": "O",
    "2.5.4.17": "POSTALCODE",
    "2.5.4.9": "STREET",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.6": "C",
}
_SINGLE = ("SERIALNUMBER", "CN")  # the last one counts
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PRINTABLE = _LETTERS + b"'()+,-./ :=?"
_STRINGS = (
    der.T61_STRING,
    der.PRINTABLE_STRING,
    der.UTF8_STRING,
    der.BMP_STRING,
    der.IA5_STRING,
    der.NUMERIC_STRING,
)
_ESCAPED = ',+"\\<>;'


class Attribute(NamedTuple):
    """One attribute: the field of pkix.Name that it fills, and its value; or "" and all that is printed."""

    field: str
    text: str


def read(data: bytes, go: Go, known: dict[bytes, tuple[Attribute, ...]]) -> str:
    """The name of the DER element *data*; *known* remembers relative names between calls."""
    at, end = der.take(data, 0, len(data), der.SEQUENCE, "x509: invalid RDNSequence")
    attributes: list[Attribute] = []
    while at < end:
        start, stop = der.take(data, at, end, der.SET, "x509: invalid RDNSequence")
        content = data[start:stop]
        found = known.get(content)
        if found is None:
            found = known[content] = tuple(_relative(content, go))
        attributes += found
        at = stop
    return _written(attributes)


def _relative(data: bytes, go: Go) -> list[Attribute]:
    attributes = []
    at = 0
    while at < len(data):
        start, stop = der.take(
            data, at, len(data), der.SEQUENCE, "x509: invalid RDNSequence: invalid attribute"
        )
        name, value = der.oid(data, start, stop, "x509: invalid RDNSequence: invalid attribute type")
        attribute = _attribute(name, data[value:stop], go)
        if attribute:
            attributes.append(attribute)
        at = stop
    return attributes


def _attribute(name: str, data: bytes, go: Go) -> Attribute | None:
    """The attribute *name*, whose value is the first element of *data*; None where pkix.Name drops it."""
    reason = "x509: invalid RDNSequence: invalid attribute value"
    tag, start, stop = der.take_any(
        data, 0, len(data), reason if go.minor < 27 else f"{reason}: invalid ASN.1 element"
    )
    field = _FIELDS.get(name, "")
    if tag in _STRINGS or go.minor < 27:
        try:
            text = _string(tag, data[start:stop], go)
        except ValueError as problem:
            raise ParseError(f"{reason}: {problem}") from None
        return Attribute(field, text if field else _other(name, text, go))
    try:
        printed = _value(tag, data, start, stop, go)
    except ParseError as problem:
        raise ParseError(f"{reason}: {problem.reason}") from None
    return None if field else Attribute("", f"{name}={printed}")


def _string(tag: int, content: bytes, go: Go) -> str:
    """The text of an ASN.1 string; bytes that are no UTF-8 as surrogates. ValueError with Go's words."""
    if tag == der.PRINTABLE_STRING:
        if content.translate(None, _PRINTABLE + b"*&"):
            raise ValueError("invalid PrintableString")
        return content.decode("ascii")
    if tag == der.UTF8_STRING:
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise ValueError("invalid UTF-8 string") from None
    if tag == der.IA5_STRING:
        if not content.isascii():
            raise ValueError("invalid IA5String")
        return content.decode("ascii")
    if tag == der.NUMERIC_STRING:
        if content.translate(None, b"0123456789 "):
            raise ValueError("invalid NumericString")
        return content.decode("ascii")
    if tag == der.T61_STRING:
        return content.decode("latin-1") if go.minor >= 25 else content.decode("utf-8", "surrogateescape")
    if tag == der.BMP_STRING:
        return _bmp(content, go)
    raise ValueError(f"unsupported string type: {tag}")


def _bmp(content: bytes, go: Go) -> str:
    if len(content) % 2:
        raise ValueError("invalid BMPString")
    text = content.removesuffix(b"\0\0").decode("utf-16-be", "surrogatepass")
    if go.minor >= 25 and not _in_plane(text):
        raise ValueError("invalid BMPString")
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def _in_plane(text: str) -> bool:
    return not any(
        "\ud800" <= char <= "\udfff"
        or "\ufdd0" <= char <= "\ufdef"
        or char in "\ufffe\uffff"
        or char > "\uffff"
        for char in text
    )


def _value(tag: int, data: bytes, start: int, stop: int, go: Go) -> str:
    """What 1.27 makes of a value that is no string, as RDNSequence.String() prints it."""
    end = len(data)
    whole = f"#{data[:stop].hex()}"
    if tag == der.INTEGER:
        der.int64(data, 0, end, "invalid ASN.1 integer")
    elif tag == der.BIT_STRING:
        der.bits(data, 0, end, "invalid ASN.1 BIT STRING")
    elif tag == der.OID:
        der.oid(data, 0, end, "invalid ASN.1 OBJECT IDENTIFIER")
    elif tag == der.BOOLEAN:
        der.boolean(data, 0, end, "invalid ASN.1 BOOLEAN")
    elif tag == der.NULL:
        return r"\<nil\>"
    elif tag in (der.UTC_TIME, der.GENERALIZED_TIME):
        certificate_times.read(data, 0, end, go)
        return f"#{_time(tag, data[start:stop]).hex()}"
    return whole


def _time(tag: int, text: bytes) -> bytes:
    """encoding/asn1.Marshal of a time: a UTCTime from 1950 to 2049, always with seconds."""
    if tag == der.UTC_TIME:
        digits = next((at for at, char in enumerate(text) if char in b"Z+-"), len(text))
        text = text[:digits] + b"00"[: 2 * (digits == 10)] + text[digits:]
    elif b"1950" <= text[:4] < b"2050":
        tag, text = der.UTC_TIME, text[2:]
    return bytes((tag, len(text))) + text


def _other(name: str, text: str, go: Go) -> str:
    """A string attribute without a field: readable from 1.27 on, before as the DER that Go would write."""
    if go.minor < 27 and not any("\ud800" <= char <= "\udfff" for char in text):
        content = text.encode()
        tag = der.UTF8_STRING if content.translate(None, _PRINTABLE) else der.PRINTABLE_STRING
        size = len(content)
        octets = size.to_bytes((size.bit_length() + 7) // 8 or 1)
        length = octets if size < 0x80 else bytes((0x80 | len(octets),)) + octets
        return f"{name}=#{(bytes((tag,)) + length + content).hex()}"
    return f"{name}={_escaped(text)}"


def _written(attributes: list[Attribute]) -> str:
    fields: dict[str, list[str]] = {}
    others: list[str] = []
    for field, text in attributes:
        if not field:
            others.append(text)
        elif field not in _SINGLE:
            fields.setdefault(field, []).append(text)
        elif text:
            fields[field] = [text]
        else:
            fields.pop(field, None)
    parts = [
        "+".join(f"{field}={_escaped(text)}" for text in fields[field])
        for field in _FIELDS.values()
        if field in fields
    ]
    return ",".join(parts + others[::-1])


def _escaped(text: str) -> str:
    """As RFC 2253 wants it; bytes that were no UTF-8 have become U+FFFD."""
    if not text.isascii():
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    for char in _ESCAPED:
        if char in text:
            text = text.translate(_ESCAPES)
            break
    if text[:1] in (" ", "#"):
        text = f"\\{text}"
    if text[-1:] == " " and len(text) > 1 + text.startswith("\\ "):
        text = f"{text[:-1]}\\ "
    return text


_ESCAPES = {ord(char): f"\\{char}" for char in _ESCAPED}
