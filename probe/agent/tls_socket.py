"""
The server's side of TLS by the C half of the standard library's `ssl`.

`ssl` makes enums of a few hundred names at its import, which the agent would keep.
"""

from collections.abc import Callable

from probe.lightweight import ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from probe.lightweight import socket

__all__ = ("Context", "SSLError", "SSLWantReadError", "SSLWantWriteError", "Socket", "server", "takes")

Context = ssl._SSLContext
SSLError = ssl.SSLError
SSLWantReadError = ssl.SSLWantReadError
SSLWantWriteError = ssl.SSLWantWriteError
_ALPN = b"\x08http/1.1"  # RFC 7301, section 3.1


def server(certificate: str, key: str, password: Callable[[], str]) -> Context:
    """A server's context from TLS 1.2 on, by two PEM files; raises as load_cert_chain does."""
    made: Any = Context(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.PROTO_TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION
    made.num_tickets = 0  # the kubelet never comes back to a session
    made._set_alpn_protocols(_ALPN)
    made.load_cert_chain(certificate, key, password)
    return made  # type: ignore[no-any-return]


def takes(certificate: str) -> bool:
    """Whether there is a PEM certificate in that file."""
    made: Any = Context(ssl.PROTOCOL_TLS_CLIENT)
    try:
        made.load_verify_locations(certificate)
    except ssl.SSLError:
        return False
    return True


class Socket:
    """What a channel uses of a socket, over a connection that does not block."""

    def __init__(self, context: Context, connection: "socket.socket") -> None:
        connection.setblocking(False)
        made: Any = context
        self._tls = made._wrap_socket(connection, True, None)
        self._under = connection  # OpenSSL's half does not keep it alive
        self.do_handshake = self._tls.do_handshake
        self.pending = self._tls.pending
        self.send = self._tls.write

    def __getattr__(self, name: str) -> "Any":
        """All that is not about bytes: fileno, close, getpeername."""
        return getattr(self._under, name)

    def recv(self, most: int) -> bytes:
        """As much as there is; b"" at the end, an unannounced one too."""
        try:
            return self._tls.read(most)  # type: ignore[no-any-return]
        except ssl.SSLEOFError:
            return b""

    def say_end(self) -> None:
        """Send close_notify."""
        self._tls.shutdown()
