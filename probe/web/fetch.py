"""
From a URL to the answer that the go command would get, redirects included.

Source: cmd/go/internal/web/http.go, net/http/client.go. An https:// server is told
nothing before Go's own verdict on its certificates. Credentials are sent over TLS
only, and to nobody but the host that they belong to: where Go hands them on to a
subdomain after a redirect, we do not.
"""

from __future__ import annotations

import time
from urllib.parse import urljoin

from probe import redact
from probe.golang.net.httpproxy import Proxy
from probe.golang.net.neturl import BadUrl
from probe.golang.release import Go
from probe.tls import session, signatures
from probe.tls.dialer import Dialer, Route
from probe.tls.errors import ANSWER, HANDSHAKE, Failed
from probe.tls.stream import Stream
from probe.web import address, exchange
from probe.web.address import RequestUrl
from probe.web.exchange import Response

MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PROXY_VARIABLES = {"http": "HTTP_PROXY", "https": "HTTPS_PROXY"}


class Trace:
    """What is known of a fetch, however it ends."""

    def __init__(self) -> None:
        self.peer = self.proxy = ""
        self.redirects: list[str] = []  # where the answers sent us, without secrets


def fetch(url: str, dialer: Dialer, trace: Trace, *, limit: int, authorization: str = "") -> Response:
    """
    The final answer to a GET of *url*, with at most *limit* bytes of its body.

    *authorization* is sent where *url* is https://. Failed where there is no answer.
    """
    asked = first = _read(url, dialer.go)
    for _ in range(MOST_REDIRECTS + 1):
        ours = authorization if asked.scheme == "https" and asked.endpoint == first.endpoint else ""
        answer = _once(asked, dialer, trace, limit, ours)
        if answer.status not in _REDIRECTS or not answer.location:
            return answer
        asked = _next(asked, answer.location, dialer.go)
        trace.redirects.append(redact.text(asked.shown))
        if first.scheme == "https" and asked.scheme != "https":
            raise Failed(exchange.BAD_REDIRECT, ANSWER, f"redirected from https to {trace.redirects[-1]}")
    raise Failed(exchange.BAD_REDIRECT, ANSWER, f"stopped after {MOST_REDIRECTS} redirects")


def _read(url: str, go: Go) -> RequestUrl:
    try:
        return address.read(url, go)
    except BadUrl as problem:
        raise Failed(exchange.BAD_ANSWER, ANSWER, f"no URL to call: {problem}") from None


def _next(asked: RequestUrl, location: str, go: Go) -> RequestUrl:
    try:
        return address.read(urljoin(f"{asked.scheme}://{asked.host}{asked.path}", location), go)
    except ValueError as problem:  # BadUrl, too
        detail = f"redirected to what is no URL to call: {redact.text(str(problem))}"
        raise Failed(exchange.BAD_REDIRECT, ANSWER, detail) from None


def _once(asked: RequestUrl, dialer: Dialer, trace: Trace, limit: int, authorization: str) -> Response:
    route = dialer.route(asked.endpoint, _PROXY_VARIABLES[asked.scheme])
    proxy = route.proxy
    trace.proxy = f"{proxy.address} ({proxy.variable})" if proxy else ""
    headers = {
        "Host": asked.host,
        "User-Agent": "Go-http-client/1.1",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if authorization:
        headers["Authorization"] = authorization
    target = asked.path
    stream: Stream
    try:
        if asked.scheme == "https":
            stream = _secured(route, route.open())
        elif proxy and not proxy.scheme.startswith("socks5"):
            stream = route.open_proxy()
            target = f"http://{asked.host}{asked.path}"
            headers |= _for_proxy(proxy)
        else:
            stream = route.open()
        route.expect(ANSWER)
        dialer.progress(ANSWER)
        return _asked(stream, target, headers, limit)
    finally:
        trace.peer = route.peer
        route.close()


def _asked(stream: Stream, target: str, headers: dict[str, str], limit: int) -> Response:
    try:
        return exchange.ask(stream, target, headers, limit)
    except Failed as failed:
        failed.phase = ANSWER  # a session knows of its handshake only
        raise


def _secured(route: Route, stream: Stream) -> session.Session:
    """TLS with the server, and Go's verdict on its certificates; Failed unless that is a good one."""
    route.dialer.progress(HANDSHAKE)
    begin = time.monotonic()
    tls = session.Session(stream, route.dialer.context, route.server_name)
    tls.handshake()
    route.seconds[HANDSHAKE] = time.monotonic() - begin
    _, verdict = route.dialer.judge(tls, route.endpoint.host, signatures.signed)
    if not verdict.ok:
        why = redact.text(verdict.error[:300]) if verdict.error else "a signature cannot be checked here"
        raise Failed(exchange.UNTRUSTED, HANDSHAKE, why)
    return tls


def _for_proxy(proxy: Proxy) -> dict[str, str]:
    from probe.tls.tunnel import basic

    return {"Proxy-Authorization": f"Basic {basic(proxy)}"} if proxy.authenticates else {}
