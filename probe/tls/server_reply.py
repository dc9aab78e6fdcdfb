"""
What a server says to a ClientHello of Go's, as far as it is in plain text.

Sources: RFC 8446 4.1 and 4.2, RFC 5246 7.4, RFC 8422 5.4.
"""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.lightweight import Iterator, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.tls.stream import Stream

LACKS_EMS = "no Extended Master Secret"
ANSWER_LIMIT = 256 << 10  # bytes; what Go takes of a certificate message

_ALERT, _HANDSHAKE = 21, 22  # records
_SERVER_HELLO, _SERVER_KEY_EXCHANGE, _SERVER_DONE = 2, 12, 14
_NAMED_CURVE, _FATAL, _CLOSE_NOTIFY = 3, 2, 0
_SUPPORTED_VERSIONS, _MASTER_SECRET = 43, 23
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446 4.1.3


class ServerReply(NamedTuple):
    """How a server answers a ClientHello of Go's."""

    accepted: bool
    detail: str = ""  # why not: an alert, or what it chose that Go does not do
    alert: int | None = None
    version: int = 0  # of the protocol, where there was a ServerHello
    extended_master_secret: bool = False  # RFC 7627; TLS 1.3 has no use for it
    retry: bool = False  # a HelloRetryRequest: nothing is known yet of what else it takes


def receive(stream: Stream, go: Go) -> ServerReply | None:
    """What the server says to *go*'s ClientHello; None when it says nothing, or does not end."""
    data = b""
    while len(data) < ANSWER_LIMIT:
        more = stream.receive()
        data += more
        reply = judge(data, go)
        if reply or not more or _records(data)[1] == _CLOSE_NOTIFY:
            return reply
    return None


def judge(data: bytes, go: Go) -> ServerReply | None:
    """What the beginning of a server's answer means; None as long as that is open."""
    handshake, alert = _records(data)
    reply = ServerReply(True)
    for kind, message in _messages(handshake):
        if kind == _SERVER_HELLO:
            extensions = _extensions(message)
            version = int.from_bytes(extensions.get(_SUPPORTED_VERSIONS, message[:2]), "big")
            if version == offer.TLS13:
                return ServerReply(True, version=version, retry=message[2:34] == RETRY)
            reply = ServerReply(True, "", None, version, _MASTER_SECRET in extensions)
        elif kind == _SERVER_KEY_EXCHANGE:
            return _key_exchange(message, go, reply)
        elif kind == _SERVER_DONE:
            return _master_secret(reply, go)
    if alert in (None, _CLOSE_NOTIFY):
        return None
    from probe.golang.tls import alerts

    return ServerReply(False, f"alert {alerts.name(alert)}", alert)


def _records(data: bytes) -> tuple[bytes, int | None]:
    """The handshake bytes of all records up to a fatal alert or close_notify, and that alert."""
    handshake, at = b"", 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        content = data[at + 5 : at + 5 + size]
        if data[at] == _HANDSHAKE:
            handshake += content
        elif (
            data[at] == _ALERT and len(content) == 2 and (content[0] == _FATAL or content[1] == _CLOSE_NOTIFY)
        ):
            return handshake, content[1]
        at += 5 + size
    return handshake, None


def _messages(handshake: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(handshake):
        end = at + 4 + int.from_bytes(handshake[at + 1 : at + 4], "big")
        if end > len(handshake):
            return
        yield handshake[at], handshake[at + 4 : end]
        at = end


def _extensions(hello: bytes) -> dict[int, bytes]:
    """The extensions of a ServerHello; those that are cut short are left out."""
    at = 35 + hello[34] + 3 if len(hello) > 34 else len(hello)  # after session, suite and compression
    at += 2
    found = {}
    while at + 4 <= len(hello):
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        found[kind] = hello[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _key_exchange(message: bytes, go: Go, reply: ServerReply) -> ServerReply:
    """The curve and the signature of TLS 1.2: what Go did not offer it does not take either."""
    if len(message) < 4 or message[0] != _NAMED_CURVE:
        return reply._replace(accepted=False, detail="a key exchange without a named curve")
    group, at = int.from_bytes(message[1:3], "big"), 4 + message[3]
    scheme = int.from_bytes(message[at : at + 2], "big")
    if group not in offer.groups(go):
        return reply._replace(accepted=False, detail=f"group 0x{group:04x}")
    if scheme not in offer.schemes(go):
        return reply._replace(accepted=False, detail=f"signature scheme 0x{scheme:04x}")
    return _master_secret(reply, go)


def _master_secret(reply: ServerReply, go: Go) -> ServerReply:
    if reply.extended_master_secret or not offer.requires_master_secret(go):
        return reply
    return reply._replace(accepted=False, detail=LACKS_EMS)
