"""A TLS server on loopback whose certificate can be changed while it runs."""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Sequence

from probe.demo.pki import Issued

_PATIENCE_S = 5.0
_BODY = b'{"Version": "v1.0.0", "Time": "2027-01-15T12:00:00Z"}'  # what a module proxy says of a version
_ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class Server:
    """Shakes hands with whoever connects, and answers each question with the same few bytes."""

    def __init__(self, leaf: Issued) -> None:
        self._listening = [_socket()]
        self._threads: list[threading.Thread] = []
        self.present(leaf)

    @property
    def port(self) -> int:
        port: int = self._listening[0].getsockname()[1]
        return port

    def present(self, leaf: Issued, withheld: Sequence[Issued] = ()) -> None:
        """From the next connection on, send this certificate; what is *withheld* only when asked for."""
        self._leaf, self._withheld = leaf, withheld
        self._context = _context(leaf)

    def send_withheld(self) -> None:
        """From the next connection on, send the whole chain."""
        self._context = _context(self._leaf, *self._withheld)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Serve in the background for the length of the block."""
        self._start(self._listening[0])
        try:
            yield
        finally:
            for listening in self._listening:
                listening.shutdown(socket.SHUT_RDWR)  # ends accept
            for thread in self._threads:
                thread.join(_PATIENCE_S)
            for listening in self._listening:
                listening.close()

    def listen(self, port: int) -> None:
        """Serve on another port too, while it runs."""
        self._listening.append(_socket(port))
        self._start(self._listening[-1])

    def _start(self, listening: socket.socket) -> None:
        self._threads.append(threading.Thread(target=self._serve, args=(listening,), daemon=True))
        self._threads[-1].start()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._greet, args=(connection,), daemon=True).start()

    def _greet(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE_S)
            with self._context.wrap_socket(connection, server_side=True) as session:
                if session.recv(4096):  # else the client has seen enough
                    session.sendall(_ANSWER)


def _socket(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=64)


def _context(*chain: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(chain[0].key_pem + b"".join(one.pem for one in chain))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def free_port() -> int:
    """A port on which nobody listens."""
    with _socket() as momentary:
        port: int = momentary.getsockname()[1]
        return port
