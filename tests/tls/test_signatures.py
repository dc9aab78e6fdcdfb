"""OpenSSL and `cryptography` say the same about every kind of key and signature."""

import pytest

from probe.tls import libcrypto, signatures
from tests.support import pki
from tests.support.signatures import KINDS, samples


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
