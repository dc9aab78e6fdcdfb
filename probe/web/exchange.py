"""One HTTP request and its answer over a stream that is already there."""

import http.client
import io

from probe import codes, redact
from probe.tls.failure import ANSWER, Failed
from probe.tls.stream import Stream
from probe.values import NamedTuple

_PIECE = 16 << 10
_REASON_LIMIT = 80  # characters of a status line that are shown


class Answer(NamedTuple):
    """What the server said."""

    status: int
    reason: str
    location: str = ""
    retry_after: str = ""
    body: bytes = b""
    whole: bool = True  # `body` is all of it


def ask(stream: Stream, target: str, headers: dict[str, str], limit: int) -> Answer:
    """
    GET *target* and read at most *limit* bytes of the answer's body.

    Failed where there is no answer of HTTP, or one that ends before its time.
    """
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    stream.send("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    response = http.client.HTTPResponse(_Socket(stream), method="GET")  # type: ignore[arg-type]
    try:
        response.begin()
        return _read(response, limit)
    except http.client.RemoteDisconnected:
        raise _closed("it closed the connection") from None
    except http.client.IncompleteRead:
        raise _closed("the answer breaks off") from None
    except (http.client.HTTPException, ValueError) as problem:
        shown = redact.text(str(problem)[:_REASON_LIMIT])
        raise Failed(codes.DOWNLOADS_BAD_ANSWER, ANSWER, f"no HTTP answer: {shown}") from None


def _read(response: http.client.HTTPResponse, limit: int) -> Answer:
    length = response.length  # None where the end of the connection is the end of the body
    body = b""
    while len(body) <= limit:
        piece = response.read(min(_PIECE, limit + 1 - len(body)))
        if not piece:
            break
        body += piece
    whole = len(body) <= limit
    if whole and length is not None and len(body) < length:
        raise _closed("the answer breaks off")
    return Answer(
        response.status,
        redact.text("".join(char if char.isprintable() else "." for char in response.reason[:_REASON_LIMIT])),
        response.headers.get("Location", ""),
        response.headers.get("Retry-After", "")[:_REASON_LIMIT],
        body[:limit],
        whole,
    )


def _closed(detail: str) -> Failed:
    return Failed(codes.DOWNLOADS_UNREACHABLE, ANSWER, detail, transient=True)


class _Socket:
    """What http.client needs of a socket."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._stream), _PIECE)


class _Raw(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)
