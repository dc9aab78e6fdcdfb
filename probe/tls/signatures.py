"""Who signed whom: asked of OpenSSL, then of `cryptography`, never worked out here."""

from __future__ import annotations

from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.tlv import inside
from probe.lightweight import Any, Callable
from probe.tls import libcrypto

_HASHES = ("SHA1", "SHA256", "SHA384", "SHA512")
_RSA_BITS = 16384  # OPENSSL_RSA_MAX_MODULUS_BITS (openssl/rsa.h)
_CURVES = {224: "SECP224R1", 256: "SECP256R1", 384: "SECP384R1", 521: "SECP521R1"}


def signed(child: Certificate, parent: Certificate) -> bool | None:
    """
    Whether *parent*'s key made *child*'s signature; None when nobody here can tell.

    The algorithm of the signature must fit the key, as `golang.x509.issuing` sees to.
    """
    if parent.key_algorithm == "RSA" and parent.key_bits > _RSA_BITS:
        return None  # Go may take what OpenSSL calls wrong
    answer = _by_openssl(child, parent)
    return _by_cryptography(child, parent) if answer is None else answer


def _by_openssl(child: Certificate, parent: Certificate) -> bool | None:
    """By the OpenSSL that shakes hands; before 3.5 it knows no ML-DSA, and it may be forbidden SHA-1."""
    algorithm = child.signature_algorithm
    digest = next((name for name in _HASHES if name in algorithm), "")
    if parent.key_algorithm in ("RSA", "ECDSA") and not digest:
        return None
    pss = algorithm.endswith("PSS")
    return libcrypto.verify(parent.raw_spki, child.signature, child.raw_tbs, digest, pss=pss)


def _by_cryptography(child: Certificate, parent: Certificate) -> bool | None:
    """By the OpenSSL that `cryptography` brings along, where it is installed: the bundle goes without."""
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    except ImportError:
        return None
    try:
        _verifier(child.signature_algorithm, parent)(child.signature, child.raw_tbs)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, ImportError, AttributeError):
        return None  # a key or an algorithm that this build does not do
    return True


def _verifier(algorithm: str, parent: Certificate) -> Callable[[bytes, bytes], object]:
    """Takes a signature and what was signed; raises InvalidSignature when they do not belong together."""
    key = _public_key(parent.raw_spki)
    if parent.key_algorithm == "RSA":
        return _rsa(algorithm, key)
    if parent.key_algorithm == "ECDSA":
        return _ecdsa(algorithm, key, parent.key_bits)
    if parent.key_algorithm == "Ed25519":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey.from_public_bytes(key).verify
    from cryptography.hazmat.primitives.asymmetric import mldsa

    kind: Any = getattr(mldsa, parent.key_algorithm.replace("-", "") + "PublicKey")
    verify: Callable[[bytes, bytes], object] = kind.from_public_bytes(key).verify
    return verify


def _rsa(algorithm: str, key: bytes) -> Callable[[bytes, bytes], object]:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    (_, modulus), (_, exponent), *_ = inside(key)
    public = RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()
    hash_ = _hash(algorithm)
    if algorithm.endswith("PSS"):
        pss = padding.PSS(padding.MGF1(hash_), hash_.digest_size)
        return lambda signature, message: public.verify(signature, message, pss, hash_)
    return lambda signature, message: public.verify(signature, message, padding.PKCS1v15(), hash_)


def _ecdsa(algorithm: str, key: bytes, bits: int) -> Callable[[bytes, bytes], object]:
    from cryptography.hazmat.primitives.asymmetric import ec

    curve = getattr(ec, _CURVES[bits])()
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve, key)
    scheme = ec.ECDSA(_hash(algorithm))
    return lambda signature, message: public.verify(signature, message, scheme)


def _hash(algorithm: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    return next(getattr(hashes, name)() for name in _HASHES if name in algorithm)


def _public_key(raw_spki: bytes) -> bytes:
    """The key itself within a SubjectPublicKeyInfo (RFC 5280 4.1.2.7)."""
    _, (_, bits) = list(inside(raw_spki))[:2]
    return bits[1:]
