"""The live half of `ca-bundle`: a TLS handshake with each endpoint, judged as Go judges it."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from probe import codes
from probe.checks.base import Run
from probe.golang.endpoint import Endpoint, parse_endpoint
from probe.golang.trust import Roots
from probe.report import Finding, Status
from probe.target import Target

AUTO = "auto"


class Settings(Protocol):
    """What the handshakes need of the check's settings."""

    @property
    def endpoints(self) -> Sequence[str]: ...  # "host:port", or AUTO

    @property
    def handshake_roles(self) -> Sequence[str]: ...

    @property
    def expires_in_days(self) -> int: ...

    @property
    def attempts(self) -> int: ...


def findings(settings: Settings, target: Target, run: Run, roots: Roots) -> Iterator[Finding]:
    """
    Shake hands with every endpoint side by side, against exactly *roots*.

    Yields as each endpoint is done, by the deadline. Only what Go would do counts:
    a handshake that brought facts is no success.
    """
    if run.role != "all" and run.role not in settings.handshake_roles:
        yield _not_asked(settings, run)
        return
    run.phase("finding the endpoints")
    endpoints = named_endpoints(settings, target, run)
    if not endpoints:
        yield _no_endpoint(settings)
        return
    from probe.checks.ca_bundle import visits  # ssl costs 14 ms: only where there is somebody to visit

    yield from visits.findings(endpoints, settings, target, run, roots)


def named_endpoints(settings: Settings, target: Target, run: Run) -> list[Endpoint]:
    """The endpoints, each once; "auto" stands for those that the go command here would call."""
    texts: list[str] = []
    for text in settings.endpoints:
        texts += _automatic(target, run) if text == AUTO else [text]
    return list(dict.fromkeys(map(parse_endpoint, texts)))


def _automatic(target: Target, run: Run) -> tuple[str, ...]:
    """The hosts of the effective GOPROXY and GOSUMDB; none where no toolchain is: nobody asked for a call."""
    from probe.golang import environment, moduleproxy, toolchain

    found = toolchain.find(target)
    if not found:
        return ()
    go = run.go()
    return moduleproxy.endpoints(environment.effective(target, found, go), go)


def _not_asked(settings: Settings, run: Run) -> Finding:
    roles = ", ".join(settings.handshake_roles) or "no role"
    return Finding(
        Status.SKIP,
        codes.TLS_NOT_ASKED,
        "handshake",
        f"no handshake in the role {run.role}: handshake_roles names {roles}",
        "",
        {"role": run.role, "handshake_roles": list(settings.handshake_roles)},
    )


def _no_endpoint(settings: Settings) -> Finding:
    automatic = AUTO in settings.endpoints
    why = "there is no go command here whose proxies could be called" if automatic else "the list is empty"
    return Finding(
        Status.WARN,
        codes.TLS_NO_ENDPOINT,
        "handshake",
        f"no endpoint is named and {why}: whether a TLS handshake would succeed is not known",
        "name one that the service needs: --set ca-bundle.endpoints='[\"api.internal:443\"]'",
        {"endpoints": list(settings.endpoints)},
    )
