"""What `probe node --serve` answers: health of the scan, metrics, and a page with the worst first."""

from __future__ import annotations

import os
from collections.abc import Iterable

from probe.lightweight import Any, Callable, Mapping, Protocol
from probe.node import metrics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import Snapshot

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_OPENMETRICS = "application/openmetrics-text"


class NodeView(Protocol):
    """What is known of the machine."""

    version: str
    snapshot: Snapshot | None

    @property
    def fresh(self) -> bool: ...


class NodeApp:
    """A WSGI application (PEP 3333) that never waits and never causes a scan."""

    def __init__(self, node: NodeView) -> None:
        self._node = node

    def __call__(
        self, environ: Mapping[str, Any], start: Callable[[str, list[tuple[str, str]]], object]
    ) -> Iterable[bytes]:
        status, kind, text, *headers = self._reply(environ)
        body = text.encode("utf-8", "backslashreplace")
        length = ("Content-Length", str(len(body)))
        fixed = ("X-Content-Type-Options", "nosniff")
        start(status, [("Content-Type", kind), length, fixed, ("Cache-Control", "no-store"), *headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _reply(self, environ: Mapping[str, Any]) -> tuple[Any, ...]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return "405 Method Not Allowed", _TEXT, "405 method not allowed\n", ("Allow", "GET, HEAD")
        if path == "/livez":
            return "200 OK", _TEXT, "ok"
        if path in ("/readyz", "/healthz", "/startupz"):
            if self._node.fresh:
                return "200 OK", _TEXT, "ok"
            return "503 Service Unavailable", _TEXT, "no scan has ended in time\n"
        if path == "/metrics":
            openmetrics = _OPENMETRICS in environ.get("HTTP_ACCEPT", "")
            kind = f"{_OPENMETRICS}; version=1.0.0; charset=utf-8" if openmetrics else _METRICS
            text = metrics.render(self._node.snapshot, self._node.version, openmetrics=openmetrics)
            return "200 OK", kind, text
        if path == "/":
            return self._page()
        return "404 Not Found", _TEXT, "404 page not found\n"

    def _page(self) -> tuple[Any, ...]:
        from probe.agent import page as agent_page
        from probe.node import page

        nonce = os.urandom(16).hex()
        policy = ("Content-Security-Policy", agent_page.policy(nonce))
        return "200 OK", "text/html; charset=utf-8", page.render(self._node.snapshot, nonce=nonce), policy
