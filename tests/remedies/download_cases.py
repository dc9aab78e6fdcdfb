"""Cases of module downloads, from module proxies on loopback, and of clocks that servers tell."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.checks.offline.helpers import lay_proxy
from tests.remedies.case import Case
from tests.remedies.container import Container
from tests.remedies.layouts import INSTALL
from tests.remedies.network_cases import CA, NOBODY, own_address
from tests.support import https, pki, proxies
from tests.tls import servers

MODULE = "example.com/n@v1.0.0"


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # clients that do not like our certificate


@contextlib.contextmanager
def _module_proxy(folder: Path, host: str, address: str) -> Iterator[None]:
    """What stands in for the public proxy: a real one of its name, with the modules of *folder*."""
    lay_proxy(folder)
    handler = functools.partial(_Files, directory=str(folder))
    with _Server((address, 443), handler) as made:
        context = servers.context([pki.leaf(CA, host)])
        made.socket = context.wrap_socket(made.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            made.shutdown()
            thread.join()


@contextlib.contextmanager
def _sleeping_proxy(folder: Path) -> Iterator[str]:
    """A module proxy that answers each client's first request by 503, and is awake from then on."""
    known: set[str] = set()

    class Handler(_Files):
        def do_GET(self) -> None:
            client = self.headers.get("User-Agent", "").partition("/")[0]
            if client not in known:
                known.add(client)
                self.send_error(503)
                return
            super().do_GET()

    with _Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_port}"
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
        address = own_address(10 + number)
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

    def without_git(here: Container) -> None:
        with_proxies(here, public)
        here.env["GOPROXY"] = "direct"
        here.put("/repository/git/usr/bin/git", (here.root / "usr/bin/git").read_bytes(), 0o755)
        (here.root / "usr/bin/git").unlink()
        here.put("/usr/bin/apt-get", INSTALL, 0o755)

    def untold(here: Container) -> None:
        with_proxies(here, public)
        real = 'GOPROXY=${GOPROXY-off} exec /usr/local/go/bin/go "$@"'
        here.put("/opt/bin/go", f"#!/bin/sh\ncase $1 in env) echo no;; *) {real};; esac\n", 0o755)
        here.env["PATH"] = f"/opt/bin:{here.env['PATH']}"

    def untrusted(here: Container) -> None:
        with_proxies(here, public)
        here.trust(pki.root("Another CA").pem)
        here.env["GOPROXY"] = f"https://{public}"
        here.context["authority.pem"] = CA.pem.encode()

    def asleep(here: Container) -> None:
        with_proxies(here, public)
        here.env |= {"GOPROXY": here.have(_sleeping_proxy(here.root / "srv/proxy-0")), "GONOSUMDB": "*"}
        here.env |= {"GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"}
        path, _, version = MODULE.partition("@")
        here.put("/go.mod", f"module app\n\nrequire {path} {version}\n")

    def downloaded(here: Container) -> bool:
        return (
            here.root / f"srv/mod/cache/download/example.com/n/@v/{MODULE.partition('@')[2]}.zip"
        ).exists()

    return [
        Case("DOWNLOADS_RETRIED", "downloads", asleep, downloaded, slow=True),
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
        Case("DOWNLOADS_NO_VCS", "downloads", without_git, _downloads, rounds=2),
        Case("DOWNLOADS_GOPROXY_UNKNOWN", "downloads", untold, _downloads),
        Case("DOWNLOADS_UNTRUSTED", "downloads", untrusted, _downloads, rounds=2),
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
    return [*downloads(), *clocks()]
