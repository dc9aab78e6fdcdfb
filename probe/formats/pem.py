"""
PEM as Go's encoding/pem.Decode reads it, with every block that it passes over.

Go has had three scanners. The one of today looks for an END line first and takes the
last BEGIN before it; in 1.24.8, 1.24.9, 1.25.2 and 1.25.3 that one gave up at the first
block that is damaged; the oldest goes from BEGIN to BEGIN. They agree on whatever is
well-formed and differ in what is lost around a damaged block.
"""

from __future__ import annotations

from binascii import Error, a2b_base64

from probe.lightweight import Generator, Iterator, NamedTuple

_BEGIN = b"-----BEGIN "
_END = b"\n-----END "
_DASHES = b"-----"
_USUAL = b"CERTIFICATE-----\n"  # what follows BEGIN and END nearly always
_HEAD, _TAIL = _BEGIN + _USUAL, _END + _USUAL  # of a file that is one certificate
_BLANKS = b" \t"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KEPT = 1_000  # certificates whose base64 is kept
_KEY = 64  # characters at the end of a certificate's base64, of its signature: few others have them
_LABEL_LIMIT = 64  # characters of a label that are kept

NO_END = "no END line follows"
NO_BEGIN = "an END line without a BEGIN line"
NOT_FIRST = "there is text before BEGIN on its line"
MARKED = "a byte order mark precedes BEGIN"
NO_DASHES = "the BEGIN line does not end in five dashes"
HEADER_END = "header lines run into the END line"
OTHER_END = "the END line does not match the BEGIN line"
TAIL = "text follows on the END line"
NOT_BASE64 = "the content is not base64"


class Block(NamedTuple):
    """What stands between a BEGIN line and its END line, or why nothing could be made of it."""

    line: int  # of BEGIN, 1-based
    label: str  # what follows BEGIN; cut where it is very long
    headers: bool  # "Key: value" lines stand before the content
    data: bytes  # decoded
    fault: str  # "" for a sound block, else one of the constants above


# By the end of a certificate's base64: all of it, and what it stands for.
Decoded = dict[bytes, tuple[bytes, bytes]]


def split(
    data: bytes,
    *,
    begin_first: bool = False,
    gives_up: bool = False,
    decoded: Decoded | None = None,
) -> Iterator[Block]:
    """
    The blocks of *data* in the order of their BEGIN lines, sound and faulty.

    The sound ones are exactly those that Go's pem.Decode finds, one call after the
    other; *begin_first* chooses the scanner of before Go 1.24.8 and 1.25.2, *gives_up*
    the first form of the new one. Never raises, and takes time in proportion to the
    length of *data*. *decoded* takes the base64 of certificates and their content, for `alone`.
    """
    scan = _Scan(data, gives_up=gives_up, decoded={} if decoded is None else decoded)
    return scan.begin_first() if begin_first else scan.end_first()


def alone(data: bytes, decoded: Decoded) -> tuple[int, bytes] | None:
    """
    Line and content of a file's only block, a certificate as everybody writes it, for any scanner of Go's.

    Other text may stand before it, as certifi has it.

    *decoded*: what `split` has seen already. None for all else, sound or not.
    """
    begin = 0 if data.startswith(_HEAD) else data.find(b"\n" + _HEAD) + 1
    if not begin and not data.startswith(_HEAD):
        return None
    start, end = begin + len(_HEAD), len(data) - len(_TAIL)
    if not data.endswith(_TAIL) or data.find(b"-", start) != end + 1:  # what is a bundle is not copied
        return None
    text = data[start:end]
    known, body = decoded.get(text[-_KEY:], (b"", None))
    if known != text or body is None:
        headers = data.find(b":", start, data.find(b"\n", start)) >= 0
        body = None if headers else _decoded(text)
    if body is None or (begin and data.count(_DASHES, 0, begin)):
        return None
    return 1 + data.count(b"\n", 0, begin), body


class _Scan:
    """Positions in the data and the line that the last one asked for is on."""

    def __init__(self, data: bytes, *, gives_up: bool, decoded: Decoded) -> None:
        self._data = data
        self._decoded = decoded
        self._goes_on = not gives_up
        self._counted = 0
        self._line = 1
        self._next_end = data.find(_END)  # the END line that was sought last

    def end_first(self) -> Iterator[Block]:
        """encoding/pem.Decode since the security fix of October 2025 (pem.go)."""
        at, reading = (yield from self._usual(0)), True
        while reading and (end := self._end_from(at)) >= 0:
            begin = self._data.rfind(_BEGIN, at, end)
            yield from self._passed(at, max(at, begin))
            block, at, reading = self._block_before(end, begin, at)
            yield block
            if reading:
                at = yield from self._usual(at)
        yield from self._passed(at, len(self._data))

    def _block_before(self, end: int, begin: int, at: int) -> tuple[Block, int, bool]:
        """The block between *begin* (-1: none) and *end*, where Go goes on, and whether it does."""
        data, after = self._data, end + len(_END)
        if begin < 0:
            return self._block(end + 1, b"", NO_BEGIN), after, self._goes_on
        if begin > at and data[begin - 1] != 10:
            return self._block(begin, self._rest_of_line(begin), self._unclean(begin)), after, self._goes_on
        label, cursor = self._line_at(begin + len(_BEGIN))
        if not label.endswith(_DASHES):
            return self._block(begin, label, NO_DASHES), *self._past(after, cursor, end)
        label = label[:-5]
        content = self._after_headers(cursor)
        if content > max(cursor, end) and not self._goes_on:
            return self._block(begin, label, HEADER_END, headers=True), content, True
        if content < 0 or content > after:
            # Go has read past what it looks for, and gives up on all that follows.
            return self._block(begin, label, HEADER_END, headers=True), after, False
        fault = HEADER_END if content > max(cursor, end) else self._end_fault(after, label)
        body = b"" if fault else _decoded(data[content:end])
        if body is None:
            fault, body = NOT_BASE64, b""
        block = self._block(begin, label, fault, body, headers=content > cursor)
        if fault:
            return block, *self._past(after, content, end)
        return block, self._line_at(after - 1)[1], True

    def _past(self, after: int, read: int, end: int) -> tuple[int, bool]:
        """Where Go goes on after a damaged block of which it has *read* that much, and whether it does."""
        return (after, True) if self._goes_on else (read, read > end)

    def begin_first(self) -> Iterator[Block]:
        """encoding/pem.Decode before that."""
        at = yield from self._usual(0)
        while (begin := self._next_begin(at)) >= 0:
            yield from self._passed(at, begin)
            block, at = self._block_after(begin)
            yield block
            at = yield from self._usual(at)
        yield from self._passed(at, len(self._data))

    def _next_begin(self, at: int) -> int:
        if self._data.startswith(_BEGIN, at):
            return at
        before = self._data.find(b"\n" + _BEGIN, at)
        return before if before < 0 else before + 1

    def _block_after(self, begin: int) -> tuple[Block, int]:
        """The block that begins at *begin*, and where Go goes on."""
        data = self._data
        label, cursor = self._line_at(begin + len(_BEGIN))
        if not label.endswith(_DASHES):
            return self._block(begin, label, NO_DASHES), cursor
        label = label[:-5]
        content = self._after_headers(cursor)
        if content < 0:
            return self._block(begin, label, NO_END, headers=True), len(data)
        headers, ends = content > cursor, data.startswith(_END[1:], content)
        end = content - 1 if ends and not headers else self._end_from(content)
        if headers and ends:
            fault = HEADER_END
        else:
            fault = self._end_fault(end + len(_END), label) if end >= 0 else NO_END
        body = b"" if fault else self._body(content, end)
        if body is None:
            fault, body = NOT_BASE64, b""
        if fault and end >= 0 and data.find(b"\n" + _BEGIN, content - 1, end) >= 0:
            fault = NO_END  # the END line is that of a later block
        block = self._block(begin, label, fault, body, headers=headers)
        return block, content if fault else self._line_at(end + len(_END) - 1)[1]

    def _end_from(self, content: int) -> int:
        """The first END line from *content* on, -1 for none; each is sought once."""
        if 0 <= self._next_end < content:
            self._next_end = self._data.find(_END, content)
        return self._next_end

    def _usual(self, at: int) -> Generator[Block, None, int]:
        """
        The certificates from *at* on that are as everybody writes them; where the first other thing begins.

        Between BEGIN and END there is base64 and nothing else, so no scanner of Go's sees them otherwise. A
        bundle has hundreds: this is a tenth of what they cost one by one.
        """
        data, decoded, counted, line = self._data, self._decoded, self._counted, self._line
        end = self._end_from(at)
        while end >= 0 and data.startswith(_TAIL, end):
            begin = at
            if not data.startswith(_HEAD, at):  # there is something between the blocks
                begin = data.find(_BEGIN, at, end)
                if not data.startswith(_HEAD, begin, end) or data[begin - 1] != 10:
                    break
            start = begin + len(_HEAD)
            if data.find(b"-", start, end) >= 0:  # before anything is copied, see `_body`
                break
            text = data[start:end]
            flat = text.replace(b"\n", b"")
            body = _strict(flat)
            if not body:
                break
            if len(decoded) < _KEPT:
                decoded[text[-_KEY:]] = text, body
            if begin > counted:
                line += data.count(b"\n", counted, begin)
            yield tuple.__new__(Block, (line, "CERTIFICATE", False, body, ""))  # without looking for defaults
            line += len(text) - len(flat) + 3
            at = counted = end + len(_TAIL)
            end = data.find(_END, at)
        self._counted, self._line, self._next_end = counted, line, end
        return at

    def _body(self, start: int, end: int) -> bytes | None:
        # A dash is not base64. Looking for it first keeps a thousand BEGIN lines before
        # one END line from being decoded a thousand times.
        return None if self._data.find(b"-", start, end) >= 0 else _decoded(self._data[start:end])

    def _block(
        self, begin: int, label: bytes, fault: str, data: bytes = b"", *, headers: bool = False
    ) -> Block:
        text = label[:_LABEL_LIMIT].decode("ascii", "replace")
        return Block(self._line_of(begin), text, headers, data, fault)

    def _line_of(self, begin: int) -> int:
        if begin > self._counted:
            self._line += self._data.count(b"\n", self._counted, begin)
            self._counted = begin
        return self._line

    def _passed(self, start: int, stop: int) -> Iterator[Block]:
        """The BEGINs in a stretch that the scanner has gone over."""
        at = self._data.find(_BEGIN, start, stop)
        while at >= 0:
            clean = at == start or self._data[at - 1] == 10
            label = self._rest_of_line(at)
            yield self._block(at, label, NO_END if clean else self._unclean(at))
            at = self._data.find(_BEGIN, at + 1, stop)

    def _unclean(self, begin: int) -> str:
        return MARKED if begin == 3 and self._data.startswith(_BYTE_ORDER_MARK) else NOT_FIRST

    def _rest_of_line(self, begin: int) -> bytes:
        start = begin + len(_BEGIN)
        return self._data[start : start + _LABEL_LIMIT].split(b"\n")[0].split(_DASHES)[0]

    def _line_at(self, start: int) -> tuple[bytes, int]:
        """The line from *start* on without its blanks and end, and where the next one begins."""
        stop = self._data.find(b"\n", start)
        if stop < 0:
            return self._data[start:].rstrip(_BLANKS), len(self._data)
        if stop > start and self._data[stop - 1] == 13:
            return self._data[start : stop - 1].rstrip(_BLANKS), stop + 1
        return self._data[start:stop].rstrip(_BLANKS), stop + 1

    def _after_headers(self, cursor: int) -> int:
        """Where the "Key: value" lines that begin at *cursor* end; -1 when the data end first."""
        while cursor < len(self._data):
            line, after = self._line_at(cursor)
            if b":" not in line:
                return cursor
            cursor = after
        return -1

    def _end_fault(self, trailer: int, label: bytes) -> str:
        """What is wrong with an END line whose label should stand at *trailer*, "" when nothing is."""
        if not self._data.startswith(label + _DASHES, trailer):
            return OTHER_END
        return TAIL if self._line_at(trailer + len(label) + len(_DASHES))[0] else ""


def _decoded(text: bytes) -> bytes | None:
    """What base64.StdEncoding decodes, line ends and blanks left out; None when it cannot."""
    found = _strict(text.replace(b"\n", b""))
    return _strict(text.translate(None, b"\r\n \t")) if found is None else found


def _strict(text: bytes) -> bytes | None:
    digits = text.rstrip(b"=")
    if len(text) % 4 or len(text) - len(digits) > 2 or b"=" in digits:
        return None  # Python before 3.13 takes "AAAA===="
    try:
        return a2b_base64(text, strict_mode=True)
    except Error:
        return None
