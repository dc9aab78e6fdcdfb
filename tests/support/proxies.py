"""Module proxies on loopback that answer as their paths say, and remember who asked for what."""

import contextlib
import io
import json
import ssl
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote

MODULE = "example.com/Me"
ESCAPED = "example.com/!me"
VERSION = "v1.0.0"


class Asked(NamedTuple):
    """One request."""

    entry: str  # the first part of its path
    file: str  # ".info"
    path: str
    authorization: str


class ModuleProxy(NamedTuple):
    url: str
    asked: list[Asked]


def files() -> dict[str, bytes]:
    """What a proxy has of the module."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr(f"{MODULE}@{VERSION}/go.mod", f"module {MODULE}\n")
    return {
        ".info": json.dumps({"Version": VERSION, "Time": "2024-01-01T00:00:00Z"}).encode(),
        ".mod": f"module {MODULE}\n".encode(),
        ".zip": archive.getvalue(),
    }


class _Handler(BaseHTTPRequestHandler):
    """
    /STATUS… answers with that status, /nth-STATUS with it but for the third request and later.

    /garbage answers 200 with what is no JSON, /other with another version's .info, /to-STATUS
    redirects there, /away-PORT to another server, /loop to itself, /auth wants the user "me"
    with the password "s3cret".
    """

    server: "_Server"

    def do_GET(self) -> None:
        path, _, _ = self.path.partition("?")
        entry, kind = path.split("/")[1], f".{path.rpartition('.')[2]}"
        self.server.asked.append(Asked(entry, kind, self.path, self.headers.get("Authorization", "")))
        status, headers, body = self._answer(entry, kind, path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, entry: str, kind: str, path: str) -> tuple[int, dict[str, str], bytes]:
        content = files()
        if entry == "garbage":
            return 200, {}, b"<html>"
        if entry == "other":
            return 200, {}, b'{"Version": "v1.0.1"}'
        if entry.startswith("to-"):
            return 302, {"Location": path.replace(f"/{entry}", f"/{entry[3:]}")}, b""
        if entry == "loop":
            return 301, {"Location": path}, b""
        if entry == "down":
            return 302, {"Location": f"http://127.0.0.1:1{path}"}, b""
        if entry.startswith("away-"):
            return 302, {"Location": f"https://localhost:{entry[5:]}{path.replace(entry, '200')}"}, b""
        if entry == "auth":
            good = "Basic bWU6czNjcmV0" in self.server.asked[-1].authorization
            return (200, {}, content[kind]) if good else (401, {}, b"")
        if entry.startswith("nth-"):
            seen = sum(one.entry == entry for one in self.server.asked)
            status = 200 if seen > 2 else int(entry[4:7])
        else:
            status = int(entry[:3])
        headers = {"Retry-After": entry.partition("after")[2]} if "after" in entry and status != 200 else {}
        if status == 200 and f"/{ESCAPED}/@v/{VERSION}" not in unquote(path):
            status = 404
        return status, headers, content[kind] if status == 200 else b""

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    asked: list[Asked]
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # clients that do not like our certificate


@contextlib.contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[ModuleProxy]:
    """A module proxy, with TLS where there is a *context*."""
    with _Server(("127.0.0.1", 0), _Handler) as http:
        http.asked = []
        if context:
            http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            base = (
                f"https://localhost:{http.server_port}" if context else f"http://127.0.0.1:{http.server_port}"
            )
            yield ModuleProxy(base, http.asked)
        finally:
            http.shutdown()
            thread.join()
