"""Servers, routes and name servers with which no handshake comes about, each with its cause."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from probe import codes
from probe.codes import Code
from probe.report import Status
from tests.checks.ca_bundle.handshakes import CA, SOUND, Look, alert, only
from tests.support.pki import leaf
from tests.support.timing import Stopwatch
from tests.tls import servers


class Broken(NamedTuple):
    """A server that does not shake hands."""

    handler: servers.Handler
    code: Code
    words: str


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
        servers.says(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), codes.TLS_PROTOCOL_ERROR, "failed in OpenSSL"
    ),
}


def test_what_is_waited_for_is_told_as_it_changes(look: Look) -> None:
    """A check that is late says what the first endpoint without an answer was at last."""
    with servers.listen(servers.silent) as silent, servers.tls(SOUND) as sound:
        look([silent.endpoint, sound.endpoint], [CA], timeout_s=0.5)
    assert f"{silent.endpoint}: TLS handshake" in look.phases
    assert not [told for told in look.phases if told.startswith(sound.endpoint)]


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
            cwd=Path(__file__).parents[3],
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
