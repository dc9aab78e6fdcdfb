"""Why there was no TLS handshake. A check has the table from these to its codes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Reason: TypeAlias = "str"

HOST_NOT_FOUND = "host not found"
RESOLVER_FAILED = "resolver failed"
RESOLVER_TIMEOUT = "resolver timeout"
CONNECTION_REFUSED = "connection refused"
UNREACHABLE = "unreachable"
CONNECT_TIMEOUT = "connect timeout"
CONNECTION_RESET = "connection reset"
CLOSED = "closed"  # by the other side, with FIN
HANDSHAKE_TIMEOUT = "handshake timeout"
NOT_TLS = "not TLS"
PROTOCOL_VERSION = "protocol version"
HANDSHAKE_FAILURE = "handshake failure"  # the alert: nothing in common
UNRECOGNIZED_NAME = "unrecognized name"
CLIENT_CERTIFICATE_REQUIRED = "client certificate required"
TOO_MUCH_DATA = "too much data"
ALERT = "alert"  # any other
PROTOCOL_ERROR = "protocol error"  # by OpenSSL's judgement, which is not Go's
SOCKET_ERROR = "socket error"  # of our own side
PROXY_UNREACHABLE = "proxy unreachable"
PROXY_TIMEOUT = "proxy timeout"
PROXY_AUTHENTICATION = "proxy authentication"
PROXY_SCHEMES = "proxy authentication schemes"  # it takes none that Go speaks
PROXY_REFUSED = "proxy refused"
PROXY_UNTRUSTED = "proxy untrusted"
PROXY_EXPIRED = "proxy expired"  # the certificate of the proxy itself, or it is not valid yet
PROXY_MISNAMED = "proxy misnamed"
ANSWER_TIMEOUT = "answer timeout"  # after the handshake

TRANSIENT = frozenset(
    (RESOLVER_FAILED, CONNECTION_REFUSED, UNREACHABLE, CONNECT_TIMEOUT, CONNECTION_RESET, CLOSED)
)
"""What a network does in passing; a verdict about certificates never is."""
