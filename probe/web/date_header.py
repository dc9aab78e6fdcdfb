"""What time a server has: the Date header of its answer to a HEAD request."""

from __future__ import annotations

import calendar
import re
import time

from probe import __version__
from probe.golang.net.endpoint import Endpoint
from probe.golang.x509.verify import Chain, Verdict
from probe.lightweight import NamedTuple
from probe.tls import reasons, signatures
from probe.tls.dialer import Dialer
from probe.tls.errors import HANDSHAKE, Failed
from probe.tls.session import Session

ANSWER = "the answer to HEAD"
_LIMIT = 16 << 10  # bytes of an answer's head
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# IMF-fixdate, the only form that may be sent (RFC 9110 5.6.7).
_DATE = re.compile(rf"({'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT")


class ServerDate(NamedTuple):
    """
    What an endpoint told. Without a trusted connection `failed` or `verdict` says why.

    `date` (seconds since the epoch) was true somewhere between `asked_at` and
    `answered_at` on the monotonic clock, to the second.
    """

    endpoint: Endpoint
    failed: Failed | None = None
    chain: Chain = ()  # leaf first
    verdict: Verdict | None = None  # at our own time
    trusted: bool = False  # at some time: so its dates are all that may be wrong with it
    date: float | None = None
    asked_at: float = 0.0
    answered_at: float = 0.0


def ask(dialer: Dialer, endpoint: Endpoint) -> ServerDate:
    """
    Shake hands with *endpoint* and ask it for the time, if it is to be trusted apart from dates.

    Nothing is sent to a server that no root here has ever vouched for.
    """
    route = dialer.route(endpoint)
    told = ServerDate(endpoint)
    try:
        stream = route.open()
        dialer.progress(HANDSHAKE)
        tls = Session(stream, dialer.context, route.server_name)
        tls.handshake()
        told = _judged(told, dialer, tls)
        if told.trusted:
            dialer.progress(ANSWER)
            told = _dated(told, tls)
        tls.close()
    except Failed as failed:
        return told._replace(failed=failed)
    finally:
        route.close()
    return told


def _judged(told: ServerDate, dialer: Dialer, tls: Session) -> ServerDate:
    host = told.endpoint.host
    chain, verdict = dialer.judge(tls, host, signatures.signed)
    trusted = bool(verdict.ok)
    if not trusted and chain:
        valid = max(one.not_before for one in chain) + 1
        trusted = bool(dialer.judge(tls, host, signatures.signed, valid).verdict.ok)
    return told._replace(chain=chain, verdict=verdict, trusted=trusted)


def _dated(told: ServerDate, tls: Session) -> ServerDate:
    request = (
        f"HEAD / HTTP/1.1\r\nHost: {told.endpoint.text}\r\n"
        f"User-Agent: probe/{__version__}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
    asked_at = time.monotonic()
    head = b""
    try:
        tls.send(request.encode())
        while b"\r\n\r\n" not in head and len(head) < _LIMIT and (piece := tls.receive()):
            head += piece
    except Failed as failed:
        if failed.reason is reasons.HANDSHAKE_TIMEOUT:
            raise Failed(failed.reason, ANSWER, failed.detail) from None
        head = b""  # it shook hands and speaks something else
    return told._replace(date=date_in(head), asked_at=asked_at, answered_at=time.monotonic())


def date_in(head: bytes) -> float | None:
    """The Date in the head of an HTTP answer, in seconds since the epoch; None where there is no such."""
    if not head.startswith(b"HTTP/"):
        return None
    for line in head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "date" and (found := _DATE.fullmatch(value.strip(" \t"))):
            _, day, month, year, hour, minute, second = found.groups()
            return _instant(year, _MONTHS.index(month) + 1, day, hour, minute, second)
    return None


def _instant(year: str, month: int, day: str, *clock: str) -> float | None:
    """None for a day or an hour that does not exist; a leap second counts as the next one."""
    hour, minute, second = map(int, clock)
    last = calendar.monthrange(int(year), month)[1] if int(year) else 0
    if not 1 <= int(day) <= last or hour > 23 or minute > 59 or second > 60:
        return None
    return float(calendar.timegm((int(year), month, int(day), hour, minute, second)))
