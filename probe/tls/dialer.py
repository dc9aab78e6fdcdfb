"""A connection to an endpoint the way net/http makes it: straight, or through a proxy."""

from __future__ import annotations

import time

from probe import codes
from probe.deadline import Deadline
from probe.golang.net import addresses
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy
from probe.golang.release import Go
from probe.golang.tls import served
from probe.tls import session
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, TUNNEL, Failed
from probe.tls.root_store import RootStore
from probe.tls.tcp import Address, Wire, connect, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from probe.tls.stream import Stream

    _Result = TypeVar("_Result")

_IN_TUNNEL = {
    codes.TLS_CONNECTION_RESET: "it reset the connection",
    codes.TLS_CLOSED: "it closed the connection",
}


class Line:
    """A way to one endpoint that can be taken several times; names are resolved once."""

    def __init__(
        self,
        endpoint: Endpoint,
        proxy: Proxy | None,
        go: Go,
        trust: RootStore,
        now: float,
        deadline: Deadline,
        progress: Callable[[str], None],
    ) -> None:
        self.endpoint, self.proxy = endpoint, proxy
        self._go, self._trust, self._now = go, trust, now
        self._deadline, self._progress = deadline, progress
        self._found: list[Address] = []
        self._wires: list[Wire] = []
        self.peer = ""
        self.seconds: dict[str, float] = {}  # by phase, of the latest connection

    @property
    def server_name(self) -> str | None:
        """The name that Go sends in the handshake: none for an address (hostnameInSNI)."""
        return _server_name(self.endpoint.host)

    def again(self, deadline: Deadline) -> Line:
        """Another line the same way, with connections and a deadline of its own."""
        other = Line(self.endpoint, self.proxy, self._go, self._trust, self._now, deadline, self._progress)
        other._found = self._found
        return other

    def open(self) -> Stream:
        """A new connection that is ready for the endpoint's TLS; Failed when there is none."""
        if not self.proxy:
            return self._reach(self.endpoint.host, self.endpoint.port)
        proxy = self.proxy
        wire = self._to_proxy(proxy)
        wire.phase = TUNNEL
        try:
            stream = self._timed(TUNNEL, lambda: self._through(wire, proxy))
        except Failed as failed:
            if failed.code in _IN_TUNNEL:
                detail = _IN_TUNNEL[failed.code]
                raise Failed(codes.TLS_PROXY_REFUSED, TUNNEL, detail, transient=True) from None
            raise
        wire.phase = HANDSHAKE
        return stream

    def open_proxy(self) -> Stream:
        """A new connection to the HTTP proxy itself, which fetches an http:// URL for us; else Failed."""
        if not self.proxy:
            raise RuntimeError("there is no proxy on this line")
        wire = self._to_proxy(self.proxy)
        if self.proxy.scheme != "https":
            return wire
        wire.phase, host = TUNNEL, self.proxy.host
        return self._timed(TUNNEL, lambda: self._secured(wire, host))

    def expect(self, phase: str) -> None:
        """Name what the latest connection is waited for from now on."""
        self._wires[-1].phase = phase

    def finish_sending(self) -> None:
        """Tell the other side of the latest connection that nothing more will come."""
        if self._wires:
            self._wires[-1].finish_sending()

    def close(self) -> None:
        """Close every connection that was opened."""
        while self._wires:
            self._wires.pop().close()

    def _reach(self, host: str, port: int) -> Wire:
        if not self._found:
            self._found = self._timed(RESOLVING, lambda: resolve(host, port))
        wire, address = self._timed(CONNECTING, lambda: connect(self._found, self._deadline))
        self._wires.append(wire)
        self.peer = address.text
        return wire

    def _to_proxy(self, proxy: Proxy) -> Wire:
        try:
            return self._reach(proxy.host or "localhost", proxy.port)
        except Failed as failed:
            detail = f"{failed.phase}: {failed.detail}"
            raise Failed(
                codes.TLS_PROXY_UNREACHABLE, failed.phase, detail, transient=failed.transient
            ) from None

    def _through(self, wire: Wire, proxy: Proxy) -> Stream:
        from probe.tls import tunnel

        stream: Stream = wire
        if proxy.scheme == "https":
            stream = self._secured(wire, proxy.host)
        tunnel.open_tunnel(stream, proxy, self.endpoint)
        return stream

    def _secured(self, wire: Wire, host: str) -> session.Session:
        """TLS with the proxy itself, whose certificate Go judges like any other."""
        from probe.tls import signatures

        tls = session.Session(wire, session.looking(self._go), _server_name(host))
        try:
            tls.handshake()
        except Failed as failed:
            raise Failed(
                codes.TLS_PROXY_UNREACHABLE,
                TUNNEL,
                f"TLS with the proxy: {failed.detail}",
                transient=failed.transient,
            ) from None
        shown = served.read(tls.presented(), self._go)
        verdict = served.judge(shown, host, self._now, self._trust.pool, self._go, signatures.signed)
        if not verdict.ok:
            why = verdict.error or "a signature cannot be checked here"
            raise Failed(codes.TLS_PROXY_UNTRUSTED, TUNNEL, why)
        return tls

    def _timed(self, phase: str, step: Callable[[], _Result]) -> _Result:
        self._progress(phase)
        begin = time.monotonic()
        try:
            return step()
        finally:
            self.seconds[phase] = time.monotonic() - begin


def _server_name(host: str) -> str | None:
    if addresses.parse_scoped(host) is not None:
        return None
    return host.rstrip(".") or None
