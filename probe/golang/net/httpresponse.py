"""
Whether net/http takes the header of a response, field by field.

Sources: net/textproto/reader.go:readMIMEHeader, net/http/transfer.go:readTransfer of 1.21 to 1.27.
"""

from __future__ import annotations

from probe.golang.release import Go
from probe.lightweight import Iterator, NamedTuple

_NAME = frozenset(b"!#$%&'*+-.^_`|~ 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NO_VALUE = frozenset((*range(9), *range(10, 32), 127))
_STRICT, _STRICT_EMPTY = 23, 22  # releases: names may not be empty; nor Content-Length
_NO_TRAILERS = (b"transfer-encoding", b"trailer", b"content-length")
_BLANK = b" \t"
_LARGE = 64 << 10  # bytes of fields
_MOST_LENGTH = 1 << 63


class Malformed(NamedTuple):
    """What net/http says of a response that it does not take."""

    reason: str
    line: bytes = b""


def fault(fields: bytes, go: Go, *, chunks: bool = True) -> Malformed | None:
    """
    What is wrong with *fields*, the lines of a header below its status line; None for nothing.

    *chunks*: whether the response is of HTTP/1.1 at least, which knows Transfer-Encoding.
    """
    if fields[:1] in (b" ", b"\t"):
        return Malformed("malformed MIME header initial line", fields.partition(b"\n")[0])
    transfer = _Transfer(go)
    for line, value_at in _fields(_less_of_the_plain(fields) if len(fields) > _LARGE else fields):
        name = line[: max(value_at, 0)]
        if value_at < 0 or not _NAME.issuperset(name) or (not name and go.minor >= _STRICT):
            return Malformed("malformed MIME header line", line)
        value = line[value_at + 1 :]
        if not _NO_VALUE.isdisjoint(value):
            return Malformed("malformed MIME header line", line)
        transfer.add(name.lower(), value.lstrip(_BLANK))
    reason = transfer.fault(chunks=chunks)
    return Malformed(reason) if reason else None


def _less_of_the_plain(fields: bytes) -> bytes:
    """
    *fields* without lines in which nothing can be wrong, of which there may be millions in 10 MB.

    What remains is judged as before: each whose name or value counts.
    """
    import re

    name = rb"(?!transfer-encoding|content-length|trailer)[!#$%&'*+.^_`|~0-9a-z-][!#$%&'*+.^_`|~ 0-9a-z-]*+"
    rest = rb"[^\x00-\x08\x0a-\x1f\x7f]*+\r?\n"
    # No possessive group (gh-106052, until CPython 3.11.4); many lines a match.
    line = name + rb":" + rest + rb"(?:[ \t]" + rest + rb")*(?![ \t])"
    return re.sub(rb"^(?:" + line + rb"){1,64}", b"", fields, flags=re.IGNORECASE | re.MULTILINE)


def _fields(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Each field with its continuation lines, and where its colon is; -1 where its first line has none."""
    at = 0
    while at < len(data):
        line, at = _line(data, at)
        colon = line.find(b":")
        pieces = [line.strip(_BLANK)]
        while colon >= 0 and data[at : at + 1] in (b" ", b"\t"):
            line, at = _line(data, at)
            pieces.append(line.strip(_BLANK))
        joined = b" ".join(pieces)
        yield joined, joined.find(b":") if colon >= 0 else -1


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """The line at *at* without its end, and where the next one begins."""
    end = data.find(b"\n", at)
    end = len(data) if end < 0 else end
    return data[at:end].removesuffix(b"\r"), end + 1


class _Transfer:
    """How long the body is: the fields that say so, and what they may not say."""

    def __init__(self, go: Go) -> None:
        self._go = go
        self._encodings = 0
        self._encoding = b""
        self._length: bytes | None = None
        self._lengths_differ = self._bad_trailer = False

    def add(self, name: bytes, value: bytes) -> None:
        if name == b"transfer-encoding":
            self._encodings += 1
            self._encoding = value
        elif name == b"content-length":
            value = value.strip()
            self._lengths_differ = self._lengths_differ or self._length not in (None, value)
            self._length = value if self._length is None else self._length
        elif name == b"trailer":
            named = (one.strip().lower() for one in value.split(b","))
            self._bad_trailer = self._bad_trailer or any(one in _NO_TRAILERS for one in named)

    def fault(self, *, chunks: bool) -> str:
        chunked = chunks and self._encodings > 0
        if chunked and self._encodings > 1:
            return "too many transfer encodings"
        if chunked and self._encoding.lower() != b"chunked":
            return "unsupported transfer encoding"
        if chunked and self._go.minor < _STRICT:
            pass  # the length is not even looked at
        elif self._lengths_differ:
            return "message cannot contain multiple Content-Length headers"
        elif self._bad_length():
            return "bad Content-Length"
        return "bad trailer key" if chunked and self._bad_trailer else ""

    def _bad_length(self) -> bool:
        if self._length is None:
            return False
        if not self._length:
            return self._go.minor >= _STRICT_EMPTY and self._go.debug("httplaxcontentlength") != "1"
        digits = self._length.lstrip(b"0")
        return not self._length.isdigit() or len(digits) > 19 or int(digits or b"0") >= _MOST_LENGTH
