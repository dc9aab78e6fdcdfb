"""The certificates of a PKCS #12 keystore. Sources: RFC 7292, PKCS12_parse(3), OSSL_PROVIDER_load(3)."""

from __future__ import annotations

import sys

from probe.lightweight import sha256
from probe.remedies import derivation
from probe.tls import libcrypto

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST = 10_000  # certificates
_KEPT = 32  # answers: a trial asks again what the diagnosis knows, and each takes a derivation of the key
ROUNDS = 400_000  # of key derivation that a password is tried with, 0.2 s; keytool asks for 30,000

_known: dict[tuple[bytes, bytes | None], list[bytes] | None] = {}


def certificates(data: bytes, password: bytes | None) -> list[bytes] | None:
    """
    Their DER, in the keystore's order; None where *data* is no keystore or has another password.

    And where it asks for more than ROUNDS of key derivation. Private keys, which may ask for more, stay as
    they are.
    """
    asked = sha256(data).digest(), password
    if asked not in _known:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)), None)
        _known[asked] = _opened(data, password)
    return _known[asked]


def _opened(data: bytes, password: bytes | None) -> list[bytes] | None:
    if not 0 < derivation.rounds(data) <= ROUNDS:
        return None
    try:
        found = _by_openssl(data, password)
    except (ImportError, OSError, AttributeError):
        found = None
    return _by_cryptography(data, password) if found is None else found


def _by_openssl(data: bytes, password: bytes | None) -> list[bytes] | None:
    import ctypes

    lib = libcrypto.library()
    _load_legacy(lib)
    store = libcrypto.decoded(lib.d2i_PKCS12, data)
    others = ctypes.c_void_p()
    try:
        if not store or lib.PKCS12_parse(store, password, None, None, ctypes.byref(others)) != 1:
            return None
        count = min(max(lib.OPENSSL_sk_num(others), 0), _MOST)
        found = [ctypes.c_void_p(lib.OPENSSL_sk_value(others, at)) for at in range(count)]
        return [libcrypto.encoded(lib.i2d_X509, one) for one in found if one.value]
    finally:
        lib.PKCS12_free(store)
        lib.OPENSSL_sk_pop_free(others, lib.X509_free)
        lib.ERR_clear_error()


def _load_legacy(lib: Any) -> None:
    """Let the bundle read what keytool wrote until Java 8, with RC2: by the module beside it alone."""
    if "bundle" in sys._xoptions:
        lib.OSSL_PROVIDER_set_default_search_path(None, f"{sys.prefix}/lib/ossl-modules".encode())
        lib.OSSL_PROVIDER_try_load(None, b"legacy", 1)  # beside the default one


def _by_cryptography(data: bytes, password: bytes | None) -> list[bytes] | None:
    """With the older algorithms, where `cryptography` is installed."""
    try:
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

        store = pkcs12.load_pkcs12(data, password)
    except Exception:  # noqa: BLE001 - not installed, another password, or no keystore
        return None
    ones = [store.cert, *store.additional_certs]
    return [one.certificate.public_bytes(Encoding.DER) for one in ones if one]
