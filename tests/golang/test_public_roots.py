"""The table of well-known roots says what the parser says, for every release; what is not in it is parsed."""

from hashlib import blake2b

import certifi
import pytest

from probe.formats import pem
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import public_roots, trust
from probe.golang.x509.certificate import parse
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.public_roots_table import ROOTS
from tests.support.commands import MakeTarget
from tests.support.pki import pems, root
from tests.support.public_roots import CERTIFICATES, GOS, TABLE, certificates, is_public, table

FOUND = certificates(CERTIFICATES)
KNOWN = [one for one in FOUND.values() if public_roots.digest(one.der) in ROOTS]


@pytest.mark.slow
def test_the_table_is_what_the_script_writes() -> None:
    """From the certificates beside this test: nobody has edited it, and no row has another source."""
    assert TABLE.read_text() == table(FOUND.values())
    assert len(KNOWN) == len(ROOTS) > 200


def test_every_root_is_one_that_a_public_authority_made() -> None:
    """None that a machine or a network has of its own, as the bundle of one in use holds."""
    blocks = [parse(block.data, NEWEST) for block in pem.split(CERTIFICATES.read_bytes())]
    assert len(blocks) == len(FOUND)
    assert [one.subject for one in blocks if isinstance(one, Certificate) and not is_public(one)] == []


@pytest.mark.parametrize("go", GOS, ids=lambda go: f"{go.text} {dict(go.godebug)}")
def test_a_known_root_is_what_the_parser_makes_of_it(go: Go) -> None:
    """Every field of every row, by the rules of each release."""
    for one in KNOWN:
        assert public_roots.find(one.der, go) == parse(one.der, go)


def test_one_octet_more_or_less_is_not_known() -> None:
    """The digest is of the whole certificate, and the one that hashlib makes."""
    der = KNOWN[0].der
    assert public_roots.digest(der) == blake2b(der, digest_size=32).digest()
    for other in (der[:-1], der + b"\0", bytes([der[0] ^ 1]) + der[1:], b""):
        assert public_roots.find(other, NEWEST) is None


def test_a_bundle_is_loaded_as_if_all_were_parsed(
    make_target: MakeTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known and private ones, one twice: the same pool, with the table and without."""
    bundle = pems([root("A private authority")]) + certifi.contents() + CERTIFICATES.read_text()[:9000]
    target = make_target({"/etc/ssl/certs/ca-certificates.crt": bundle})
    for go in (NEWEST, Go((1, 21, 0), "as-go")):
        quick = trust.load(target, go)
        with monkeypatch.context() as without:
            without.setattr(public_roots, "ROOTS", {})
            assert trust.load(target, go) == quick
    assert len(quick.roots) > 100


def test_nearly_all_that_certifi_ships_is_known() -> None:
    """Otherwise the script has to be run again: see tests/support/public_roots.py."""
    shipped = {block.data for block in pem.split(certifi.contents().encode())}
    known = [der for der in shipped if public_roots.find(der, NEWEST)]
    assert len(known) > 0.9 * len(shipped)
