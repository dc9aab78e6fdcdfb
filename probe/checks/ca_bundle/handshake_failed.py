"""Why no handshake came about, and what fixes it."""

from probe import codes, redact
from probe.checks.ca_bundle.handshake_evidence import Facts
from probe.codes import Code
from probe.golang.net.httpproxy import Proxy
from probe.report import Finding, Status
from probe.tls import reasons
from probe.tls.errors import HANDSHAKE
from probe.tls.handshake import Outcome
from probe.tls.hello_bisect import Disturbance
from probe.tls.hello_parts import LENGTH
from probe.tls.reasons import Reason
from probe.tls.server_reply import LACKS_EMS

CODES: dict[Reason, Code] = {
    reasons.HOST_NOT_FOUND: codes.TLS_HOST_NOT_FOUND,
    reasons.RESOLVER_FAILED: codes.TLS_RESOLVER_FAILED,
    reasons.RESOLVER_TIMEOUT: codes.TLS_RESOLVER_TIMEOUT,
    reasons.CONNECTION_REFUSED: codes.TLS_CONNECTION_REFUSED,
    reasons.UNREACHABLE: codes.TLS_UNREACHABLE,
    reasons.CONNECT_TIMEOUT: codes.TLS_CONNECT_TIMEOUT,
    reasons.CONNECTION_RESET: codes.TLS_CONNECTION_RESET,
    reasons.CLOSED: codes.TLS_CLOSED,
    reasons.HANDSHAKE_TIMEOUT: codes.TLS_HANDSHAKE_TIMEOUT,
    reasons.NOT_TLS: codes.TLS_NOT_TLS,
    reasons.PROTOCOL_VERSION: codes.TLS_PROTOCOL_VERSION,
    reasons.HANDSHAKE_FAILURE: codes.TLS_HANDSHAKE_FAILURE,
    reasons.UNRECOGNIZED_NAME: codes.TLS_UNRECOGNIZED_NAME,
    reasons.CLIENT_CERTIFICATE_REQUIRED: codes.TLS_CLIENT_CERTIFICATE_REQUIRED,
    reasons.TOO_MUCH_DATA: codes.TLS_TOO_MUCH_DATA,
    reasons.ALERT: codes.TLS_ALERT,
    reasons.PROTOCOL_ERROR: codes.TLS_PROTOCOL_ERROR,
    reasons.SOCKET_ERROR: codes.TLS_SOCKET_ERROR,
    reasons.PROXY_UNREACHABLE: codes.TLS_PROXY_UNREACHABLE,
    reasons.PROXY_TIMEOUT: codes.TLS_PROXY_TIMEOUT,
    reasons.PROXY_AUTHENTICATION: codes.TLS_PROXY_AUTHENTICATION,
    reasons.PROXY_REFUSED: codes.TLS_PROXY_REFUSED,
    reasons.PROXY_UNTRUSTED: codes.TLS_PROXY_UNTRUSTED,
}

# What we could not find out, rather than what Go would fail at.
_UNKNOWN = (codes.TLS_PROTOCOL_ERROR, codes.TLS_SOCKET_ERROR)
_SHARED = "curl -v https://{endpoint}/ shows what others get"

# Code → (cause, remedy). {via} is the way there, {detail} what was seen.
_TEXTS: dict[Code, tuple[str, str]] = {
    codes.TLS_HOST_NOT_FOUND: (
        "{asked} has no address: {detail}",
        "check the name with: getent hosts {asked}; a short name needs the search list in /etc/resolv.conf",
    ),
    codes.TLS_RESOLVER_FAILED: (
        "the name servers gave no answer about {asked}: {detail}",
        "check that the servers in /etc/resolv.conf can be reached from here (port 53, UDP and TCP)",
    ),
    codes.TLS_RESOLVER_TIMEOUT: (
        "{asked} was not resolved in time",
        "check that the servers in /etc/resolv.conf can be reached from here (port 53, UDP and TCP)",
    ),
    codes.TLS_CONNECTION_REFUSED: (
        "{endpoint}{where} refuses connections: nothing listens there",
        "start the server, or correct the port in ca-bundle.endpoints",
    ),
    codes.TLS_UNREACHABLE: (
        "there is no way to {endpoint}{where}: {detail}",
        "check routes and network policies: an egress rule must allow {endpoint}",
    ),
    codes.TLS_CONNECT_TIMEOUT: (
        "{endpoint}{where} does not answer: connecting timed out",
        "check firewalls and network policies: an egress rule must allow {endpoint}",
    ),
    codes.TLS_CONNECTION_RESET: (
        "the connection to {endpoint} was reset during the {phase}{via}",
        "look for a firewall or proxy that cuts TLS; {shared}",
    ),
    codes.TLS_CLOSED: (
        "{endpoint} ended the connection{via}: {detail}",
        "look into the server's log; behind a load balancer, check that a backend is up",
    ),
    codes.TLS_HANDSHAKE_TIMEOUT: (
        "{endpoint} took the connection but did not finish the TLS handshake in time{via}",
        "raise timeout_s if the server is slow; else check that the port speaks TLS",
    ),
    codes.TLS_NOT_TLS: (
        "{endpoint} does not speak TLS: {detail}",
        "name the TLS port in ca-bundle.endpoints; a plain HTTP port has no certificate to check",
    ),
    codes.TLS_PROTOCOL_VERSION: (
        "{endpoint} speaks neither TLS 1.2 nor TLS 1.3 ({detail}); Go's clients offer no other",
        "enable TLS 1.2 or 1.3 on the server",
    ),
    codes.TLS_HANDSHAKE_FAILURE: (
        "{endpoint} finds nothing to its taste in what {go} offers ({detail})",
        "enable ECDHE with AES-GCM on the server",
    ),
    codes.TLS_UNRECOGNIZED_NAME: (
        "{endpoint} does not serve the name {host} (alert unrecognized_name)",
        "name the host that the server is configured for, or add {host} to it",
    ),
    codes.TLS_CLIENT_CERTIFICATE_REQUIRED: (
        "{endpoint} wants a client certificate ({detail}), and the probe has none",
        "check another endpoint under the same authority, or one that answers without a client certificate",
    ),
    codes.TLS_GO_OFFER_REFUSED: (
        "{endpoint} shakes hands with OpenSSL, but not with what {go} offers: {detail}",
        "let the server do X25519 or P-256 and sign with SHA-256",
    ),
    codes.TLS_FIPS_MASTER_SECRET: (
        "{endpoint} does TLS 1.2 without Extended Master Secret, which FIPS 140 demands of {go}",
        "enable TLS 1.3, or Extended Master Secret (RFC 7627), on the server",
    ),
    codes.TLS_FIPS_ONLY: (
        "with GODEBUG=fips140=only every TLS client of {go} dies before its first message: {detail}",
        "ENV GODEBUG=fips140=only,tlsmlkem=0; or build the program with go1.26.3 or later",
    ),
    codes.TLS_OPENSSL_CANNOT_FOLLOW: (
        "{endpoint} takes what {go} offers{via}, but OpenSSL here cannot follow ({detail}); {seen}",
        "try with the program itself; a newer OpenSSL (the bundle brings one) may follow",
    ),
    codes.TLS_GO_OFFER_TOO_SMALL: (
        "{endpoint} takes nothing of what {go} offers{via} ({detail}); with more on offer, it does",
        "{offer_more}",
    ),
    codes.TLS_LARGE_HELLO_DROPPED: (
        "{endpoint} rejects {go}'s ClientHello{via} ({detail}) because of {part}; a smaller one passes",
        "{cure}",
    ),
    codes.TLS_HELLO_BLOCKED: (
        "{endpoint} rejects {go}'s ClientHello{via} ({detail}) because of {part}; it passes without",
        "{cure}",
    ),
    codes.TLS_TOO_MUCH_DATA: (
        "{endpoint} sent {detail} without finishing the handshake",
        "shorten the certificate chain that the server sends",
    ),
    codes.TLS_ALERT: ("{endpoint} ended the handshake with an alert: {detail}", "look into the server's log"),
    codes.TLS_PROTOCOL_ERROR: (
        "the handshake with {endpoint} broke down on our side: {detail}; Go might fare otherwise",
        "try with Go itself, and report it if Go succeeds",
    ),
    codes.TLS_SOCKET_ERROR: (
        "no connection to {endpoint} could be tried: {detail}",
        "check the limits of this container (ulimit -n) and its seccomp profile",
    ),
    codes.TLS_PROXY_UNREACHABLE: (
        "the proxy {proxy} from {variable} cannot be reached: {detail}",
        "correct {variable}, or add {host} to NO_PROXY",
    ),
    codes.TLS_PROXY_TIMEOUT: (
        "the proxy {proxy} from {variable} did not connect to {endpoint} in time",
        "check that the proxy reaches {endpoint}, or add {host} to NO_PROXY",
    ),
    codes.TLS_PROXY_AUTHENTICATION: (
        "the proxy {proxy} from {variable} wants other credentials: {detail}",
        "put the user and password into {variable}: http://USER:PASSWORD@{proxy_host}",
    ),
    codes.TLS_PROXY_REFUSED: (
        "the proxy {proxy} from {variable} does not connect to {endpoint}: {detail}",
        "allow {endpoint} on the proxy, or add {host} to NO_PROXY",
    ),
    codes.TLS_PROXY_UNTRUSTED: (
        "Go does not trust the proxy {proxy} from {variable} itself: {detail}",
        "add the proxy's authority to the CA bundle, or use an http:// proxy URL",
    ),
}


def tell(outcome: Outcome, facts: Facts) -> Finding:
    """The finding for a handshake that failed, or that a Go client would not get."""
    code, phase, detail = _reason(outcome)
    cause, remedy = _TEXTS[code]
    words = _words(outcome, phase, redact.text(detail), facts)
    tries = f" ({outcome.attempts} attempts)" if outcome.attempts > 1 else ""
    return Finding(
        _status(code),
        code,
        outcome.endpoint.text,
        cause.format(**words) + tries,
        remedy.format(**words),
        {**facts, "phase": phase, "detail": words["detail"]},
    )


def _status(code: Code) -> Status:
    if code is codes.TLS_OPENSSL_CANNOT_FOLLOW:  # no failure of Go's that is known; what was seen is sound
        return Status.WARN
    return Status.UNKNOWN if code in _UNKNOWN else Status.FAIL


def _reason(outcome: Outcome) -> tuple[Code, str, str]:
    """The code, the phase, and what was seen."""
    failed, offer = outcome.failed, outcome.offer
    if outcome.broken:
        return codes.TLS_FIPS_ONLY, HANDSHAKE, outcome.broken
    if offer.disturbance:
        kind = offer.disturbance.kind
        code = codes.TLS_LARGE_HELLO_DROPPED if kind == LENGTH else codes.TLS_HELLO_BLOCKED
        return code, HANDSHAKE, offer.detail
    if failed and offer.ok:
        return codes.TLS_OPENSSL_CANNOT_FOLLOW, failed.phase, failed.detail
    if offer.remedy:
        return codes.TLS_GO_OFFER_TOO_SMALL, HANDSHAKE, offer.detail
    if failed:
        return CODES[failed.reason], failed.phase, failed.detail
    if offer.detail == LACKS_EMS:
        return codes.TLS_FIPS_MASTER_SECRET, HANDSHAKE, offer.detail
    if outcome.refused:
        return codes.TLS_CLIENT_CERTIFICATE_REQUIRED, HANDSHAKE, outcome.refused
    return codes.TLS_GO_OFFER_REFUSED, HANDSHAKE, offer.detail


def _cure(disturbance: Disturbance, go: str) -> str:
    """What was seen to help, the smallest change first."""
    if disturbance.setting:
        cure = f"ENV GODEBUG={disturbance.setting}"
    elif disturbance.max_version:
        cure = "set MaxVersion: tls.VersionTLS12 in the program's tls.Config"
    elif disturbance.release:
        cure = f"build the program with Go 1.{disturbance.release}, whose message is answered"
    else:
        return f"update the firewall or load balancer on the path: no setting of {go} leaves that out"
    if disturbance.max_version and disturbance.release:
        cure += f", or build it with Go 1.{disturbance.release}"
    return f"{cure}; and update the firewall or load balancer on the path"


def _words(outcome: Outcome, phase: str, detail: str, facts: Facts) -> dict[str, str]:
    endpoint, proxy = outcome.endpoint, outcome.proxy
    where = outcome.failed.where if outcome.failed else ""
    disturbance = outcome.offer.disturbance
    return {
        "endpoint": endpoint.text,
        "host": endpoint.host,
        "asked": proxy.host if proxy else endpoint.host,
        "where": f" ({where})" if where not in ("", endpoint.text) else "",
        "phase": phase,
        "detail": detail,
        "go": str(facts["go"]),
        "via": _via(proxy),
        "proxy": proxy.address if proxy else "",
        "proxy_host": proxy.address.partition("//")[2] if proxy else "",
        "variable": proxy.variable if proxy else "",
        "seen": "its certificates are sound" if outcome.chain else "its certificates were not seen",
        "offer_more": outcome.offer.remedy,
        "part": disturbance.part if disturbance else "",
        "cure": _cure(disturbance, str(facts["go"])) if disturbance else "",
        "shared": _SHARED.format(endpoint=endpoint.text),
    }


def _via(proxy: Proxy | None) -> str:
    return f" through the proxy {proxy.address} (from {proxy.variable})" if proxy else ""
