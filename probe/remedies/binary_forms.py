"""Certificates in forms that are no text: DER, PKCS#7, PKCS#12 and Java keystores."""

import binascii

from probe.golang.x509 import der
from probe.remedies import keystore

PASSWORDS = (None, b"changeit", b"changeme", b"password", b"")  # those of keytool(1), and its users
JCEKS = b"\xce\xce\xce\xce"
_JKS = b"\xfe\xed\xfe\xed"
_SIGNED_DATA, _CONTENT, _SET = "1.2.840.113549.1.7.2", 0xA0, 0x31


def first_element(data: bytes) -> bytes:
    """The first DER element of *data*; what follows it in a TRUSTED CERTIFICATE is OpenSSL's."""
    try:
        _, end = der.take(data, 0, len(data), der.SEQUENCE, "")
    except der.ParseError:
        return data
    return data[:end]


def der_certificates(data: bytes) -> list[bytes]:
    """Certificates in DER, one after another; a certificate begins with a SEQUENCE in a SEQUENCE."""
    found: list[bytes] = []
    while data[:1] == b"\x30":
        try:
            begin, end = der.take(data, 0, len(data), der.SEQUENCE, "")
            inner, _ = der.take(data, begin, end, der.SEQUENCE, "")
        except der.ParseError:
            break
        if data[inner : inner + 1] not in (b"\xa0", b"\x02"):  # version or serial number
            break
        found.append(data[:end])
        data = data[end:].lstrip(b"\r\n\0")
    return found if not data.strip(b"\r\n\0") else []


def pkcs7(data: bytes) -> list[bytes]:
    """The certificates of a SignedData (RFC 5652, 5.1), as `openssl crl2pkcs7` and Windows write it."""
    if data[:1] != b"\x30":
        armour = b"-----BEGIN PKCS7-----" if b"BEGIN PKCS7" in data else b"-----BEGIN CMS-----"
        try:
            data = binascii.a2b_base64(data.partition(armour)[2].partition(b"-----END")[0])
        except ValueError:
            return []
    try:
        at, end = der.take(data, 0, len(data), der.SEQUENCE, "")
        kind, at = der.oid(data, at, end, "")
        if kind != _SIGNED_DATA:
            return []
        at, end = der.take(data, at, end, _CONTENT, "")
        at, end = der.take(data, at, end, der.SEQUENCE, "")
        for tag in (der.INTEGER, _SET, der.SEQUENCE):  # version, digest algorithms, what is signed
            _, at = der.take(data, at, end, tag, "")
        at, end = der.take(data, at, end, _CONTENT, "")
        found = []
        while at < end:
            _, after = der.take(data, at, end, der.SEQUENCE, "")
            found.append(data[at:after])
            at = after
    except der.ParseError:
        return []
    return found


def pkcs12(data: bytes) -> list[bytes]:
    try:
        begin, _ = der.take(data, 0, len(data), der.SEQUENCE, "")
    except der.ParseError:
        return []
    if data[begin : begin + 3] != b"\x02\x01\x03":
        return []
    stores = (keystore.certificates(data, password) for password in PASSWORDS)
    return next((store for store in stores if store is not None), [])


def password_of_pkcs12(data: bytes) -> str:
    """Which of the usual passwords opens it; the first that does, "" for none."""
    opening = (one for one in PASSWORDS if keystore.certificates(data, one) is not None)
    return (next(opening, None) or b"").decode()


def jks(data: bytes) -> list[bytes]:
    """The trusted certificates of a Java keystore, not encrypted: sun.security.provider.JavaKeyStore."""
    if not data.startswith((_JKS, JCEKS)):
        return []
    at, found = 12, []
    try:
        version, count = _number(data, 4, 4), _number(data, 8, 4)
        for _ in range(min(count, 10_000)):
            tag, at = _number(data, at, 4), at + 4
            at += 2 + _number(data, at, 2) + 8  # alias, date
            if tag == 1:  # a key, with its chain
                at += 4 + _number(data, at, 4)
                chain, at = _number(data, at, 4), at + 4
            else:
                chain = 1
            for _ in range(min(chain, 100)):
                if version == 2:
                    at += 2 + _number(data, at, 2)  # "X.509"
                size, at = _number(data, at, 4), at + 4
                if tag == 2:
                    found.append(data[at : at + size])
                at += size
    except IndexError:
        pass
    return [one for one in found if der_certificates(one)]


def password_of_jks(data: bytes) -> str:
    """The same of a Java keystore; PASSWORD where it is another one."""
    return next((one.decode() for one in PASSWORDS if one and _is_sealed_with(one, data)), "PASSWORD")


def _is_sealed_with(password: bytes, data: bytes) -> bool:
    """Whether the digest at the end of a Java keystore is made with *password*, which keytool asks for."""
    from hashlib import sha1

    sealed = password.decode().encode("utf-16-be") + b"Mighty Aphrodite" + data[:-20]
    return sha1(sealed, usedforsecurity=False).digest() == data[-20:]


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big")
