"""Problems in probes that ask by TCP or gRPC, and in the host that any of them names."""

from collections.abc import Iterator, Sequence

from probe.manifest import httpget
from probe.manifest.pods import Container
from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

_WITH_HOST = ("httpGet", "tcpSocket")
_HOOKS = ("postStart", "preStop")


def problems(
    one: Container, members: Sequence[Container], kind: str, probe: YamlNode
) -> Iterator[LintProblem]:
    """Problems in the handler of *probe*, which is of *kind*."""
    yield from _hosts(probe)
    for handler in ("tcpSocket", "grpc"):
        agent = httpget.agent_at(one, members, probe, handler)
        if agent is None:
            continue
        line, right = probe.line_at(handler), f"httpGet: {{path: {httpget.right_path(kind)}, port: …}}"
        if handler == "grpc":
            yield LintProblem(
                line, "PROTOCOL_NOT_SERVED", "the agent speaks HTTP, not gRPC", f"write {right}"
            )
        elif not (kind == "startupProbe" and one.is_sidecar and one.call and one.call.other_process):
            yield LintProblem(
                line,
                "ALWAYS_WELL",
                "the port is open as long as the agent runs, whatever the checks find",
                f"write {right}",
            )


def hooks(one: Container) -> Iterator[LintProblem]:
    """Problems in the lifecycle hooks of *one*."""
    for name in _HOOKS:
        if (hook := one.node.at("lifecycle", name)) is not None:
            yield from _hosts(hook)


def _hosts(handler: YamlNode) -> Iterator[LintProblem]:
    """Pod Security Standards, "Host Probes / Lifecycle Hooks", of baseline and restricted from v1.34."""
    for name in _WITH_HOST:
        if host := handler.text(name, "host"):
            yield LintProblem(
                handler.line_at(name, "host"),
                "HOST_IN_PROBE",
                f"{name}.host is {host[:60]}, which the Pod Security Standards refuse",
                "leave host out: the kubelet connects to the pod's own address",
            )
