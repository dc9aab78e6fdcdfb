"""A TLS server on loopback whose certificate can be changed while it runs."""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator

from probe.demo.pki import Issued

_PATIENCE_S = 5.0


class Server:
    """Shakes hands with whoever connects, and says nothing else."""

    def __init__(self, leaf: Issued) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.present(leaf)

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    def present(self, leaf: Issued) -> None:
        """From the next connection on, send this certificate and nothing after it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(leaf.pem + leaf.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
        self._context = context

    @contextlib.contextmanager
    def presenting(self, leaf: Issued) -> Iterator[None]:
        """Send another certificate for the length of the block."""
        before = self._context
        self.present(leaf)
        try:
            yield
        finally:
            self._context = before

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Serve in the background for the length of the block."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._listening.shutdown(socket.SHUT_RDWR)  # ends accept
            thread.join(_PATIENCE_S)
            self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._greet, args=(connection,), daemon=True).start()

    def _greet(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE_S)
            with self._context.wrap_socket(connection, server_side=True) as session:
                session.recv(1)  # until the client has seen enough


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as momentary:
        port: int = momentary.getsockname()[1]
        return port
