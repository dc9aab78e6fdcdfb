"""Real servers on loopback: sound TLS, broken TLS, no TLS, proxies."""

import contextlib
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.pki import Made, pems

Handler = Callable[[socket.socket], None]


class Server(NamedTuple):
    port: int
    accepted: list[float]  # when each connection came

    @property
    def endpoint(self) -> str:
        return f"localhost:{self.port}"


@contextlib.contextmanager
def listen(handler: Handler, *, host: str = "127.0.0.1") -> Iterator[Server]:
    """Hand every connection to *handler* in a thread of its own; whatever it leaves open is closed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=256)
    accepted: list[float] = []
    connections: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            handler(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def loop() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(time.monotonic())
            connections.append(connection)
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield Server(listener.getsockname()[1], accepted)
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.close()


def context(chain: Sequence[Made]) -> ssl.SSLContext:
    """A server's context that presents *chain*, leaf first."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.pem"
        path.write_text(chain[0].key_pem + pems(chain))
        made.load_cert_chain(path)
    return made


@contextlib.contextmanager
def tls(
    *chain: Made,
    setup: Callable[[ssl.SSLContext], object] | None = None,
    crowd: int = 1,
    delay_s: float = 0.0,
    host: str = "127.0.0.1",
) -> Iterator[Server]:
    """
    A sound TLS server, but for what *setup* does to its context.

    It answers nobody before *crowd* connections have come, and each one *delay_s* later.
    """
    complete = threading.Event()
    made = context(chain)
    if setup:
        setup(made)

    def handler(connection: socket.socket) -> None:
        if len(server.accepted) >= crowd:
            complete.set()
        complete.wait(60)
        time.sleep(delay_s)
        connection.settimeout(10)
        with made.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass

    with listen(handler, host=host) as server:
        yield server


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def closes(connection: socket.socket) -> None:
    """Reads what comes first, and closes."""
    connection.recv(4096)


def says(data: bytes) -> Handler:
    """Answers the first bytes with *data*."""

    def handler(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(data)

    return handler


def drips(connection: socket.socket) -> None:
    """Sends a handshake record of the greatest length, a byte a second."""
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x40\x00\x02")
    while True:
        time.sleep(1)
        connection.sendall(b"\0")


def floods(connection: socket.socket) -> None:
    """Sends handshake messages of no use, 16 MB of them."""
    connection.recv(4096)
    # HelloRequest is one that a client passes over.
    record = b"\x16\x03\x03\x40\x00" + b"\0\0\0\0" * 4096
    for _ in range(1024):
        connection.sendall(record)


def silent(connection: socket.socket) -> None:
    """Takes everything and answers nothing."""
    while connection.recv(4096):
        pass


def _header(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def relay(one: socket.socket, other: socket.socket) -> None:
    """Hand on everything between two connections, until both have ended."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(16384):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=pump, args=(other, one), daemon=True)
    thread.start()
    pump(one, other)
    thread.join(5)


def http_proxy(to: int, seen: list[bytes], answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Handler:
    """A proxy that connects every CONNECT to that port of ours; *seen* gets the requests."""

    def handler(connection: socket.socket) -> None:
        seen.append(_header(connection))
        connection.sendall(answer)
        if b" 200 " in answer:
            with socket.create_connection(("127.0.0.1", to)) as upstream:
                relay(connection, upstream)

    return handler


def socks_proxy(to: int, seen: list[bytes], *, password: bool = False, reply: int = 0) -> Handler:
    """A SOCKS 5 proxy that connects everything to that port of ours."""

    def handler(connection: socket.socket) -> None:
        seen.append(connection.recv(64))
        connection.sendall(b"\5\2" if password else b"\5\0")
        if password:
            seen.append(connection.recv(600))
            connection.sendall(b"\1\0" if seen[-1] == b"\1\1u\1p" else b"\1\1")
        seen.append(connection.recv(600))
        connection.sendall(b"\5" + bytes([reply]) + b"\0\1\x7f\0\0\1\0\x50")
        if not reply:
            with socket.create_connection(("127.0.0.1", to)) as upstream:
                relay(connection, upstream)

    return handler


def over_tls(handler: Handler, *chain: Made) -> Handler:
    """The same server behind TLS."""
    made = context(chain)

    def secured(connection: socket.socket) -> None:
        with made.wrap_socket(connection, server_side=True) as inner:
            handler(inner)

    return secured


@contextlib.contextmanager
def openssl(folder: Path, chain: Sequence[Made], *options: str) -> Iterator[int]:
    """`openssl s_server` with *options*, for what Python's ssl cannot be made to do; its port."""
    pem = folder / "server.pem"
    pem.write_text(chain[0].key_pem + pems(chain))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "openssl.cnf"
    config.write_text("")
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(pem), "-key", str(pem)]
    with subprocess.Popen(
        [*command, "-cert_chain", str(pem), "-www", "-quiet", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "OPENSSL_CONF": str(config)},
    ) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")
