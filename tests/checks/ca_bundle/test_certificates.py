"""Certificates that Go rejects, and those about which Go and others differ: real servers on loopback."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from probe import codes
from probe.checks.ca_bundle import mozilla
from probe.codes import Code
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import mozilla as shipped
from probe.golang.x509 import verify
from probe.golang.x509.tlv import inside
from probe.report import Status
from tests.checks.ca_bundle.handshakes import CA, MIDDLE, SENT, SOUND, Look, only
from tests.support import pki
from tests.support.pki import CLIENT, DAY, NOW, Made, intermediate, leaf, root
from tests.tls import servers


class Refused(NamedTuple):
    """A server whose certificates Go refuses, the code, and words that the cause holds."""

    chain: Sequence[Made]
    roots: Sequence[Made]
    code: Code
    words: Sequence[str]
    go: Go = NEWEST


def refused() -> dict[str, Refused]:
    other = root("Other CA")
    weak = root("Weak CA", key=pki.tiny_key())
    no_ca = root("No CA", ca=None)
    expired_root = root("Old CA", not_after=NOW - DAY)
    same_name = root("Test CA", serial=3)
    constrained = intermediate(
        CA, "Narrow CA", extra=[pki.constraints(pki.general_names(dns=["example.test"]))]
    )
    short = intermediate(CA, "Short CA", path_length=0)
    below = intermediate(short, "Below CA")
    policy = intermediate(
        CA, "Policy CA", extra=[pki.policies("1.2.3.1"), pki.policy_constraints(explicit=0)]
    )
    crowd = [intermediate(CA, "Crowd CA", key_id=b"", serial=n) for n in range(1, 110)]
    crowded = intermediate(CA, "Crowd CA", key_id=b"", serial=999)
    strange = ("1.2.3.4.5", True, b"\5\0")
    large = root("Large CA", public=pki.rsa_spki((1 << 8200) + 1))
    return {
        "unknown authority": Refused(
            [SOUND], [other], codes.TLS_UNKNOWN_AUTHORITY, ["CN=Test CA", "private"]
        ),
        "self-signed": Refused([leaf(None, "localhost")], [CA], codes.TLS_UNKNOWN_AUTHORITY, ["self-signed"]),
        "intermediate not sent": Refused(
            [leaf(MIDDLE, "localhost", extra=[pki.ca_issuers()])],
            [CA],
            codes.TLS_INTERMEDIATE_MISSING,
            ["CN=Test Issuing CA"],
        ),
        "expired": Refused(
            [leaf(CA, "localhost", not_after=NOW - 3 * DAY)],
            [CA],
            codes.TLS_EXPIRED,
            ["3 days ago", "valid from"],
        ),
        "root expired": Refused(
            [leaf(expired_root, "localhost")],
            [expired_root],
            codes.TLS_EXPIRED,
            ["CN=Old CA", "an authority"],
        ),
        "not yet valid": Refused(
            [leaf(CA, "localhost", not_before=NOW + 2 * 3600 + 1800)],
            [CA],
            codes.TLS_NOT_YET_VALID,
            ["2 hours", "the clock is wrong: it says"],
        ),
        "wrong name": Refused(
            [leaf(CA, "api.test", "www.test")],
            [CA],
            codes.TLS_WRONG_NAME,
            ["api.test, www.test", "not for localhost"],
        ),
        "name only in the common name": Refused(
            [leaf(CA, name="localhost")], [CA], codes.TLS_COMMON_NAME_ONLY, ["Common Name"]
        ),
        "root is no authority": Refused(
            [leaf(no_ca, "localhost")], [no_ca], codes.TLS_ISSUER_NOT_CA, ["CN=No CA"]
        ),
        "root of the name with another key": Refused(
            [SOUND], [same_name], codes.TLS_WRONG_SIGNATURE, ["CN=Test CA", "not the key"]
        ),
        "SHA-1": Refused(
            [leaf(CA, "localhost", hash_="SHA1")], [CA], codes.TLS_WEAK_SIGNATURE, ["ECDSA-SHA1"]
        ),
        "unknown algorithm": Refused(
            [leaf(CA, "localhost", hash_="SHA224")],
            [CA],
            codes.TLS_UNSUPPORTED_ALGORITHM,
            ["does not support"],
        ),
        "weak root key": Refused(
            [leaf(weak, "localhost")], [weak], codes.TLS_WEAK_KEY, ["CN=Weak CA", "512-bit keys are insecure"]
        ),
        "unknown kind of key": Refused(
            [leaf(CA, "localhost", key=pki.key("Ed448"))], [CA], codes.TLS_KEY_UNSUPPORTED, ["CN=localhost"]
        ),
        "critical extension": Refused(
            [leaf(CA, "localhost", extra=[strange])], [CA], codes.TLS_CRITICAL_EXTENSION, ["1.2.3.4.5"]
        ),
        "path too long": Refused(
            [leaf(below, "localhost"), below, short], [CA], codes.TLS_PATH_TOO_LONG, ["CN=Short CA"]
        ),
        "for clients only": Refused(
            [leaf(CA, "localhost", eku=(CLIENT,))], [CA], codes.TLS_WRONG_USAGE, ["serverAuth"]
        ),
        "name constraint": Refused(
            [leaf(constrained, "localhost"), constrained], [CA], codes.TLS_NAME_CONSTRAINT, ["localhost"]
        ),
        "policy": Refused([leaf(policy, "localhost"), policy], [CA], codes.TLS_POLICY, ["policies"]),
        "too many of a name": Refused(
            [leaf(crowded, "localhost", authority_key_id=b""), *crowd],
            [CA],
            codes.TLS_TOO_MANY_SIGNATURES,
            ["100"],
        ),
        "negative serial": Refused(
            [leaf(CA, "localhost", serial=-5)],
            [CA],
            codes.TLS_CERTIFICATE_REFUSED,
            ["negative serial number"],
        ),
        "key too large": Refused([SOUND, large], [CA], codes.TLS_KEY_TOO_LARGE, ["8201 bits"]),
        "FIPS 140": Refused(
            [leaf(root_224 := root("P-224 CA", key=pki.key("P224")), "localhost")],
            [root_224],
            codes.TLS_FIPS_CHAIN,
            ["FIPS 140"],
            NEWEST._replace(godebug={"fips140": "on"}),
        ),
    }


REFUSED = refused()


@pytest.mark.parametrize("name", REFUSED)
def test_certificates_that_go_refuses_fail_with_their_cause(name: str, look: Look) -> None:
    """Each has its own code, its cause names what is wrong, and Go's words are there."""
    case = REFUSED[name]
    with servers.tls(*case.chain) as server:
        finding = only(look(server, case.roots, go=case.go))
    assert (finding.status, finding.code) == (Status.FAIL, case.code)
    for words in case.words:
        assert words in finding.cause
    assert finding.remedy
    assert finding.evidence["go_error"].startswith(("tls: ", "remote error: tls: "))


def test_a_key_that_go_distrusts_fails(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has the private keys on Go's list, so one of ours is put onto it."""
    listed = hashlib.sha256(pki.spki(CA.key)).hexdigest()
    with servers.tls(SOUND) as server:
        assert only(look(server, [CA])).code is codes.TLS_OK
        monkeypatch.setattr(verify, "DISTRUSTED_KEYS", frozenset({listed}))
        finding = only(look(server, [CA]))
        assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_DISTRUSTED_KEY)
        assert only(look(server, [CA], go=Go((1, 26, 6), "as-go"))).code is codes.TLS_OK


def test_a_signature_that_nobody_here_can_check_is_unknown(look: Look) -> None:
    """Go 1.21 takes an RSA key of 16,400 bits, OpenSSL does not: no pass, no fail."""
    odd = root("Odd CA", key=pki.huge_key())
    with servers.tls(leaf(odd, "localhost")) as server:
        finding = only(look(server, [odd], go=Go((1, 21, 13), "as-go"), now=NOW + DAY))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.TLS_SIGNATURE_UNCHECKED)
    assert "with an RSA key of at most 8192 bits" in finding.remedy  # no release of the library would help


def test_without_any_root_nothing_passes_and_the_needed_one_is_named(look: Look) -> None:
    """Facts are gathered all the same: who would have to be trusted."""
    with servers.tls(SENT, MIDDLE) as server:
        finding = only(look(server))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_NO_ROOTS)
    assert "needs CN=Test CA" in finding.cause
    assert finding.remedy == "COPY authority.pem /etc/ssl/certs/authority.pem"
    assert finding.evidence["chain_subjects"] == ["CN=localhost", "CN=Test Issuing CA"]


def test_roots_that_cannot_be_loaded_are_go_s_first_complaint(look: Look) -> None:
    """Go says so before it looks at dates and names."""
    with servers.tls(leaf(CA, "other.test", not_after=NOW - DAY)) as server:
        finding = only(
            look(server, env={"SSL_CERT_FILE": "/etc", "SSL_CERT_DIR": "/none"}, files={"/etc/x": ""})
        )
    assert finding.code is codes.TLS_NO_ROOTS
    assert finding.evidence["go_error"] == (
        "tls: failed to verify certificate: x509: failed to load system roots and no roots provided; "
        "read /etc: is a directory"
    )


def test_compiled_in_roots_are_judged_by_mozillas_and_said_so(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a bundle such a program has roots that nobody can see: no plain pass, no plain failure."""
    go = NEWEST._replace(fallback_roots=True)
    with servers.tls(SOUND) as server:
        finding = only(look(server, go=go))
        assert (finding.status, finding.code) == (Status.UNKNOWN, codes.TLS_UNKNOWN_AUTHORITY)
        assert "Mozilla" in finding.cause
        monkeypatch.setattr(shipped, "bundle", CA.pem.encode)
        passed, warned = look(server, go=go)
        assert only(look(server, [CA], go=go)).code is codes.TLS_OK
    assert passed.code is codes.TLS_OK
    assert (warned.status, warned.code) == (Status.WARN, codes.TLS_FALLBACK_ROOTS)


def test_a_server_that_sends_only_its_own_certificate_may_hold_back_the_intermediate(look: Look) -> None:
    """Nothing says whether the issuer is a root; where the chain is sent it must be one."""
    with servers.tls(SENT) as server:
        alone = only(look(server, [CA]))
    with servers.tls(SENT, MIDDLE) as server:
        whole = only(look(server, [root("Other CA")]))
    assert alone.code is whole.code is codes.TLS_UNKNOWN_AUTHORITY
    assert "CN=Test Issuing CA" in alone.cause
    assert "missing intermediate" in alone.cause
    assert any("full chain" in remedy.text for remedy in alone.remedies)
    assert "intermediate" not in whole.cause


def test_a_stale_bundle_is_told_from_a_private_authority(look: Look) -> None:
    """The issuer that is missing here is one of Mozilla's."""
    public = mozilla.roots(NEWEST)[0]
    with servers.tls(leaf(CA, "localhost", issuer_name=public.raw_subject)) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_UNKNOWN_AUTHORITY
    assert "outdated" in finding.cause
    assert "private" not in finding.cause


def test_the_clock_is_a_suspect_when_everything_has_expired(look: Look) -> None:
    """A clock far ahead makes every certificate of the chain look expired."""
    with servers.tls(SENT, MIDDLE) as server:
        finding = only(look(server, [CA], now=NOW + 900 * DAY))
    assert finding.code is codes.TLS_EXPIRED
    assert "the clock is wrong" in finding.cause
    assert "date -u" in finding.remedy


def test_a_certificate_that_ends_soon_is_a_warning(look: Look) -> None:
    """Beside the pass, and only within the configured days."""
    with servers.tls(leaf(CA, "localhost", not_after=NOW + 5 * DAY + 7200)) as server:
        passed, warned = look(server, [CA])
        assert only(look(server, [CA], expires_in_days=4)).code is codes.TLS_OK
    assert passed.code is codes.TLS_OK
    assert (warned.status, warned.code) == (Status.WARN, codes.TLS_EXPIRES_SOON)
    assert "in 5 days" in warned.cause


@pytest.mark.parametrize(("age", "life", "late"), [(1, 24, False), (17, 24, True), (16 * 24, 45 * 24, False)])
def test_a_short_life_is_no_warning(look: Look, age: int, life: int, late: bool) -> None:
    """Of a day or of 45: renewed when a third of its life (in hours) is left, and late only then."""
    begin = NOW - age * 3600
    with servers.tls(leaf(CA, "localhost", not_before=begin, not_after=begin + life * 3600)) as server:
        found = look(server, [CA])
    assert [finding.code is codes.TLS_EXPIRES_SOON for finding in found] == [False, *([True] if late else [])]


def test_a_root_that_ends_soon_is_a_warning(look: Look) -> None:
    """The whole chain that was used counts, not only the leaf."""
    short = root("Short CA", not_after=NOW + 5 * DAY)
    with servers.tls(leaf(short, "localhost")) as server:
        _, warned = look(server, [short])
    assert warned.code is codes.TLS_EXPIRES_SOON
    assert "CN=Short CA" in warned.cause


def test_a_pinned_leaf_passes_and_openssl_s_no_is_a_warning(look: Look) -> None:
    """Go accepts a certificate that is in its pool itself; OpenSSL wants its issuer too."""
    pinned = leaf(root("Unknown CA"), "localhost")
    with servers.tls(pinned) as server:
        passed, warned = look(server, [pinned])
    assert passed.code is codes.TLS_OK
    assert passed.evidence["openssl"].startswith("refuses: ")
    assert (warned.status, warned.code) == (Status.WARN, codes.TLS_OPENSSL_REFUSES)


def test_a_root_that_openssl_cannot_read_is_still_go_s(look: Look) -> None:
    """Go passes over bytes at the end of a sequence; OpenSSL does not load such a root."""
    (_, tbs), (_, algorithm), (_, signature) = inside(CA.der)
    odd = CA._replace(der=pki.seq(pki.seq(tbs, b"\5\0"), pki.tlv(0x30, algorithm), pki.tlv(3, signature)))
    with servers.tls(SOUND) as server:
        passed, warned = look(server, [odd])
    assert passed.code is codes.TLS_OK
    assert warned.code is codes.TLS_OPENSSL_REFUSES


def test_openssl_s_yes_does_not_make_go_s_no_a_pass(look: Look) -> None:
    """The finding fails, and says who else would have accepted."""
    with servers.tls(leaf(CA, name="localhost")) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_COMMON_NAME_ONLY
    assert "OpenSSL (curl, Python) accept it" in finding.cause


def test_an_issuer_in_other_case_is_unknown_to_go_alone(look: Look) -> None:
    """OpenSSL compares names loosely, and is asked although no root has that very name."""
    with servers.tls(leaf(CA, "localhost", issuer_name=pki.dn("TEST ca"))) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_UNKNOWN_AUTHORITY
    assert finding.evidence["openssl"] == "accepts"


@pytest.mark.parametrize(
    ("authority", "words"),
    [
        (root("Loose CA", usage=None), "no keyUsage"),
        (root("Loose CA", key_id=b"", authority_key_id=b""), "no subjectKeyIdentifier"),
        (root("Loose CA", ca=None, extra=[pki.basic_constraints(ca=True, critical=False)]), "not critical"),
    ],
    ids=["no key usage", "no key identifier", "constraints not critical"],
)
def test_strict_clients_are_warned_of(authority: Made, words: str, look: Look) -> None:
    """Go and plain OpenSSL accept a private authority that Python 3.13 refuses."""
    with servers.tls(leaf(authority, "localhost")) as server:
        passed, warned = look(server, [authority])
    assert (passed.code, passed.evidence["openssl"]) == (codes.TLS_OK, "accepts")
    assert (warned.status, warned.code) == (Status.WARN, codes.TLS_STRICT_CLIENTS_REFUSE)
    assert words in warned.cause


def _crossed(name: str | bytes, old: Made, **different: Any) -> list[Made]:
    """What a server sends: its certificate, an intermediate, and the new root as signed by the old one."""
    private = pki.fresh_key()
    new = root(name, key=private)
    middle = intermediate(new, "Issuing CA of the new root")
    return [leaf(middle, "localhost"), middle, pki.make(name, old, key=private, ca=True, **different)]


@pytest.mark.parametrize("different", [{}, {"not_after": NOW - DAY}], ids=["root", "cross certificate"])
def test_the_new_root_is_named_where_the_old_one_has_expired(different: dict[str, float], look: Look) -> None:
    """The server sends it, signed by its predecessor: trusted by itself it is enough."""
    old = root("Old CA", not_after=NOW - DAY)
    chain = _crossed("New CA", old, **different)
    with servers.tls(*chain) as server:
        finding = only(look(server, [old, CA], now=NOW))
    assert finding.code is codes.TLS_EXPIRED
    assert "CN=New CA may be a root itself by now" in finding.cause
    assert finding.remedies[0].text == "COPY authority.pem /etc/ssl/certs/authority.pem"


def test_a_newer_bundle_is_advised_where_it_has_the_new_root(look: Look) -> None:
    """As for those whose bundle has DST Root CA X3 and not ISRG Root X1."""
    public = next(one for one in mozilla.roots(NEWEST) if "ISRG Root X1" in one.subject)
    old = root("DST Root CA X3", not_after=NOW - DAY)
    with servers.tls(*_crossed(public.raw_subject, old)) as server:
        finding = only(look(server, [old, CA], now=NOW))
    assert finding.code is codes.TLS_EXPIRED
    assert "CN=ISRG Root X1" in finding.cause
    assert "is a public root that the bundle lacks" in finding.cause
    assert "ca-certificates.crt" in finding.remedies[0].text


def test_an_intermediate_that_has_expired_is_no_new_root(look: Look) -> None:
    """Whoever runs the server or the authority has to renew it."""
    old = root("Old CA", not_after=NOW - DAY)
    middle = intermediate(old, "Issuing CA")
    with servers.tls(leaf(middle, "localhost"), middle) as server:
        finding = only(look(server, [old, CA], now=NOW))
    assert finding.code is codes.TLS_EXPIRED
    assert "root itself" not in finding.cause
