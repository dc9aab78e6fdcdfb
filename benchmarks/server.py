"""TLS servers for the benchmarks, until stdin ends: python -m benchmarks.server CERT-AND-KEY COUNT DELAY."""

import contextlib
import socket
import ssl
import sys
import threading
import time


def accept(listening: socket.socket, context: ssl.SSLContext, delay_s: float) -> None:
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=serve, args=(connection, context, delay_s), daemon=True).start()


def serve(connection: socket.socket, context: ssl.SSLContext, delay_s: float) -> None:
    time.sleep(delay_s)
    with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as session:
        session.settimeout(5)
        session.recv(1)


def main(pem: str, count: int, delay_s: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listening = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(count)]
    for each in listening:
        threading.Thread(target=accept, args=(each, context, delay_s), daemon=True).start()
    print(*(each.getsockname()[1] for each in listening), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
