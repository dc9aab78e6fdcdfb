"""Boxes on the path that dislike something in a ClientHello: each a TCP proxy before a sound server."""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.tls import servers
from tests.tls.servers import Handler, Server


class Hello(NamedTuple):
    """What a box may look at in a ClientHello."""

    size: int  # of the record, with its head
    suites: list[int]
    extensions: dict[int, bytes]

    def numbers(self, extension: int, head: int = 2) -> list[int]:
        content = self.extensions.get(extension, b"")[head:]
        return [number for (number,) in struct.iter_unpack(">H", content)]

    @property
    def groups(self) -> list[int]:
        return self.numbers(10)

    @property
    def versions(self) -> list[int]:
        return self.numbers(43, 1)

    @property
    def shares(self) -> list[int]:
        content, found = self.extensions.get(51, b"")[2:], []
        while content:
            group, size = struct.unpack(">HH", content[:4])
            found.append(group)
            content = content[4 + size :]
        return found


Dislikes = Callable[[Hello], bool]
Action = Callable[[socket.socket], None]


def record(connection: socket.socket) -> bytes:
    """The first record that a client sends."""
    data = b""
    while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
        more = connection.recv(65536)
        if not more:
            raise OSError("the client went away")
        data += more
    return data


def one_record(connection: socket.socket) -> bytes:
    """The next record and nothing of the one after it."""
    with connection.makefile("rb", buffering=0) as stream:
        data = stream.read(5) or b""
        size = 5 + int.from_bytes(data[3:5])
        while len(data) < size and (more := stream.read(size - len(data))):
            data += more
    return data


def parse(data: bytes) -> Hello:
    at = 5 + 4 + 2 + 32
    at += 1 + data[at]
    size = int.from_bytes(data[at : at + 2], "big")
    suites = [number for (number,) in struct.iter_unpack(">H", data[at + 2 : at + 2 + size])]
    at += 2 + size
    at += 1 + data[at] + 2
    extensions = {}
    while at < len(data):
        kind, size = struct.unpack(">HH", data[at : at + 4])
        extensions[kind] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return Hello(len(data), suites, extensions)


def closes(connection: socket.socket) -> None:
    connection.close()


def alerts(number: int) -> Action:
    def act(connection: socket.socket) -> None:
        connection.sendall(bytes([21, 3, 3, 0, 2, 2, number]))

    return act


ACTIONS: dict[str, Action] = {
    "resets": servers.reset,
    "closes": closes,
    "is silent": servers.silent,
    "alerts": alerts(50),
}


def box(to: int, dislikes: Dislikes, action: Action) -> Handler:
    """Does *action* to who sends what it *dislikes*, and hands on everything else to that port of ours."""

    def handler(connection: socket.socket) -> None:
        first = record(connection)
        if dislikes(parse(first)):
            action(connection)
            return
        with socket.create_connection(("127.0.0.1", to)) as upstream:
            upstream.sendall(first)
            servers.relay(connection, upstream)

    return handler


@contextlib.contextmanager
def before(server: Server, dislikes: Dislikes, action: Action = servers.reset) -> Iterator[Server]:
    """The box before *server*."""
    with servers.listen(box(server.port, dislikes, action)) as made:
        yield made
