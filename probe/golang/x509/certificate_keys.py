"""Public keys of certificates: what crypto/x509's parsePublicKey takes, and what can then verify anything."""

from probe.golang.release import Go
from probe.golang.x509 import der
from probe.golang.x509.der import ParseError
from probe.lightweight import NamedTuple

RSA = "1.2.840.113549.1.1.1"
DSA = "1.2.840.10040.4.1"
ECDSA = "1.2.840.10045.2.1"
ED25519 = "1.3.101.112"
_ML_DSA = {  # name and octets of a key
    "2.16.840.1.101.3.4.3.17": ("ML-DSA-44", 1312),
    "2.16.840.1.101.3.4.3.18": ("ML-DSA-65", 1952),
    "2.16.840.1.101.3.4.3.19": ("ML-DSA-87", 2592),
}

UNIMPLEMENTED = "x509: cannot verify signature: algorithm unimplemented"


class Key(NamedTuple):
    """A public key as far as it matters here."""

    algorithm: str  # "" when unknown to Go
    bits: int = 0
    fault: str = ""  # why no signature can ever be verified with it, in Go's words


class _Curve(NamedTuple):
    bits: int
    p: int
    b: int


_P224 = (1 << 224) - (1 << 96) + 1
_P256 = (1 << 256) - (1 << 224) + (1 << 192) + (1 << 96) - 1
_P384 = (1 << 384) - (1 << 128) - (1 << 96) + (1 << 32) - 1
_CURVES = {  # SEC 2; y² = x³ - 3x + b
    "1.3.132.0.33": _Curve(224, _P224, 0xB4050A850C04B3ABF54132565044B0B7D7BFD8BA270B39432355FFB4),
    "1.2.840.10045.3.1.7": _Curve(
        256, _P256, 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    ),
    "1.3.132.0.34": _Curve(
        384,
        _P384,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "1.3.132.0.35": _Curve(
        521,
        (1 << 521) - 1,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
    ),
}


def read(algorithm: str, parameters: bytes, key: bytes, go: Go) -> Key:
    """
    The key of that algorithm (an OID), with its parameters as a whole DER element or b"".

    Refused where Go refuses the certificate for it (parser.go:parsePublicKey).
    """
    if algorithm == RSA:
        return _rsa(parameters, key, go)
    if algorithm == ECDSA:
        return _ecdsa(parameters, key, go)
    if algorithm == ED25519:
        if parameters:
            raise ParseError("x509: Ed25519 key encoded with illegal parameters")
        if len(key) != 32:
            raise ParseError("x509: wrong Ed25519 public key size")
        return Key("Ed25519")
    if algorithm == DSA:
        return _dsa(parameters, key)
    if algorithm in _ML_DSA and go.minor >= 27:
        name, size = _ML_DSA[algorithm]
        if parameters:
            raise ParseError("x509: ML-DSA key encoded with illegal parameters")
        if not go.has_ml_dsa:
            raise ParseError("mldsa: unavailable in FIPS 140-3 Go Cryptographic Module v1.0.0")
        if len(key) != size:
            raise ParseError("mldsa: invalid public key length")
        return Key(name)
    return Key("", 0, UNIMPLEMENTED)


def _rsa(parameters: bytes, key: bytes, go: Go) -> Key:
    if parameters != b"\x05\x00":
        raise ParseError("x509: RSA key missing NULL parameters")
    at, end = der.take(key, 0, len(key), der.SEQUENCE, "x509: invalid RSA public key")
    if go.minor >= 28:  # a preview
        der.end(key, "x509: trailing data after RSA public key")
    modulus, at = der.integer(key, at, end, "x509: invalid RSA modulus")
    exponent, at = der.int64(key, at, end, "x509: invalid RSA public exponent")
    if modulus <= 0:
        raise ParseError("x509: RSA modulus is not a positive number")
    if exponent <= 0:
        raise ParseError("x509: RSA public exponent is not a positive number")
    return Key("RSA", modulus.bit_length(), _rsa_fault(modulus, exponent, go))


def _rsa_fault(modulus: int, exponent: int, go: Go) -> str:
    """rsa.go:checkKeySize and fips140/rsa:checkPublicKey (1.24+); before, any exponent would do."""
    bits = modulus.bit_length()
    if go.minor < 24:
        return "" if modulus % 2 else "crypto/rsa: verification error"
    if bits < 1024 and go.debug("rsa1024min") != "0":
        return (
            f"crypto/rsa: {bits}-bit keys are insecure "
            "(see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
        )
    if modulus % 2 == 0:
        return "crypto/rsa: public modulus is even"
    if exponent < 2:
        return "crypto/rsa: public exponent too small or negative"
    if exponent % 2 == 0:
        return "crypto/rsa: public exponent is even"
    return "crypto/rsa: public exponent too large" if exponent >= 1 << 31 else ""


def _ecdsa(parameters: bytes, key: bytes, go: Go) -> Key:
    name, _ = der.oid(parameters, 0, len(parameters), "x509: invalid ECDSA parameters")
    if go.minor >= 28:  # a preview
        der.end(parameters, "x509: trailing data after ECDSA parameters")
    curve = _CURVES.get(name)
    if not curve:
        raise ParseError("x509: unsupported elliptic curve")
    fault = _point_fault(curve, key)
    if fault:
        raise ParseError(fault if go.minor >= 26 else "x509: failed to unmarshal elliptic curve point")
    return Key("ECDSA", curve.bits)


def _point_fault(curve: _Curve, point: bytes) -> str:
    """Why the octets are no uncompressed point of the curve, "" when they are one."""
    size = (curve.bits + 7) // 8
    if point[:1] != b"\x04":
        return "ecdsa: invalid uncompressed public key"
    if len(point) != 1 + 2 * size:
        return f"invalid P{curve.bits} point encoding"
    x, y = int.from_bytes(point[1 : 1 + size]), int.from_bytes(point[1 + size :])
    if x >= curve.p or y >= curve.p:
        return f"invalid P{curve.bits} element encoding"
    if (y * y - x * x * x + 3 * x - curve.b) % curve.p:
        return f"P{curve.bits} point not on curve"
    return ""


def _dsa(parameters: bytes, key: bytes) -> Key:
    y, _ = der.integer(key, 0, len(key), "x509: invalid DSA public key")
    reason = "x509: invalid DSA parameters"
    at, end = der.take(parameters, 0, len(parameters), der.SEQUENCE, reason)
    numbers = [y]
    for _ in "PQG":
        number, at = der.integer(parameters, at, end, reason)
        numbers.append(number)
    if min(numbers) <= 0:
        raise ParseError("x509: zero or negative DSA parameter")
    return Key("DSA", 0, UNIMPLEMENTED)
