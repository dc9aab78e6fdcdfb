"""What gpgv's status lines come to: nothing but good signatures is good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.formats import gnupg
from probe.formats.gnupg import verdict

GOOD = b"[GNUPG:] GOODSIG 8FFFE09341BB13E5 Base Line <b@x>\n"
VALID = b"[GNUPG:] VALIDSIG ECFD 2026-11-21 1795263641 0 4 0 22 8 00 ECFD\n"
NO_KEY = b"[GNUPG:] ERRSIG 8FFF 22 8 00 1795263641 9 ECFD\n[GNUPG:] NO_PUBKEY 8FFF\n"


def test_a_good_signature_needs_its_proof() -> None:
    """GOODSIG alone is not believed."""
    assert verdict(GOOD + VALID) == gnupg.SignatureResult(gnupg.GOOD, "ECFD", "Base Line <b@x>", 1795263641)
    assert verdict(GOOD).kind == gnupg.UNCHECKED
    assert verdict(VALID).kind == gnupg.NO_SIGNATURE


@pytest.mark.parametrize("moment", [b"1795263641123x", b"1" * 5000, b"20261121T150000", "１".encode()])
def test_a_proof_without_a_moment_is_none(moment: bytes) -> None:
    """However much it looks like a number."""
    assert verdict(GOOD + VALID.replace(b"1795263641", moment)).kind == gnupg.UNCHECKED


@pytest.mark.parametrize(
    ("other", "kind"),
    [
        (b"[GNUPG:] BADSIG 8FFF x\n", gnupg.BAD),
        (b"[GNUPG:] EXPKEYSIG 8FFF x\n" + VALID, gnupg.KEY_EXPIRED),
        (b"[GNUPG:] REVKEYSIG 8FFF x\n" + VALID, gnupg.KEY_REVOKED),
        (b"[GNUPG:] EXPSIG 8FFF x\n" + VALID, gnupg.EXPIRED),
        (NO_KEY, gnupg.NO_KEY),
        (b"[GNUPG:] ERRSIG 8FFF 22 1 00 1795263641 5 ECFD\n", gnupg.UNCHECKED),
    ],
)
def test_the_worst_of_several_signatures_counts(other: bytes, kind: str) -> None:
    """Alone, and before or after a good one."""
    for status in (other, GOOD + VALID + other, other + GOOD + VALID):
        assert verdict(status).kind == kind


def test_nothing_else_is_a_signature() -> None:
    """What gpgv prints for people does not count, nor a keyword that a user id holds."""
    assert verdict(b"gpgv: Good signature\n[GNUPG:] NODATA 1\n").kind == gnupg.NO_SIGNATURE
    assert verdict(b"[GNUPG:] BADSIG 8FFF x [GNUPG:] GOODSIG 8FFF y\n").kind == gnupg.BAD


WORDS = (b"GOODSIG", b"BADSIG", b"ERRSIG", b"VALIDSIG", b"\n[GNUPG:]", b"8FFF", b"9", b"17952636411234x")


@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=12).map(b" ".join))
def test_nothing_raises(data: bytes) -> None:
    """Whatever the words are, they prove nothing without one GOODSIG and one VALIDSIG."""
    for status in (data, b"[GNUPG:] " + data):
        if verdict(status).kind == gnupg.GOOD:
            assert b"[GNUPG:] GOODSIG" in status
            assert b"[GNUPG:] VALIDSIG" in status
