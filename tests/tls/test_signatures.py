"""OpenSSL and `cryptography` say the same about every kind of key and signature."""

import functools
from typing import NamedTuple

import pytest

from probe.golang.release import Go
from probe.golang.x509.certificate import parse
from probe.golang.x509.certificate_fields import Certificate
from probe.tls import libcrypto, signatures
from tests.support import pki

HASHES = ("SHA1", "SHA256", "SHA384", "SHA512")
KINDS = (
    *((kind, hash_) for kind in ("RSA1024", "RSA2048", "RSA3072") for hash_ in HASHES),
    *(("RSA2048", f"{hash_}-PSS") for hash_ in HASHES[1:]),
    *((kind, hash_) for kind in ("P224", "P256", "P384", "P521") for hash_ in HASHES),
    *((kind, "SHA256") for kind in ("Ed25519", "MLDSA44", "MLDSA65", "MLDSA87")),
)


class Sample(NamedTuple):
    """A certificate, who may have signed it, and whether that is so."""

    name: str
    child: Certificate
    parent: Certificate
    answer: bool


def _read(made: pki.Made) -> Certificate:
    found = parse(made.der, Go((1, 27, 3), "as-go"))
    assert isinstance(found, Certificate), found
    return found


@functools.cache
def samples(kind: str, hash_: str) -> list[Sample]:
    """A signature as it should be, and one wrong in each way."""
    top, other = (pki.root(f"Root {n}", key=pki.key(kind, n), hash_=hash_) for n in range(2))
    parent, stranger = _read(top), _read(other)
    child = _read(pki.make("leaf", top, hash_=hash_))
    made = child.signature
    wrong = {
        "last bit": child._replace(signature=made[:-1] + bytes([made[-1] ^ 1])),
        "first bit": child._replace(signature=bytes([made[0] ^ 1]) + made[1:]),
        "empty": child._replace(signature=b""),
        "too short": child._replace(signature=made[:-1]),
        "too long": child._replace(signature=made + b"\0"),
        "zero": child._replace(signature=bytes(len(made))),
        "other content": child._replace(raw_tbs=child.raw_tbs + b"\0"),
    }
    return [
        Sample("right", child, parent, True),
        Sample("other key", child, stranger, False),
        *(Sample(name, one, parent, False) for name, one in wrong.items()),
    ]


@pytest.mark.parametrize(("kind", "hash_"), KINDS, ids=lambda each: str(each))
def test_both_say_the_same(kind: str, hash_: str) -> None:
    """And what the project goes by is right; only ML-DSA may be unknown to an OpenSSL, one before 3.5."""
    for sample in samples(kind, hash_):
        asked = sample.child, sample.parent
        assert signatures._by_cryptography(*asked) is sample.answer, sample.name
        assert signatures.signed(*asked) is sample.answer, sample.name
        known = signatures._by_openssl(*asked)
        old = kind.startswith("MLDSA") and libcrypto.library().OpenSSL_version_num() < 0x30500000
        assert known is (None if old else sample.answer), sample.name


@pytest.mark.parametrize("spki", [b"", b"\x30\x00", b"\x30\x80" * 50, bytes(2000)], ids=len)
def test_of_no_key_nothing_is_said(spki: bytes) -> None:
    """Neither yes nor no, and the library's list of errors is as empty as before."""
    assert libcrypto.verify(spki, b"x", b"y", "SHA256") is None
    assert libcrypto.verify(pki.spki(pki.key()), b"x", b"y", "SHA257") is None
    assert libcrypto.library().ERR_peek_error() == 0


def test_a_signature_that_the_right_key_made_stays_right_when_called_from_many_threads() -> None:
    """Nothing is shared between calls but the library."""
    from concurrent.futures import ThreadPoolExecutor

    right, *_ = samples("P256", "SHA256")
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: signatures._by_openssl(right.child, right.parent), range(200))
    assert set(found) == {True}
