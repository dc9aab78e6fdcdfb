"""
OpenSSL's libcrypto, called by `ctypes`: the same library that `_ssl` shakes hands with.

Sources: d2i_PUBKEY(3), EVP_DigestVerifyInit(3), EVP_PKEY_CTX_ctrl_str(3). Available from OpenSSL 1.1.1 on;
ML-DSA from 3.5 on.
"""

from __future__ import annotations

from probe.lightweight import Any

_POINTERS = (
    *("d2i_PUBKEY", "d2i_PKCS12", "EVP_MD_CTX_new", "EVP_get_digestbyname", "EVP_PKEY_CTX_new_id"),
    *("OPENSSL_sk_value", "EVP_PKEY2PKCS8"),
)
_loaded: list[Any] = []


def library() -> Any:
    """libcrypto, its functions with their types; ImportError, OSError or AttributeError without it."""
    if not _loaded:
        import ctypes

        from probe.lightweight import ssl  # here: a node's scan goes without OpenSSL

        # By the handle of a library, dlsym(3) finds what that was linked with too.
        found = ctypes.CDLL(getattr(ssl, "__file__", None))
        for name in _POINTERS:
            getattr(found, name).restype = ctypes.c_void_p  # by getattr, which keeps what it makes
        _loaded.append(found)
    return _loaded[0]


def verify(spki: bytes, signature: bytes, message: bytes, digest: str, *, pss: bool = False) -> bool | None:
    """
    Whether the key in *spki* (SubjectPublicKeyInfo, DER) made the signature; None when OpenSSL cannot tell.

    *digest*: "SHA256" and the like, "" for an algorithm that hashes by itself. *pss*: RSASSA-PSS, with a salt
    as long as the digest and MGF1 by the same digest; else PKCS #1 v1.5.
    """
    try:
        lib = library()
        return _verified(lib, spki, signature, message, (digest, pss))
    except (ImportError, OSError, AttributeError):
        return None  # no ctypes, or an interpreter with an OpenSSL that shows nothing to others


def _verified(lib: Any, spki: bytes, signature: bytes, message: bytes, how: tuple[str, bool]) -> bool | None:
    import ctypes

    key = decoded(lib.d2i_PUBKEY, spki)
    context = ctypes.c_void_p(lib.EVP_MD_CTX_new())
    try:
        if not (key.value and context.value) or not _prepared(lib, context, key, how):
            return None
        size, length = ctypes.c_size_t(len(signature)), ctypes.c_size_t(len(message))
        return bool(lib.EVP_DigestVerify(context, signature, size, message, length) == 1)
    finally:
        lib.EVP_MD_CTX_free(context)
        lib.EVP_PKEY_free(key)
        lib.ERR_clear_error()  # `_ssl` looks at what is left there


def _prepared(lib: Any, context: Any, key: Any, how: tuple[str, bool]) -> bool:
    """Whether the key can be used with this digest and padding."""
    import ctypes

    digest, pss = how
    kind = ctypes.c_void_p(lib.EVP_get_digestbyname(digest.encode()) if digest else None)
    if digest and not kind.value:
        return False
    setting = ctypes.c_void_p()
    if lib.EVP_DigestVerifyInit(context, ctypes.byref(setting), kind, None, key) != 1:
        return False
    options = ((b"rsa_padding_mode", b"pss"), (b"rsa_pss_saltlen", b"digest")) if pss else ()
    return all(lib.EVP_PKEY_CTX_ctrl_str(setting, name, value) == 1 for name, value in options)


def decoded(function: Any, data: bytes) -> Any:
    """What one of the d2i functions makes of *data*, as a pointer: null where it is no such thing."""
    import ctypes

    start = ctypes.c_char_p(data)
    return ctypes.c_void_p(function(None, ctypes.byref(start), ctypes.c_long(len(data))))


def encoded(function: Any, thing: Any) -> bytes:
    """The DER that one of the i2d functions makes."""
    import ctypes

    size = function(thing, None)
    if size <= 0:
        raise ValueError("OpenSSL cannot encode it")
    buffer = ctypes.create_string_buffer(size)
    function(thing, ctypes.byref(ctypes.c_void_p(ctypes.addressof(buffer))))
    return buffer.raw
