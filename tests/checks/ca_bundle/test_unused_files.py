"""Entries of a directory of roots from which Go takes nothing: each is told, with its form."""

from collections import Counter
from pathlib import Path

import pytest

from probe import codes
from probe.codes import Code
from tests.checks.ca_bundle.bundles import PASS, WARN, judge, looking, told
from tests.golang.root_worlds import CERTS, DEBIAN, KEY, TRUSTED, A
from tests.golang.root_worlds import root as made
from tests.support import der
from tests.support.worlds import Content, lay

UNUSED = made("Unused")
FORMS: dict[str, tuple[Content, Code]] = {
    "der.crt": (UNUSED, codes.CA_BUNDLE_DER),
    "trusted.pem": (TRUSTED, codes.CA_BUNDLE_TRUSTED_FORMAT),
    "x509.pem": (der.pem(UNUSED, label="X509 CERTIFICATE"), codes.CA_BUNDLE_SKIPPED_BLOCKS),
    "p7.pem": (der.pem(UNUSED, label="PKCS7"), codes.CA_BUNDLE_PKCS7),
    "utf16.pem": (der.pem(UNUSED).decode().encode("utf-16"), codes.CA_BUNDLE_UTF16),
}


@pytest.mark.parametrize("name", FORMS)
def test_one_beside_the_bundle(root: Path, name: str) -> None:
    """A private CA that somebody put there in vain."""
    content, code = FORMS[name]
    lay(root, {DEBIAN: A, f"{CERTS}/{name}": content})
    assert told(judge(looking(root, {}))) == [(WARN, code), (PASS, codes.CA_BUNDLE_OK)]


def test_many_of_several_forms(root: Path) -> None:
    """Each form is told by itself, and many of one form together."""
    entries = {f"{CERTS}/{name}": content for name, (content, _) in FORMS.items()}
    more = {f"{CERTS}/{number}.crt": UNUSED for number in range(60)}
    lay(root, {DEBIAN: A, **entries, **more})
    found = judge(looking(root, {}))
    assert Counter(code for status, code in told(found) if status is WARN) == Counter(
        code for _, code in FORMS.values()
    )


def test_what_is_for_others(root: Path) -> None:
    """A key, and the file in OpenSSL's own form that RHEL ships, were not meant for Go."""
    lay(root, {DEBIAN: A, f"{CERTS}/key.pem": KEY, f"{CERTS}/ca-bundle.trust.crt": TRUSTED})
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]
