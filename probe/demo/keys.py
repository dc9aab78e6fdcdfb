"""Throw-away keys on the curve P-256, made by OpenSSL. Sources: EVP_PKEY_keygen(3), EVP_DigestSignInit(3)."""

import ctypes
from typing import Protocol

from probe.tls import libcrypto

_EVP_PKEY_EC = 408  # openssl/evp.h


class PrivateKey(Protocol):
    """A private key."""

    @property
    def spki(self) -> bytes:
        """The public key, as a SubjectPublicKeyInfo in DER."""

    @property
    def pkcs8(self) -> bytes:
        """The private key, not encrypted, in DER."""

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256."""


def generate() -> PrivateKey:
    """A new key: by the interpreter's OpenSSL, or by that of `cryptography` where it cannot be called."""
    try:
        return OpenSslKey()
    except (OSError, AttributeError):
        return CryptographyKey()


class CryptographyKey:
    """A key of `cryptography`'s."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def spki(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def pkcs8(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, message: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))


class OpenSslKey:
    """A key of libcrypto's; it is there until the process ends."""

    def __init__(self) -> None:
        self._lib = lib = libcrypto.library()
        context, self._key = ctypes.c_void_p(lib.EVP_PKEY_CTX_new_id(_EVP_PKEY_EC, None)), ctypes.c_void_p()
        _must(lib.EVP_PKEY_keygen_init(context))
        _must(lib.EVP_PKEY_CTX_ctrl_str(context, b"ec_paramgen_curve", b"P-256"))
        _must(lib.EVP_PKEY_keygen(context, ctypes.byref(self._key)))
        lib.EVP_PKEY_CTX_free(context)

    @property
    def spki(self) -> bytes:
        return libcrypto.encoded(self._lib.i2d_PUBKEY, self._key)

    @property
    def pkcs8(self) -> bytes:
        info = ctypes.c_void_p(self._lib.EVP_PKEY2PKCS8(self._key))
        try:
            return libcrypto.encoded(self._lib.i2d_PKCS8_PRIV_KEY_INFO, info)
        finally:
            self._lib.PKCS8_PRIV_KEY_INFO_free(info)

    def sign(self, message: bytes) -> bytes:
        lib, size = self._lib, ctypes.c_size_t()
        context, length = ctypes.c_void_p(lib.EVP_MD_CTX_new()), ctypes.c_size_t(len(message))
        try:
            sha256 = ctypes.c_void_p(lib.EVP_get_digestbyname(b"SHA256"))
            _must(lib.EVP_DigestSignInit(context, None, sha256, None, self._key))
            _must(lib.EVP_DigestSign(context, None, ctypes.byref(size), message, length))
            signature = ctypes.create_string_buffer(size.value)
            _must(lib.EVP_DigestSign(context, signature, ctypes.byref(size), message, length))
            return signature.raw[: size.value]
        finally:
            lib.EVP_MD_CTX_free(context)


def _must(result: int) -> None:
    if result != 1:
        raise RuntimeError("OpenSSL makes no key on P-256")
