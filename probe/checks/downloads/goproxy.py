"""
The way of `go mod download` along GOPROXY: which entry is asked for which file, and what each one says.

Source: cmd/go/internal/modfetch/proxy.go (TryProxies, proxyRepo), cmd/go/internal/web.
"""

from __future__ import annotations

import json
import time

from probe import codes, redact
from probe.codes import Code
from probe.deadline import EARLIER_PROXY, Deadline
from probe.errors import reason
from probe.golang.command import credentials, modulefetch
from probe.golang.command.modulefetch import ModuleVersion
from probe.golang.command.moduleproxy import ModuleProxy
from probe.golang.net import neturl
from probe.lightweight import NamedTuple, Sequence
from probe.targets import NotRegular, Target
from probe.tls.dialer import Dialer
from probe.tls.errors import Failed
from probe.web import exchange
from probe.web.exchange import Response
from probe.web.fetch import Trace, fetch

READ_LIMIT = 256 << 10  # bytes of a file that are read; the rest of a .zip is left with the server
_OK = 200
_ABSENT = (404, 410)
_ZIP_STARTS = (b"PK\3\4", b"PK\5\6")  # of an archive, and of an empty one
_TRANSIENT_STATUS = (429, 500, 502, 503, 504)
_FILE_PHASE = "file"
_FORBIDDEN = "forbidden"
# Why a request failed → what it is called here; anything else is DOWNLOADS_UNREACHABLE.
_CODES = {
    exchange.BAD_ANSWER: codes.DOWNLOADS_BAD_ANSWER,
    exchange.BAD_REDIRECT: codes.DOWNLOADS_REDIRECT,
    exchange.UNTRUSTED: codes.DOWNLOADS_UNTRUSTED,
    _FORBIDDEN: codes.DOWNLOADS_FORBIDDEN,
}


class ProxyAttempt(NamedTuple):
    """One entry asked for one file."""

    entry: str  # without credentials
    file: str  # one of modulefetch.FILES
    attempt: int  # which walk along the list it belongs to, from 1
    code: Code  # DOWNLOADS_OK, or what went wrong
    detail: str
    phase: str  # in which it ended
    duration_s: float
    status: int = 0
    transient: bool = False
    last: bool = False  # no further entry is asked after this one
    retry_after: str = ""
    peer: str = ""
    proxy: str = ""
    redirects: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.code is codes.DOWNLOADS_OK


class ProxyWalk(NamedTuple):
    """Whom to ask for what, and how."""

    target: Target
    entries: Sequence[ModuleProxy]
    module: ModuleVersion
    goauth: str
    dialer: Dialer

    def walk(self, attempt: int) -> list[ProxyAttempt]:
        """Each try of one `go mod download`, in its order; the last one is ok, or why it ends."""
        tries: list[ProxyAttempt] = []
        for file in modulefetch.FILES:
            for at, entry in enumerate(self.entries):
                alone = at == len(self.entries) - 1 or not entry.on_any_error
                tries.append(self._try(entry, file, attempt, alone=alone))
                if tries[-1].ok or tries[-1].last:
                    break
            if not tries[-1].ok:
                break
        return tries

    def _try(self, entry: ModuleProxy, file: str, attempt: int, *, alone: bool) -> ProxyAttempt:
        if entry.url in ("off", "direct"):
            return ProxyAttempt(entry.url, file, attempt, _END[entry.url], "", "GOPROXY", 0.0, last=True)
        shown = redact.url(entry.url)
        self.dialer.progress(f"{shown}: {self.module.path}{file}")
        begin, trace = time.monotonic(), Trace()
        try:
            status, code, detail, retry_after = self._ask(entry.url, file, trace, alone=alone)
            phase, transient = "HTTP answer", status in _TRANSIENT_STATUS
        except Failed as failed:
            status, retry_after = 0, ""
            code = _CODES.get(failed.reason, codes.DOWNLOADS_UNREACHABLE)
            phase, transient = failed.phase, failed.transient
            detail = f"{failed.where}: {failed.detail}".removeprefix(": ")
        return ProxyAttempt(
            shown,
            file,
            attempt,
            code,
            detail,
            phase,
            round(time.monotonic() - begin, 4),
            status,
            transient,
            _ends(code, status, file, entry),
            retry_after,
            trace.peer,
            trace.proxy,
            tuple(trace.redirects),
        )

    def _ask(self, base: str, file: str, trace: Trace, *, alone: bool) -> tuple[int, Code, str, str]:
        below, go = self.module.file(file), self.dialer.go
        parsed = neturl.parse(base, go)
        if parsed.scheme == "file":
            answer = _local(self.target, modulefetch.local_path(base, below, go))
        else:
            if parsed.scheme == "http" and parsed.userinfo:
                detail = "Go refuses to send credentials over plain http"
                raise Failed(_FORBIDDEN, "request", detail)
            url = modulefetch.url(base, below, go)
            path = url.partition("//")[2].partition("/")[2]
            secret = ""
            if parsed.scheme == "https":
                secret = credentials.authorization(
                    self.target, parsed.host, f"/{path}", parsed.userinfo, self.goauth, go.minor
                )
            deadline = self.dialer.deadline
            dialer = self.dialer._replace(deadline=deadline if alone else deadline.share(EARLIER_PROXY))
            answer = fetch(url, dialer, trace, limit=READ_LIMIT, authorization=secret)
        code, detail = _judge(answer, file, self.module)
        if code is codes.DOWNLOADS_FORBIDDEN and credentials.runs_commands(self.goauth, go.minor):
            code = codes.DOWNLOADS_CREDENTIALS_UNKNOWN
        return answer.status, code, detail, answer.retry_after


def _ends(code: Code, status: int, file: str, entry: ModuleProxy) -> bool:
    """Whether no further entry is asked. A .zip is looked into only when the list is done with."""
    if code is codes.DOWNLOADS_OK or status in _ABSENT:
        return False
    return not entry.on_any_error or (file == ".zip" and status == _OK)


_END = {"off": codes.DOWNLOADS_OFF, "direct": codes.DOWNLOADS_DIRECT}


def _judge(answer: Response, file: str, module: ModuleVersion) -> tuple[Code, str]:
    """What an answer means for the go command: 200 or nothing, and an .info that is about the version."""
    said = f"{answer.status} {answer.reason}".strip()
    if answer.status in _ABSENT:
        return codes.DOWNLOADS_NOT_FOUND, said
    if answer.status in (401, 403, 407):
        return codes.DOWNLOADS_FORBIDDEN, said
    if answer.status == 429:
        return codes.DOWNLOADS_RATE_LIMITED, said
    if answer.status >= 500:
        return codes.DOWNLOADS_SERVER_ERROR, said
    if answer.status != _OK:
        return codes.DOWNLOADS_BAD_ANSWER, said
    if file == ".zip" and not answer.body.startswith(_ZIP_STARTS):
        return codes.DOWNLOADS_BAD_ANSWER, f"{said}, but the file is no zip archive"
    if file != ".info":
        return codes.DOWNLOADS_OK, said
    try:
        info = json.loads(answer.body) if answer.whole else None
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict):
        return codes.DOWNLOADS_BAD_ANSWER, f"{said}, but the file is no JSON object"
    if info.get("Version") != module.version:
        return codes.DOWNLOADS_BAD_ANSWER, f"{said}, but the file is about another version"
    return codes.DOWNLOADS_OK, said


def _local(target: Target, path: str) -> Response:
    """A file as an answer (cmd/go/internal/web/http.go:getFile)."""
    try:
        with target.open(path) as stream:
            body = stream.read(READ_LIMIT + 1)
    except FileNotFoundError:
        return Response(404, "Not Found")
    except PermissionError:
        return Response(403, "Forbidden")
    except (OSError, ValueError) as problem:
        raise Failed(exchange.NO_ANSWER, _FILE_PHASE, reason(problem)) from None
    except NotRegular as problem:
        raise Failed(exchange.NO_ANSWER, _FILE_PHASE, f"it is a {problem.kind}") from None
    return Response(200, "OK", body=body[:READ_LIMIT], whole=len(body) <= READ_LIMIT)


def decisive(tries: Sequence[ProxyAttempt]) -> ProxyAttempt:
    """The try whose words the go command would print: an absence counts only where nothing else failed."""
    file = tries[-1].file
    if tries[-1].ok or tries[-1].code is codes.DOWNLOADS_DIRECT:
        return tries[-1]
    failed = [one for one in tries if one.file == file]
    absent = [one for one in failed if one.code is codes.DOWNLOADS_NOT_FOUND]
    others = [one for one in failed if one.code not in (codes.DOWNLOADS_NOT_FOUND, codes.DOWNLOADS_OFF)]
    return (others or absent or failed)[-1]


def retry_after_s(text: str, now: float) -> float | None:
    """Seconds to wait by the header Retry-After (RFC 9110 10.2.3); None where it says nothing."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    if not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def walks(walker: ProxyWalk, attempts: int, deadline: Deadline) -> tuple[list[ProxyAttempt], str]:
    """
    Walk, and again while what ended it may pass and there is time; the tries, and why there were no more.

    The pauses grow from 0.1 s to 2 s at random; Retry-After is kept where it fits.
    """
    from probe.tls import backoff

    tries: list[ProxyAttempt] = []
    attempt = 1
    while True:
        latest = walker.walk(attempt)
        tries += latest
        end = decisive(latest)
        if end.ok or not end.transient:
            return tries, ""
        if attempt >= attempts:
            return tries, f"{attempts} attempts were made" if attempts > 1 else ""
        wanted = retry_after_s(end.retry_after, time.time())
        pause = max(backoff.pause(attempt), wanted or 0.0)
        if not backoff.worth_waiting(pause, deadline):
            asked = f"its Retry-After of {wanted:.0f} s does" if wanted else "another attempt does"
            return tries, f"{asked} not fit into the {deadline.remaining():.1f} s that were left"
        walker.dialer.progress(f"the pause before attempt {attempt + 1}")
        time.sleep(pause)
        attempt += 1
