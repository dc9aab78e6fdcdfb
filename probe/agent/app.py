"""What is answered over HTTP, from memory alone: a WSGI application (PEP 3333)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping

from probe import output
from probe.agent import healthz, metrics, reports
from probe.agent.roles import Role
from probe.agent.state import State
from probe.lightweight import Any, NamedTuple
from probe.report import LIVE, READY, ROLES, STARTUP

TEXT = "text/plain; charset=utf-8"
PATHS = {"livez": LIVE, "readyz": READY, "startupz": STARTUP, "healthz": READY} | {
    role: role for role in ROLES
}
_JSON = {"application/json": "json", "application/health+json": "health+json"}
_OPENMETRICS = "application/openmetrics-text"

Headers = list[tuple[str, str]]
Start = Callable[[str, Headers], object]


class HttpReply(NamedTuple):
    """A status line and what goes with it."""

    status: str
    text: str
    kind: str = TEXT
    headers: tuple[tuple[str, str], ...] = ()


class App:
    """Answers for *state*. It never waits and never causes a run."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        reply = self._reply(environ) if method in ("GET", "HEAD") else _NOT_ALLOWED
        body = reply.text.encode("utf-8", "backslashreplace")
        start(
            reply.status,
            [
                ("Content-Type", reply.kind),
                ("Content-Length", str(len(body))),
                ("X-Content-Type-Options", "nosniff"),
                *reply.headers,
            ],
        )
        return [] if method == "HEAD" else [body]

    def _reply(self, environ: Mapping[str, Any]) -> HttpReply:
        name, slash, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
        if name in PATHS:
            return self._health(name, rest if slash else None, environ)
        if name == "metrics" and not slash:
            return self._metrics(environ)
        if not name and not rest:
            return self._page(environ)
        return _NOT_FOUND

    def _health(self, name: str, check: str | None, environ: Mapping[str, Any]) -> HttpReply:
        now = time.monotonic()
        role = self._state.schedule.roles[PATHS[name]]
        report, details = role.view(now), self._details(environ)
        query = _query(environ["QUERY_STRING"])
        if check:
            found = next((one for one in report.checks if one.name == check), None)
            if not found:
                return _NOT_FOUND
            said = healthz.one(report, found, details=details)
        elif form := _preferred(environ, _JSON):
            report = report if details else reports.withheld(report)
            return self._sealed(role, report.healthy, output.render(_JSON[form], report), form, now)
        else:
            excluded = [value for key, value in query if key == "exclude"]
            verbose = any(key == "verbose" for key, _ in query)
            said = healthz.every(name, report, excluded, verbose=verbose, details=details)
        return self._sealed(role, said.well, said.text, TEXT, now)

    def _sealed(self, role: Role, well: bool, text: str, kind: str, now: float) -> HttpReply:
        """With how old the verdict is, and how long it counts; a bad one must never be kept by anybody."""
        age, fresh = int(role.age_s(now)), int(self._state.schedule.fresh_for_s(role))
        keep = f"max-age={fresh}" if well else "no-store"
        headers = (("Cache-Control", keep), ("Age", str(age)), ("Vary", "Accept, Authorization"))
        return HttpReply(_OK if well else _UNAVAILABLE, text, kind, headers)

    def _metrics(self, environ: Mapping[str, Any]) -> HttpReply:
        if not self._may_read(environ):
            return _UNAUTHORIZED
        openmetrics = bool(_preferred(environ, (_OPENMETRICS,)))
        kind = f"{_OPENMETRICS}; version=1.0.0; charset=utf-8" if openmetrics else metrics.TEXT
        return HttpReply(_OK, metrics.render(self._state, openmetrics=openmetrics), kind)

    def _page(self, environ: Mapping[str, Any]) -> HttpReply:
        """For a browser; where a token is set, for those who bring it, also as the password of Basic."""
        if not self._may_read(environ):
            return _ASKED
        from probe.agent import page

        nonce = os.urandom(16).hex()
        text = page.render(self._state, details=self._details(environ), nonce=nonce)
        return HttpReply(
            _OK,
            text,
            "text/html; charset=utf-8",
            (
                ("Content-Security-Policy", page.policy(nonce)),
                ("Cache-Control", "no-store"),
                ("Referrer-Policy", "no-referrer"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
            ),
        )

    def _details(self, environ: Mapping[str, Any]) -> bool:
        """Whether whoever asks may be told why: where the token is right, or where no token guards them."""
        settings = self._state.plan.agent
        if self._state.token:
            return settings.expose_details and self._may_read(environ)
        return settings.expose_details

    def _may_read(self, environ: Mapping[str, Any]) -> bool:
        token = self._state.token
        return not token or token.is_it(_secret(environ.get("HTTP_AUTHORIZATION", "")))


_OK, _UNAVAILABLE = "200 OK", "503 Service Unavailable"
_NOT_FOUND = HttpReply("404 Not Found", "404 page not found\n")
_NOT_ALLOWED = HttpReply(
    "405 Method Not Allowed", "405 method not allowed\n", headers=(("Allow", "GET, HEAD"),)
)
_BEARER, _BASIC = (("WWW-Authenticate", f'{scheme} realm="probe"') for scheme in ("Bearer", "Basic"))
_UNAUTHORIZED = HttpReply("401 Unauthorized", "401 unauthorized\n", headers=(_BEARER,))
_ASKED = _UNAUTHORIZED._replace(headers=(_BEARER, _BASIC))  # a browser can bring a password and nothing else


def _secret(authorization: str) -> bytes:
    """What is brought as a token: after Bearer as it stands, after Basic the password; b"" for no such."""
    scheme, _, told = authorization.partition(" ")
    told = told.strip()
    if scheme.lower() == "bearer":
        return told.encode("latin-1", "replace")
    if scheme.lower() != "basic":
        return b""
    import binascii

    try:
        return binascii.a2b_base64(told).partition(b":")[2]
    except ValueError:
        return b""


def _query(text: str) -> list[tuple[str, str]]:
    """The pairs of a query string; at most 100, as nobody needs more."""
    from urllib.parse import unquote_plus  # waitress has it already

    pairs = (part.partition("=") for part in text.split("&", 100)[:100] if part)
    return [(unquote_plus(key), unquote_plus(value)) for key, _, value in pairs]


def _preferred(environ: Mapping[str, Any], known: Iterable[str]) -> str | None:
    """The first of the media types that the client wants that we can give; */* is none of them."""
    for item in environ.get("HTTP_ACCEPT", "").split(",")[:50]:
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        refused = any(parameter.replace(" ", "") in _NEVER for parameter in parameters)
        if name in known and not refused:
            return str(name)
    return None


_NEVER = ("q=0", "q=0.0", "q=0.00", "q=0.000")
