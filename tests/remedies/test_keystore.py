"""Keystores as OpenSSL and Java write them: all certificates, by OpenSSL as by `cryptography`."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from probe.remedies import keystore
from tests.support import pki

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
