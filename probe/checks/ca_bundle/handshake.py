"""The live half of `ca-bundle`: a TLS handshake with each endpoint, judged as Go judges it."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.golang.net.endpoint import Endpoint, parse_endpoint
from probe.golang.x509.trust import Roots
from probe.lightweight import Protocol
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    endpoints, why_none = named_endpoints(settings, run)
    if not endpoints:
        yield _no_endpoint(settings, why_none)
        return
    from probe.checks.ca_bundle import visits  # ssl costs 14 ms: only where there is somebody to visit

    yield from visits.findings(endpoints, settings, target, run, roots)


def named_endpoints(settings: Settings, run: Run) -> tuple[list[Endpoint], str]:
    """The endpoints, each once, or why there is none; "auto": those that the go command would call."""
    texts: list[str] = []
    why_none = "the list is empty"
    for text in settings.endpoints:
        if text == AUTO:
            from probe.checks.ca_bundle import auto_endpoints

            found, why_none = auto_endpoints.find(run)
            texts += found
        else:
            texts.append(text)
    return list(dict.fromkeys(map(parse_endpoint, texts))), why_none


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


def _no_endpoint(settings: Settings, why: str) -> Finding:
    return Finding(
        Status.WARN,
        codes.TLS_NO_ENDPOINT,
        "handshake",
        f"no TLS handshake was tried: no endpoint is named, and {why}",
        "name one that the service needs: --set ca-bundle.endpoints='[\"api.internal:443\"]'",
        {"endpoints": list(settings.endpoints)},
    )
