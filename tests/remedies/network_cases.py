"""Cases in which a server, a proxy or a name server takes part: each is a real one on loopback."""

import contextlib
import functools
import http.server
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.checks.offline.helpers import lay_proxy
from tests.remedies.case import Case
from tests.remedies.container import Container
from tests.support import https, pki, proxies
from tests.tls import boxes, name_server, servers

CA = pki.root("Network CA")
HOST = "api.test"
SOUND = pki.leaf(CA, HOST)
NOBODY = "http://127.0.0.1:1"
MODULE = "example.com/n@v1.0.0"


def _address(number: int) -> str:
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

    def through_all_proxy(endpoint: str) -> Callable[[Container], None]:
        def arrange(here: Container) -> None:
            server = with_server(here)
            here.settings["ca-bundle.endpoints"] = f'["{endpoint}"]'
            here.env["ALL_PROXY"] = _proxy(here, servers.http_proxy(server.port, []))

        return arrange

    def few_descriptors(here: Container) -> None:
        with_server(here)
        here.typed.append("ulimit -S -n 4")

    return [
        tls("TLS_CONNECTION_REFUSED", listening_elsewhere, works=_dials),
        tls("TLS_CONNECTION_REFUSED", through_all_proxy(f"{HOST}:1"), works=_dials),
        tls("TLS_NOT_TLS", speaking_http, works=_dials),
        tls("TLS_HANDSHAKE_TIMEOUT", slow, slow=True),
        tls("CHECK_CRASHED", few_descriptors),
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

    return [
        Case("TLS_LARGE_HELLO_DROPPED", "ca-bundle", behind_a_box(lambda it: it.size > 1300), _dials),
        Case("TLS_HELLO_BLOCKED", "ca-bundle", behind_a_box(lambda it: 0x11EC in it.groups), _dials),
        Case("TLS_FIPS_MASTER_SECRET", "ca-bundle", of_fips, _dials),
    ]


def _without_master_secret(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.options |= 0x1  # SSL_OP_NO_EXTENDED_MASTER_SECRET


# --- name servers -------------------------------------------------------------------------------


@contextlib.contextmanager
def _name_server(address: str, kind: str) -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((address, 53))

        def loop() -> None:
            with contextlib.suppress(OSError):
                while True:
                    query, peer = line.recvfrom(4096)
                    if told := name_server.answer(kind, query):
                        line.sendto(told, peer)

        threading.Thread(target=loop, daemon=True).start()
        yield


def of_name_servers() -> list[Case]:
    def choking_on_edns0(here: Container) -> None:
        address = _address(0)
        here.have(_name_server(address, "formerr"))
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
        address = _address(1)
        here.have(_refusing_names(address, 3))
        behind_all_proxy(address)(here)

    def failing(here: Container) -> None:
        address = _address(2)
        here.have(_refusing_names(address, 2))
        behind_all_proxy(address)(here)

    return [
        Case("TLS_RESOLVER_EDNS0", "ca-bundle", choking_on_edns0, _dials),
        Case("TLS_HOST_NOT_FOUND", "ca-bundle", unknown_name, _dials),
        Case("TLS_RESOLVER_FAILED", "ca-bundle", failing, _dials),
    ]


@contextlib.contextmanager
def _refusing_names(address: str, code: int) -> Iterator[None]:
    """A name server that answers each query with that RCODE."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((address, 53))

        def loop() -> None:
            with contextlib.suppress(OSError):
                while True:
                    query, peer = line.recvfrom(512)
                    answer = query[:2] + bytes([0x81, 0x80 | code]) + query[4:6] + bytes(6) + query[12:]
                    line.sendto(answer, peer)

        threading.Thread(target=loop, daemon=True).start()
        yield


# --- downloads ----------------------------------------------------------------------------------


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def _module_proxy(folder: Path, host: str, address: str) -> Iterator[None]:
    """What stands in for the public proxy: a real one of its name, with the modules of *folder*."""
    lay_proxy(folder)
    handler = functools.partial(_Files, directory=str(folder))
    with http.server.ThreadingHTTPServer((address, 443), handler) as made:
        made.daemon_threads = True
        context = servers.context([pki.leaf(CA, host)])
        made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            made.shutdown()
            thread.join()


def _downloads(here: Container) -> bool:
    said = here.sh(f"cd / && GONOSUMDB='*' GOFLAGS=-modcacherw GOTOOLCHAIN=local go mod download {MODULE}")
    return said.code == 0


def with_proxies(here: Container, *hosts: str) -> None:
    """The container that builds, with those module proxies on its network."""
    here.go()
    here.trust(CA.pem)
    here.settings["downloads.module"] = f'"{MODULE}"'
    here.env |= {"GOMODCACHE": "/srv/mod", "GOCACHE": "/srv/cache"}
    for number, host in enumerate(hosts):
        address = _address(10 + number)
        here.name(host, address)
        here.have(_module_proxy(here.root / f"srv/proxy-{number}", host, address))


def _broken(here: Container) -> str:
    return here.have(proxies.serve()).url


def downloads() -> list[Case]:
    public, own = "proxy.golang.org", "proxy.internal"

    def case(code: str, goproxy: str, *hosts: str, works: Any = _downloads, **more: Any) -> Case:
        def arrange(here: Container) -> None:
            with_proxies(here, *hosts)
            here.env["GOPROXY"] = goproxy.replace("BROKEN", _broken(here))
            here.meant |= {"PATH@VERSION": MODULE, "FIRST|SECOND": f"https://{public}"}
            here.meant["HOST-IT-REDIRECTS-TO"] = public

        return Case(code, "downloads", arrange, works, **more)

    return [
        case("DOWNLOADS_BAD_ANSWER", "BROKEN/garbage", public),
        case("DOWNLOADS_GOPROXY_REFUSED", "nonsense", public),
        case("DOWNLOADS_OFF", "off", public),
        case("DOWNLOADS_NOT_FOUND", "BROKEN/404", public),
        case("DOWNLOADS_SERVER_ERROR", f"BROKEN/500,https://{public}", public),
        case("DOWNLOADS_RATE_LIMITED", "BROKEN/429", own),
        case("DOWNLOADS_REDIRECT", "BROKEN/loop", public),
        case("DOWNLOADS_UNREACHABLE", NOBODY, own),
        case("DOWNLOADS_ENTRY_FAILS", f"{NOBODY}|https://{public}", public, works=None),
        case("DOWNLOADS_DIRECT", "direct", public),
    ]


# --- clocks -------------------------------------------------------------------------------------


def clocks() -> list[Case]:
    def case(code: str, bad: Callable[[Container], int], way: int = 0, **more: Any) -> Case:
        def arrange(here: Container) -> None:
            here.trust(https.CA.pem)
            here.settings["clock.endpoints"] = f'["localhost:{bad(here)}"]'
            here.meant["NAME:443"] = f"localhost:{here.have(https.https()).port}"

        return Case(code, "clock", arrange, None, way, **more)

    def dateless(here: Container) -> int:
        return here.have(https.https(date=False)).port

    def private(here: Container) -> int:
        authority = pki.root("Another CA", not_before=pki.NOW - 400 * pki.DAY)
        here.context["authority.pem"] = authority.pem.encode()
        chain = pki.leaf(authority, "localhost", not_before=pki.NOW - 9 * pki.DAY)
        return here.have(https.https(chain)).port

    return [
        case("CLOCK_NO_DATE", dateless),
        case("CLOCK_SERVER_UNREACHABLE", lambda _: 1),
        case("CLOCK_SERVER_UNTRUSTED", private, rounds=2),
    ]


def all_of_them() -> list[Case]:
    return [*of_proxies(), *of_servers(), *of_offers(), *of_name_servers(), *downloads(), *clocks()]
