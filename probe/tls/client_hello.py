"""
Go's own first message, or one like it in which something is left out.

OpenSSL cannot be told which groups and signature schemes to offer, and its first
message is another one. So a ClientHello of the judged Go's making is sent over a
connection of its own.

Sources: crypto/tls/handshake_messages.go:clientHelloMsg.marshal, handshake_client.go:
makeClientHello; RFC 8446 4.1 and 4.2; RFC 7685 (padding).
"""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.lightweight import Iterable, Iterator, NamedTuple, os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

SERVER_NAME, STATUS_REQUEST, GROUPS, POINT_FORMATS, SCHEMES = 0, 5, 10, 11, 13
SCTS, PADDING, MASTER_SECRET, CERTIFICATE_SCHEMES = 18, 21, 23, 50
VERSIONS, KEY_SHARES, RENEGOTIATION = 43, 51, 0xFF01
SUITES = -1  # no extension, but a list as well

_WIDTHS = {GROUPS: 2, SCHEMES: 2, CERTIFICATE_SCHEMES: 2, VERSIONS: 1}  # of the length before a list
_EXTENSION_HEAD = 4  # octets
_MLKEM_NUMBERS = 1152  # octets
_MLKEM_SOUND = int.from_bytes(b"\xff\xf7\x7f" * 384, "little")
# A point that everybody knows does: no secret is ever agreed on.
_P256_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)

Shares: TypeAlias = "tuple[tuple[int, bytes], ...]"  # group and public key


class HelloExtension(NamedTuple):
    """One extension: a list of numbers, the key shares, or octets."""

    number: int
    numbers: tuple[int, ...] = ()
    shares: Shares = ()
    octets: bytes = b""


class ClientHello(NamedTuple):
    """The first message of a client, before it is written down."""

    suites: tuple[int, ...]
    extensions: tuple[HelloExtension, ...]
    has_session: bool = True  # 32 random octets in the place of a session's id

    def encode(self) -> bytes:
        """The record; what is random in it is new each time, but for the key shares."""
        body = b"".join(
            (
                _u16(offer.TLS12),
                os.urandom(32),
                _vector(1, os.urandom(32 if self.has_session else 0)),
                _vector(2, _numbers(self.suites)),
                b"\1\0",  # no compression
                _vector(2, b"".join(map(_extension, self.extensions))),
            )
        )
        return b"\x16\3\1" + _vector(2, b"\1" + _vector(3, body))

    def padded(self, size: int) -> ClientHello:
        """The message with a record of *size* octets, up to 3 more as padding has 4 at least, or as it is."""
        missing = size - len(self.encode())
        if missing <= 0:
            return self
        padding = HelloExtension(PADDING, octets=bytes(max(0, missing - _EXTENSION_HEAD)))
        return self._replace(extensions=(*self.extensions, padding))


def client_hello(
    go: Go, name: str | None, shares: Shares | None = None, max_version: int = offer.TLS13
) -> ClientHello:
    """
    The first message of a client with an empty tls.Config but for the server's name and *max_version*.

    *shares*: keys of which somebody knows the private half; by default nobody does.
    """
    suites = tuple(suite.number for suite in offer.suites(go))
    if max_version >= offer.TLS13:
        suites += offer.suites_13(go)
    keys = _shares(go) if shares is None else shares
    return ClientHello(suites, tuple(_extensions(go, name, max_version, keys)))


def _extensions(go: Go, name: str | None, max_version: int, shares: Shares) -> Iterator[HelloExtension]:
    names = (
        [HelloExtension(SERVER_NAME, octets=_vector(2, b"\0" + _vector(2, name.encode())))] if name else []
    )
    status = HelloExtension(STATUS_REQUEST, octets=b"\1\0\0\0\0")
    groups = HelloExtension(GROUPS, offer.groups(go, max_version))
    points = HelloExtension(POINT_FORMATS, octets=b"\1\0")
    schemes = HelloExtension(SCHEMES, offer.schemes(go, max_version))
    for_certificates = offer.certificate_schemes(go, max_version)
    certificates = [HelloExtension(CERTIFICATE_SCHEMES, for_certificates)] if for_certificates else []
    scts, master_secret = HelloExtension(SCTS), HelloExtension(MASTER_SECRET)
    renegotiation = HelloExtension(RENEGOTIATION, octets=b"\0")
    if go.minor <= 22:
        yield from (*names, status, groups, points, schemes, renegotiation, master_secret, scts)
    else:
        yield from (*names, points, renegotiation, master_secret, scts, status, groups, schemes)
        yield from certificates
    if max_version < offer.TLS13:
        yield HelloExtension(VERSIONS, (offer.TLS12,))
        return
    yield HelloExtension(VERSIONS, (offer.TLS13, offer.TLS12))
    yield HelloExtension(KEY_SHARES, shares=shares)


def share_groups(go: Go) -> tuple[int, ...]:
    """The groups for which a key is sent: the first, and its classic half where that is offered too."""
    groups = offer.groups(go)
    if groups[0] not in (offer.X25519_MLKEM768, offer.X25519_KYBER768, offer.P256_MLKEM768):
        return groups[:1]
    half = offer.P256 if groups[0] == offer.P256_MLKEM768 else offer.X25519
    return (groups[0], half) if half in groups else groups[:1]


def _shares(go: Go) -> Shares:
    keys = {offer.X25519: os.urandom(32), offer.P256: _P256_POINT}
    made = []
    for group in share_groups(go):
        if group == offer.X25519_MLKEM768:
            keys[group] = _mlkem_key() + keys[offer.X25519]
        elif group == offer.X25519_KYBER768:
            keys[group] = keys[offer.X25519] + _mlkem_key()
        elif group == offer.P256_MLKEM768:
            keys[group] = _P256_POINT + _mlkem_key()
        made.append((group, keys[group]))
    return tuple(made)


def _mlkem_key() -> bytes:
    """An encapsulation key of ML-KEM-768 of nobody's, sound as far as FIPS 203 7.2 has it checked."""
    # 768 numbers of 12 bits, all of which are below 3329 where their top bits are clear.
    numbers = int.from_bytes(os.urandom(_MLKEM_NUMBERS), "little") & _MLKEM_SOUND
    return numbers.to_bytes(_MLKEM_NUMBERS, "little") + os.urandom(32)


def _extension(one: HelloExtension) -> bytes:
    content = one.octets
    if one.number in _WIDTHS:
        content = _vector(_WIDTHS[one.number], _numbers(one.numbers))
    elif one.number == KEY_SHARES:
        content = _vector(2, b"".join(_u16(group) + _vector(2, key) for group, key in one.shares))
    return _u16(one.number) + _vector(2, content)


def _vector(width: int, content: bytes) -> bytes:
    """*content* after its length in *width* bytes."""
    return len(content).to_bytes(width, "big") + content


def _numbers(found: Iterable[int]) -> bytes:
    return b"".join(map(_u16, found))


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "big")
