"""Signature algorithms by the names that Go gives them (crypto/x509/x509.go:getSignatureAlgorithmFromAI)."""

from probe.golang.release import Go
from probe.golang.x509 import der
from probe.golang.x509.der import CONSTRUCTED, CONTEXT, SEQUENCE, ParseError

_PSS = "1.2.840.113549.1.1.10"
_NAMES = {
    "1.2.840.113549.1.1.4": "MD5-RSA",
    "1.2.840.113549.1.1.5": "SHA1-RSA",
    "1.3.14.3.2.29": "SHA1-RSA",
    "1.2.840.113549.1.1.11": "SHA256-RSA",
    "1.2.840.113549.1.1.12": "SHA384-RSA",
    "1.2.840.113549.1.1.13": "SHA512-RSA",
    "1.2.840.10040.4.3": "DSA-SHA1",
    "2.16.840.1.101.3.4.3.2": "DSA-SHA256",
    "1.2.840.10045.4.1": "ECDSA-SHA1",
    "1.2.840.10045.4.3.2": "ECDSA-SHA256",
    "1.2.840.10045.4.3.3": "ECDSA-SHA384",
    "1.2.840.10045.4.3.4": "ECDSA-SHA512",
}
_WITHOUT_PARAMETERS = {"1.3.101.112": "Ed25519"}
_ML_DSA = {
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
_MGF1 = "1.2.840.113549.1.1.8"
_HASHES = {  # and the length of salt that must go with each
    "2.16.840.1.101.3.4.2.1": ("SHA256-RSAPSS", 32),
    "2.16.840.1.101.3.4.2.2": ("SHA384-RSAPSS", 48),
    "2.16.840.1.101.3.4.2.3": ("SHA512-RSAPSS", 64),
}


def name(oid: str, parameters: bytes, go: Go) -> str:
    """The algorithm's name, "" when Go does not know it; parameters as a whole element, b"" for none."""
    if oid == _PSS:
        try:
            return _pss(parameters)
        except ParseError:
            return ""
    bare = _WITHOUT_PARAMETERS.get(oid) or (_ML_DSA.get(oid) if go.minor >= 27 else None)
    return ("" if parameters else bare) if bare else _NAMES.get(oid, "")


def _pss(parameters: bytes) -> str:
    """RSASSA-PSS-params (RFC 4055, 3.1): one hash, MGF1, a salt of its length, trailer field 1."""
    at, end = der.take(parameters, 0, len(parameters), SEQUENCE, "")
    start, at = der.take(parameters, at, end, CONTEXT | CONSTRUCTED, "")
    digest = _algorithm(parameters, start, at)
    start, at = der.take(parameters, at, end, CONTEXT | CONSTRUCTED | 1, "")
    generator, inner = _algorithm(parameters, start, at)
    start, at = der.take(parameters, at, end, CONTEXT | CONSTRUCTED | 2, "")
    salt, _ = der.int64(parameters, start, at, "")
    trailer = 1
    if der.peek(parameters, at, end) == CONTEXT | CONSTRUCTED | 3:
        start, at = der.take(parameters, at, end, CONTEXT | CONSTRUCTED | 3, "")
        trailer, _ = der.int64(parameters, start, at, "")
    inner_digest = _algorithm(inner, 0, len(inner))
    empty = (b"", b"\x05\x00")
    if digest[1] not in empty or inner_digest[1] not in empty or generator != _MGF1 or trailer != 1:
        return ""
    found, length = _HASHES.get(digest[0], ("", -1))
    return found if inner_digest[0] == digest[0] and salt == length else ""


def _algorithm(data: bytes, at: int, end: int) -> tuple[str, bytes]:
    at, end = der.take(data, at, end, SEQUENCE, "")
    oid, at = der.oid(data, at, end, "")
    if at == end:
        return oid, b""
    _, _, stop = der.take_any(data, at, end, "")
    return oid, data[at:stop]
