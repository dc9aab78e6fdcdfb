"""Live handshakes: a real Go client and we meet the same servers, and come to the same end."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.handshake import findings
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.report import Finding, Status
from probe.tls.server_reply import RETRY
from tests.differential.harness import ask, leads, same
from tests.support import pki
from tests.support.commands import MakeTarget
from tests.support.pki import DAY, NOW, Made, intermediate, leaf, pems, root
from tests.tls import boxes, servers

CA = root("Live CA")
MIDDLE = intermediate(CA, "Live Issuing CA")
SOUND = leaf(CA, "localhost")
RSA = leaf(CA, "localhost", key=pki.key("RSA2048"))
ODD = intermediate(CA, "Odd CA", key=pki.odd_rsa_key(2048, 2**32 + 15))
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
_ML_KEM = 0x11EC  # X25519MLKEM768

Serving = Callable[[Path], AbstractContextManager[int]]


def tls(*chain: Made, setup: Callable[[ssl.SSLContext], object] | None = None) -> Serving:
    @contextlib.contextmanager
    def serving(_: Path) -> Iterator[int]:
        with servers.tls(*chain, setup=setup) as server:
            yield server.port

    return serving


def raw(handler: servers.Handler) -> Serving:
    @contextlib.contextmanager
    def serving(_: Path) -> Iterator[int]:
        with servers.listen(handler) as server:
            yield server.port

    return serving


def beyond(records: int, act: Callable[[socket.socket], object]) -> Serving:
    """Before a sound server, a box that hands on that many of its records, and then does *act*."""

    def handler(connection: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            upstream.sendall(boxes.record(connection))
            for _ in range(records):
                connection.sendall(boxes.one_record(upstream))
            act(connection)

    @contextlib.contextmanager
    def serving(_: Path) -> Iterator[int]:
        with (
            servers.tls(SOUND) as server,
            servers.listen(lambda connection: handler(connection, server.port)) as box,
        ):
            yield box.port

    return serving


def before_a_sound_server(
    handler: Callable[[socket.socket, int], None], setup: Callable[[ssl.SSLContext], object] | None
) -> Serving:
    """A box that hands each connection, and the server's port, to *handler*."""

    @contextlib.contextmanager
    def serving(_: Path) -> Iterator[int]:
        with (
            servers.tls(SOUND, setup=setup) as server,
            servers.listen(lambda connection: handler(connection, server.port)) as box,
        ):
            yield box.port

    return serving


def amid(records: int, data: bytes, setup: Callable[[ssl.SSLContext], object] | None = None) -> Serving:
    """Before a sound server, a box that sends *data* after that many of its records."""

    def handler(connection: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            upstream.sendall(boxes.record(connection))
            for _ in range(records):
                connection.sendall(boxes.one_record(upstream))
            connection.sendall(data)
            servers.relay(connection, upstream)

    return before_a_sound_server(handler, setup)


def fails_at(extensions: frozenset[int], setup: Callable[[ssl.SSLContext], object]) -> Serving:
    """Before a sound server, a box that ends the handshake of who offers one of *extensions*."""

    def handler(connection: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as upstream:
            hello = boxes.record(connection)
            upstream.sendall(hello)
            if extensions & boxes.parse(hello).extensions.keys():
                connection.sendall(boxes.one_record(upstream))
                boxes.alerts(20)(connection)
            else:
                servers.relay(connection, upstream)

    return before_a_sound_server(handler, setup)


def retry(hello: bytes) -> bytes:
    """A HelloRetryRequest for P-384 (RFC 8446 4.1.4)."""
    session = hello[43 : 44 + hello[43]]
    extensions = b"\0\x2b\0\2\3\4\0\x33\0\2\0\x18"
    body = b"\3\3" + RETRY + session + b"\x13\1\0" + len(extensions).to_bytes(2) + extensions
    message = b"\2" + len(body).to_bytes(3) + body
    return b"\x16\3\3" + len(message).to_bytes(2) + message


@contextlib.contextmanager
def closes_after_retry(_: Path) -> Iterator[int]:
    """Before a sound server, a box that asks who brings no share of ML-KEM for another, and then closes."""

    def handler(connection: socket.socket) -> None:
        hello = boxes.record(connection)
        if _ML_KEM not in boxes.parse(hello).shares:
            connection.sendall(retry(hello))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
            return
        with socket.create_connection(("127.0.0.1", server.port)) as upstream:
            upstream.sendall(hello)
            servers.relay(connection, upstream)

    with servers.tls(SOUND) as server, servers.listen(handler) as box:
        yield box.port


def large(octets: int) -> Serving:
    """A certificate of about so many bytes; a server of TLS 1.2 for the odd ones."""
    names = [f"tenant-{number:06d}.shard.example.test" for number in range(octets // 34)]
    return tls(leaf(CA, "localhost", *names), setup=tls12() if octets % 2 else None)


def openssl(chain: list[Made], *options: str) -> Serving:
    return lambda folder: servers.openssl(folder, chain, *options)


def tls12(*ciphers: str) -> Callable[[ssl.SSLContext], None]:
    def setup(made: ssl.SSLContext) -> None:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        if ciphers:
            made.set_ciphers(":".join(ciphers) + ":@SECLEVEL=0")

    return setup


def weak(made: ssl.SSLContext) -> None:
    made.set_ciphers("ALL:@SECLEVEL=0")


def weak12(made: ssl.SSLContext) -> None:
    weak(made)
    made.maximum_version = ssl.TLSVersion.TLSv1_2


def demanding(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.load_verify_locations(cadata=CA.der)
    made.verify_mode = ssl.CERT_REQUIRED


def drops_large(connection: socket.socket) -> None:
    if int.from_bytes(connection.recv(5, socket.MSG_PEEK)[3:5], "big") > 1300:
        servers.reset(connection)
        return
    with servers.context([SOUND]).wrap_socket(connection, server_side=True) as secured:
        secured.recv(1)


SERVERS: dict[str, Serving] = {
    "TLS 1.3": tls(SOUND),
    "TLS 1.2": tls(SOUND, setup=tls12()),
    "with an intermediate": tls(leaf(MIDDLE, "localhost"), MIDDLE),
    "without its intermediate": tls(leaf(MIDDLE, "localhost")),
    "unknown authority": tls(leaf(root("Other"), "localhost")),
    "authority of the same name": tls(leaf(root("Live CA", serial=9), "localhost")),
    "wrong name": tls(leaf(CA, "other.test")),
    "common name only": tls(leaf(CA, name="localhost")),
    "name constraint": tls(
        leaf(
            narrow := intermediate(CA, "N", extra=[pki.constraints(pki.general_names(dns=["x"]))]),
            "localhost",
        ),
        narrow,
    ),
    "for clients": tls(leaf(CA, "localhost", eku=(pki.CLIENT,))),
    "SHA-1": tls(leaf(CA, "localhost", hash_="SHA1")),
    "negative serial": tls(leaf(CA, "localhost", serial=-7)),
    "large RSA key": tls(SOUND, root("Large", public=pki.rsa_spki((1 << 8200) + 1))),
    "RSA with PSS": tls(RSA),
    "RSA 1000": tls(leaf(CA, "localhost", key=pki.odd_rsa_key(1000)), setup=weak),
    "RSA 768, TLS 1.2": tls(leaf(CA, "localhost", key=pki.odd_rsa_key(768)), setup=weak12),
    "RSA with a large exponent": tls(leaf(CA, "localhost", key=pki.odd_rsa_key(2048, 2**32 + 15))),
    "authority with a large exponent": tls(leaf(ODD, "localhost"), ODD),
    "RSA key exchange": tls(RSA, setup=tls12("AES128-GCM-SHA256")),
    "CBC with SHA-1": tls(RSA, setup=tls12("ECDHE-RSA-AES128-SHA")),
    "CBC with SHA-256": tls(RSA, setup=tls12("ECDHE-RSA-AES128-SHA256")),
    "DHE only": openssl([RSA], "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"),
    "TLS 1.1": openssl([RSA], "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
    "X448": openssl([SOUND], "-groups", "X448"),
    "X448 in TLS 1.2": openssl([SOUND], "-tls1_2", "-groups", "X448"),
    "ffdhe2048": openssl([SOUND], "-groups", "ffdhe2048"),
    "P-521": openssl([SOUND], "-groups", "P-521"),
    "SHA-1 signatures": openssl(
        [RSA], "-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0", "-sigalgs", "RSA+SHA1"
    ),
    "Ed25519": tls(leaf(CA, "localhost", key=pki.key("Ed25519"))),
    "Ed448": tls(leaf(CA, "localhost", key=pki.key("Ed448"))),
    "client certificate, TLS 1.2": tls(SOUND, setup=demanding),
    "plain HTTP": raw(servers.says(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "closes": raw(servers.closes),
    "closes after its ServerHello": beyond(1, lambda it: it.shutdown(socket.SHUT_RDWR)),
    "closes before it has finished": beyond(2, lambda it: it.shutdown(socket.SHUT_RDWR)),
    "resets after its ServerHello": beyond(1, servers.reset),
    "an alert after its ServerHello": beyond(1, boxes.alerts(40)),
    "a warning after its ServerHello": beyond(1, lambda it: it.sendall(b"\x15\3\3\0\2\1\x70")),
    "another version after its ServerHello": beyond(1, lambda it: it.sendall(b"\x16\3\1\0\4\2\0\0\0")),
    "garbage after its ServerHello": beyond(1, lambda it: it.sendall(bytes(99))),
    "an empty record first": amid(0, b"\x16\3\3\0\0"),
    "an empty record, TLS 1.2": amid(1, b"\x16\3\3\0\0", tls12()),
    "a HelloRequest first": amid(0, b"\x16\3\3\0\4\0\0\0\0"),
    "a HelloRequest, TLS 1.2": amid(1, b"\x16\3\3\0\4\0\0\0\0", tls12()),
    "a warning first": amid(0, b"\x15\3\3\0\2\1\x70"),
    "three warnings, TLS 1.2": amid(1, 3 * b"\x15\3\3\0\2\1\x70", tls12()),
    "five warnings, TLS 1.2": amid(1, 5 * b"\x15\3\3\0\2\1\x70", tls12()),
    "17 warnings, TLS 1.2": amid(1, 17 * b"\x15\3\3\0\2\1\x70", tls12()),
    "no_renegotiation, TLS 1.2": amid(1, b"\x15\3\3\0\2\1\x64", tls12()),
    "close_notify first": amid(0, b"\x15\3\3\0\2\1\0"),
    "close_notify, TLS 1.2": amid(1, b"\x15\3\3\0\2\1\0", tls12()),
    "closes with close_notify": raw(servers.says(b"\x15\3\3\0\2\1\0")),
    "fails at encrypt_then_mac and session_ticket": fails_at(frozenset((22, 35)), tls12()),
    "closes after a HelloRetryRequest": closes_after_retry,
    "17 changes of cipher": amid(1, 17 * b"\x14\3\3\0\1\1"),
    "three changes of cipher": amid(1, 3 * b"\x14\3\3\0\1\1"),
    "certificates of 60 KB": large(60_000),
    "certificates of 70 KB": large(70_000),
    "certificates of 70 KB, TLS 1.2": large(70_001),
    "certificates of 150 KB": large(150_000),
    "certificates of 290 KB": large(290_000),
    "resets": raw(servers.reset),
    "drops large messages": raw(drops_large),
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_handshake_ends_as_go_s_does(
    name: str, go_version: str, make_target: MakeTarget, tmp_path: Path
) -> None:
    """Both succeed or neither; where certificates are the trouble, in the same words."""
    major, minor, patch = map(int, go_version.split("."))
    with SERVERS[name](tmp_path) as port:
        request = {"address": f"127.0.0.1:{port}", "server_name": "localhost", "roots": pems([CA])}
        theirs = ask(go_version, "handshake", request)
        ours = look(port, Go((major, minor, patch), "as-go"), make_target)
    same(
        [ours.status in (Status.PASS, Status.WARN), ours.evidence.get("go_error", theirs["error"])],
        [theirs["ok"], theirs["error"]],
        f"{name}: {ours.code.name}: {ours.cause}",
    )
    if theirs["error"]:
        leads(f'Get "https://localhost:{port}/": {theirs["error"]}', ours.code.name)  # as net/http tells it


def look(port: int, go: Go, make_target: MakeTarget) -> Finding:
    target = make_target({BUNDLE: pems([CA])})
    run = Run(Deadline(10), "startup", time.time(), Facts(target, go=go), lambda _: None)
    settings = CaBundle(endpoints=(f"localhost:{port}",))
    found: list[Finding] = list(findings(settings, target, run, trust.load(target, go)))
    return max(found, key=lambda finding: finding.status.severity)


def test_what_has_expired_is_said_in_go_s_words(go_version: str, make_target: MakeTarget) -> None:
    """But for the moment, which passes between the two."""
    with servers.tls(leaf(CA, "localhost", not_after=NOW - DAY)) as server:
        request = {"address": f"127.0.0.1:{server.port}", "server_name": "localhost", "roots": pems([CA])}
        theirs = ask(go_version, "handshake", request)["error"]
        major, minor, patch = map(int, go_version.split("."))
        ours = look(server.port, Go((major, minor, patch), "as-go"), make_target)
    fixed = (
        "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time "
    )
    for text in (str(ours.evidence["go_error"]), theirs):
        assert text.startswith(fixed)
    same(str(ours.evidence["go_error"]).rpartition(" ")[2], theirs.rpartition(" ")[2])
