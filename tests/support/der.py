"""A small DER writer: certificates with whatever is wrong in them that a test wants."""

from collections.abc import Sequence

NULL = b"\x05\x00"
# The base point of P-256: a public key that nobody has the private key of.
POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def tlv(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + body


def seq(*content: bytes) -> bytes:
    return tlv(0x30, *content)


def oid(text: str) -> bytes:
    first, second, *rest = (int(arc) for arc in text.split("."))
    return tlv(6, *(_base128(arc) for arc in (40 * first + second, *rest)))


def _base128(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(0x80 | value & 0x7F)
    return bytes(reversed(octets))


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def bits(content: bytes, padding: int = 0) -> bytes:
    return tlv(3, bytes((padding,)), content)


def octets(*content: bytes) -> bytes:
    return tlv(4, *content)


def boolean(value: bool) -> bytes:
    return tlv(1, b"\xff" if value else b"\0")


def utc(text: str) -> bytes:
    return tlv(23, text.encode())


def generalized(text: str) -> bytes:
    return tlv(24, text.encode())


def attribute(kind: str, text: str | bytes, tag: int = 12) -> bytes:
    return seq(oid(kind), tlv(tag, text.encode() if isinstance(text, str) else text))


def name(*attributes: bytes) -> bytes:
    """Each attribute in a SET of its own."""
    return seq(*(tlv(0x31, value) for value in attributes))


def common_name(text: str | bytes, tag: int = 12) -> bytes:
    return name(attribute("2.5.4.3", text, tag))


def extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return seq(oid(kind), boolean(True) if critical else b"", octets(value))


def constraints(*, ca: bool = True, critical: bool = True) -> bytes:
    return extension("2.5.29.19", seq(boolean(True) if ca else b""), critical=critical)


ECDSA_SHA256 = seq(oid("1.2.840.10045.4.3.2"))
RSA_SHA256 = seq(oid("1.2.840.113549.1.1.11"), NULL)
EC_KEY = seq(seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")), bits(POINT))
VALIDITY = seq(utc("200101000000Z"), utc("491231235959Z"))


def rsa_key(modulus: int, exponent: int = 65537, parameters: bytes = NULL) -> bytes:
    return seq(seq(oid("1.2.840.113549.1.1.1"), parameters), bits(seq(integer(modulus), integer(exponent))))


def certificate(
    *,
    version: bytes | None = None,
    serial: bytes | None = None,
    algorithm: bytes = ECDSA_SHA256,
    outer: bytes | None = None,
    issuer: bytes | None = None,
    validity: bytes = VALIDITY,
    subject: bytes | None = None,
    key: bytes = EC_KEY,
    ids: bytes = b"",
    extensions: Sequence[bytes] | bytes | None = (),
    signature: bytes | None = None,
    tail: bytes = b"",
) -> bytes:
    """
    A certificate; every part may be replaced by other DER.

    Without *extensions* it is a v3 CA; None leaves them out. Its signature is garbage,
    which nobody checks on a root.
    """
    subject = common_name("Test Root") if subject is None else subject
    if extensions is None:
        extended = b""
    elif isinstance(extensions, bytes):
        extended = extensions
    else:
        extended = tlv(0xA3, seq(*(extensions or (constraints(),))))
    body = seq(
        tlv(0xA0, integer(2)) if version is None else version,
        integer(1) if serial is None else serial,
        algorithm,
        subject if issuer is None else issuer,
        validity,
        subject,
        key,
        ids,
        extended,
    )
    signed = bits(b"garbage") if signature is None else signature
    return seq(body, algorithm if outer is None else outer, signed, tail)


def pem(*certificates: bytes, label: str = "CERTIFICATE", end: str = "\n") -> bytes:
    """PEM blocks as everybody writes them."""
    from base64 import b64encode

    lines: list[str] = []
    for data in certificates:
        text = b64encode(data).decode()
        lines += [f"-----BEGIN {label}-----"]
        lines += [text[at : at + 64] for at in range(0, len(text), 64)]
        lines += [f"-----END {label}-----"]
    return "".join(line + end for line in lines).encode()
