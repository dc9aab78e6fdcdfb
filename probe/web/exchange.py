"""One HTTP request and its answer over a stream that is already there."""

import http.client
import io

from probe import redact
from probe.lightweight import NamedTuple
from probe.tls.errors import ANSWER, Failed
from probe.tls.stream import Stream

# Why there is no answer that can be used, beside the reasons of `probe.tls.reasons`.
NO_ANSWER = "no answer"
BAD_ANSWER = "bad answer"  # it is no HTTP
BAD_REDIRECT = "bad redirect"
UNTRUSTED = "untrusted"  # Go does not accept the server's certificates

_PIECE = 16 << 10
_SHOWN = 80  # characters of a line that are told
_BEYOND = 1 << 20  # bytes of head, chunks and trailers that are read beside a body


class Response(NamedTuple):
    """What the server said."""

    status: int
    reason: str
    location: str = ""
    retry_after: str = ""
    body: bytes = b""
    whole: bool = True  # `body` is all of it


def ask(stream: Stream, target: str, headers: dict[str, str], limit: int) -> Response:
    """
    GET *target* and read at most *limit* bytes of the answer's body.

    Failed where there is no answer of HTTP, or one that ends before its time.
    """
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    stream.send("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    response = http.client.HTTPResponse(_Socket(stream, limit + _BEYOND), method="GET")  # type: ignore[arg-type]
    try:
        response.begin()
        return _read(response, limit)
    except http.client.RemoteDisconnected:
        raise _closed("it closed the connection") from None
    except http.client.IncompleteRead:
        raise _closed("the answer breaks off") from None
    except (http.client.HTTPException, ValueError) as problem:
        raise _bad(str(problem)) from None


def _read(response: http.client.HTTPResponse, limit: int) -> Response:
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
    return Response(
        response.status,
        _shown(response.reason),
        response.headers.get("Location", ""),
        _shown(response.headers.get("Retry-After", "")),
        body[:limit],
        whole,
    )


def _shown(text: str) -> str:
    """The beginning of what a server has said: printable, and without secrets."""
    # Cut last: what is cut off may be what shows that the rest is a secret.
    plain = "".join(char if char.isprintable() else "." for char in text.strip())
    return redact.text(plain)[:_SHOWN]


def _bad(words: str) -> Failed:
    return Failed(BAD_ANSWER, ANSWER, f"no HTTP answer: {_shown(words)}")


def _closed(detail: str) -> Failed:
    return Failed(NO_ANSWER, ANSWER, detail, transient=True)


class _Socket:
    """What http.client needs of a socket."""

    def __init__(self, stream: Stream, most: int) -> None:
        self._stream, self._most = stream, most

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._stream, self._most), _PIECE)


class _Raw(io.RawIOBase):
    """Ends with Failed after *most* bytes: a server may say "100 Continue" for ever."""

    def __init__(self, stream: Stream, most: int) -> None:
        self._stream, self._left = stream, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.receive(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise _bad("it does not end")
        buffer[: len(data)] = data
        return len(data)
