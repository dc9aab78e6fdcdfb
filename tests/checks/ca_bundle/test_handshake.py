"""Handshakes that succeed, and which endpoints are called in which role: real servers on loopback."""

import socket
import ssl
import threading
from typing import Any

import pytest

from probe import codes
from probe.report import Status
from tests.checks.ca_bundle.handshakes import CA, MIDDLE, SENT, SOUND, Look, found_codes, only
from tests.support.pki import leaf
from tests.tls import servers


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


@pytest.mark.slow
def test_many_endpoints_are_visited_side_by_side(look: Look) -> None:
    """A hundred, none of which answers before all of them have been asked."""
    hosts = [f"127.0.0.{number}" for number in range(1, 101)]
    with servers.tls(leaf(CA, ip=hosts), crowd=len(hosts), host="0.0.0.0") as server:
        found = look([f"{host}:{server.port}" for host in hosts], [CA], timeout_s=30)
    assert len({finding.subject for finding in found}) == 100
    assert set(found_codes(found)) == {codes.TLS_OK}


@pytest.mark.slow
def test_a_server_that_serves_one_client_at_a_time_is_not_held_up(look: Look) -> None:
    """No connection of ours waits for another of ours to end: that fails each time, a busy machine once."""
    sound, turn = servers.context([SOUND]), threading.Lock()

    def handler(connection: socket.socket) -> None:
        with turn, sound.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass

    for _ in range(3):
        with servers.listen(handler) as server:
            finding = only(look(server, [CA]))
        assert finding.code is codes.TLS_OK
        told = finding.evidence["openssl"], finding.evidence["go_hello"]
        if told == ("accepts", "accepted"):
            return
    pytest.fail(f"{told} in each of three attempts")


def test_an_endpoint_that_is_named_twice_is_visited_once(look: Look) -> None:
    """Twice the same is one finding."""
    with servers.tls(SOUND) as server:
        assert only(look([server.endpoint] * 2, [CA])).code is codes.TLS_OK


@pytest.mark.slow
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
