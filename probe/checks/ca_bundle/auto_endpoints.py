"""What "auto" stands for among the endpoints: the servers that the go command here would call."""

from probe.checks.base import Run
from probe.deadline import WHOM_TO_CALL
from probe.golang.command import environment, go_env, moduleproxy
from probe.lightweight import NamedTuple
from probe.targets import Target

_DECIDING = ("GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB")


class AutoEndpoints(NamedTuple):
    """The endpoints as host:port, or why there is none."""

    endpoints: tuple[str, ...]
    why_none: str = ""


def find(target: Target, run: Run) -> AutoEndpoints:
    """The hosts of the effective GOPROXY and GOSUMDB; none where no toolchain is: nobody asked for a call."""
    found = run.toolchain(target)
    if not found:
        return AutoEndpoints((), "there is no go command with proxies to call")
    go = run.go()
    settings = environment.effective(target, found, go)
    if any(settings[name].origin == "unknown" for name in _DECIDING):
        run.phase(f"asking {found.go} whom it would call")
        within = run.deadline.share(WHOM_TO_CALL)
        settings = {**settings, **go_env.told(target, found, _DECIDING, within)}
    if endpoints := moduleproxy.endpoints(settings, go):
        return AutoEndpoints(endpoints)
    untold = [name for name in _DECIDING if settings[name].origin == "unknown"]
    if untold:
        return AutoEndpoints((), f"{found.go} does not tell {untold[0]}, and with it whom it would call")
    return AutoEndpoints((), moduleproxy.silence(settings, go))
