"""A connection to an endpoint the way net/http makes it: straight, or through a proxy."""

from __future__ import annotations

import time

from probe.deadline import Deadline
from probe.golang.net import addresses
from probe.golang.net.endpoint import Endpoint
from probe.golang.net.httpproxy import Proxy, proxy_for
from probe.golang.release import Go
from probe.golang.tls import served
from probe.golang.x509 import reasons as x509_reasons
from probe.golang.x509.verify import Chain, Verdict
from probe.lightweight import Callable, Mapping, Memo, NamedTuple
from probe.tls import reasons, session
from probe.tls.errors import CONNECTING, HANDSHAKE, RESOLVING, TUNNEL, Failed
from probe.tls.root_store import RootStore
from probe.tls.tcp import Address, Wire, connect, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from probe.golang.x509.issuing import Signed
    from probe.tls import openssl
    from probe.tls.stream import Stream

    _Result = TypeVar("_Result")

_IN_TUNNEL = {
    reasons.CONNECTION_RESET: "it reset the connection",
    reasons.CLOSED: "it closed the connection",
}


_GOODBYE_S = 0.1  # for the other side to end as well: a close before that would reset the connection


class Dialer(NamedTuple):
    """What every connection of one run needs; `route` says how to one endpoint."""

    go: Go
    roots: RootStore
    env: Mapping[str, str]  # of the target: names its proxies
    now: float  # seconds since the epoch; certificates are judged against it
    deadline: Deadline
    looking: Callable[[], openssl.Context]  # made when it is asked for first
    progress: Callable[[str], object] = lambda _: None  # told each phase
    attempts: int = 1
    hosts: Callable[[], str] | None = None  # the text of hosts(5), where Go's own resolver reads it
    lookup: Callable[[str], list[str] | None] | None = None  # by name servers, as `tcp.resolve` takes it

    @property
    def context(self) -> openssl.Context:
        """That of `session.looking`, which takes any certificate."""
        return self.looking()

    def route(self, endpoint: Endpoint, variable: str = "HTTPS_PROXY") -> Route:
        """The way to *endpoint*: through the proxy that net/http takes from *variable*, or straight."""
        proxy = proxy_for(endpoint.host, endpoint.port, self.env, self.go, variable=variable)
        return Route(self, endpoint, proxy)

    def judge(self, tls: session.Session, host: str, signed: Signed, now: float | None = None) -> JudgedChain:
        """Go's verdict on what *tls* has presented, at *now* where that is another time than the run's."""
        shown = served.read(tls.presented(), self.go)
        if not (shown.chain or shown.refusal):
            raise Failed(reasons.PROTOCOL_ERROR, HANDSHAKE, "the server sent no certificate")
        moment, tls13 = self.now if now is None else now, tls.protocol == "TLSv1.3"
        if fault := served.too_long(tls.presented(), self.go, tls13=tls13):
            raise Failed(reasons.TOO_MUCH_DATA, HANDSHAKE, fault)
        verdict = served.judge(shown, host, moment, self.roots.pool, self.go, signed, tls13=tls13)
        return JudgedChain(shown.chain, verdict)


def dialer(
    go: Go,
    roots: RootStore,
    env: Mapping[str, str],
    now: float,
    deadline: Deadline,
    progress: Callable[[str], object] = lambda _: None,
    attempts: int = 1,
    hosts: Callable[[], str] | None = None,
    lookup: Callable[[str], list[str] | None] | None = None,
) -> Dialer:
    """A dialer whose handshakes offer what *go* offers, as far as OpenSSL can be told to."""
    known = Memo()

    def looking() -> openssl.Context:
        made: openssl.Context = known.get("context", lambda: session.looking(go))
        return made

    return Dialer(go, roots, env, now, deadline, looking, progress, attempts, hosts, lookup)


class JudgedChain(NamedTuple):
    """The certificates of a server as far as Go reads them, leaf first, and Go's verdict."""

    chain: Chain
    verdict: Verdict


class Route:
    """A way to one endpoint that can be taken several times; names are resolved once."""

    def __init__(self, dialer: Dialer, endpoint: Endpoint, proxy: Proxy | None) -> None:
        self.dialer, self.endpoint, self.proxy = dialer, endpoint, proxy
        self._found: list[Address] = []
        self._wires: list[Wire] = []
        self.peer = ""
        self.seconds: dict[str, float] = {}  # by phase, of the latest connection

    @property
    def server_name(self) -> str | None:
        """The name that Go sends in the handshake: none for an address (hostnameInSNI)."""
        return _server_name(self.endpoint.host)

    def again(self, deadline: Deadline) -> Route:
        """The same way beside this one, with connections and a deadline of its own; it tells no phases."""
        quiet = self.dialer._replace(deadline=deadline, progress=lambda _: None)
        other = Route(quiet, self.endpoint, self.proxy)
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
            if failed.reason in _IN_TUNNEL:
                detail = _IN_TUNNEL[failed.reason]
                raise Failed(reasons.PROXY_REFUSED, TUNNEL, detail, transient=True) from None
            raise
        wire.phase = HANDSHAKE
        return stream

    def open_proxy(self) -> Stream:
        """A new connection to the HTTP proxy itself, which fetches an http:// URL for us; else Failed."""
        if not self.proxy:
            raise RuntimeError("there is no proxy on this route")
        wire = self._to_proxy(self.proxy)
        if self.proxy.scheme != "https":
            return wire
        wire.phase, host = TUNNEL, self.proxy.host
        return self._timed(TUNNEL, lambda: self._secured(wire, host))

    def expect(self, phase: str) -> None:
        """Name what the latest connection is waited for from now on."""
        self._wires[-1].phase = phase

    def wait_until(self, deadline: Deadline) -> None:
        """Let every step of the latest connection end at *deadline* from now on."""
        self._wires[-1].deadline = deadline

    def finish_sending(self) -> None:
        """Tell the other side of the latest connection that nothing more will come."""
        if self._wires:
            self._wires[-1].finish_sending()

    def hang_up(self) -> None:
        """Close every connection, and first let the other side see the end: what it still sends is read."""
        for wire in self._wires:
            wire.finish_sending()
        for wire in self._wires:
            wire.drain(_GOODBYE_S)
        self.close()

    def close(self) -> None:
        """Close every connection that was opened."""
        while self._wires:
            self._wires.pop().close()

    def _reach(self, host: str, port: int) -> Wire:
        if not self._found:
            self._found = self._timed(
                RESOLVING, lambda: resolve(host, port, self.dialer.hosts, self.dialer.lookup)
            )
        wire, address = self._timed(CONNECTING, lambda: connect(self._found, self.dialer.deadline))
        self._wires.append(wire)
        self.peer = address.text
        return wire

    def _to_proxy(self, proxy: Proxy) -> Wire:
        try:
            return self._reach(proxy.host or "localhost", proxy.port)
        except Failed as failed:
            detail = f"{failed.phase}: {failed.detail}"
            raise Failed(
                reasons.PROXY_UNREACHABLE, failed.phase, detail, transient=failed.transient
            ) from None

    def _through(self, wire: Wire, proxy: Proxy) -> Stream:
        from probe.tls import tunnel

        stream: Stream = wire
        if proxy.scheme == "https":
            stream = self._secured(wire, proxy.host)
        tunnel.open_tunnel(stream, proxy, self.endpoint, self.dialer.go)
        return stream

    def _secured(self, wire: Wire, host: str) -> session.Session:
        """TLS with the proxy itself, whose certificate Go judges like any other."""
        from probe.tls import signatures

        tls = session.Session(wire, self.dialer.context, _server_name(host))
        try:
            tls.handshake()
        except Failed as failed:
            raise Failed(
                reasons.PROXY_UNREACHABLE,
                TUNNEL,
                f"TLS with the proxy: {failed.detail}",
                transient=failed.transient,
            ) from None
        _, verdict = self.dialer.judge(tls, host, signatures.signed)
        if not verdict.ok:
            why = verdict.error or "a signature cannot be checked here"
            raise Failed(_OF_PROXY.get(verdict.reason, reasons.PROXY_UNTRUSTED), TUNNEL, why)
        return tls

    def _timed(self, phase: str, step: Callable[[], _Result]) -> _Result:
        self.dialer.progress(phase)
        begin = time.monotonic()
        try:
            return step()
        finally:
            self.seconds[phase] = time.monotonic() - begin


_OF_PROXY: dict[x509_reasons.Reason, reasons.Reason] = {  # what no root helps against
    x509_reasons.EXPIRED: reasons.PROXY_EXPIRED,
    x509_reasons.NOT_YET_VALID: reasons.PROXY_EXPIRED,
    x509_reasons.WRONG_NAME: reasons.PROXY_MISNAMED,
    x509_reasons.COMMON_NAME_ONLY: reasons.PROXY_MISNAMED,
}


def _server_name(host: str) -> str | None:
    if addresses.parse_scoped(host) is not None:
        return None
    return host.rstrip(".") or None
