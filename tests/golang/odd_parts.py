"""The parts of which odd certificates are made."""

from typing import NamedTuple

from tests.support.der import (
    NULL,
    bits,
    certificate,
    constraints,
    extension,
    integer,
    oid,
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


def with_extension(kind: str, value: bytes, *, critical: bool = False) -> bytes:
    return certificate(extensions=[constraints(), extension(kind, value, critical=critical)])


def with_names(*names: tuple[int, bytes]) -> bytes:
    return with_extension(SAN, seq(*(tlv(0x80 | tag, content) for tag, content in names)))


def with_uri(text: str) -> bytes:
    return with_names((6, text.encode()))


def permitted(tag: int, content: bytes) -> bytes:
    return with_extension(NAMES, seq(tlv(0xA0, seq(tlv(0x80 | tag, content)))))


def with_policies(*contents: bytes) -> bytes:
    return with_extension(POLICIES, seq(*(seq(tlv(6, content)) for content in contents)))


def with_dates(before: bytes, after: bytes | None = None) -> bytes:
    return certificate(validity=seq(before, utc("491231235959Z") if after is None else after))


def with_ec(curve: str, point: bytes, parameters: bytes | None = None) -> bytes:
    given = oid(curve) if parameters is None else parameters
    return certificate(key=seq(seq(oid("1.2.840.10045.2.1"), given), bits(point)))


def with_key(algorithm: str, content: bytes, parameters: bytes = b"") -> bytes:
    return certificate(key=seq(seq(oid(algorithm), parameters), bits(content)))


def with_dsa(*numbers: int) -> bytes:
    y, *rest = numbers
    parameters = seq(*(integer(number) for number in rest))
    return with_key("1.2.840.10040.4.1", integer(y), parameters)


def with_pss(salt: int, *, digest: str = "2.16.840.1.101.3.4.2.1", trailer: bytes = b"") -> bytes:
    hashed = seq(oid(digest), NULL)
    parameters = seq(
        tlv(0xA0, hashed),
        tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), hashed)),
        tlv(0xA2, integer(salt)),
        trailer,
    )
    return certificate(algorithm=seq(oid("1.2.840.113549.1.1.10"), parameters))


P224 = bytes.fromhex(
    "04b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21"
    "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34"
)
P384 = bytes.fromhex(
    "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
)
P521 = bytes.fromhex(
    "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8"
    "de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e66"
    "2c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"
)
PLAIN = certificate()
CA_ONLY = [constraints()]
