"""A server that tells the time in its answer to HEAD."""

import contextlib
import http.server
import socket
from collections.abc import Iterator
from http import HTTPStatus

from tests.support.pki import DAY, NOW, Made, leaf, root
from tests.tls import servers
from tests.tls.servers import Server

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


CA = root("Clock CA", not_before=NOW - 400 * DAY)


SOUND = leaf(CA, "localhost", not_before=NOW - 30 * DAY, not_after=NOW + 30 * DAY)


@contextlib.contextmanager
def https(chain: Made = SOUND, *, date: bool = True, seen: list[str] | None = None) -> Iterator[Server]:
    """A real HTTP server behind real TLS; without *date* it leaves that header out."""
    made = servers.context([chain])

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            if seen is not None:
                seen.append(self.requestline + "\n" + str(self.headers))
            if date:
                self.send_response(HTTPStatus.NOT_FOUND)
            else:
                self.send_response_only(HTTPStatus.NO_CONTENT)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    def handler(connection: socket.socket) -> None:
        connection.settimeout(10)
        with made.wrap_socket(connection, server_side=True) as secured:
            Handler(secured, ("127.0.0.1", 0), None)  # type: ignore[arg-type]

    with servers.listen(handler) as server:
        yield server
