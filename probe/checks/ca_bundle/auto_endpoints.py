"""What "auto" stands for among the endpoints: the servers that the go command here would call."""

from probe.checks.base import Run
from probe.golang.command import moduleproxy
from probe.lightweight import NamedTuple

_DECIDING = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB")


class AutoEndpoints(NamedTuple):
    """The endpoints as host:port, or why there is none."""

    endpoints: tuple[str, ...]
    why_none: str = ""


def find(run: Run) -> AutoEndpoints:
    """The hosts of the effective GOPROXY and GOSUMDB; none where no toolchain is: nobody asked for a call."""
    found = run.facts.toolchain()
    if not found:
        return AutoEndpoints((), "without a go command there is no GOPROXY to connect to")
    go = run.facts.go()
    settings = run.facts.settings(_DECIDING, run.deadline)
    if endpoints := moduleproxy.endpoints(settings, go):
        return AutoEndpoints(endpoints)
    untold = [name for name in _DECIDING if settings[name].origin == "unknown"]
    if untold:
        return AutoEndpoints((), f"{found.go} does not tell {untold[0]}, so its servers are unknown")
    return AutoEndpoints((), moduleproxy.silence(settings, go))
