"""Certificates by Go's rules, without Go: tests/differential/test_certificates.py asks it."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.golang.net import netip, neturl
from probe.golang.release import NEWEST, Go
from probe.golang.x509.certificate import Certificate, Names, Parser, Refusal, parse
from tests.golang.odd_certificates import ODD
from tests.support import der

RELEASES = [(1, 21, 13), (1, 22, 10), (1, 23, 9), (1, 24, 11), (1, 25, 5), (1, 26, 6), (1, 27, 3)]


def judged(*release: int, **godebug: str) -> Go:
    return Go((release[0], release[1], release[2]), "as-go", godebug)


def read(data: bytes, go: Go = NEWEST) -> Certificate:
    certificate = parse(data, go)
    assert isinstance(certificate, Certificate), certificate
    return certificate


@pytest.mark.parametrize("what", ODD)
def test_each_release_takes_what_it_takes(what: str) -> None:
    """Each odd certificate is taken or refused as that release of Go does it."""
    for release in RELEASES:
        made = parse(ODD[what].data, Go(release, "as-go"))
        assert isinstance(made, Certificate) == ODD[what].is_taken_by(release[1]), (release, made)


def test_a_setting_brings_negative_serials_back() -> None:
    """GODEBUG x509negativeserial=1 undoes what Go 1.23 changed; without it they are refused."""
    data = ODD["serial negative"].data
    assert parse(data, judged(1, 27, 3)) == Refusal("x509: negative serial number")
    assert read(data, judged(1, 27, 3, x509negativeserial="1")).serial == -1


@pytest.mark.parametrize(
    ("release", "taken"),
    [((1, 24, 7), True), ((1, 24, 8), False), ((1, 25, 1), True), ((1, 25, 2), False), ((1, 26, 1), False)],
)
def test_a_security_release_changes_the_rules(release: tuple[int, int, int], taken: bool) -> None:
    """What October 2025's releases began to refuse is still taken by the ones before them."""
    data = ODD["SAN URI with a name in brackets"].data
    assert isinstance(parse(data, Go(release, "as-go")), Certificate) == taken


def test_a_line_without_a_patch_means_its_newest_release() -> None:
    """`--as-go 1.24` is no release; a program that says of itself that it is 1.24.0 is."""
    data = ODD["SAN URI with a name in brackets"].data
    assert isinstance(parse(data, Go((1, 24, 0), "as-go")), Refusal)
    assert isinstance(parse(data, Go((1, 24, 0), "binary")), Certificate)


def test_a_certificate_tells_all() -> None:
    """Every field of a certificate with everything in it."""
    data = der.certificate(
        serial=der.integer(77),
        issuer=der.common_name("Issuer"),
        subject=der.name(der.attribute("2.5.4.6", "CN", 19), der.attribute("2.5.4.3", "Größe, AG")),
        validity=der.seq(der.utc("700101000001Z"), der.generalized("20700101000000Z")),
        extensions=[
            der.extension("2.5.29.19", der.seq(der.boolean(True), der.integer(3)), critical=True),
            der.extension("2.5.29.15", der.bits(b"\x06", 1), critical=True),
            der.extension("2.5.29.37", der.seq(der.oid("1.3.6.1.5.5.7.3.1"))),
            der.extension("2.5.29.14", der.octets(b"mine")),
            der.extension("2.5.29.35", der.seq(der.tlv(0x80, b"theirs"))),
            der.extension("2.5.29.17", der.seq(der.tlv(0x82, b"a.test"), der.tlv(0x87, bytes(4)))),
            der.extension("2.5.29.32", der.seq(der.seq(der.oid("2.5.29.32.0")))),
            der.extension("2.5.29.30", der.seq(der.tlv(0xA1, der.seq(der.tlv(0x82, b"x")))), critical=True),
            der.extension("1.2.3.4", b"?", critical=True),
        ],
        signature=der.bits(b"\x01\x00", 4),
    )
    certificate = read(data)
    assert certificate._replace(
        der=b"", raw_tbs=b"", raw_spki=b"", raw_subject=b"", raw_issuer=b"", extensions=()
    ) == Certificate(
        der=b"",
        version=3,
        serial=77,
        subject=r"CN=Größe\, AG,C=CN",
        issuer="CN=Issuer",
        raw_subject=b"",
        raw_issuer=b"",
        not_before=1,
        not_after=3155760000,
        raw_tbs=b"",
        raw_spki=b"",
        signature=b"\x00\x10",
        signature_algorithm="ECDSA-SHA256",
        key_algorithm="ECDSA",
        key_bits=256,
        has_basic_constraints=True,
        is_ca=True,
        max_path_len=3,
        key_usage=1 << 5 | 1 << 6,
        extended_key_usage=("1.3.6.1.5.5.7.3.1",),
        subject_key_id=b"mine",
        authority_key_id=b"theirs",
        has_san=True,
        names=Names(dns=("a.test",), ip=(bytes(4),)),
        permitted=None,
        excluded=Names(dns=("x",)),
        constraints_critical=True,
        policies=("2.5.29.32.0",),
        unhandled_critical=("1.2.3.4",),
        critical=frozenset({"2.5.29.19", "2.5.29.15", "2.5.29.30", "1.2.3.4"}),
    )
    assert certificate.der == data
    assert data.find(certificate.raw_tbs) == 4
    assert certificate.raw_spki == der.EC_KEY
    assert certificate.raw_issuer == der.common_name("Issuer")
    assert certificate.extensions[3] == ("2.5.29.14", False, der.octets(b"mine"))


@pytest.mark.parametrize(
    ("what", "before", "since_1_24"),
    [
        ("RSA", "", ""),
        ("RSA 512", "", "crypto/rsa: 512-bit keys are insecure"),
        ("RSA with an even modulus", "crypto/rsa: verification error", "crypto/rsa: public modulus is even"),
        ("RSA with an even exponent", "", "crypto/rsa: public exponent is even"),
        ("RSA with exponent 1", "", "crypto/rsa: public exponent too small or negative"),
        ("RSA with an exponent of 63 bits", "", "crypto/rsa: public exponent too large"),
        ("DSA", "x509: cannot verify", "x509: cannot verify"),
        ("Ed448", "x509: cannot verify", "x509: cannot verify"),
        ("Ed25519", "", ""),
        ("P-224", "", ""),
    ],
)
def test_a_key_may_be_of_no_use(what: str, before: str, since_1_24: str) -> None:
    """Keys that the parser takes and that can never verify anything say so."""
    for go, fault in ((judged(1, 23, 9), before), (judged(1, 24, 11), since_1_24)):
        found = read(ODD[what].data, go).key_fault
        assert found.startswith(fault)
        assert bool(found) == bool(fault)
    assert not read(ODD["RSA 512"].data, judged(1, 24, 11, rsa1024min="0")).key_fault


def test_ml_dsa_is_known_from_1_27_on() -> None:
    """Before, such a key is one of an unknown kind."""
    data = ODD["ML-DSA-44"].data
    assert read(data).key_algorithm == "ML-DSA-44"
    assert read(data, judged(1, 26, 6)).key_algorithm == ""


SOUND = [odd.data for odd in ODD.values()]


@given(
    data=st.sampled_from(SOUND),
    changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4),
    release=st.sampled_from(RELEASES),
)
def test_any_bytes_give_a_certificate_or_a_refusal(
    data: bytes, changes: list[tuple[int, int]], release: tuple[int, int, int]
) -> None:
    """Damaged certificates never raise, and a refusal says why."""
    damaged = bytearray(data)
    for at, octet in changes:
        if damaged:
            damaged[at % len(damaged)] = octet
    made = parse(bytes(damaged), Go(release, "as-go"))
    assert isinstance(made, Certificate) or made.reason


@given(text=st.text(max_size=40) | st.text("abc%[]:/?#@.25 \x00é", max_size=30))
def test_any_text_is_a_url_or_none(text: str) -> None:
    """Whatever a certificate calls a URL, reading it ends in a value or in BadUrl."""
    with suppress(neturl.BadUrl):
        assert neturl.parse(text, NEWEST).scheme.islower() or not neturl.parse(text, NEWEST).scheme


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.2.3.4", (b"\1\2\3\4", "")),
        ("::1", (bytes(15) + b"\1", "")),
        ("::", (bytes(16), "")),
        ("1:2:3:4:5:6:7::", (bytes.fromhex("00010002000300040005000600070000"), "")),
        ("fe80::1%eth0", (b"\xfe\x80" + bytes(13) + b"\1", "eth0")),
        ("::ffff:1.2.3.4", (bytes(10) + b"\xff\xff\1\2\3\4", "")),
        ("1.2.3", None),
        ("1.2.3.256", None),
        ("01.2.3.4", None),
        ("1.2.3.4%eth0", None),
        ("1:2:3:4:5:6:7:8::", None),
        ("1::2::3", None),
        (":::", None),
        ("1:2:3:4:5:6:7:8:9", None),
        ("fe80::1%", None),
        ("12345::", None),
        ("1.2.3.4::", None),
        ("", None),
        ("host", None),
    ],
)
def test_an_address_is_read_as_in_go(text: str, found: tuple[bytes, str] | None) -> None:
    """net/netip's grammar, leading zeros and zones included."""
    assert netip.parse(text) == found


@pytest.mark.parametrize(
    "make",
    [
        lambda: der.certificate(subject=der.name(*[der.attribute("2.5.4.11", "x")] * 50_000)),
        lambda: der.certificate(subject=der.common_name("," * 500_000)),
        lambda: der.certificate(extensions=[der.extension(f"1.2.{n}", b"") for n in range(30_000)]),
        lambda: der.certificate(
            extensions=[der.extension("2.5.29.32", der.seq(der.seq(der.tlv(6, b"\x81" * 10**6 + b"\0"))))]
        ),
        lambda: der.certificate(
            extensions=[der.extension("2.5.29.17", der.seq(*[der.tlv(0x86, b"http://a")] * 20_000))]
        ),
        lambda: der.certificate(serial=der.tlv(2, b"\x01" * 10**6)),
        lambda: der.certificate(key=der.rsa_key((1 << 4_000_000) + 1)),
        lambda: b"\x30\x84\x00\x10\x00\x00" * 100_000,
        lambda: b"\x30\x80" * 500_000,
    ],
    ids=["attributes", "escapes", "extensions", "arc", "URIs", "serial", "modulus", "nested", "indefinite"],
)
def test_a_hostile_certificate_costs_little(make: Callable[[], bytes]) -> None:
    """A megabyte made to be slow is read in well under a second."""
    data = make()
    start = time.process_time()
    parse(data, NEWEST)
    assert time.process_time() - start < 2


@pytest.mark.slow
def test_a_parser_forgets() -> None:
    """A hundred thousand different names do not stay in memory."""
    parser = Parser(NEWEST)
    for number in range(10_000):
        parser.parse(der.certificate(subject=der.common_name(str(number))))
    assert max(len(memory) for memory in vars(parser).values() if isinstance(memory, dict)) <= 4200
