"""Which clients the judged Go resembles: what it offers, and servers and boxes that want something else."""

import resource
import socket
import ssl
import time
from pathlib import Path

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.handshake import findings
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import trust
from probe.report import Status
from tests.checks.ca_bundle.handshakes import BUNDLE, CA, SOUND, UPSTREAM, Look, found_codes, only
from tests.support import pki
from tests.support.commands import MakeTarget
from tests.support.pki import leaf, pems, root
from tests.tls import boxes, servers


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


@pytest.mark.slow
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


def test_who_begins_and_does_not_go_on_is_no_server_for_go_alone(look: Look) -> None:
    """OpenSSL has been answered too: what ends the handshake after that ends Go's."""
    for answer, code in (
        (lambda it: it.shutdown(socket.SHUT_RDWR), codes.TLS_CLOSED),
        (boxes.alerts(40), codes.TLS_PROTOCOL_ERROR),  # in plain text, where TLS 1.3 has none
    ):

        def handler(connection: socket.socket, answer: boxes.Action = answer) -> None:
            with socket.create_connection(("127.0.0.1", sound.port)) as upstream:
                upstream.sendall(boxes.record(connection))
                connection.sendall(boxes.one_record(upstream))
                answer(connection)

        with servers.tls(SOUND) as sound, servers.listen(handler) as server:
            finding = only(look(server, [CA]))
        assert finding.code is code
        assert finding.status is not Status.WARN


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
        assert "GODEBUG=tlsmlkem=1" in only(look(box, [CA], go=without)).remedy
        assert "FROM golang:1.27 AS build" in only(look(box, [CA], go=Go((1, 22, 10), "as-go"))).remedy


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
