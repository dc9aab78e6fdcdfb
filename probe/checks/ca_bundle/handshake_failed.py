"""Why no handshake came about, and what fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.ca_bundle.handshake_evidence import Facts
from probe.codes import Code
from probe.golang.net.httpproxy import Proxy
from probe.lightweight import Mapping
from probe.remedies import variables
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
_BOX = "Ask the operator of the network to update the firewall or load balancer on the path"
_SHARED = "curl -v https://{endpoint}/"

# Code → (cause, remedy). {via} is the way there, {detail} what was seen.
_TEXTS: dict[Code, tuple[str, str]] = {
    codes.TLS_HOST_NOT_FOUND: (
        "{asked} has no address: {detail}",
        "getent hosts {asked}\n\ncat /etc/resolv.conf",
    ),
    codes.TLS_RESOLVER_FAILED: (
        "the name servers did not answer for {asked}: {detail}",
        "Ask the operator of the network to let port 53, UDP and TCP, reach the servers in /etc/resolv.conf",
    ),
    codes.TLS_RESOLVER_TIMEOUT: (
        "{asked} was not resolved in time",
        "Ask the operator of the network to let port 53, UDP and TCP, reach the servers in /etc/resolv.conf",
    ),
    codes.TLS_CONNECTION_REFUSED: (
        "{endpoint}{where} refuses connections: nothing listens there",
        "Ask the operator of {endpoint} to start it\n\nprobe check --set ca-bundle.endpoints={host}:PORT",
    ),
    codes.TLS_UNREACHABLE: (
        "there is no route to {endpoint}{where}: {detail}",
        "Ask the operator of the network for a route and an egress rule to {endpoint}",
    ),
    codes.TLS_CONNECT_TIMEOUT: (
        "{endpoint}{where} does not answer: connecting timed out",
        "Ask the operator of the network for an egress rule to {endpoint}",
    ),
    codes.TLS_CONNECTION_RESET: (
        "the connection to {endpoint} was reset during the {phase}{via}",
        "Ask the operator of the network for the firewall or proxy that cuts TLS\n\n{shared}",
    ),
    codes.TLS_CLOSED: (
        "{endpoint} closed the connection{via}: {detail}",
        "Ask the operator of {endpoint} for its log, and whether a backend is up",
    ),
    codes.TLS_HANDSHAKE_TIMEOUT: (
        "{endpoint} accepted the connection but did not finish the TLS handshake in time{via}",
        "probe check --set ca-bundle.timeout_s=20\n\ncurl -v https://{endpoint}/",
    ),
    codes.TLS_NOT_TLS: (
        "{endpoint} does not speak TLS: {detail}",
        "probe check --set ca-bundle.endpoints={host}:PORT",
    ),
    codes.TLS_PROTOCOL_VERSION: (
        "{endpoint} speaks neither TLS 1.2 nor TLS 1.3 ({detail}); Go's clients offer no other",
        "Ask the owner of {endpoint} to enable TLS 1.2 or 1.3",
    ),
    codes.TLS_HANDSHAKE_FAILURE: (
        "{endpoint} accepts none of what {go} offers ({detail})",
        "Ask the owner of {endpoint} to enable ECDHE with AES-GCM",
    ),
    codes.TLS_UNRECOGNIZED_NAME: (
        "{endpoint} does not serve the name {host} (alert unrecognized_name)",
        (
            "Ask the owner of {endpoint} to serve the name {host}\n\n"
            "probe check --set ca-bundle.endpoints=NAME:PORT"
        ),
    ),
    codes.TLS_CLIENT_CERTIFICATE_REQUIRED: (
        "{endpoint} requires a client certificate ({detail}), and probe has none",
        (
            "probe check --set ca-bundle.endpoints=NAME:PORT\n\n"
            "Ask the owner of {endpoint} for an address that needs no client certificate"
        ),
    ),
    codes.TLS_GO_OFFER_REFUSED: (
        "{endpoint} completes the handshake with OpenSSL, but not with what {go} offers: {detail}",
        "Ask the owner of {endpoint} to enable X25519 or P-256, and signatures with SHA-256",
    ),
    codes.TLS_FIPS_MASTER_SECRET: (
        "{endpoint} does TLS 1.2 without Extended Master Secret, which FIPS 140 requires of {go}",
        "Ask the owner of {endpoint} to enable TLS 1.3, or Extended Master Secret (RFC 7627)",
    ),
    codes.TLS_FIPS_ONLY: (
        "with GODEBUG=fips140=only every TLS client of {go} fails before its ClientHello: {detail}",
        "{without_mlkem}\n\nFROM golang:1.27 AS build",
    ),
    codes.TLS_OPENSSL_CANNOT_FOLLOW: (
        "{endpoint} takes what {go} offers{via}, but OpenSSL here fails ({detail}); {seen}",
        "/opt/probe/bin/probe check",
    ),
    codes.TLS_GO_OFFER_TOO_SMALL: (
        "{endpoint} takes nothing of what {go} offers{via} ({detail}); a larger offer succeeds",
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
        "Ask the owner of {endpoint} to send a shorter certificate chain",
    ),
    codes.TLS_ALERT: (
        "{endpoint} ended the handshake with an alert: {detail}",
        "Ask the operator of {endpoint} for its log",
    ),
    codes.TLS_PROTOCOL_ERROR: (
        "the handshake with {endpoint} failed in OpenSSL: {detail}; Go might succeed",
        "Ask the authors of probe, if Go itself succeeds",
    ),
    codes.TLS_SOCKET_ERROR: (
        "no connection to {endpoint} could be made: {detail}",
        "ulimit -n 1024\n\nsecurityContext: {{seccompProfile: {{type: RuntimeDefault}}}}",
    ),
    codes.TLS_PROXY_UNREACHABLE: (
        "the proxy {proxy} from {variable} cannot be reached: {detail}",
        "ENV {variable}=http://HOST:PORT\n\n{no_proxy}",
    ),
    codes.TLS_PROXY_TIMEOUT: (
        "the proxy {proxy} from {variable} did not connect to {endpoint} in time",
        "Ask the operator of the proxy to let it reach {endpoint}\n\n{no_proxy}",
    ),
    codes.TLS_PROXY_AUTHENTICATION: (
        "the proxy {proxy} from {variable} requires other credentials: {detail}",
        "ENV {variable}={proxy_scheme}://USER:PASSWORD@{proxy_host}",
    ),
    codes.TLS_PROXY_REFUSED: (
        "the proxy {proxy} from {variable} does not connect to {endpoint}: {detail}",
        "Ask the operator of the proxy to allow {endpoint}\n\n{no_proxy}",
    ),
    codes.TLS_PROXY_UNTRUSTED: (
        "Go does not trust the proxy {proxy} from {variable} itself: {detail}",
        "COPY authority.pem /etc/ssl/certs/authority.pem\n\nENV {variable}=http://HOST:PORT",
    ),
}


def tell(outcome: Outcome, facts: Facts, env: Mapping[str, str]) -> Finding:
    """The finding for a handshake that failed, or that a Go client with *env* would not get."""
    code, phase, detail = _reason(outcome)
    cause, remedy = _TEXTS[code]
    words = _words(outcome, phase, redact.text(detail), facts, env)
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


def _cure(disturbance: Disturbance, go: str, env: Mapping[str, str]) -> str:
    """What was seen to help, the smallest change first."""
    if disturbance.setting:
        cure = variables.godebug(env, disturbance.setting)
    elif disturbance.max_version:
        cure = "Ask the program's authors to set MaxVersion: tls.VersionTLS12 in its tls.Config"
    elif disturbance.release:
        cure = f"FROM golang:1.{disturbance.release} AS build"
    else:
        return f"{_BOX}: no setting of {go} leaves that out"
    if disturbance.max_version and disturbance.release:
        cure += f"\n\nFROM golang:1.{disturbance.release} AS build"
    return f"{cure}\n\n{_BOX}"


def _words(outcome: Outcome, phase: str, detail: str, facts: Facts, env: Mapping[str, str]) -> dict[str, str]:
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
        "proxy_scheme": proxy.scheme if proxy else "http",
        "proxy_host": proxy.address.partition("//")[2] if proxy else "",
        "variable": proxy.variable if proxy else "",
        "seen": "its certificates are valid" if outcome.chain else "its certificates were not seen",
        "offer_more": outcome.offer.remedy,
        "part": disturbance.part if disturbance else "",
        "cure": _cure(disturbance, str(facts["go"]), env) if disturbance else "",
        "no_proxy": variables.no_proxy(env, endpoint.host),
        "without_mlkem": variables.godebug(env, "fips140=only", "tlsmlkem=0"),
        "shared": _SHARED.format(endpoint=endpoint.text),
    }


def _via(proxy: Proxy | None) -> str:
    return f" through the proxy {proxy.address} (from {proxy.variable})" if proxy else ""
