"""The handshake half of `ca-bundle`: real servers on loopback, each failure beside its success."""

import base64
import contextlib
import hashlib
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import certifi
import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle, mozilla
from probe.checks.ca_bundle.handshake import findings
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import trust, verify
from probe.golang.x509.tlv import inside
from probe.report import Finding, Status
from tests.support import pki
from tests.support.commands import MakeTarget
from tests.support.pki import CLIENT, DAY, NOW, Made, intermediate, leaf, pems, root
from tests.support.timing import Stopwatch
from tests.tls import boxes, servers
from tests.tls.servers import Server

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Look:
    """Look at endpoints out of a container that trusts certain roots."""

    def __init__(self, make_target: MakeTarget) -> None:
        self._make_target = make_target

    def __call__(
        self,
        endpoints: Sequence[str] | Server,
        roots: Sequence[Made] = (),
        *,
        go: Go = NEWEST,
        timeout_s: float = 10.0,
        role: str = "startup",
        now: float | None = None,
        env: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> list[Finding]:
        bundle = {BUNDLE: pems(roots)} if roots else {}
        target = self._make_target({**bundle, **(files or {})}, **(env or {}))
        named = (endpoints.endpoint,) if isinstance(endpoints, Server) else tuple(endpoints)
        moment = time.time() if now is None else now
        run = Run(Deadline(timeout_s), role, moment, Facts(target, go=go), lambda _: None)
        return list(findings(CaBundle(endpoints=named, **settings), target, run, trust.load(target, go)))


@pytest.fixture
def look(make_target: MakeTarget) -> Look:
    return Look(make_target)


def only(found: Sequence[Finding]) -> Finding:
    assert len(found) == 1, [finding.code.name for finding in found]
    return found[0]


def found_codes(found: Sequence[Finding]) -> list[Code]:
    return [finding.code for finding in found]


CA = root("Test CA")
MIDDLE = intermediate(CA, "Test Issuing CA")
SOUND = leaf(CA, "localhost")
SENT = leaf(MIDDLE, "localhost")


# --- success ----------------------------------------------------------------------------


def test_a_sound_server_passes(look: Look) -> None:
    """One finding with all that the handshake brought."""
    with servers.tls(SENT, MIDDLE) as server:
        finding = only(look(server, [CA]))
    assert (finding.status, finding.code) == (Status.PASS, codes.TLS_OK)
    evidence = finding.evidence
    assert evidence["chain_subjects"] == ["CN=localhost", "CN=Test Issuing CA"]
    assert evidence["verified_subjects"] == ["CN=localhost", "CN=Test Issuing CA", "CN=Test CA"]
    assert evidence["protocol"] == "TLSv1.3"
    assert evidence["openssl"] == "accepts"
    assert evidence["attempts"] == 1
    assert "go_error" not in evidence


def test_tls_1_2_passes(look: Look) -> None:
    """The older of the two protocols that Go speaks."""

    def setup(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2

    with servers.tls(SOUND, setup=setup) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_OK
    assert finding.evidence["protocol"] == "TLSv1.2"


def test_an_address_passes_by_its_san(look: Look) -> None:
    """No name is sent for an address, and the iPAddress SAN counts."""
    names: list[str | None] = []

    def setup(made: Any) -> None:
        made.sni_callback = lambda _, name, __: names.append(name)

    with servers.tls(leaf(CA, ip=("127.0.0.1",)), setup=setup) as server:
        finding = only(look([f"127.0.0.1:{server.port}"], [CA]))
    assert finding.code is codes.TLS_OK
    assert set(names) == {None}


@pytest.mark.needs("IPv6")
def test_ipv6_passes(look: Look) -> None:
    """The endpoint in brackets."""
    with servers.tls(leaf(CA, ip=("::1",)), host="::1") as server:
        finding = only(look([f"[::1]:{server.port}"], [CA]))
    assert finding.code is codes.TLS_OK


def test_many_endpoints_are_visited_side_by_side(look: Look) -> None:
    """A hundred, none of which answers before all of them have been asked."""
    hosts = [f"127.0.0.{number}" for number in range(1, 101)]
    with servers.tls(leaf(CA, ip=hosts), crowd=len(hosts), host="0.0.0.0") as server:
        found = look([f"{host}:{server.port}" for host in hosts], [CA], timeout_s=30)
    assert len({finding.subject for finding in found}) == 100
    assert set(found_codes(found)) == {codes.TLS_OK}


def test_a_server_that_serves_one_client_at_a_time_is_not_held_up(look: Look) -> None:
    """No connection of ours waits for another one of ours to end."""
    sound, turn = servers.context([SOUND]), threading.Lock()

    def handler(connection: socket.socket) -> None:
        with turn, sound.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass

    with servers.listen(handler) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_OK
    assert (finding.evidence["openssl"], finding.evidence["go_hello"]) == ("accepts", "accepted")


def test_an_endpoint_that_is_named_twice_is_visited_once(look: Look) -> None:
    """Twice the same is one finding."""
    with servers.tls(SOUND) as server:
        assert only(look([server.endpoint] * 2, [CA])).code is codes.TLS_OK


# --- certificates -----------------------------------------------------------------------


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
            [leaf(CA, "localhost", hash_="SHA224")], [CA], codes.TLS_UNSUPPORTED_ALGORITHM, ["does not know"]
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
    """Go 1.21 takes an RSA exponent of 1, `cryptography` does not: no pass, no fail."""
    odd = root("Odd CA", key=pki.strange_key(1))
    with servers.tls(leaf(odd, "localhost")) as server:
        # OpenSSL, which would take it, is asked about the present only.
        finding = only(look(server, [odd], go=Go((1, 21, 13), "as-go"), now=NOW + DAY))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.TLS_SIGNATURE_UNCHECKED)


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
        monkeypatch.setattr(certifi, "contents", lambda: CA.pem)
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
    assert "out of date" in finding.cause
    assert "private" not in finding.cause


def test_the_clock_is_a_suspect_when_everything_has_expired(look: Look) -> None:
    """A clock far ahead makes every certificate of the chain look expired."""
    with servers.tls(SENT, MIDDLE) as server:
        finding = only(look(server, [CA], now=NOW + 900 * DAY))
    assert finding.code is codes.TLS_EXPIRED
    assert "the clock is wrong" in finding.cause
    assert "date -u" in finding.remedy


# --- what Go accepts and others do not --------------------------------------------------


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


# --- no handshake -----------------------------------------------------------------------


class Broken(NamedTuple):
    """A server that does not shake hands."""

    handler: servers.Handler
    code: Code
    words: str


def alert(number: int) -> servers.Handler:
    return servers.says(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))


BROKEN = {
    "plain HTTP": Broken(
        servers.says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), codes.TLS_NOT_TLS, '"HTTP/1.1 400 Bad Request'
    ),
    "SMTP": Broken(lambda it: it.sendall(b"220 mail.test\r\n"), codes.TLS_NOT_TLS, '"220 mail.test'),
    "binary": Broken(servers.says(bytes(range(64)) * 3), codes.TLS_NOT_TLS, "\\x00\\x01\\x02"),
    "closes at once": Broken(servers.closes, codes.TLS_CLOSED, "before it sent anything"),
    "closes in the middle": Broken(
        servers.says(b"\x16\x03\x03\x40\x00\x02"), codes.TLS_CLOSED, "in the middle"
    ),
    "resets": Broken(servers.reset, codes.TLS_CONNECTION_RESET, "reset"),
    "floods": Broken(servers.floods, codes.TLS_TOO_MUCH_DATA, "more than"),
    "alert handshake_failure": Broken(alert(40), codes.TLS_HANDSHAKE_FAILURE, "go1.27.3 offers"),
    "alert insufficient_security": Broken(alert(71), codes.TLS_HANDSHAKE_FAILURE, "insufficient security"),
    "alert protocol_version": Broken(alert(70), codes.TLS_PROTOCOL_VERSION, "neither TLS 1.2 nor"),
    "alert unrecognized_name": Broken(alert(112), codes.TLS_UNRECOGNIZED_NAME, "localhost"),
    "alert internal_error": Broken(alert(80), codes.TLS_ALERT, "internal error"),
    "nonsense in TLS": Broken(
        servers.says(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), codes.TLS_PROTOCOL_ERROR, "on our side"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_server_that_does_not_shake_hands_fails_with_its_cause(name: str, look: Look) -> None:
    """Each has its own code; what ends in passing was tried more than once."""
    case = BROKEN[name]
    with servers.listen(case.handler) as server:
        finding = only(look(server, [CA], attempts=2))
    unknown = case.code is codes.TLS_PROTOCOL_ERROR
    assert (finding.status, finding.code) == (Status.UNKNOWN if unknown else Status.FAIL, case.code)
    assert case.words in finding.cause
    passing = case.code in (codes.TLS_CLOSED, codes.TLS_CONNECTION_RESET)
    assert finding.evidence["attempts"] == (2 if passing else 1)
    # Where the offer may be the trouble, Go's own is made too, and up to 8 like it.
    offered = (codes.TLS_HANDSHAKE_FAILURE, codes.TLS_ALERT, codes.TLS_PROTOCOL_VERSION)
    offers = case.code in (*offered, codes.TLS_PROTOCOL_ERROR)
    most = (2 if passing else 1) + (1 + 8 if passing or offers else 0)
    assert most - 8 <= len(server.accepted) <= most


@pytest.mark.parametrize("handler", [servers.drips, servers.silent], ids=["drips", "silent"])
def test_a_server_that_never_finishes_ends_at_the_deadline(handler: servers.Handler, look: Look) -> None:
    """A byte a second, or none at all."""
    watch = Stopwatch()
    with servers.listen(handler) as server:
        finding = only(look(server, [CA], timeout_s=0.5))
        assert watch.quiet() < 3
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_HANDSHAKE_TIMEOUT)


def test_a_refused_connection_is_tried_again(look: Look) -> None:
    """Three attempts, and the address is named."""
    with servers.listen(servers.silent) as server:
        port = server.port
    finding = only(look([f"localhost:{port}"], [CA]))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_CONNECTION_REFUSED)
    assert finding.evidence["attempts"] == 3
    assert f"127.0.0.1:{port}" in finding.cause
    assert only(look([f"localhost:{port}"], [CA], attempts=1)).evidence["attempts"] == 1


def test_an_address_without_a_route_is_unreachable(look: Look) -> None:
    """240.0.0.0/4 is reserved: the kernel knows no way there."""
    finding = only(look(["255.255.255.255:443"], [CA], attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_UNREACHABLE)


def test_an_address_that_does_not_answer_times_out_in_connect(look: Look) -> None:
    """A listener whose queue is full drops what comes."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        finding = only(look([f"127.0.0.1:{full.getsockname()[1]}"], [CA], timeout_s=0.5))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_CONNECT_TIMEOUT)
    assert finding.evidence["phase"] == "connect"


def test_a_name_without_an_address_is_not_found(look: Look) -> None:
    """The resolver says no without asking anybody."""
    finding = only(look(["exa!mple:443"], [CA]))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_HOST_NOT_FOUND)
    assert finding.evidence["attempts"] == 1


def test_what_fails_in_passing_may_pass_in_the_end(look: Look) -> None:
    """Reset once, closed once, then sound."""
    handlers: list[servers.Handler] = [servers.reset, servers.closes]
    sound = servers.context([SOUND])

    def handler(connection: socket.socket) -> None:
        if handlers:
            handlers.pop(0)(connection)
        else:
            with sound.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)

    with servers.listen(handler) as server:
        finding = only(look(server, [CA]))
    assert finding.code is codes.TLS_OK
    assert finding.evidence["attempts"] == 3


def test_a_verdict_about_certificates_is_never_tried_again(look: Look) -> None:
    """One connection to look, one for OpenSSL's opinion, one that carries Go's own first message."""
    with servers.tls(leaf(CA, "other.test")) as server:
        finding = only(look(server, [CA], attempts=5))
    assert finding.code is codes.TLS_WRONG_NAME
    assert finding.evidence["attempts"] == 1
    assert len(server.accepted) <= 3


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_client_certificate_that_is_required_fails(version: str, look: Look) -> None:
    """In TLS 1.2 during the handshake, in TLS 1.3 by an alert after it; asking alone is fine."""

    def optional(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion[version]
        made.load_verify_locations(cadata=CA.der)
        made.verify_mode = ssl.CERT_OPTIONAL

    def required(made: ssl.SSLContext) -> None:
        optional(made)
        made.verify_mode = ssl.CERT_REQUIRED

    with servers.tls(SOUND, setup=optional) as server:
        assert only(look(server, [CA])).code is codes.TLS_OK
    with servers.tls(SOUND, setup=required) as server:
        finding = only(look(server, [CA]))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_CLIENT_CERTIFICATE_REQUIRED)
    assert finding.evidence["chain_subjects"][0] == "CN=localhost"
    with servers.tls(leaf(CA, "other.test"), setup=required) as server:
        assert only(look(server, [CA])).code is codes.TLS_WRONG_NAME


# --- which clients the judged Go resembles ----------------------------------------------


def test_rsa_key_exchange_is_offered_as_the_release_offers_it(look: Look) -> None:
    """1.21 does, 1.22 does not, `tlsrsakex=1` brings it back until 1.26."""

    def setup(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("AES128-SHA:@SECLEVEL=0")

    with servers.tls(leaf(CA, "localhost", key=pki.key("RSA2048")), setup=setup) as server:
        found = [
            only(look(server, [CA], go=go)).code.name
            for go in (
                Go((1, 21, 13), "as-go"),
                Go((1, 22, 10), "as-go"),
                Go((1, 26, 6), "as-go", {"tlsrsakex": "1"}),
                Go((1, 27, 3), "as-go", {"tlsrsakex": "1"}),
            )
        ]
    assert found == ["TLS_OK", "TLS_GO_OFFER_TOO_SMALL", "TLS_OK", "TLS_HANDSHAKE_FAILURE"]


def test_a_server_of_the_old_protocols_only_is_told_apart(look: Look, tmp_path: Path) -> None:
    """OpenSSL's own server, held to TLS 1.1."""
    with servers.openssl(tmp_path, [SOUND], "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as port:
        finding = only(look([f"localhost:{port}"], [CA]))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROTOCOL_VERSION)


@pytest.mark.parametrize("groups", ["X448", "ffdhe2048"])
def test_a_key_exchange_that_go_lacks_fails_although_openssl_manages(
    groups: str, look: Look, tmp_path: Path
) -> None:
    """OpenSSL offers more groups than Go, so its handshake proves nothing about them."""
    with servers.openssl(tmp_path, [SOUND], "-groups", "X25519") as port:
        assert only(look([f"localhost:{port}"], [CA])).code is codes.TLS_OK
    with servers.openssl(tmp_path, [SOUND], "-groups", groups) as port:
        finding = only(look([f"localhost:{port}"], [CA]))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_GO_OFFER_REFUSED)
    assert finding.evidence["openssl"] == "accepts"
    assert finding.evidence["go_hello"] == "refused: alert handshake failure"


def test_sha1_in_the_handshake_is_taken_as_the_release_takes_it(look: Look, tmp_path: Path) -> None:
    """TLS 1.2 signed with SHA-1 only: fine up to 1.24, or with `tlssha1=1`."""
    chain = [leaf(CA, "localhost", key=pki.key("RSA2048"))]
    options = ("-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0", "-sigalgs", "RSA+SHA1")
    with servers.openssl(tmp_path, chain, *options) as port:
        found = [
            only(look([f"localhost:{port}"], [CA], go=go)).code.name
            for go in (Go((1, 24, 11), "as-go"), NEWEST, NEWEST._replace(godebug={"tlssha1": "1"}))
        ]
    assert found == ["TLS_OK", "TLS_GO_OFFER_TOO_SMALL", "TLS_OK"]


def test_a_box_that_drops_large_first_messages_is_found(look: Look) -> None:
    """Go's is large from 1.23 on, unless `tlsmlkem=0` makes it small."""
    sound = servers.context([SOUND])

    def handler(connection: socket.socket) -> None:
        start = connection.recv(5, socket.MSG_PEEK)
        if int.from_bytes(start[3:5], "big") > 1300:
            servers.reset(connection)
            return
        with sound.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    with servers.listen(handler) as server:
        finding = only(look(server, [CA]))
        assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_LARGE_HELLO_DROPPED)
        assert "tlsmlkem=0" in finding.remedy
        for go in (NEWEST._replace(godebug={"tlsmlkem": "0"}), Go((1, 22, 10), "as-go")):
            assert only(look(server, [CA], go=go)).code is codes.TLS_OK


@pytest.mark.parametrize("action", boxes.ACTIONS)
@pytest.mark.parametrize(
    ("dislikes", "words", "remedy"),
    [
        (lambda it: 50 in it.extensions, "signature_algorithms_cert", "golang:1.24"),
        (lambda it: 0x0304 in it.versions, "TLS 1.3", "VersionTLS12"),
        (lambda it: 18 in it.extensions, "signed_certificate_timestamp", "no setting of go1.27.3"),
    ],
    ids=["extension 50", "TLS 1.3", "SCTs"],
)
def test_a_box_that_dislikes_a_part_of_the_message_is_found(
    dislikes: boxes.Dislikes, words: str, remedy: str, action: str, look: Look
) -> None:
    """However it shows; with at most 8 messages more than OpenSSL's and Go's own."""
    with servers.tls(SOUND) as server, boxes.before(server, dislikes, boxes.ACTIONS[action]) as box:
        finding = only(look(box, [CA], attempts=1, timeout_s=6))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_HELLO_BLOCKED)
    assert words in finding.cause
    assert remedy in finding.remedy
    assert len(box.accepted) <= 11


def test_fips_140_demands_an_extended_master_secret_by_release(look: Look) -> None:
    """From 1.25 on, of TLS 1.2 only; `fips140ems=0` takes it back where the release knows it."""

    def setup(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.options |= 0x1  # SSL_OP_NO_EXTENDED_MASTER_SECRET

    with servers.tls(SOUND, setup=setup) as server:
        found = [
            only(
                look(server, [CA], go=Go(release, "binary", {"fips140": value, "fips140ems": restored}))
            ).code
            for release, value, restored in (
                ((1, 24, 11), "on", ""),
                ((1, 25, 5), "debug", "0"),
                ((1, 27, 3), "only", ""),
                ((1, 27, 3), "on", "0"),
                ((1, 27, 3), "off", ""),
            )
        ]
    refused = codes.TLS_FIPS_MASTER_SECRET
    assert found == [codes.TLS_OK, refused, refused, codes.TLS_OK, codes.TLS_OK]


def test_fips_140_only_ends_the_clients_of_some_releases(look: Look) -> None:
    """Before their first message, unless `tlsmlkem=0` leaves X25519 out."""
    with servers.tls(SOUND) as server:
        broken = only(look(server, [CA], go=Go((1, 25, 5), "binary", {"fips140": "only"})))
        assert (broken.status, broken.code) == (Status.FAIL, codes.TLS_FIPS_ONLY)
        for release, more in (((1, 25, 5), {"tlsmlkem": "0"}), ((1, 24, 11), {}), ((1, 26, 6), {})):
            go = Go(release, "binary", {"fips140": "only", **more})
            assert only(look(server, [CA], go=go)).code is codes.TLS_OK


def test_a_short_key_of_the_server_fails_from_1_24_on(look: Look) -> None:
    """It passes the chain and not the handshake; `rsa1024min=0` takes it."""

    def setup(made: ssl.SSLContext) -> None:
        made.set_ciphers("ALL:@SECLEVEL=0")

    with servers.tls(leaf(CA, "localhost", key=pki.odd_rsa_key(1000)), setup=setup) as server:
        weak = only(look(server, [CA]))
        assert (weak.status, weak.code) == (Status.FAIL, codes.TLS_WEAK_KEY)
        assert "1000-bit keys are insecure" in weak.cause
        for go in (Go((1, 23, 9), "binary"), NEWEST._replace(godebug={"rsa1024min": "0"})):
            assert codes.TLS_OK in found_codes(look(server, [CA], go=go))


def test_resets_in_passing_accuse_nobody(look: Look) -> None:
    """The third to the sixth connection are reset, whatever is sent: Go's first message among them."""
    count = iter(range(100))
    with (
        servers.tls(SOUND) as server,
        boxes.before(server, lambda _: 2 <= next(count) < 6) as box,
    ):
        finding = only(look(box, [CA]))
    assert finding.code is codes.TLS_OK


def test_an_offer_that_only_go_makes_is_no_failure_of_go_s(look: Look) -> None:
    """Where OpenSSL here is refused and Go's first message answered, nobody here knows the rest."""
    answer = b"\x16\3\3\0\x5a\2\0\0\x56\3\3" + bytes(32) + b"\0\x13\1\0" + b"\0\x2e"
    answer += b"\0\x2b\0\2\3\4" + b"\0\x33\0\x24\0\x1d\0\x20" + bytes(32)

    def handler(connection: socket.socket) -> None:
        large = int.from_bytes(connection.recv(5)[3:5], "big") > 1300
        connection.sendall(answer if large else b"\x15\3\3\0\2\2\x28")
        connection.recv(4096)

    with servers.listen(handler) as server:
        finding = only(look(server, [CA]))
    assert (finding.status, finding.code) == (Status.WARN, codes.TLS_OPENSSL_CANNOT_FOLLOW)
    assert "certificates were not seen" in finding.cause


def test_an_offer_that_is_too_small_names_what_makes_it_larger(look: Look) -> None:
    """A server of RSA key exchange only, one of ML-KEM only: the setting or release with which it answers."""

    def setup(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("AES128-SHA:@SECLEVEL=0")

    with servers.tls(leaf(CA, "localhost", key=pki.key("RSA2048")), setup=setup) as server:
        finding = only(look(server, [CA], go=Go((1, 26, 6), "as-go")))
        assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_GO_OFFER_TOO_SMALL)
        assert "GODEBUG=tlsrsakex=1" in finding.remedy
        assert only(look(server, [CA])).code is codes.TLS_HANDSHAKE_FAILURE  # 1.27 has nothing for it
    with (
        servers.tls(SOUND) as server,
        boxes.before(server, lambda it: 0x11EC not in it.groups, boxes.alerts(40)) as box,
    ):
        without = NEWEST._replace(godebug={"tlsmlkem": "0"})
        assert "remove tlsmlkem=0" in only(look(box, [CA], go=without)).remedy
        assert "Go 1.27" in only(look(box, [CA], go=Go((1, 22, 10), "as-go"))).remedy


def test_a_proxy_with_an_unknown_authority_is_suspected_first(look: Look) -> None:
    """The finding says that there was a proxy, and asks nobody for a full chain."""
    seen: list[bytes] = []
    with (
        servers.tls(leaf(root("Corp"), "api.test")) as server,
        servers.listen(servers.http_proxy(server.port, seen)) as proxy,
    ):
        url = f"http://localhost:{proxy.port}"
        finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
    assert finding.code is codes.TLS_UNKNOWN_AUTHORITY
    assert f"through the proxy {url}, from HTTPS_PROXY" in finding.cause
    assert "intercepts TLS" in finding.cause
    assert "full chain" not in finding.remedy


def test_a_container_without_descriptors_cannot_tell(make_target: MakeTarget) -> None:
    """Not Go's failure but ours."""
    target = make_target({BUNDLE: pems([CA])})
    roots = trust.load(target, NEWEST)
    run = Run(Deadline(10), "startup", time.time(), Facts(target, go=NEWEST), lambda _: None)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with servers.tls(SOUND) as server:
        settings = CaBundle(endpoints=(f"127.0.0.1:{server.port}",))
        assert only(list(findings(settings, target, run, roots))).code is codes.TLS_WRONG_NAME
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            finding = only(list(findings(settings, target, run, roots)))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.TLS_SOCKET_ERROR)


# --- proxies ----------------------------------------------------------------------------

UPSTREAM = "api.test:443"
BEHIND = leaf(CA, "api.test")


def test_an_http_proxy_is_used_with_its_credentials_which_stay_secret(look: Look) -> None:
    """The request is net/http's, the finding names the proxy without the password."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server, servers.listen(servers.http_proxy(server.port, seen)) as proxy:
        url = f"http://user:s3cr3t@localhost:{proxy.port}"
        found = look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})
    assert only(found).code is codes.TLS_OK
    first = seen[0].decode().split("\r\n")
    assert first[:2] == ["CONNECT api.test:443 HTTP/1.1", "Host: api.test:443"]
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'user:s3cr3t').decode()}" in first
    assert found[0].evidence["proxy"] == f"http://localhost:{proxy.port} (HTTPS_PROXY)"
    assert "s3cr3t" not in repr(found)


def test_no_proxy_keeps_the_proxy_out(look: Look) -> None:
    """As NO_PROXY and the loopback rule of net/http say."""
    with servers.tls(SOUND) as server:
        assert only(look(server, [CA], env={"HTTPS_PROXY": "http://127.0.0.1:1"})).code is codes.TLS_OK


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://127.0.0.1:" + "9" * 5000])
def test_a_proxy_with_an_impossible_port_cannot_be_reached(url: str, look: Look) -> None:
    """Go parses it, and fails when it dials."""
    finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNREACHABLE)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", codes.TLS_PROXY_AUTHENTICATION),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 201 Created\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"220 mail.test\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000, codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\n begins: with a blank\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 200 OK\r\nbad(name: x\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/11 200 OK\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"HTTP/1.1 0200 OK\r\n\r\n", codes.TLS_PROXY_REFUSED),
        (b"\r\n\r\n", codes.TLS_PROXY_REFUSED),
    ],
    ids=[
        *("407", "403", "201", "no HTTP", "closes", "endless header"),
        *("no colon", "blank", "name", "version", "code", "empty"),
    ],
)
def test_a_proxy_that_does_not_connect_fails(answer: bytes, code: Code, look: Look) -> None:
    """Nothing but 200 will do for net/http."""
    with servers.listen(servers.says(answer)) as proxy:
        url = f"http://user:s3cr3t@localhost:{proxy.port}"
        found = look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, attempts=1)
    assert (only(found).status, found[0].code) == (Status.FAIL, code)
    assert "HTTPS_PROXY" in found[0].cause
    assert "s3cr3t" not in repr(found)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1  200 OK\r\n\r\n",
        b"HTTP/1.0 200 OK\nA: b\n\n",
        b"HTTP/1.1 200 OK\r\nwith blank: x\r\n and more\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300_000 + b"\r\n",
    ],
    ids=["two blanks", "line feeds", "blanks", "2 MB"],
)
def test_an_odd_answer_of_a_proxy_is_taken_where_go_takes_it(answer: bytes, look: Look) -> None:
    """Tried with Go's own client, each of them."""
    seen: list[bytes] = []
    with (
        servers.tls(BEHIND) as server,
        servers.listen(servers.http_proxy(server.port, seen, answer)) as proxy,
    ):
        url = f"http://localhost:{proxy.port}"
        assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK


@pytest.mark.parametrize("host", ["127.1", "0177.0.0.1", "127.0.0.001", "2130706433"])
def test_an_address_in_an_old_spelling_is_a_name_to_go(host: str, look: Look) -> None:
    """getaddrinfo(3) would take it for an address; Go's resolver asks the name servers for it."""
    with servers.tls(leaf(CA, host)) as server:
        finding = only(look([f"{host}:{server.port}"], [CA], attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_HOST_NOT_FOUND)
    assert "takes it for a name" in finding.cause


def test_a_proxy_that_is_not_there_fails(look: Look) -> None:
    """It is the proxy that cannot be reached, not the endpoint."""
    finding = only(look([UPSTREAM], [CA], env={"https_proxy": "http://127.0.0.1:1"}, attempts=1))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNREACHABLE)
    assert "http://127.0.0.1:1 from https_proxy" in finding.cause


def test_a_proxy_that_keeps_silent_times_out(look: Look) -> None:
    """In the phase that is called CONNECT."""
    with servers.listen(servers.silent) as proxy:
        url = f"http://localhost:{proxy.port}"
        finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}, timeout_s=0.5))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_TIMEOUT)


def test_a_proxy_over_tls_is_judged_like_any_server(look: Look) -> None:
    """The TLS to the endpoint runs inside the TLS to the proxy, and both must be trusted."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server:
        handler = servers.http_proxy(server.port, seen)
        with servers.listen(servers.over_tls(handler, SOUND)) as proxy:
            url = f"https://localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
        with servers.listen(servers.over_tls(handler, leaf(CA, "other.test"))) as proxy:
            url = f"https://localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
    assert (finding.status, finding.code) == (Status.FAIL, codes.TLS_PROXY_UNTRUSTED)
    assert "not localhost" in finding.cause


def test_a_socks_proxy_is_used(look: Look) -> None:
    """With and without a password; the name is resolved by the proxy."""
    seen: list[bytes] = []
    with servers.tls(BEHIND) as server:
        with servers.listen(servers.socks_proxy(server.port, seen)) as proxy:
            url = f"socks5://localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
        with servers.listen(servers.socks_proxy(server.port, seen, password=True)) as proxy:
            url = f"socks5://u:p@localhost:{proxy.port}"
            assert only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url})).code is codes.TLS_OK
            url = f"socks5://u:wrong@localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
            assert finding.code is codes.TLS_PROXY_AUTHENTICATION
        with servers.listen(servers.socks_proxy(server.port, seen, reply=2)) as proxy:
            url = f"socks5://localhost:{proxy.port}"
            finding = only(look([UPSTREAM], [CA], env={"HTTPS_PROXY": url}))
            assert finding.code is codes.TLS_PROXY_REFUSED
            assert "not allowed by its rules" in finding.cause
    assert b"\x03\x08api.test\x01\xbb" in seen[1]


# --- name servers -----------------------------------------------------------------------

SCRIPT = """
import sys, time
from probe import targets
from probe.checks.base import Run
from probe.checks.ca_bundle.handshake import findings
from probe.deadline import Deadline
from probe.golang.x509 import trust
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.checks.ca_bundle import CaBundle

ourselves = targets.ourselves()
facts = Facts(ourselves, go=NEWEST)
run = Run(Deadline(float(sys.argv[1])), "startup", time.time(), facts, lambda _: None)
settings = CaBundle(endpoints=("api.example.test:443",), attempts=2)
for finding in findings(settings, ourselves, run, trust.load(ourselves, NEWEST)):
    print(finding.status.value, finding.code.name, finding.evidence["attempts"])
"""


def asked(timeout_s: float, answer: int | None, tmp_path: Path) -> tuple[str, float]:
    """What is found out where the only name server answers with that code, or not at all; in what time."""
    address = f"127.53.{os.getpid() % 250}.{(answer or 0) + 1}"
    (tmp_path / "resolv.conf").write_text(f"nameserver {address}\noptions attempts:1 timeout:5\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        if answer is not None:
            threading.Thread(target=_serve_names, args=(server, answer), daemon=True).start()
        begin = time.monotonic()
        mount = 'mount --bind "$1" /etc/resolv.conf && exec "$2" -c "$3" "$4"'
        done = subprocess.run(
            [
                "unshare",
                "-m",
                "sh",
                "-c",
                mount,
                "sh",
                tmp_path / "resolv.conf",
                sys.executable,
                SCRIPT,
                str(timeout_s),
            ],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip(), time.monotonic() - begin


def _serve_names(server: socket.socket, answer: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            query, peer = server.recvfrom(512)
            server.sendto(query[:2] + bytes([0x81, 0x80 | answer]) + query[4:6] + bytes(6) + query[12:], peer)


@pytest.mark.root("another resolv.conf, port 53")
@pytest.mark.parametrize(
    ("answer", "timeout_s", "expected"),
    [
        (3, 5, "fail TLS_HOST_NOT_FOUND 1"),
        (2, 5, "fail TLS_RESOLVER_FAILED 2"),
        (None, 0.5, "fail TLS_RESOLVER_TIMEOUT 1"),
    ],
    ids=["no such name", "server fails", "server is silent"],
)
def test_name_servers_are_told_apart(
    answer: int | None, timeout_s: float, expected: str, tmp_path: Path
) -> None:
    """An unknown name is no reason to try again, a failing server is; a silent one holds up nobody."""
    found, seconds = asked(timeout_s, answer, tmp_path)
    assert found == expected
    assert seconds < 4


# --- whether and whom -------------------------------------------------------------------


def test_a_short_deadline_makes_no_verdict_about_the_size_of_messages(look: Look) -> None:
    """A server that is silent to Go's message only is not called a box that drops it without time to see."""
    sound = servers.context([SOUND])

    def handler(connection: socket.socket) -> None:
        if int.from_bytes(connection.recv(5, socket.MSG_PEEK)[3:5], "big") > 1300:
            servers.silent(connection)
            return
        with sound.wrap_socket(connection, server_side=True) as secured:
            secured.recv(1)

    with servers.listen(handler) as server:
        passed, warned = look(server, [CA], timeout_s=1)
        assert passed.code is codes.TLS_OK
        assert passed.evidence["go_hello"].startswith("not known")
        assert (warned.status, warned.code) == (Status.WARN, codes.TLS_GO_OFFER_UNKNOWN)
        assert only(look(server, [CA], timeout_s=5)).code is codes.TLS_LARGE_HELLO_DROPPED


def test_no_endpoint_is_a_warning_that_says_how_to_name_one(look: Look) -> None:
    """Never a silent pass."""
    finding = only(look(["auto"], [CA]))
    assert (finding.status, finding.code) == (Status.WARN, codes.TLS_NO_ENDPOINT)
    assert "ca-bundle.endpoints" in finding.remedy
    assert only(look([], [CA])).code is codes.TLS_NO_ENDPOINT


def test_a_role_without_handshakes_is_skipped_visibly(look: Look) -> None:
    """By hand they are made, as readiness only where it is asked for."""
    with servers.tls(SOUND) as server:
        skipped = only(look(server, [CA], role="ready"))
        assert only(look(server, [CA], role="all")).code is codes.TLS_OK
        assert only(look(server, [CA], role="ready", handshake_roles=("ready",))).code is codes.TLS_OK
    assert (skipped.status, skipped.code) == (Status.SKIP, codes.TLS_NOT_ASKED)
    assert len(server.accepted) <= 6
