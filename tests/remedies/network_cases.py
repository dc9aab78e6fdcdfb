"""Cases in which a server, a proxy or a name server takes part: each is a real one on loopback."""

import contextlib
import functools
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.differential.harness import ask
from tests.remedies.case import ALL, Case
from tests.remedies.container import Container
from tests.support import pki
from tests.tls import boxes, name_server, servers

CA = pki.root("Network CA")
HOST = "api.test"
SOUND = pki.leaf(CA, HOST)
NOBODY = "http://127.0.0.1:1"


def own_address(number: int) -> str:
    """An address of loopback that no other run of this test has."""
    return f"127.{80 + number}.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"


def with_server(
    here: Container, *, setup: Callable[[ssl.SSLContext], object] | None = None
) -> servers.Server:
    """The server that the container calls, whose authority it trusts."""
    server = here.have(servers.tls(SOUND, setup=setup))
    here.name(HOST, "127.0.0.1")
    here.trust(CA.pem)
    here.meant["HOST:PORT"] = "no proxy here"
    _called(here, server)
    return server


def _called(here: Container, server: servers.Server) -> None:
    here.settings["ca-bundle.endpoints"] = f'["{HOST}:{server.port}"]'


def _dials(here: Container) -> bool:
    endpoint = here.settings["ca-bundle.endpoints"].strip('[]"')
    return here.dials(f"https://{endpoint}/")


def _dials_by(release: str) -> Callable[[Container], bool]:
    def dials(here: Container) -> bool:
        port = here.settings["ca-bundle.endpoints"].strip('[]"').rpartition(":")[2]
        request = {"address": f"127.0.0.1:{port}", "server_name": HOST}
        return bool(ask(release, "handshake", request, root=here.root, env=here.env)["ok"])

    return dials


# --- proxies ------------------------------------------------------------------------------------


def _proxy(here: Container, handler: servers.Handler, scheme: str = "http") -> str:
    return f"{scheme}://localhost:{here.have(servers.listen(handler)).port}"


def _wanting_a_password(to: int) -> servers.Handler:
    """A proxy for who says u and p."""

    def handler(connection: socket.socket) -> None:
        head = connection.recv(65536)
        if b"Basic dTpw" not in head:  # u:p
            connection.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n"
            )
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(("127.0.0.1", to)) as upstream:
            servers.relay(connection, upstream)

    return handler


def _no_socks(handler: servers.Handler) -> servers.Handler:
    """An HTTP proxy that tells whoever greets it as a SOCKS proxy that it is none."""

    def either(connection: socket.socket) -> None:
        if connection.recv(1, socket.MSG_PEEK) == b"\5":
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            handler(connection)

    return either


def of_proxies() -> list[Case]:
    def behind(make: Callable[[Container, servers.Server], str]) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            server = with_server(here)
            here.env["HTTPS_PROXY"] = make(here, server)
            sound = _proxy(here, servers.http_proxy(server.port, []))
            here.meant = {"http://HOST:PORT": sound, "USER:PASSWORD": "u:p"}

        return arrange

    def refusing(here: Container, _: servers.Server) -> str:
        return _proxy(here, servers.says(b"HTTP/1.1 403 Forbidden\r\n\r\n"))

    def private(here: Container, server: servers.Server) -> str:
        authority = pki.root("Proxy CA")
        here.context["authority.pem"] = authority.pem.encode()
        handler = servers.over_tls(servers.http_proxy(server.port, []), pki.leaf(authority, "localhost"))
        return _proxy(here, handler, "https")

    def locked(here: Container, server: servers.Server) -> str:
        return _proxy(here, _wanting_a_password(server.port))

    def of_socks(here: Container, server: servers.Server) -> str:
        return _proxy(here, _no_socks(servers.http_proxy(server.port, [])), "socks5")

    def gone(_: Container, __: servers.Server) -> str:
        return NOBODY

    made = (
        *(("TLS_PROXY_UNREACHABLE", gone, way) for way in (0, 1)),
        ("TLS_PROXY_REFUSED", refusing, 0),
        ("TLS_PROXY_REFUSED", of_socks, 0),
        ("TLS_PROXY_AUTHENTICATION", locked, 0),
        *(("TLS_PROXY_UNTRUSTED", private, way) for way in (0, 1)),
    )
    return [Case(code, "ca-bundle", behind(make), _dials, way) for code, make, way in made]


# --- servers ------------------------------------------------------------------------------------


def of_servers() -> list[Case]:
    def tls(code: str, arrange: Callable[[Container], object], **more: Any) -> Case:
        return Case(code, "ca-bundle", arrange, **more)

    def listening_elsewhere(here: Container) -> None:
        server = with_server(here)
        here.settings["ca-bundle.endpoints"] = f'["{HOST}:1"]'
        here.meant["PORT"] = str(server.port)

    def speaking_http(here: Container) -> None:
        server, plain = (
            with_server(here),
            here.have(servers.listen(servers.says(b"HTTP/1.1 400 Bad\r\n\r\n"))),
        )
        _called(here, plain)
        here.meant["PORT"] = str(server.port)

    def slow(here: Container) -> None:
        server = here.have(servers.tls(SOUND, delay_s=1.2))
        with_server(here)
        _called(here, server)
        here.settings["timeout_s"] = "1.0"

    def with_few_files(here: Container) -> None:
        names = [f"{number}.test" for number in range(12)]
        server = here.have(servers.tls(pki.leaf(CA, *names), delay_s=0.3))
        for name in names:
            here.name(name, "127.0.0.1")
        here.trust(CA.pem)
        here.settings["ca-bundle.endpoints"] = json.dumps([f"{name}:{server.port}" for name in names])
        here.settings["timeout_s"] = "1.5"
        here.typed = ["ulimit -Sn 16"]

    def through_all_proxy(endpoint: str) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            server = with_server(here)
            here.settings["ca-bundle.endpoints"] = f'["{endpoint}"]'
            here.env["ALL_PROXY"] = _proxy(here, servers.http_proxy(server.port, []))

        return arrange

    return [
        tls("TLS_CONNECTION_REFUSED", listening_elsewhere, works=_dials),
        tls("TLS_CONNECTION_REFUSED", through_all_proxy(f"{HOST}:1"), works=_dials),
        tls("TLS_NOT_TLS", speaking_http, works=_dials),
        tls("TLS_HANDSHAKE_TIMEOUT", slow, slow=True),
        tls("TLS_SOCKET_ERROR", with_few_files, slow=True),
    ]


# --- what is offered ----------------------------------------------------------------------------


def of_offers() -> list[Case]:
    def behind_a_box(dislikes: boxes.Dislikes) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            server = with_server(here)
            _called(here, here.have(boxes.before(server, dislikes)))

        return arrange

    def of_fips(here: Container) -> None:
        with_server(here, setup=_without_master_secret)
        here.env["GODEBUG"] = "fips140=on"

    def of_fips_only(here: Container) -> None:
        with_server(here)
        here.env["GODEBUG"] = "fips140=only"

    def late(here: Container) -> None:
        """Whoever sends a large ClientHello waits longer than the run has time."""
        server = with_server(here)

        def slowly(connection: socket.socket) -> None:
            first = boxes.record(connection)
            if len(first) > 1300:
                time.sleep(1.5)
            with socket.create_connection(("127.0.0.1", server.port)) as upstream:
                upstream.sendall(first)
                servers.relay(connection, upstream)

        _called(here, here.have(servers.listen(slowly)))
        here.settings["timeout_s"] = "1.0"

    as_1_25 = ("--only", "ca-bundle", "--role", "startup", "--as-go", "1.25.5")
    return [
        Case("TLS_FIPS_ONLY", "ca-bundle", of_fips_only, _dials_by("1.25.5"), words=as_1_25, slow=True),
        Case("TLS_GO_OFFER_UNKNOWN", "ca-bundle", late, slow=True),
        Case("TLS_LARGE_HELLO_DROPPED", "ca-bundle", behind_a_box(lambda it: it.size > 1300), _dials),
        Case("TLS_HELLO_BLOCKED", "ca-bundle", behind_a_box(lambda it: 0x11EC in it.groups), _dials),
        Case("TLS_FIPS_MASTER_SECRET", "ca-bundle", of_fips, _dials),
    ]


def _without_master_secret(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.options |= 0x1  # SSL_OP_NO_EXTENDED_MASTER_SECRET


# --- owners of servers --------------------------------------------------------------------------

_ISSUE = "openssl req -x509 -key ca.key -subj '/CN=Corp Root' -days 9 {} -out ca.pem"
_SIGN = (
    "openssl req -x509 -CA ca.pem -CAkey ca.key -key server.key -subj /CN=api.internal -days 9 "
    "-addext basicConstraints=critical,CA:FALSE {} -out server.pem"
)
_SAN = "-addext subjectAltName=DNS:api.internal"


def of_owners() -> list[Case]:
    """What explain shows for an authority is done where its key lies; the server takes what comes of it."""

    def arrange(authority: str, certificate: str) -> Callable[[Container], None]:
        def made(here: Container) -> None:
            here.at = "/srv"
            for name in ("ca.key", "server.key"):
                _must(here, f"openssl ecparam -name prime256v1 -genkey -noout -out {name}")
            for line in (_ISSUE.format(authority), _SIGN.format(certificate)):
                _must(here, line)
            server = here.have(servers.listen(_reloaded(here.root / "srv")))
            here.name("api.internal", "127.0.0.1")
            here.env |= {"SSL_CERT_FILE": "/srv/ca.pem", "SSL_CERT_DIR": "/srv/none"}
            (here.root / "srv/none").mkdir()
            here.settings["ca-bundle.endpoints"] = f'["api.internal:{server.port}"]'

        return made

    no_authority = arrange("-addext basicConstraints=critical,CA:FALSE", _SAN)
    lax = arrange("-addext basicConstraints=CA:TRUE", _SAN)
    return [
        Case("TLS_COMMON_NAME_ONLY", "ca-bundle", arrange("", ""), _dials, ALL, explained=True),
        Case("TLS_ISSUER_NOT_CA", "ca-bundle", no_authority, _dials, ALL, explained=True),
        Case("TLS_STRICT_CLIENTS_REFUSE", "ca-bundle", lax, None, ALL, explained=True),
    ]


def _must(here: Container, line: str) -> None:
    said = here.sh(line)
    assert said.code == 0, (line, said)


def _reloaded(folder: Path) -> servers.Handler:
    """A server that reads its certificate anew for each connection."""

    def handler(connection: socket.socket) -> None:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(folder / "server.pem", folder / "server.key")
        with made.wrap_socket(connection, server_side=True) as secured:
            while secured.recv(4096):
                pass

    return handler


def of_roots() -> list[Case]:
    def crossed(here: Container) -> None:
        """An old root has expired; the server sends the new one, signed by the old one."""
        old = pki.root("Old Root CA", not_before=pki.NOW - 900 * pki.DAY, not_after=pki.NOW - pki.DAY)
        new = pki.root("New Root CA")
        over = pki.make("New Root CA", old, key=new.key, ca=True, usage=(5, 6))
        middle = pki.intermediate(new, "Middle CA")
        server = here.have(servers.tls(pki.leaf(middle, HOST), middle, over))
        here.name(HOST, "127.0.0.1")
        here.trust(old.pem)
        here.context["authority.pem"] = new.pem.encode()
        _called(here, server)

    return [Case("TLS_EXPIRED", "ca-bundle", crossed, _dials)]


# --- name servers -------------------------------------------------------------------------------


@contextlib.contextmanager
def _name_server(address: str, answer: Callable[[bytes], bytes | None]) -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((address, 53))

        def loop() -> None:
            with contextlib.suppress(OSError):
                while True:
                    query, peer = line.recvfrom(4096)
                    if told := answer(query):
                        line.sendto(told, peer)

        threading.Thread(target=loop, daemon=True).start()
        yield


def of_name_servers() -> list[Case]:
    def choking_on_edns0(here: Container) -> None:
        address = own_address(0)
        here.have(_name_server(address, functools.partial(name_server.answer, "formerr")))
        here.put("/etc/resolv.conf", f"nameserver {address}\n")
        server = here.have(servers.tls(pki.leaf(CA, name_server.NAME)))
        here.trust(CA.pem)
        here.settings["ca-bundle.endpoints"] = f'["{name_server.NAME}:{server.port}"]'

    def behind_all_proxy(nameserver: str) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            here.put("/etc/resolv.conf", f"nameserver {nameserver}\noptions attempts:1 timeout:1\n")
            server = here.have(servers.tls(SOUND))
            here.trust(CA.pem)
            here.settings["ca-bundle.endpoints"] = f'["{HOST}:{server.port}"]'
            here.env["ALL_PROXY"] = _proxy(here, servers.http_proxy(server.port, []))

        return arrange

    def unknown_name(here: Container) -> None:
        address = own_address(1)
        here.have(_name_server(address, functools.partial(_refused, 3)))
        behind_all_proxy(address)(here)

    def failing(here: Container) -> None:
        address = own_address(2)
        here.have(_name_server(address, functools.partial(_refused, 2)))
        behind_all_proxy(address)(here)

    return [
        Case("TLS_RESOLVER_EDNS0", "ca-bundle", choking_on_edns0, _dials),
        Case("TLS_HOST_NOT_FOUND", "ca-bundle", unknown_name, _dials),
        Case("TLS_RESOLVER_FAILED", "ca-bundle", failing, _dials),
    ]


def _refused(code: int, query: bytes) -> bytes:
    """An answer with that RCODE, to each query."""
    return query[:2] + bytes([0x81, 0x80 | code]) + query[4:6] + bytes(6) + query[12:]


def all_of_them() -> list[Case]:
    return [*of_proxies(), *of_servers(), *of_offers(), *of_owners(), *of_roots(), *of_name_servers()]
