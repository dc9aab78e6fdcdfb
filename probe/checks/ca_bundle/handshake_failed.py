"""Why no handshake came about, and what fixes it."""

from __future__ import annotations

from probe import codes, redact
from probe.checks.ca_bundle import unused_proxy
from probe.checks.ca_bundle.handshake_evidence import Facts
from probe.codes import Code
from probe.golang.net import addresses, httpproxy
from probe.golang.net.httpproxy import Proxy
from probe.golang.release import Go
from probe.golang.tls.offer import may_waive_master_secret
from probe.lightweight import Callable, Iterator, Mapping, Sequence
from probe.remedies import process_limits, variables
from probe.remedies.actions import (
    ask,
    build_with,
    copy,
    endpoints,
    env_line,
    look,
    pod,
    probe,
    ways,
)
from probe.report import Action, Finding, Remedy, Status
from probe.tls import reasons
from probe.tls.errors import HANDSHAKE, NO_SOCKS
from probe.tls.handshake import Outcome
from probe.tls.hello_bisect import Disturbance
from probe.tls.hello_parts import LENGTH
from probe.tls.reasons import Reason
from probe.tls.server_reply import LACKS_EMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.tls.errors import Failed
    from probe.tls.go_client_hello import Offer

    # A constructor of `actions` with what it is given, or the name of what `_made` gives.
    _Option = tuple[Callable[[str], Action], str] | str

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
    reasons.PROXY_SCHEMES: codes.TLS_PROXY_AUTHENTICATION,
    reasons.PROXY_REFUSED: codes.TLS_PROXY_REFUSED,
    reasons.PROXY_UNTRUSTED: codes.TLS_PROXY_UNTRUSTED,
    reasons.PROXY_EXPIRED: codes.TLS_PROXY_UNTRUSTED,
    reasons.PROXY_MISNAMED: codes.TLS_PROXY_UNTRUSTED,
}

# Where a proxy may have been meant to be the way.
_UNREACHED = (
    *(codes.TLS_HOST_NOT_FOUND, codes.TLS_RESOLVER_FAILED, codes.TLS_RESOLVER_TIMEOUT),
    *(codes.TLS_CONNECTION_REFUSED, codes.TLS_UNREACHABLE, codes.TLS_CONNECT_TIMEOUT),
)
# What we could not find out, rather than what Go would fail at.
_UNKNOWN = (codes.TLS_PROTOCOL_ERROR, codes.TLS_SOCKET_ERROR)
_BOX = "Ask the operator of the network to update the firewall or load balancer on the path"
_OF_PROXIES = (codes.TLS_PROXY_UNREACHABLE, codes.TLS_PROXY_TIMEOUT, codes.TLS_PROXY_REFUSED)
_BASIC = (
    "Ask the operator of the proxy to accept Basic, or put a proxy such as Px or CNTLM between, which logs in"
)
_DNS = "Ask the operator of the network to let port 53, UDP and TCP, reach the servers in /etc/resolv.conf"


def _name_servers(file: str) -> Action:
    return look(f"cat {file}", file)


# Code → the cause, then the ways to put it right. {via} is the way there, {detail} what was seen.
_TEXTS: dict[Code, tuple[str, *tuple[_Option, ...]]] = {
    codes.TLS_HOST_NOT_FOUND: (
        "{asked} has no address: {detail}",
        (look, "getent hosts {asked}"),
        (_name_servers, "/etc/resolv.conf"),
    ),
    codes.TLS_RESOLVER_FAILED: ("the name servers did not answer for {asked}: {detail}", (ask, _DNS)),
    codes.TLS_RESOLVER_TIMEOUT: ("{asked} was not resolved in time", (ask, _DNS)),
    codes.TLS_CONNECTION_REFUSED: (
        "{endpoint}{where} refuses connections: nothing listens there",
        (ask, "Ask the operator of {endpoint} to start it"),
        (endpoints, "{host}:PORT"),
    ),
    codes.TLS_UNREACHABLE: (
        "there is no route to {endpoint}{where}: {detail}",
        (ask, "Ask the operator of the network for a route and an egress rule to {endpoint}"),
    ),
    codes.TLS_CONNECT_TIMEOUT: (
        "{endpoint}{where} does not answer: connecting timed out",
        (ask, "Ask the operator of the network for an egress rule to {endpoint}"),
    ),
    codes.TLS_CONNECTION_RESET: (
        "the connection to {endpoint} was reset during the {phase}{via}",
        (ask, "Ask the operator of the network for the firewall or proxy that cuts TLS"),
        (look, "curl -v https://{endpoint}/"),
    ),
    codes.TLS_CLOSED: (
        "{endpoint} closed the connection{via}: {detail}",
        (ask, "Ask the operator of {endpoint} for its log, and whether a backend is up"),
    ),
    codes.TLS_HANDSHAKE_TIMEOUT: (
        "{endpoint} accepted the connection but did not finish the TLS handshake in time{via}",
        (probe, "probe check --timeout 20"),
        (look, "curl -v https://{endpoint}/"),
    ),
    codes.TLS_NOT_TLS: ("{endpoint} does not speak TLS: {detail}", (endpoints, "{host}:PORT")),
    codes.TLS_PROTOCOL_VERSION: (
        "{endpoint} speaks neither TLS 1.2 nor TLS 1.3 ({detail}); Go's clients offer no other",
        (ask, "Ask the owner of {endpoint} to enable TLS 1.2 or 1.3"),
    ),
    codes.TLS_HANDSHAKE_FAILURE: (
        "{endpoint} accepts none of what {go} offers ({detail})",
        (ask, "Ask the owner of {endpoint} to enable ECDHE with AES-GCM"),
    ),
    codes.TLS_UNRECOGNIZED_NAME: (
        "{endpoint} does not serve the name {host} (alert unrecognized_name)",
        (ask, "Ask the owner of {endpoint} to serve the name {host}"),
        (endpoints, "NAME:PORT"),
    ),
    codes.TLS_CLIENT_CERTIFICATE_REQUIRED: (
        "{endpoint} requires a client certificate ({detail}), and probe has none",
        (endpoints, "NAME:PORT"),
        (ask, "Ask the owner of {endpoint} for an address that needs no client certificate"),
    ),
    codes.TLS_GO_OFFER_REFUSED: (
        "{endpoint} completes the handshake with OpenSSL, but not with what {go} offers: {detail}",
        (ask, "Ask the owner of {endpoint} to enable X25519 or P-256, and signatures with SHA-256"),
    ),
    codes.TLS_FIPS_MASTER_SECRET: (
        "{endpoint} does TLS 1.2 without Extended Master Secret, which FIPS 140 requires of {go}",
        (ask, "Ask the owner of {endpoint} to enable TLS 1.3, or Extended Master Secret (RFC 7627)"),
    ),
    codes.TLS_FIPS_ONLY: (
        "with GODEBUG=fips140=only every TLS client of {go} fails before its ClientHello: {detail}",
        "without_mlkem",
        (build_with, "1.27"),
    ),
    codes.TLS_OPENSSL_CANNOT_FOLLOW: (
        "{endpoint} takes what {go} offers{via}, but OpenSSL here fails ({detail}); {seen}",
        (probe, "/opt/probe/bin/probe check"),
    ),
    codes.TLS_GO_OFFER_TOO_SMALL: (
        "{endpoint} takes nothing of what {go} offers{via} ({detail}); a larger offer succeeds",
        "richer",
    ),
    codes.TLS_LARGE_HELLO_DROPPED: (
        "{endpoint} rejects {go}'s ClientHello{via} ({detail}) because of {part}; a smaller one passes",
        "smaller",
    ),
    codes.TLS_HELLO_BLOCKED: (
        "{endpoint} rejects {go}'s ClientHello{via} ({detail}) because of {part}; it passes without",
        "smaller",
    ),
    codes.TLS_TOO_MUCH_DATA: (
        "{endpoint} sends too much in its handshake: {detail}",
        (ask, "Ask the owner of {endpoint} to send a shorter certificate chain"),
    ),
    codes.TLS_ALERT: (
        "{endpoint} ended the handshake with an alert: {detail}",
        (ask, "Ask the operator of {endpoint} for its log"),
    ),
    codes.TLS_PROTOCOL_ERROR: (
        "the handshake with {endpoint} failed in OpenSSL: {detail}; Go might succeed",
        (ask, "Ask the authors of probe, if Go itself succeeds"),
    ),
    codes.TLS_SOCKET_ERROR: (
        "no connection to {endpoint} could be made: {detail}",
        "sockets",
    ),
    codes.TLS_PROXY_UNREACHABLE: (
        "the proxy {proxy} from {variable} cannot be reached: {detail}",
        "other_proxy",
        "no_proxy",
    ),
    codes.TLS_PROXY_TIMEOUT: (
        "the proxy {proxy} from {variable} did not connect to {endpoint} in time",
        (ask, "Ask the operator of the proxy to let it reach {endpoint}"),
        "no_proxy",
    ),
    codes.TLS_PROXY_AUTHENTICATION: (
        "the proxy {proxy} from {variable} requires other credentials: {detail}",
        "credentials",
    ),
    codes.TLS_PROXY_REFUSED: (
        "the proxy {proxy} from {variable} does not connect to {endpoint}: {detail}",
        (ask, "Ask the operator of the proxy to allow {endpoint}"),
        "no_proxy",
    ),
    codes.TLS_PROXY_UNTRUSTED: (
        "Go does not trust the proxy {proxy} from {variable} itself: {detail}",
        "trust_proxy",
        "other_proxy",
    ),
}


def tell(outcome: Outcome, facts: Facts, env: Mapping[str, str], go: Go) -> Finding:
    """The finding for a handshake that failed, or that a Go client with *env* would not get."""
    code, phase, detail = _reason(outcome)
    cause, *options = _TEXTS[code]
    words = _words(outcome, phase, redact.text(detail), facts)
    tries = f" ({outcome.attempts} attempts)" if outcome.attempts > 1 else ""
    told, proxied = cause.format(**words) + tries, tuple[Remedy, ...]()
    if code in _UNREACHED and not outcome.proxy:
        told, proxied = unused_proxy.explain(told, outcome.endpoint, env)
    if outcome.proxy and code in _OF_PROXIES:
        told, proxied = _by_scheme(told, outcome.proxy, detail)
    return Finding(
        _status(code),
        code,
        outcome.endpoint.text,
        told,
        (*proxied, *_remedies(options, words, outcome, env), *_waived(code, env, go)),
        {**facts, "phase": phase, "detail": words["detail"]},
    )


def _waived(code: Code, env: Mapping[str, str], go: Go) -> tuple[Remedy, ...]:
    """What a release takes back of what FIPS 140 demands, until the server does it."""
    if code is codes.TLS_FIPS_MASTER_SECRET and may_waive_master_secret(go):
        return ways(variables.godebug(env, "fips140ems=0"))
    return ()


def _by_scheme(told: str, proxy: Proxy, detail: str) -> tuple[str, tuple[Remedy, ...]]:
    """*told* with what is wrong about the scheme of the proxy's URL, and the variable with the right one."""
    place = f"{'USER:PASSWORD@' if proxy.authenticates else ''}{proxy.address.partition('//')[2]}"
    if detail == NO_SOCKS:
        return told, ways(env_line(proxy.variable, f"http://{place}"))
    if proxy.scheme in httpproxy.SCHEMES:
        return told, ()
    told = f"{told}; Go takes {proxy.scheme}:// for an HTTP proxy, and socks5:// for SOCKS"
    scheme = "socks5" if proxy.scheme.startswith("socks") else "http"
    return told, ways(env_line(proxy.variable, f"{scheme}://{place}"))


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
    if failed and offer.ok and (failed.limit or not _ends_for_both(failed, offer)):
        return codes.TLS_OPENSSL_CANNOT_FOLLOW, failed.phase, failed.detail
    if offer.richer:
        return codes.TLS_GO_OFFER_TOO_SMALL, HANDSHAKE, offer.detail
    if failed:
        return CODES[failed.reason], failed.phase, failed.detail
    if offer.detail == LACKS_EMS:
        return codes.TLS_FIPS_MASTER_SECRET, HANDSHAKE, offer.detail
    if outcome.refused:
        return codes.TLS_CLIENT_CERTIFICATE_REQUIRED, HANDSHAKE, outcome.refused
    return codes.TLS_GO_OFFER_REFUSED, HANDSHAKE, offer.detail


def _ends_for_both(failed: Failed, offer: Offer) -> bool:
    """Whether the server had answered as it answers Go: then what ended OpenSSL's handshake ends Go's."""
    another = failed.retried and offer.reply is not None and not offer.reply.retry
    return failed.answered and not another


def _remedies(
    options: Sequence[_Option], words: Mapping[str, str], outcome: Outcome, env: Mapping[str, str]
) -> Iterator[Remedy]:
    for option in options:
        if option == "sockets" and "open files" in words["detail"]:
            yield from process_limits.raised("n", "1024")
        elif isinstance(option, str):
            yield from ways(*_made(option, words, outcome, env))
        else:
            make, text = option
            yield from ways(make(text.format(**words)))


def _made(name: str, words: Mapping[str, str], outcome: Outcome, env: Mapping[str, str]) -> Iterator[Action]:
    """What depends on more than a few words."""
    offer, variable = outcome.offer, words["variable"]
    if name == "no_proxy":
        yield variables.no_proxy(env, outcome.endpoint.host)
    elif name == "other_proxy":
        yield unused_proxy.meant_proxy(variable, env)
    elif name == "credentials" and outcome.failed and outcome.failed.reason == reasons.PROXY_SCHEMES:
        yield ask(_BASIC)
    elif name == "credentials":
        yield env_line(variable, f"{words['proxy_scheme']}://USER:PASSWORD@{words['proxy_host']}")
    elif name == "trust_proxy":
        yield _trusted(outcome, words)
    elif name == "without_mlkem":
        yield variables.godebug(env, "fips140=only", "tlsmlkem=0")
    elif name == "sockets":
        yield pod("securityContext: {seccompProfile: {type: RuntimeDefault}}")
    elif name == "richer" and offer.richer:
        setting = offer.richer.setting
        yield variables.godebug(env, setting) if setting else build_with(f"1.{offer.richer.release}")
    elif name == "smaller" and offer.disturbance:
        yield from _smaller(offer.disturbance, words["go"], env)


def _trusted(outcome: Outcome, words: Mapping[str, str]) -> Action:
    """What makes Go trust the proxy: a root helps against nothing but an unknown authority."""
    why = outcome.failed.reason if outcome.failed else reasons.PROXY_UNTRUSTED
    if why == reasons.PROXY_EXPIRED:
        return ask("Ask the operator of the proxy for a certificate that is valid now")
    if why == reasons.PROXY_MISNAMED:
        kind = "IP" if addresses.parse_scoped(words["asked"]) is not None else "DNS"
        name = f"{kind}:{words['asked']}"
        return ask(f"Ask the operator of the proxy to reissue its certificate with subjectAltName = {name}")
    return copy("authority.pem", "/etc/ssl/certs/authority.pem")


def _smaller(disturbance: Disturbance, go: str, env: Mapping[str, str]) -> Iterator[Action]:
    """What was seen to help, the smallest change first."""
    if disturbance.setting:
        yield variables.godebug(env, disturbance.setting)
    elif disturbance.max_version:
        yield ask("Ask the program's authors to set MaxVersion: tls.VersionTLS12 in its tls.Config")
    elif not disturbance.release:
        yield ask(f"{_BOX}: no setting of {go} leaves that out")
        return
    if disturbance.release and not disturbance.setting:
        yield build_with(f"1.{disturbance.release}")
    yield ask(_BOX)


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
        "proxy_scheme": proxy.scheme if proxy else "http",
        "proxy_host": proxy.address.partition("//")[2] if proxy else "",
        "variable": proxy.variable if proxy else "",
        "seen": "its certificates are valid" if outcome.chain else "its certificates were not seen",
        "part": disturbance.part if disturbance else "",
    }


def _via(proxy: Proxy | None) -> str:
    return f" through the proxy {proxy.address} (from {proxy.variable})" if proxy else ""
