"""Throw-away certificate authorities and what they issue: RFC 5280, written in DER (X.690)."""

import binascii
import hashlib
import secrets
import time
from collections.abc import Sequence

from probe.demo.keys import PrivateKey, generate
from probe.lightweight import NamedTuple

_DAY = 86400
_SEQUENCE, _SET, _INTEGER, _BITS, _OCTETS, _OID, _UTF8, _TRUE = 0x30, 0x31, 2, 3, 4, 6, 12, b"\1\1\xff"
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_DNS_NAME, _URI = 0x82, 0x86
# OIDs, encoded
_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("550403")
_SERVER_AUTH = bytes.fromhex("2b06010505070301")
_CA_ISSUERS = bytes.fromhex("2b06010505073002")
_KEY_ID, _KEY_USAGE, _ALTERNATIVE_NAMES = (bytes.fromhex(f"551d{last}") for last in ("0e", "0f", "11"))
_BASIC_CONSTRAINTS, _AUTHORITY_KEY_ID, _EXTENDED_USAGE = (
    bytes.fromhex(f"551d{n}") for n in ("13", "23", "25")
)
_AUTHORITY_ACCESS = bytes.fromhex("2b06010505070101")
_SIGNS, _SERVES = b"\1\6", b"\7\x80"  # keyCertSign and cRLSign; digitalSignature: unused bits, bits


class Issued(NamedTuple):
    """A certificate with its key."""

    name: str
    der: bytes
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return _pem("CERTIFICATE", self.der)

    @property
    def key_pem(self) -> bytes:
        return _pem("PRIVATE KEY", self.key.pkcs8)


class Authority:
    """A root that signs leaves, and intermediates."""

    def __init__(self, name: str, issuer: "Authority | None" = None) -> None:
        extensions = [
            _extension(_BASIC_CONSTRAINTS, _tlv(_SEQUENCE, _TRUE), critical=True),
            _extension(_KEY_USAGE, _tlv(_BITS, _SIGNS), critical=True),
        ]
        self.issued: Issued = _issue(name, issuer.issued if issuer else None, (1, 365), extensions)

    @property
    def pem(self) -> bytes:
        return self.issued.pem

    def leaf(
        self, names: Sequence[str], *, since_days: int = 1, for_days: int = 365, fetch: str = ""
    ) -> Issued:
        """
        A server's certificate for DNS *names*, valid from *since_days* ago, for *for_days* in all.

        Like those of public authorities it says where the issuer's certificate can be
        fetched, if *fetch* is that URL.
        """
        dns = [_tlv(_DNS_NAME, name.encode()) for name in names]
        extensions = [
            _extension(_ALTERNATIVE_NAMES, _tlv(_SEQUENCE, *dns)),
            _extension(_EXTENDED_USAGE, _tlv(_SEQUENCE, _tlv(_OID, _SERVER_AUTH))),
            _extension(_KEY_USAGE, _tlv(_BITS, _SERVES), critical=True),
        ]
        if fetch:
            access = _tlv(_SEQUENCE, _tlv(_OID, _CA_ISSUERS), _tlv(_URI, fetch.encode()))
            extensions.append(_extension(_AUTHORITY_ACCESS, _tlv(_SEQUENCE, access)))
        return _issue(names[0], self.issued, (since_days, for_days), extensions)


def _issue(
    name: str, issuer: Issued | None, since_and_for_days: tuple[int, int], extensions: Sequence[bytes]
) -> Issued:
    since, days = since_and_for_days
    key, begin = generate(), time.time() - since * _DAY
    signer = issuer.key if issuer else key
    algorithm = _tlv(_SEQUENCE, _tlv(_OID, _ECDSA_SHA256))
    identifiers = [
        _extension(_KEY_ID, _tlv(_OCTETS, _identifier(key))),
        _extension(_AUTHORITY_KEY_ID, _tlv(_SEQUENCE, _tlv(0x80, _identifier(signer)))),
    ]
    tbs = _tlv(
        _SEQUENCE,
        _tlv(0xA0, _tlv(_INTEGER, b"\2")),  # version 3
        _tlv(_INTEGER, b"\1" + secrets.token_bytes(15)),
        algorithm,
        _distinguished_name(issuer.name if issuer else name),
        _tlv(_SEQUENCE, _moment(begin), _moment(begin + days * _DAY)),
        _distinguished_name(name),
        key.spki,
        _tlv(0xA3, _tlv(_SEQUENCE, *identifiers, *extensions)),
    )
    return Issued(name, _tlv(_SEQUENCE, tbs, algorithm, _tlv(_BITS, b"\0", signer.sign(tbs))), key)


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _extension(kind: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return _tlv(_SEQUENCE, _tlv(_OID, kind), _TRUE if critical else b"", _tlv(_OCTETS, value))


def _distinguished_name(text: str) -> bytes:
    attribute = _tlv(_SEQUENCE, _tlv(_OID, _COMMON_NAME), _tlv(_UTF8, text.encode()))
    return _tlv(_SEQUENCE, _tlv(_SET, attribute))


def _moment(seconds: float) -> bytes:
    """UTCTime until 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5)."""
    at = time.gmtime(seconds)
    if at.tm_year < 2050:
        return _tlv(_UTC_TIME, time.strftime("%y%m%d%H%M%SZ", at).encode())
    return _tlv(_GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ", at).encode())


def _identifier(key: PrivateKey) -> bytes:
    """SHA-1 of the public key's bits (RFC 5280 4.2.1.2): the last 65 bytes, for P-256."""
    return hashlib.sha1(key.spki[-65:], usedforsecurity=False).digest()


def _pem(label: str, der: bytes) -> bytes:
    body = binascii.b2a_base64(der, newline=False)
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return b"\n".join([f"-----BEGIN {label}-----".encode(), *lines, f"-----END {label}-----\n".encode()])
