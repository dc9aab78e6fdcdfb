"""Keystores as OpenSSL and Java write them: all certificates, by OpenSSL as by `cryptography`."""

import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from probe import codes
from probe.checks.ca_bundle import file_kinds
from probe.remedies import derivation, keystore
from tests.support import pki
from tests.support.der import integer, octets, oid, seq
from tests.support.keystores import PBKDF2, SCRYPT, asking

_PASSWORD = b"changeit"


def _store(form: str, count: int) -> bytes:
    ones = [x509.load_der_x509_certificate(pki.root(f"Root {at}").der) for at in range(count)]
    algorithm = getattr(pkcs12.PBES, form)
    if form == "PBESv2SHA256AndAES256CBC":
        how = PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(algorithm).build(_PASSWORD)
    else:
        builder = PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(algorithm)
        how = builder.hmac_hash(hashes.SHA1()).build(_PASSWORD)
    return pkcs12.serialize_key_and_certificates(None, None, None, ones, how)


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize("form", ["PBESv2SHA256AndAES256CBC", "PBESv1SHA1And3KeyTripleDESCBC"])
def test_all_certificates_by_either_library(form: str, count: int) -> None:
    """And none by another password, nor out of half a file."""
    data = _store(form, count)
    found = keystore._by_openssl(data, _PASSWORD)
    assert found is not None
    assert len(found) == count
    assert sorted(found) == sorted(keystore._by_cryptography(data, _PASSWORD) or [])
    for broken, password in (
        (data, b"other"),
        (data, None),
        (data[: len(data) // 2], _PASSWORD),
        (b"", None),
    ):
        assert keystore.certificates(broken, password) is None


def test_a_key_with_its_certificate() -> None:
    """What belongs to a private key is one of the certificates."""
    made = pki.root("Root")
    assert isinstance(made.key, ec.EllipticCurvePrivateKey)
    one = x509.load_der_x509_certificate(made.der)
    data = pkcs12.serialize_key_and_certificates(
        b"mine",
        made.key,
        one,
        None,
        serialization.NoEncryption(),
    )
    assert keystore._by_openssl(data, None) == [made.der]


@pytest.mark.parametrize(
    "data",
    [
        asking(seq(oid(PBKDF2), seq(octets(b"salt"), integer(1))), 2**31 - 1),
        asking(seq(oid(PBKDF2), seq(octets(b"salt"), integer(2**31 - 1))), 1),
        asking(seq(oid(PBKDF2), seq(octets(b"salt"), integer(2**31 - 1), integer(32))), 1),
        asking(
            seq(oid(SCRYPT), seq(octets(b"salt"), integer(1 << 14), integer(8), integer(1 << 20))),
            1,
        ),
    ],
    ids=["mac", "pbkdf2", "pbkdf2 with a length", "scrypt"],
)
def test_a_store_that_would_take_for_ever_is_not_tried(data: bytes) -> None:
    """Each would take minutes for a single password; what the check says of it names the number."""
    began = time.thread_time()
    assert all(keystore.certificates(data, password) is None for password in (None, b"changeit"))
    assert time.thread_time() - began < 1
    assert derivation.rounds(data) > keystore.ROUNDS
    found = file_kinds.look(data)
    assert found.code is codes.CA_BUNDLE_KEYSTORE
    assert f"asks for {derivation.rounds(data)} rounds of key derivation" in found.words


def test_what_is_asked_for_is_counted() -> None:
    """Of every part, and nothing of what is no store."""
    data = asking(seq(oid(PBKDF2), seq(octets(b"salt"), integer(2048))), 1000)
    assert 3048 <= derivation.rounds(data) <= 3060
    assert "asks for" not in file_kinds.look(data).words
    for cut in range(len(data)):
        assert derivation.rounds(data[:cut]) == 0
    parts = b"\x30\x80" + integer(3) + b"\x30\x80" + integer(70_000) + bytes(4)  # lengths that an end marks
    assert derivation.rounds(parts) == 70_003
    assert derivation.rounds(b"\x30\x80" * 10_000) == 0


@pytest.mark.parametrize("numbers", [1, 3])
def test_a_number_of_any_length_is_bounded(numbers: int) -> None:
    """What a file of 256 KB can ask for has more digits than Python prints, and takes seconds to multiply."""
    data = asking(seq(oid(PBKDF2), seq(*[integer(1 << 600_000)] * numbers)), 1)
    began = time.thread_time()
    assert derivation.rounds(data) == derivation.MOST
    assert f"asks for {derivation.MOST} rounds" in file_kinds.look(data).words
    assert time.thread_time() - began < 1
