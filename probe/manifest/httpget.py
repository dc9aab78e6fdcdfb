"""Problems in an httpGet probe of a container that is, or starts, the agent."""

from collections.abc import Iterator, Sequence

from probe.config.address import address
from probe.config.agent import Agent
from probe.manifest.command_line import ProbeCall
from probe.manifest.pods import Container
from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

ROLES = {"livez": "live", "readyz": "ready", "healthz": "ready", "startupz": "startup"}
_LOOPBACK = ("127.", "localhost", "::1")


def asked(one: Container, members: Sequence[Container], probe: YamlNode) -> Container | None:
    """The agent that *probe* of *one* is meant for: one's own, else the pod's one with that port."""
    if probe.at("httpGet") is None:
        return None
    return one if one.serves else agent_at(one, members, probe, "httpGet")


def agent_at(one: Container, members: Sequence[Container], probe: YamlNode, handler: str) -> Container | None:
    """The agent of the pod that listens on the port that *handler* of *probe* asks."""
    port = port_number(one.node, probe.text(handler, "port"))
    return next((other for other in members if port is not None and port == served(other)[1]), None)


def problems(one: Container, agent: Container, kind: str, probe: YamlNode) -> Iterator[LintProblem]:
    """Problems when the kubelet asks *agent* as *probe* of *one* says; nothing for another's port."""
    if not agent.call:
        return
    host, port = served(agent)
    number = port_number(one.node, probe.text("httpGet", "port"))
    first = probe.text("httpGet", "path").split("?")[0].strip("/").partition("/")[0]
    if number is None or number == port:
        yield from _listening(probe, host)
        yield from _scheme(probe, agent.call.agent)
        yield from _path(kind, probe, first, agent.call)
    elif first in ("livez", "readyz", "startupz") and not _others(one, number):
        yield LintProblem(
            probe.line_at("httpGet"),
            "PORT_NOT_SERVED",
            f"port {number} is probed, the agent listens on {agent.call.listens}",
            f"write port: {port}",
        )


def served(one: Container) -> tuple[str, int]:
    """Where the agent of *one* listens; port 0 where there is none, or where it would be refused."""
    return address(one.call.listens) if one.call and one.call.listens else ("", 0)


def port_number(container: YamlNode, text: str) -> int | None:
    """The number of a port that may be given by name; None where it cannot be told."""
    if text.isascii() and text.isdecimal():
        return int(text[:6])
    for port in container.items("ports"):
        number = port.text("containerPort")
        if port.text("name") == text and text and number.isascii() and number.isdecimal():
            return int(number[:6])
    return None


def _others(one: Container, port: int) -> bool:
    """Whether the program that runs beside the agent says that it listens on *port*."""
    runs = one.call is not None and one.call.command == "run"
    return runs and any(item.text("containerPort") == str(port) for item in one.node.items("ports"))


def _listening(probe: YamlNode, host: str) -> Iterator[LintProblem]:
    if host.startswith(_LOOPBACK) and not probe.text("httpGet", "host"):
        yield LintProblem(
            probe.line_at("httpGet"),
            "LISTENS_ON_LOOPBACK",
            f"the agent listens on {host}, the kubelet asks the address of the pod",
            'serve on "[::]:PORT", or use exec: [probe, status]',
        )


def _scheme(probe: YamlNode, agent: Agent) -> Iterator[LintProblem]:
    scheme = (probe.text("httpGet", "scheme") or "HTTP").upper()
    right = "HTTPS" if agent.tls_cert else "HTTP"
    if scheme not in ("HTTP", "HTTPS"):
        yield LintProblem(
            probe.line_at("httpGet", "scheme"),
            "PROTOCOL_NOT_SERVED",
            f"{scheme[:60]} is not a scheme of a probe; the agent speaks {right}, version 1.1",
            f"write scheme: {right}",
        )
    elif scheme != right:
        yield LintProblem(
            probe.line_at("httpGet", "scheme") if probe.at("httpGet", "scheme") else probe.line_at("httpGet"),
            "SCHEME_MISMATCH",
            f"{scheme} is used, the agent speaks {right}",
            f"write scheme: {right}",
        )


TAKE_OUT = "take them out of live_checks; readiness runs them"


def restarts(checks: Sequence[str]) -> str:
    """What *checks* among those of the role live do on a livenessProbe."""
    return f"live_checks has {', '.join(checks)}: where one fails, every container is restarted, and again"


def _path(kind: str, probe: YamlNode, first: str, call: ProbeCall) -> Iterator[LintProblem]:
    line, agent = probe.line_at("httpGet"), call.agent
    headers = {header.text("name").lower() for header in probe.items("httpGet", "httpHeaders")}
    if first in ("metrics", "") and agent.token_file and "authorization" not in headers:
        yield LintProblem(
            line,
            "TOKEN_REQUIRED",
            f"/{first} answers 401 without the token of agent.token_file",
            f"ask {right_path(kind)}, which needs none",
        )
    elif first in ("metrics", ""):
        yield LintProblem(
            line,
            "ALWAYS_WELL",
            f"/{first} answers 200 even when every check fails",
            f"ask {right_path(kind)}",
        )
    elif first not in ROLES:
        yield LintProblem(
            line,
            "PATH_NOT_SERVED",
            f"the agent answers 404 to /{first[:60]}",
            f"ask {right_path(kind)}",
        )
    elif kind == "livenessProbe" and ROLES[first] != "live":
        yield LintProblem(
            line,
            "CHECK_ON_LIVENESS",
            f"/{first} fails for what no restart fixes",
            "let liveness probe the program itself" if call.live_checks else "ask /livez",
        )
    elif kind == "livenessProbe" and call.live_checks:
        yield LintProblem(line, "CHECK_ON_LIVENESS", restarts(call.live_checks), TAKE_OUT)


def right_path(kind: str) -> str:
    """What a probe of *kind* should ask the agent."""
    return {"startupProbe": "/startupz", "livenessProbe": "/livez"}.get(kind, "/readyz")
