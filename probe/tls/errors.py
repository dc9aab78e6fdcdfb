"""A failed handshake: the phase, the reason, and whether trying again may help."""

import errno

from probe.errors import reason as words_of
from probe.lightweight import socket
from probe.tls import reasons
from probe.tls.openssl import SSLError
from probe.tls.reasons import Reason

RESOLVING, CONNECTING, TUNNEL, HANDSHAKE = "name resolution", "connect", "proxy CONNECT", "TLS handshake"
NO_SOCKS = "it does not speak SOCKS 5"  # detail of a proxy that answers in another way
ANSWER = "HTTP answer"  # behind the handshake, where something is asked

TIMEOUTS = {
    RESOLVING: reasons.RESOLVER_TIMEOUT,
    CONNECTING: reasons.CONNECT_TIMEOUT,
    TUNNEL: reasons.PROXY_TIMEOUT,
    HANDSHAKE: reasons.HANDSHAKE_TIMEOUT,
    ANSWER: reasons.ANSWER_TIMEOUT,
}

_UNREACHABLE = (
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.EHOSTDOWN,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
    errno.EACCES,  # a firewall that says so
    errno.EPERM,
)
_RESET = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)
_NOT_FOUND = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAMILY)

# What OpenSSL calls the alerts and errors that have a cause of their own.
_REASONS: dict[str, Reason] = {
    "TLSV1_ALERT_PROTOCOL_VERSION": reasons.PROTOCOL_VERSION,
    "UNSUPPORTED_PROTOCOL": reasons.PROTOCOL_VERSION,
    "WRONG_SSL_VERSION": reasons.PROTOCOL_VERSION,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": reasons.HANDSHAKE_FAILURE,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": reasons.HANDSHAKE_FAILURE,
    "TLSV1_UNRECOGNIZED_NAME": reasons.UNRECOGNIZED_NAME,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": reasons.CLIENT_CERTIFICATE_REQUIRED,
}
TOO_LONG, OPENSSL_MESSAGE = "EXCESSIVE_MESSAGE_SIZE", 100 << 10  # bytes of certificates that OpenSSL takes
# What Go can and OpenSSL cannot; also what its libraries say of a key or certificate that they do not read.
_LIMITS = (
    TOO_LONG,
    "WRONG_CURVE",
    "UNKNOWN_CERTIFICATE_TYPE",
    "NO_SUITABLE_SIGNATURE_ALGORITHM",
    "NO_RENEGOTIATION",  # a warning, which Go passes over as any
    "TOO_MANY_WARN_ALERTS",  # more than 4, and 16 for Go
)
# Alerts that mean the lack of a client certificate once the server has shown its own.
_AFTER_CERTIFICATE = (
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_NO_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
)


class Failed(Exception):
    """There was no handshake. `detail` says it in a few words, without secrets."""

    def __init__(self, reason: Reason, phase: str, detail: str, *, transient: bool | None = None) -> None:
        super().__init__(detail)
        self.reason, self.phase, self.detail = reason, phase, detail
        self.transient = reason in reasons.TRANSIENT if transient is None else transient
        self.where = ""  # the address that it happened with, where that is of interest
        self.presented: list[bytes] = []  # certificates that the server had sent by then
        self.answered = False  # the server had begun to shake hands
        self.retried = False  # by asking for another key, which Go's message may have with it
        self.limit = ""  # of OpenSSL, in its word, where that and not the server is the cause


def from_os(problem: OSError, phase: str) -> Failed:
    """The failure that an error of the socket layer means."""
    if isinstance(problem, socket.gaierror):
        reason = reasons.HOST_NOT_FOUND if problem.errno in _NOT_FOUND else reasons.RESOLVER_FAILED
        return Failed(reason, phase, words_of(problem))
    if isinstance(problem, TimeoutError):
        return Failed(TIMEOUTS[phase], phase, "no answer in time")
    detail = words_of(problem)
    if problem.errno == errno.ECONNREFUSED:
        return Failed(reasons.CONNECTION_REFUSED, phase, detail)
    if problem.errno in _RESET:
        return Failed(reasons.CONNECTION_RESET, phase, detail)
    if problem.errno in _UNREACHABLE:
        return Failed(reasons.UNREACHABLE, phase, detail)
    return Failed(reasons.SOCKET_ERROR, phase, detail)


def from_ssl(problem: SSLError, *, certificate_seen: bool) -> Failed:
    """The failure that an alert of the server or an error of OpenSSL means."""
    theirs = problem.reason or ""
    reason = _REASONS.get(theirs)
    if certificate_seen and theirs in _AFTER_CERTIFICATE:
        reason = reasons.CLIENT_CERTIFICATE_REQUIRED
    if reason is None:
        reason = reasons.ALERT if is_alert(theirs) else reasons.PROTOCOL_ERROR
    failed = Failed(reason, HANDSHAKE, words(problem))
    if reason is reasons.PROTOCOL_ERROR and (theirs in _LIMITS or problem.library not in ("SSL", None)):
        failed.limit = theirs or words(problem)
    return failed


def refuses_client(problem: SSLError) -> bool:
    """Whether an alert after the handshake means that the server wanted a certificate of ours."""
    return (problem.reason or "") in _AFTER_CERTIFICATE


def is_alert(reason: str) -> bool:
    return "_ALERT_" in reason or reason == "TLSV1_UNRECOGNIZED_NAME"


def words(problem: SSLError) -> str:
    """OpenSSL's reason as words: "alert handshake failure"."""
    reason = (problem.reason or str(problem)).lower().replace("_", " ")
    return reason.removeprefix("sslv3 ").removeprefix("tlsv1 ").removeprefix("tlsv13 ")
