"""
Certificates that are odd in one way each, and the releases of Go that take them.

"always", "never", "..22" (up to Go 1.22), "25.." (from Go 1.25 on) or "22..26".
Held against real Go in tests/differential/test_certificates.py.
"""

from typing import NamedTuple

from tests.support.der import (
    NULL,
    POINT,
    RSA_SHA256,
    attribute,
    bits,
    boolean,
    certificate,
    common_name,
    constraints,
    extension,
    generalized,
    integer,
    name,
    octets,
    oid,
    rsa_key,
    seq,
    tlv,
    utc,
)

CN = "2.5.4.3"
EMAIL = "1.2.840.113549.1.9.1"
SAN, NAMES, POLICIES = "2.5.29.17", "2.5.29.30", "2.5.29.32"
USAGE, PURPOSE, POINTS = "2.5.29.15", "2.5.29.37", "2.5.29.31"
SUBJECT_ID, AUTHORITY_ID, ACCESS = "2.5.29.14", "2.5.29.35", "1.3.6.1.5.5.7.1.1"
ODD_MODULUS = (1 << 2047) + 1


class Odd(NamedTuple):
    data: bytes
    taken: str  # by which releases

    def is_taken_by(self, minor: int) -> bool:
        if ".." not in self.taken:
            return self.taken == "always"
        first, last = self.taken.split("..")
        return int(first or 0) <= minor <= int(last or 99)


def _value(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return certificate(extensions=[constraints(), extension(kind, value, critical=critical)])


def _san(*names: tuple[int, bytes]) -> bytes:
    return _value(SAN, seq(*(tlv(0x80 | tag, content) for tag, content in names)))


def _uri(text: str) -> bytes:
    return _san((6, text.encode()))


def _permitted(tag: int, content: bytes) -> bytes:
    return _value(NAMES, seq(tlv(0xA0, seq(tlv(0x80 | tag, content)))))


def _policy(*contents: bytes) -> bytes:
    return _value(POLICIES, seq(*(seq(tlv(6, content)) for content in contents)))


def _valid(before: bytes, after: bytes | None = None) -> bytes:
    return certificate(validity=seq(before, utc("491231235959Z") if after is None else after))


def _ec(curve: str, point: bytes, parameters: bytes | None = None) -> bytes:
    given = oid(curve) if parameters is None else parameters
    return certificate(key=seq(seq(oid("1.2.840.10045.2.1"), given), bits(point)))


def _key(algorithm: str, content: bytes, parameters: bytes = b"") -> bytes:
    return certificate(key=seq(seq(oid(algorithm), parameters), bits(content)))


def _dsa(*numbers: int) -> bytes:
    y, *rest = numbers
    parameters = seq(*(integer(number) for number in rest))
    return _key("1.2.840.10040.4.1", integer(y), parameters)


def _pss(salt: int, *, digest: str = "2.16.840.1.101.3.4.2.1", trailer: bytes = b"") -> bytes:
    hashed = seq(oid(digest), NULL)
    parameters = seq(
        tlv(0xA0, hashed),
        tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), hashed)),
        tlv(0xA2, integer(salt)),
        trailer,
    )
    return certificate(algorithm=seq(oid("1.2.840.113549.1.1.10"), parameters))


_P224 = bytes.fromhex(
    "04b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21"
    "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34"
)
_P384 = bytes.fromhex(
    "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
)
_P521 = bytes.fromhex(
    "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8"
    "de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66"
    "2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"
)
_PLAIN = certificate()
_CA = [constraints()]

ODD: dict[str, Odd] = {
    what: Odd(data, taken)
    for what, (data, taken) in {
        # --- the frame ---
        "plain": (_PLAIN, "always"),
        "nothing": (b"", "never"),
        "not a sequence": (b"\x31" + _PLAIN[1:], "never"),
        "cut": (_PLAIN[:-1], "never"),
        "one byte more": (_PLAIN + b"\0", "never"),
        "another certificate behind": (_PLAIN + _PLAIN, "never"),
        "more inside": (certificate(tail=integer(7)), "always"),
        "indefinite length": (b"\x30\x80" + _PLAIN[4:] + b"\0\0", "never"),
        "length not minimal": (b"\x30\x83\0" + _PLAIN[2:4] + _PLAIN[4:], "never"),
        "length of five octets": (b"\x30\x85\0\0\0" + _PLAIN[2:4] + _PLAIN[4:], "never"),
        "version 1": (certificate(version=b"", extensions=None), "always"),
        "version 1 written out": (certificate(version=tlv(0xA0, integer(0)), extensions=None), "always"),
        "version 1 with extensions": (certificate(version=b""), "always"),
        "version 2 with ids": (
            certificate(
                version=tlv(0xA0, integer(1)), ids=tlv(0x81, b"\0a") + tlv(0x82, b"\0b"), extensions=None
            ),
            "always",
        ),
        "version 3 with ids": (certificate(ids=tlv(0x81, b"\0a")), "always"),
        "version 3 without extensions": (certificate(extensions=None), "always"),
        "version 4": (certificate(version=tlv(0xA0, integer(3))), "never"),
        "version negative": (certificate(version=tlv(0xA0, integer(-1))), "never"),
        "version and more": (certificate(version=tlv(0xA0, integer(2), NULL)), "never"),
        "version empty": (certificate(version=tlv(0xA0)), "never"),
        # --- the serial number ---
        "serial 0": (certificate(serial=integer(0)), "always"),
        "serial of 25 octets": (certificate(serial=integer(1 << 190)), "always"),
        "serial negative": (certificate(serial=integer(-1)), "..22"),
        "serial empty": (certificate(serial=tlv(2)), "never"),
        "serial not minimal": (certificate(serial=tlv(2, b"\0\1")), "never"),
        "serial negative, not minimal": (certificate(serial=tlv(2, b"\xff\xff")), "never"),
        "serial not an integer": (certificate(serial=octets(b"\1")), "never"),
        # --- the signature ---
        "algorithms differ": (certificate(outer=RSA_SHA256), "never"),
        "algorithm unknown": (certificate(algorithm=seq(oid("1.2.3.4"))), "always"),
        "algorithm MD5": (certificate(algorithm=seq(oid("1.2.840.113549.1.1.4"), NULL)), "always"),
        "algorithm SHA-1, the ISO name": (certificate(algorithm=seq(oid("1.3.14.3.2.29"), NULL)), "always"),
        "algorithm without OID": (certificate(algorithm=seq()), "never"),
        "algorithm with a bad parameter": (certificate(algorithm=seq(oid("1.2.3.4"), b"\x05")), "never"),
        "algorithm with two parameters": (certificate(algorithm=seq(oid("1.2.3.4"), NULL, NULL)), "always"),
        "Ed25519 signature with parameters": (certificate(algorithm=seq(oid("1.3.101.112"), NULL)), "always"),
        "Ed25519 signature": (certificate(algorithm=seq(oid("1.3.101.112"))), "always"),
        "ML-DSA signature": (certificate(algorithm=seq(oid("2.16.840.1.101.3.4.3.18"))), "always"),
        "PSS": (_pss(32), "always"),
        "PSS with its trailer": (_pss(32, trailer=tlv(0xA3, integer(1))), "always"),
        "PSS with another trailer": (_pss(32, trailer=tlv(0xA3, integer(2))), "always"),
        "PSS with the wrong salt": (_pss(20), "always"),
        "PSS with SHA-512": (_pss(64, digest="2.16.840.1.101.3.4.2.3"), "always"),
        "PSS without parameters": (certificate(algorithm=seq(oid("1.2.840.113549.1.1.10"))), "always"),
        "signature not bits": (certificate(signature=octets(b"x")), "never"),
        "signature empty": (certificate(signature=bits(b"")), "always"),
        "signature with padding": (certificate(signature=bits(b"\xf0", 4)), "always"),
        "signature with dirty padding": (certificate(signature=bits(b"\xff", 4)), "never"),
        # --- names ---
        "subject empty": (certificate(subject=seq()), "always"),
        "subject no sequence": (certificate(subject=tlv(0x31)), "never"),
        "subject with an empty set": (certificate(subject=seq(tlv(0x31))), "always"),
        "subject attribute without value": (certificate(subject=name(seq(oid(CN)))), "never"),
        "subject with an arc of 32 bits": (
            certificate(subject=name(attribute("1.2.4294967296", "x"))),
            "never",
        ),
        "subject with an arc of 31 bits": (
            certificate(subject=name(attribute("1.2.2147483647", "x"))),
            "always",
        ),
        "subject with all its fields": (
            certificate(
                subject=name(
                    *(
                        attribute(f"2.5.4.{arc}", f"{arc}, é")
                        for arc in (6, 8, 7, 9, 17, 10, 11, 3, 5, 12, 65)
                    )
                )
            ),
            "always",
        ),
        "subject with fields twice": (
            certificate(
                subject=seq(
                    tlv(0x31, attribute("2.5.4.10", "one"), attribute("2.5.4.10", "two")),
                    tlv(0x31, attribute(CN, "first")),
                    tlv(0x31, attribute(CN, "last")),
                    tlv(0x31, attribute("2.5.4.5", "1"), attribute("2.5.4.5", "")),
                )
            ),
            "always",
        ),
        "subject to be escaped": (certificate(subject=common_name(' #a,b+c"d\\e<f>g;h=i ')), "always"),
        "subject of one blank": (certificate(subject=common_name(" ")), "always"),
        "subject of two blanks": (certificate(subject=common_name("  ")), "always"),
        "subject with a hash first": (certificate(subject=common_name("# ")), "always"),
        "subject with NUL": (certificate(subject=common_name("a\0b")), "always"),
        "subject with an email": (certificate(subject=name(attribute(EMAIL, "a@b.test", 22))), "always"),
        "subject with a printable other": (
            certificate(subject=name(attribute("1.2.3.4", "plain", 19))),
            "always",
        ),
        "subject with a long other": (certificate(subject=name(attribute("1.2.3.4", "x" * 300))), "always"),
        "subject with a star in an other": (
            certificate(subject=name(attribute("1.2.3.4", "a*&", 19))),
            "always",
        ),
        "UTF8String broken": (certificate(subject=common_name(b"a\xff")), "never"),
        "UTF8String with a surrogate": (certificate(subject=common_name(b"\xed\xa0\x80")), "never"),
        "PrintableString with @": (certificate(subject=common_name("a@b", 19)), "never"),
        "PrintableString with _": (certificate(subject=common_name("a_b", 19)), "never"),
        "PrintableString with * and &": (certificate(subject=common_name("*&", 19)), "always"),
        "IA5String with é": (certificate(subject=common_name(b"\xe9", 22)), "never"),
        "NumericString": (certificate(subject=common_name("12 3", 18)), "always"),
        "NumericString with a letter": (certificate(subject=common_name("12a", 18)), "never"),
        "T61String": (certificate(subject=common_name(b"caf\xe9 \xe2\x82", 20)), "always"),
        "T61String elsewhere": (certificate(subject=name(attribute("1.2.3.4", b"caf\xe9", 20))), "always"),
        "BMPString": (certificate(subject=common_name("Größe".encode("utf-16-be"), 30)), "always"),
        "BMPString with a terminator": (certificate(subject=common_name(b"\0a\0\0", 30)), "always"),
        "BMPString of odd length": (certificate(subject=common_name(b"\0a\0", 30)), "never"),
        "BMPString with a pair of surrogates": (
            certificate(subject=common_name("😀".encode("utf-16-be"), 30)),
            "..24",
        ),
        "BMPString with half a pair": (certificate(subject=common_name(b"\xd8\x3d\0a", 30)), "..24"),
        "BMPString with a noncharacter": (certificate(subject=common_name(b"\xfd\xd0", 30)), "..24"),
        "UniversalString": (certificate(subject=common_name(b"\0\0\0a", 28)), "27.."),
        "VisibleString": (certificate(subject=common_name("a", 26)), "27.."),
        "VisibleString elsewhere": (certificate(subject=name(attribute("1.2.3.4", "a", 26))), "27.."),
        "name of an INTEGER": (certificate(subject=name(seq(oid("1.2.3.4"), integer(-77)))), "27.."),
        "name of a huge INTEGER": (certificate(subject=name(seq(oid("1.2.3.4"), integer(1 << 70)))), "never"),
        "name of BITS": (certificate(subject=name(seq(oid("1.2.3.4"), bits(b"\xf0", 4)))), "27.."),
        "name of bad BITS": (certificate(subject=name(seq(oid("1.2.3.4"), bits(b"\xff", 4)))), "never"),
        "name of OCTETS": (certificate(subject=name(seq(oid("1.2.3.4"), octets(b"x")))), "27.."),
        "name of an OID": (certificate(subject=name(seq(oid("1.2.3.4"), oid("1.2.3")))), "27.."),
        "name of a bad OID": (certificate(subject=name(seq(oid("1.2.3.4"), tlv(6, b"\x80\1")))), "never"),
        "name of TRUE": (certificate(subject=name(seq(oid("1.2.3.4"), boolean(True)))), "27.."),
        "name of a bad BOOLEAN": (certificate(subject=name(seq(oid("1.2.3.4"), tlv(1, b"\1")))), "never"),
        "name of NULL": (certificate(subject=name(seq(oid("1.2.3.4"), NULL))), "27.."),
        "name of a time": (certificate(subject=name(seq(oid("1.2.3.4"), utc("9901020304Z")))), "27.."),
        "name of a late time": (
            certificate(subject=name(seq(oid("1.2.3.4"), generalized("20490102030405+0130")))),
            "27..",
        ),
        "name of a far time": (
            certificate(subject=name(seq(oid("1.2.3.4"), generalized("20500102030405Z")))),
            "27..",
        ),
        "name of a bad time": (certificate(subject=name(seq(oid("1.2.3.4"), utc("x")))), "never"),
        "name of a SEQUENCE": (certificate(subject=name(seq(oid("1.2.3.4"), seq(NULL)))), "27.."),
        "common name of an INTEGER": (certificate(subject=name(seq(oid(CN), integer(7)))), "27.."),
        "high tag": (certificate(subject=name(seq(oid("1.2.3.4"), b"\x1f\x81\x01\x00"))), "never"),
        # --- dates ---
        "expired": (_valid(utc("990101000000Z"), utc("000101000000Z")), "always"),
        "not yet valid": (_valid(generalized("21000101000000Z"), generalized("99991231235959Z")), "always"),
        "ends before it begins": (_valid(utc("400101000000Z"), utc("300101000000Z")), "always"),
        "UTCTime of 1950": (_valid(utc("500101000000Z")), "always"),
        "UTCTime of 2049": (_valid(utc("491231235959Z")), "always"),
        "UTCTime without seconds": (_valid(utc("2001010000Z")), "always"),
        "UTCTime with an offset": (_valid(utc("200101000000+0130")), "always"),
        "UTCTime with an offset of a day": (_valid(utc("200101000000-2400")), "always"),
        "UTCTime with an offset of more": (_valid(utc("200101000000-2500")), "..22"),
        "UTCTime with 60 minutes of offset": (_valid(utc("200101000000+0060")), "never"),
        "UTCTime with no offset": (_valid(utc("200101000000+0000")), "never"),
        "UTCTime without a zone": (_valid(utc("200101000000")), "never"),
        "UTCTime with fractions": (_valid(utc("200101000000.5Z")), "never"),
        "30 February": (_valid(utc("200230000000Z")), "never"),
        "29 February": (_valid(utc("200229000000Z")), "always"),
        "29 February 2019": (_valid(utc("190229000000Z")), "never"),
        "hour 24": (_valid(utc("200101240000Z")), "never"),
        "second 60": (_valid(utc("200101000060Z")), "never"),
        "month 0": (_valid(utc("200001000000Z")), "never"),
        "GeneralizedTime": (_valid(generalized("20200101000000Z")), "always"),
        "GeneralizedTime of year 0": (_valid(generalized("00000101000000Z")), "always"),
        "GeneralizedTime of 1900": (_valid(generalized("19000228235959Z")), "always"),
        "29 February 1900": (_valid(generalized("19000229000000Z")), "never"),
        "GeneralizedTime without seconds": (_valid(generalized("202001010000Z")), "never"),
        "GeneralizedTime with fractions": (_valid(generalized("20200101000000.0Z")), "never"),
        "time as text": (_valid(tlv(12, b"200101000000Z")), "never"),
        "one date": (certificate(validity=seq(utc("200101000000Z"))), "never"),
        "three dates": (
            certificate(validity=seq(utc("200101000000Z"), utc("491231235959Z"), utc("x"))),
            "always",
        ),
        # --- keys ---
        "RSA": (certificate(key=rsa_key(ODD_MODULUS)), "always"),
        "RSA 512": (certificate(key=rsa_key((1 << 511) + 1)), "always"),
        "RSA 16384": (certificate(key=rsa_key((1 << 16383) + 1)), "always"),
        "RSA with an even modulus": (certificate(key=rsa_key(ODD_MODULUS - 1)), "always"),
        "RSA with an even exponent": (certificate(key=rsa_key(ODD_MODULUS, 4)), "always"),
        "RSA with exponent 1": (certificate(key=rsa_key(ODD_MODULUS, 1)), "always"),
        "RSA with an exponent of 63 bits": (certificate(key=rsa_key(ODD_MODULUS, (1 << 63) - 1)), "always"),
        "RSA with an exponent of 64 bits": (certificate(key=rsa_key(ODD_MODULUS, 1 << 63)), "never"),
        "RSA with a negative exponent": (certificate(key=rsa_key(ODD_MODULUS, -3)), "never"),
        "RSA with a negative modulus": (certificate(key=rsa_key(-ODD_MODULUS)), "never"),
        "RSA modulus 0": (certificate(key=rsa_key(0)), "never"),
        "RSA without parameters": (certificate(key=rsa_key(ODD_MODULUS, parameters=b"")), "never"),
        "RSA key cut": (_key("1.2.840.113549.1.1.1", seq(integer(ODD_MODULUS)), NULL), "never"),
        "RSA key with more inside": (
            _key("1.2.840.113549.1.1.1", seq(integer(ODD_MODULUS), integer(3), NULL) + NULL, NULL),
            "always",
        ),
        "RSASSA-PSS key": (_key("1.2.840.113549.1.1.10", seq(integer(7))), "always"),
        "P-224": (_ec("1.3.132.0.33", _P224), "always"),
        "P-256": (_ec("1.2.840.10045.3.1.7", POINT), "always"),
        "P-384": (_ec("1.3.132.0.34", _P384), "always"),
        "P-521": (_ec("1.3.132.0.35", _P521), "always"),
        "secp256k1": (_ec("1.3.132.0.10", POINT), "never"),
        "brainpoolP256r1": (_ec("1.3.36.3.3.2.8.1.1.7", POINT), "never"),
        "EC point off the curve": (_ec("1.2.840.10045.3.1.7", POINT[:-1] + b"\xf4"), "never"),
        "EC point compressed": (_ec("1.2.840.10045.3.1.7", b"\x03" + POINT[1:33]), "never"),
        "EC point at infinity": (_ec("1.2.840.10045.3.1.7", b"\0"), "never"),
        "EC point with a zero in front": (_ec("1.2.840.10045.3.1.7", b"\0" + POINT), "never"),
        "EC point not reduced": (_ec("1.2.840.10045.3.1.7", b"\x04" + b"\xff" * 64), "never"),
        "EC point missing": (_ec("1.2.840.10045.3.1.7", b""), "never"),
        "EC key of another curve": (_ec("1.3.132.0.34", POINT), "never"),
        "EC parameters written out": (_ec("", POINT, seq(integer(1))), "never"),
        "EC parameters missing": (_ec("", POINT, b""), "never"),
        "EC key with padding": (
            certificate(
                key=seq(
                    seq(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7")),
                    bits((int.from_bytes(POINT) << 4).to_bytes(65), 4),
                )
            ),
            "always",
        ),
        "Ed25519": (_key("1.3.101.112", bytes(32)), "always"),
        "Ed25519 with parameters": (_key("1.3.101.112", bytes(32), NULL), "never"),
        "Ed25519 of 31 octets": (_key("1.3.101.112", bytes(31)), "never"),
        "Ed448": (_key("1.3.101.113", bytes(57)), "always"),
        "X25519": (_key("1.3.101.110", bytes(5)), "always"),
        "ML-DSA-44": (_key("2.16.840.1.101.3.4.3.17", bytes(1312)), "always"),
        "ML-DSA-44 of the wrong length": (_key("2.16.840.1.101.3.4.3.17", bytes(1311)), "..26"),
        "ML-DSA-65 with parameters": (_key("2.16.840.1.101.3.4.3.18", bytes(1952), NULL), "..26"),
        "ML-DSA-87": (_key("2.16.840.1.101.3.4.3.19", bytes(2592)), "always"),
        "DSA": (_dsa(5, 7, 3, 2), "always"),
        "DSA with a zero": (_dsa(5, 7, 0, 2), "never"),
        "DSA without parameters": (_key("1.2.840.10040.4.1", integer(5)), "never"),
        "key of an unknown kind": (_key("1.2.3.4", b"whatever", seq()), "always"),
        "key not bits": (certificate(key=seq(seq(oid("1.2.3.4")), octets(b"x"))), "never"),
        "key without algorithm": (certificate(key=seq(bits(b"x"))), "never"),
        # --- extensions ---
        "extensions no sequence": (certificate(extensions=tlv(0xA3, tlv(0x31))), "never"),
        "extensions empty": (certificate(extensions=tlv(0xA3, seq())), "always"),
        "extensions and more": (certificate(extensions=tlv(0xA3, seq(*_CA), NULL)), "always"),
        "extension twice": (certificate(extensions=_CA * 2), "never"),
        "extension without value": (certificate(extensions=[seq(oid("1.2.3"))]), "never"),
        "extension with a bad OID": (certificate(extensions=[seq(tlv(6), octets(b""))]), "never"),
        "extension with FALSE written out": (
            certificate(extensions=[seq(oid("2.5.29.19"), boolean(False), octets(seq()))]),
            "always",
        ),
        "extension with TRUE as 1": (
            certificate(extensions=[seq(oid("2.5.29.19"), tlv(1, b"\1"), octets(seq()))]),
            "never",
        ),
        "extension unknown": (_value("1.2.3.4", b"x"), "always"),
        "extension unknown and critical": (_value("1.2.3.4", b"x", critical=True), "always"),
        "basicConstraints CA:FALSE": (certificate(extensions=[constraints(ca=False)]), "always"),
        "basicConstraints FALSE written out": (
            certificate(extensions=[extension("2.5.29.19", seq(boolean(False)))]),
            "always",
        ),
        "basicConstraints path length 0": (
            certificate(extensions=[extension("2.5.29.19", seq(boolean(True), integer(0)))]),
            "always",
        ),
        "basicConstraints path length negative": (
            certificate(extensions=[extension("2.5.29.19", seq(boolean(True), integer(-1)))]),
            "..24",
        ),
        "basicConstraints path length of 63 bits": (
            certificate(extensions=[extension("2.5.29.19", seq(boolean(True), integer((1 << 63) - 1)))]),
            "always",
        ),
        "basicConstraints path length of 64 bits": (
            certificate(extensions=[extension("2.5.29.19", seq(boolean(True), integer(1 << 63)))]),
            "never",
        ),
        "basicConstraints no sequence": (certificate(extensions=[extension("2.5.29.19", b"")]), "never"),
        "keyUsage": (_value(USAGE, bits(b"\x06", 1), critical=True), "always"),
        "keyUsage of nine bits": (_value(USAGE, bits(b"\xff\x80", 7)), "always"),
        "keyUsage empty": (_value(USAGE, bits(b"")), "always"),
        "keyUsage broken": (_value(USAGE, b"\x03\x02\x08\x00"), "never"),
        "keyUsage missing": (_value(USAGE, b""), "never"),
        "extKeyUsage": (_value(PURPOSE, seq(oid("1.3.6.1.5.5.7.3.1"), oid("1.2.3"))), "always"),
        "extKeyUsage empty": (_value(PURPOSE, seq()), "always"),
        "extKeyUsage broken": (_value(PURPOSE, seq(integer(1))), "never"),
        "subject key id": (_value(SUBJECT_ID, octets(b"id")), "always"),
        "subject key id critical": (_value(SUBJECT_ID, octets(b"id"), critical=True), "..22"),
        "subject key id broken": (_value(SUBJECT_ID, b"id"), "never"),
        "authority key id": (_value(AUTHORITY_ID, seq(tlv(0x80, b"id"))), "always"),
        "authority key id empty": (_value(AUTHORITY_ID, seq()), "always"),
        "authority key id critical": (_value(AUTHORITY_ID, seq(tlv(0x80, b"id")), critical=True), "..22"),
        "authority key id broken": (_value(AUTHORITY_ID, seq(b"\x80\x05")), "never"),
        "authority info access": (
            _value(ACCESS, seq(seq(oid("1.3.6.1.5.5.7.48.1"), tlv(0x86, b"http://x")))),
            "always",
        ),
        "authority info access critical": (_value(ACCESS, seq(), critical=True), "..22"),
        "authority info access broken": (_value(ACCESS, seq(seq())), "never"),
        "distribution points": (
            _value(POINTS, seq(seq(tlv(0xA0, tlv(0xA0, tlv(0x86, b"http://x"), tlv(0x81, b"y")))))),
            "always",
        ),
        "distribution points without a name": (_value(POINTS, seq(seq())), "always"),
        "distribution points, a relative name": (_value(POINTS, seq(seq(tlv(0xA0, tlv(0xA1))))), "never"),
        "distribution points broken": (_value(POINTS, seq(integer(1))), "never"),
        "policy": (_policy(b"\x2a\x03"), "always"),
        "policy twice": (_policy(b"\x2a\x03", b"\x2a\x03"), "..23"),
        "policy with an arc of 32 bits": (_policy(b"\x2a\x90\x80\x80\x80\x00"), "22.."),
        "policy with a huge arc": (_policy(b"\x2a" + b"\x81" * 200 + b"\x00"), "22.."),
        "policy not minimal": (_policy(b"\x2a\x80\x01"), "never"),
        "policy cut": (_policy(b"\x2a\x81"), "never"),
        "policy empty": (_policy(b""), "never"),
        "policies none": (_value(POLICIES, seq()), "always"),
        "policy mappings critical": (
            _value("2.5.29.33", seq(seq(oid("1.2.3"), oid("1.2.4"))), critical=True),
            "always",
        ),
        "policy mappings broken": (_value("2.5.29.33", seq(seq(oid("1.2.3")))), "..23"),
        "policy constraints critical": (_value("2.5.29.36", seq(tlv(0x80, b"\0")), critical=True), "always"),
        "policy constraints broken": (_value("2.5.29.36", seq(tlv(0x81, b""))), "..23"),
        "inhibit any policy critical": (_value("2.5.29.54", integer(0), critical=True), "always"),
        "inhibit any policy broken": (_value("2.5.29.54", NULL), "..23"),
        # --- names in extensions ---
        "SAN": (_san((2, b"a.test"), (1, b"a@b"), (7, bytes(4)), (7, bytes(16)), (6, b"urn:x")), "always"),
        "SAN empty": (_value(SAN, seq()), "always"),
        "SAN empty and critical": (_value(SAN, seq(), critical=True), "always"),
        "SAN of a directory name": (_value(SAN, seq(tlv(0xA4, seq())), critical=True), "always"),
        "SAN no sequence": (_value(SAN, tlv(0x31)), "never"),
        "SAN strange DNS": (_san((2, b"-a..b_*. \0")), "always"),
        "SAN DNS not ASCII": (_san((2, "é.test".encode())), "never"),
        "SAN email not ASCII": (_san((1, "é@b".encode())), "never"),
        "SAN IP of 5 octets": (_san((7, bytes(5))), "never"),
        "SAN IPv4 as IPv6": (_san((7, bytes(10) + b"\xff\xff" + bytes(4))), "..26"),
        "SAN URI not ASCII": (_uri("http://é.test/"), "never"),
        "SAN URI": (_uri("https://user:pw@a.test:443/p?q#f"), "always"),
        "SAN URI relative": (_uri("/a/b"), "always"),
        "SAN URI empty": (_uri(""), "always"),
        "SAN URI with a blank": (_uri("http://a b/"), "never"),
        "SAN URI with a control character": (_uri("http://a/\x01"), "never"),
        "SAN URI with a bad escape": (_uri("http://a/%zz"), "never"),
        "SAN URI with a bad fragment": (_uri("http://a/#%zz"), "never"),
        "SAN URI with an escape in the host": (_uri("http://%41/"), "never"),
        "SAN URI with octets in the host": (_uri("http://%c3%a9/"), "never"),
        "SAN URI with a dot behind": (_uri("http://a.test./"), "never"),
        "SAN URI with a dot in front": (_uri("http://.a.test/"), "..22"),
        "SAN URI with a bad port": (_uri("http://a:x/"), "never"),
        "SAN URI with an empty port": (_uri("http://a:/"), "always"),
        "SAN URI with two colons": (_uri("http://a:1:2/"), "..25"),
        "SAN URI of another scheme with two colons": (_uri("spiffe://a:1:2/"), "always"),
        "SAN URI without a scheme": (_uri("a:b"), "always"),
        "SAN URI colon first": (_uri(":b"), "never"),
        "SAN URI digit first": (_uri("1a:b"), "never"),
        "SAN URI with a bad user": (_uri("http://a b@c/"), "never"),
        "SAN URI IPv6": (_uri("http://[2001:db8::1]:80/"), "always"),
        "SAN URI IPv6 with a zone": (_uri("http://[fe80::1%25eth0]/"), "always"),
        "SAN URI IPv6 with a zone of blanks": (_uri("http://[fe80::1%25a%20b]/"), "never"),
        "SAN URI with a name in brackets": (_uri("http://[a.test]/"), "..23"),
        "SAN URI IPv4 in brackets": (_uri("http://[1.2.3.4]/"), "..23"),
        "SAN URI with text before brackets": (_uri("http://a[::1]/"), "24..25"),
        "SAN URI with an open bracket": (_uri("http://[::1/"), "never"),
        "SAN URI of three slashes": (_uri("file:///etc"), "always"),
        "constraint empty": (_value(NAMES, seq()), "never"),
        "constraint with empty sides": (_value(NAMES, seq(tlv(0xA0), tlv(0xA1))), "never"),
        "constraint with more": (_value(NAMES, seq(tlv(0xA1, seq(tlv(0x82, b"a"))), NULL)), "never"),
        "constraint excluded": (_value(NAMES, seq(tlv(0xA1, seq(tlv(0x82, b"a.test"))))), "always"),
        "constraint sides in the wrong order": (
            _value(NAMES, seq(tlv(0xA1, seq(tlv(0x82, b"a"))), tlv(0xA0, seq(tlv(0x82, b"a"))))),
            "never",
        ),
        "constraint of a directory": (
            _value(NAMES, seq(tlv(0xA0, seq(tlv(0xA4, seq())))), critical=True),
            "always",
        ),
        "constraint DNS": (_permitted(2, b".a.test"), "always"),
        "constraint DNS empty": (_permitted(2, b""), "always"),
        "constraint DNS dot": (_permitted(2, b"."), "..23"),
        "constraint DNS two dots": (_permitted(2, b"..a"), "..22"),
        "constraint DNS dot behind": (_permitted(2, b"a."), "never"),
        "constraint DNS blank": (_permitted(2, b"a b"), "never"),
        "constraint DNS not ASCII": (_permitted(2, b"\xe9"), "never"),
        "constraint IPv4": (_permitted(7, b"\x0a\0\0\0\xff\0\0\0"), "always"),
        "constraint IPv4 with a bad mask": (_permitted(7, b"\x0a\0\0\0\xff\0\xff\0"), "never"),
        "constraint IPv4 with a mask of 3 bits": (_permitted(7, b"\x0a\0\0\0\xe0\0\0\0"), "always"),
        "constraint IPv6": (_permitted(7, bytes(16) + b"\xff" * 16), "always"),
        "constraint IPv4 as IPv6": (
            _permitted(7, bytes(10) + b"\xff\xff" + bytes(4) + b"\xff" * 16),
            "..26",
        ),
        "constraint IP of 4 octets": (_permitted(7, bytes(4)), "never"),
        "constraint email domain": (_permitted(1, b".a.test"), "always"),
        "constraint email": (_permitted(1, b"x.y@a.test"), "always"),
        "constraint email quoted": (_permitted(1, b'"x \\@"@a.test'), "always"),
        "constraint email with a form feed": (_permitted(1, b'"x\x0c"@a.test'), "always"),
        "constraint email with a backslash": (_permitted(1, b"x\\@y@a.test"), "always"),
        "constraint email unquoted": (_permitted(1, b'"x@a.test'), "never"),
        "constraint email dots": (_permitted(1, b"x..y@a.test"), "never"),
        "constraint email without local part": (_permitted(1, b"@a.test"), "never"),
        "constraint email with two @": (_permitted(1, b"a@@b"), "..26"),
        "constraint URI": (_permitted(6, b".a.test"), "always"),
        "constraint URI of an IP": (_permitted(6, b"10.0.0.1"), "never"),
        "constraint URI of an IPv6": (_permitted(6, b"::1"), "never"),
        "constraint URI with a colon": (_permitted(6, b"a:1"), "always"),
    }.items()
}
