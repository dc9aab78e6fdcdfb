"""The demo's certificates, read by `cryptography` and by our own rules."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from probe.demo import keys, pki
from probe.golang.release import Go
from probe.golang.x509.certificate import parse
from probe.golang.x509.certificate_fields import Certificate


@pytest.mark.parametrize("kind", [keys.OpenSslKey, keys.CryptographyKey])
def test_a_chain_of_three(kind: type[keys.PrivateKey], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each signed by the one above, with names, dates, usages; the key fits its certificate."""
    monkeypatch.setattr(pki, "generate", kind)
    root = pki.Authority("Root")
    middle = pki.Authority("Middle", root)
    leaf = middle.leaf(["a.test", "b.test"], since_days=91, for_days=90, fetch="http://ca.test/x.crt")
    top, between, end = (x509.load_pem_x509_certificate(one) for one in (root.pem, middle.pem, leaf.pem))
    for child, parent in ((top, top), (between, top), (end, between)):
        child.verify_directly_issued_by(parent)
    names = end.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.test", "b.test"]
    assert (end.not_valid_after_utc - end.not_valid_before_utc).days == 90
    access = end.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [one.access_location.value for one in access] == ["http://ca.test/x.crt"]
    private = serialization.load_pem_private_key(leaf.key_pem, None)
    assert private.public_key() == end.public_key()
    assert top.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert isinstance(parse(leaf.der, Go((1, 27, 3), "as-go")), Certificate)
