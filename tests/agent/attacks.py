"""What clients do that mean harm or know no better: each takes its crowd of connections a turn further."""

import contextlib
import socket
from collections.abc import Callable


def line_to(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.setblocking(False)
    return line


def send(line: socket.socket, data: bytes) -> None:
    """As much as goes; the agent may have closed."""
    with contextlib.suppress(OSError):
        line.send(data)


def receive(line: socket.socket, most: int) -> None:
    """As much as is there."""
    with contextlib.suppress(OSError):
        line.recv(most)


def idle(crowd: list[socket.socket], turn: int) -> None:
    """They say nothing."""


def drips(crowd: list[socket.socket], turn: int) -> None:
    """A header that never ends, a byte at a time (slowloris)."""
    for line in crowd:
        send(line, b"x" if turn else b"GET /readyz HTTP/1.1\r\nX-Drip: ")


def drips_bodies(crowd: list[socket.socket], turn: int) -> None:
    """A body that never ends."""
    for line in crowd:
        send(line, b"x" if turn else b"POST /readyz HTTP/1.1\r\nContent-Length: 60000\r\n\r\n")


def never_reads(crowd: list[socket.socket], turn: int) -> None:
    """They ask for all that there is, again and again, and take none of it."""
    for line in crowd:
        send(line, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)


def malformed(crowd: list[socket.socket], turn: int) -> None:
    """No HTTP, wrong HTTP, HTTP of another time."""
    rubbish = (
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET " + b"/a" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0" * 1000 + b"\r\n\r\n",
    )
    for number, line in enumerate(crowd):
        send(line, rubbish[(number + turn) % len(rubbish)])


def huge_headers(crowd: list[socket.socket], turn: int) -> None:
    """10 MB of headers each, as fast as they are taken."""
    for line in crowd:
        send(line, b"GET /livez HTTP/1.1\r\n" if not turn else b"")
    for number in range(40):
        piece = b"X-%d: " % number + b"y" * (64 << 10) + b"\r\n"
        for line in crowd[turn::4]:
            send(line, piece)


def many_headers(crowd: list[socket.socket], turn: int) -> None:
    """Headers of four bytes each: little to send, much to keep when parsed."""
    request = b"GET /livez HTTP/1.1\r\n" + b"".join(b"%x:\r\n" % number for number in range(2800)) + b"\r\n"
    for line in crowd:
        send(line, request)


def pipelines(crowd: list[socket.socket], turn: int) -> None:
    """8 KB of requests of 18 bytes, again and again, no answer read."""
    for line in crowd:
        send(line, b"GET / HTTP/1.1\r\n\r\n" * 455)


def pipelines_and_reads(crowd: list[socket.socket], turn: int) -> None:
    """A hundred requests at once, the answers read."""
    for line in crowd:
        send(line, b"GET /readyz?verbose HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        receive(line, 1 << 20)


def drips_answers(crowd: list[socket.socket], turn: int) -> None:
    """All that there is is asked for, and taken a byte at a time."""
    for line in crowd:
        send(line, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        receive(line, 1)


def half_closes(crowd: list[socket.socket], turn: int) -> None:
    """Requests, half requests and nothing, then FIN."""
    for number, line in enumerate(crowd):
        send(line, (b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /li", b"")[number % 3])
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_WR)


def chunked(crowd: list[socket.socket], turn: int) -> None:
    """Chunks without an end, of no size, of a size beyond all numbers, with extensions, and trailers."""
    tricks = (
        b"1\r\nx\r\n" * 1000,
        b"ffffffffffffffff\r\n" + b"x" * 8000,
        b"1;" + b"e" * 8000,
        b"0\r\n" + b"T: r\r\n" * 1000,
        b"-1\r\n\r\n",
        b"0\r\n\r\n" + b"GET / HTTP/1.1\r\n\r\n" * 400,
    )
    for number, line in enumerate(crowd):
        head = b"GET /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" if not turn else b""
        send(line, head + tricks[(number + turn) % len(tricks)])


def mixed(crowd: list[socket.socket], turn: int) -> None:
    """All of these at the same time."""
    for number, one in enumerate(KINDS[:-1]):
        one(crowd[number :: len(KINDS) - 1], turn)


Attack = Callable[[list[socket.socket], int], None]
KINDS: tuple[Attack, ...] = (
    idle,
    drips,
    drips_bodies,
    drips_answers,
    never_reads,
    malformed,
    huge_headers,
    many_headers,
    pipelines,
    pipelines_and_reads,
    half_closes,
    chunked,
    mixed,
)
