"""
Go's own first message, and what a server says to it.

OpenSSL cannot be told which groups and signature schemes to offer, and its first
message is small. So a ClientHello of the judged Go's making is sent over a connection
of its own, and the answer is looked at as far as it is in plain text. No more is sent.

Sources: crypto/tls/handshake_messages.go:clientHelloMsg.marshal, handshake_client.go:
makeClientHello; RFC 8446 4.1 and 4.2, RFC 5246 7.4, RFC 8422 5.4.
"""

from __future__ import annotations

import os

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.lightweight import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from probe.tls.stream import Stream

LARGE = 1300  # bytes of a first message that may not fit into one packet
ANSWER_LIMIT = 256 << 10  # bytes; what Go takes of a certificate message

_ALERT, _HANDSHAKE = 21, 22  # records
_SERVER_HELLO, _SERVER_KEY_EXCHANGE, _SERVER_DONE = 2, 12, 14
_NAMED_CURVE, _FATAL = 3, 2
_SUPPORTED_VERSIONS = 43
_MLKEM_NUMBERS = 1152  # octets
_MLKEM_SOUND = int.from_bytes(b"\xff\xf7\x7f" * 384, "little")
# A point that everybody knows does: no secret is ever agreed on.
_P256_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


class ServerReply(NamedTuple):
    """How a server answers a ClientHello of Go's."""

    accepted: bool
    detail: str = ""  # why not: an alert, or what it chose that Go does not do
    alert: int | None = None


def answer(stream: Stream, go: Go) -> ServerReply | None:
    """What the server says to *go*'s ClientHello; None when it says nothing, or does not end."""
    data = b""
    while len(data) < ANSWER_LIMIT:
        more = stream.receive()
        data += more
        reply = judge(data, go)
        if reply or not more:
            return reply
    return None


def client_hello(go: Go, name: str | None) -> bytes:
    """The record with the first message of a client with an empty tls.Config but for the server's name."""
    suites = [*(suite.number for suite in offer.suites(go)), *offer.suites_13(go)]
    body = b"".join(
        (
            _u16(offer.TLS12),
            os.urandom(32),
            _vector(1, os.urandom(32)),
            _vector(2, _numbers(suites)),
            b"\1\0",  # no compression
            _vector(2, b"".join(_extensions(go, name))),
        )
    )
    message = b"\1" + _vector(3, body)
    return b"\x16\3\1" + _vector(2, message)


def _extensions(go: Go, name: str | None) -> Iterator[bytes]:
    server_name = [_extension(0, _vector(2, b"\0" + _vector(2, name.encode())))] if name else []
    status = _extension(5, b"\1\0\0\0\0")
    groups = _extension(10, _vector(2, _numbers(offer.groups(go))))
    points = _extension(11, b"\1\0")
    schemes = _extension(13, _vector(2, _numbers(offer.schemes(go))))
    for_certificates = offer.certificate_schemes(go)
    certificates = [_extension(50, _vector(2, _numbers(for_certificates)))] if for_certificates else []
    scts, master_secret, renegotiation = _extension(18), _extension(23), _extension(0xFF01, b"\0")
    if go.minor <= 22:
        yield from (*server_name, status, groups, points, schemes, renegotiation, master_secret, scts)
    else:
        yield from (*server_name, points, renegotiation, master_secret, scts, status, groups, schemes)
        yield from certificates
    yield _extension(_SUPPORTED_VERSIONS, _vector(1, _numbers((offer.TLS13, offer.TLS12))))
    yield _extension(51, _vector(2, b"".join(_shares(go))))


def _shares(go: Go) -> Iterator[bytes]:
    """A share for the first group, and for its classic half where that is offered too."""
    groups = offer.groups(go)
    x25519 = os.urandom(32)
    if groups[0] == offer.X25519_MLKEM768:
        yield _share(groups[0], _mlkem_key() + x25519)
    elif groups[0] == offer.X25519_KYBER768:
        yield _share(groups[0], x25519 + _mlkem_key())
    if offer.X25519 in groups:
        yield _share(offer.X25519, x25519)
    elif groups[0] == offer.P256:
        yield _share(offer.P256, _P256_POINT)


def _mlkem_key() -> bytes:
    """An encapsulation key of ML-KEM-768 of nobody's, sound as far as FIPS 203 7.2 has it checked."""
    # 768 numbers of 12 bits, all of which are below 3329 where their top bits are clear.
    numbers = int.from_bytes(os.urandom(_MLKEM_NUMBERS), "little") & _MLKEM_SOUND
    return numbers.to_bytes(_MLKEM_NUMBERS, "little") + os.urandom(32)


def judge(data: bytes, go: Go) -> ServerReply | None:
    """What the beginning of a server's answer means; None as long as that is open."""
    handshake, alert = _records(data)
    for kind, message in _messages(handshake):
        if kind == _SERVER_HELLO:
            if _version(message) == offer.TLS13:
                return ServerReply(True)
        elif kind == _SERVER_KEY_EXCHANGE:
            return _key_exchange(message, go)
        elif kind == _SERVER_DONE:
            return ServerReply(True)
    if alert is None:
        return None
    from probe.golang.tls import alerts

    return ServerReply(False, f"alert {alerts.name(alert)}", alert)


def _records(data: bytes) -> tuple[bytes, int | None]:
    """The handshake bytes of all records up to a fatal alert, and that alert."""
    handshake, at = b"", 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        content = data[at + 5 : at + 5 + size]
        if data[at] == _HANDSHAKE:
            handshake += content
        elif data[at] == _ALERT and len(content) == 2 and content[0] == _FATAL:
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


def _version(hello: bytes) -> int:
    """The version that a ServerHello has chosen."""
    at = 35 + hello[34] + 3 if len(hello) > 34 else len(hello)  # behind session, suite and compression
    at += 2
    while at + 4 <= len(hello):
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        if kind == _SUPPORTED_VERSIONS:
            return int.from_bytes(hello[at + 4 : at + 6], "big")
        at += 4 + size
    return int.from_bytes(hello[:2], "big")


def _key_exchange(message: bytes, go: Go) -> ServerReply:
    """The curve and the signature of TLS 1.2: what Go did not offer it does not take either."""
    if len(message) < 4 or message[0] != _NAMED_CURVE:
        return ServerReply(False, "a key exchange without a named curve")
    group, at = int.from_bytes(message[1:3], "big"), 4 + message[3]
    scheme = int.from_bytes(message[at : at + 2], "big")
    if group not in offer.groups(go):
        return ServerReply(False, f"group 0x{group:04x}")
    return (
        ServerReply(True)
        if scheme in offer.schemes(go)
        else ServerReply(False, f"signature scheme 0x{scheme:04x}")
    )


def _extension(number: int, content: bytes = b"") -> bytes:
    return _u16(number) + _vector(2, content)


def _share(group: int, key: bytes) -> bytes:
    return _u16(group) + _vector(2, key)


def _vector(width: int, content: bytes) -> bytes:
    """*content* behind its length in *width* bytes."""
    return len(content).to_bytes(width, "big") + content


def _numbers(found: Iterable[int]) -> bytes:
    return b"".join(map(_u16, found))


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "big")
