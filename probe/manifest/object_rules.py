"""What hurts only by what several Kubernetes objects of a file say together."""

from collections.abc import Iterator, Sequence

from probe.manifest import httpget, noexec, pods
from probe.manifest.command_line import Interpret, arguments
from probe.manifest.pods import Container
from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

# appProtocol of a Service's port: KEP-3726, and what meshes take
_NOT_HTTP1 = ("kubernetes.io/h2c", "h2c", "http2", "grpc", "grpc-web", "kubernetes.io/ws", "tcp", "tls")


def problems(documents: Sequence[YamlNode], interpret: Interpret) -> Iterator[LintProblem]:
    """Problems between the objects of *documents*."""
    objects = [one for document in documents for one in pods.objects(document)]
    templates = [(template, pods.containers(spec, interpret)) for template, spec in _pods(objects)]
    for one in objects:
        if one.text("kind") == "Service":
            yield from _service(one, templates)
    claims = _noexec_claims(objects)
    for template, members in templates:
        yield from _noexec(template, members, claims)


def _pods(objects: Sequence[YamlNode]) -> Iterator[tuple[YamlNode, YamlNode]]:
    for one in objects:
        template = pods.template(one)
        spec = template and template.at("spec")
        if template and spec:
            yield template, spec


def _service(
    service: YamlNode, templates: Sequence[tuple[YamlNode, Sequence[Container]]]
) -> Iterator[LintProblem]:
    """A Service that has a proxy speak to the agent what the agent does not."""
    selector = [(key, node.value) for key, node in service.pairs("spec", "selector")]
    chosen = [
        one
        for template, members in templates
        if selector and all(template.text("metadata", "labels", key) == value for key, value in selector)
        for one in members
    ]
    for port in service.items("spec", "ports"):
        protocol = port.text("appProtocol")
        asked = port.text("targetPort") or port.text("port")
        if protocol.lower() in _NOT_HTTP1 and any(
            agent.serves and httpget.port_number(one.node, asked) == httpget.served(agent)[1]
            for one in chosen
            for agent in chosen
        ):
            yield LintProblem(
                port.line_at("appProtocol"),
                "PROTOCOL_NOT_SERVED",
                f"appProtocol is {protocol[:60]}, and the agent speaks HTTP/1.1",
                "write appProtocol: http, or leave it out",
            )


def _noexec_claims(objects: Sequence[YamlNode]) -> set[str]:
    """The names of claims whose volume or class of the same file has the mount option noexec."""
    hard = {
        (one.text("kind"), one.text("metadata", "name")): one
        for one in objects
        if one.text("kind") in ("PersistentVolume", "StorageClass")
        and "noexec" in (*one.texts("spec", "mountOptions"), *one.texts("mountOptions"))
    }
    claimed = {one.text("spec", "claimRef", "name") for one in hard.values()} - {""}
    return claimed | {
        one.text("metadata", "name")
        for one in objects
        if one.text("kind") == "PersistentVolumeClaim"
        and (
            ("PersistentVolume", one.text("spec", "volumeName")) in hard
            or ("StorageClass", one.text("spec", "storageClassName")) in hard
        )
    }


def _noexec(template: YamlNode, members: Sequence[Container], claims: set[str]) -> Iterator[LintProblem]:
    volumes = {volume.text("name"): volume for volume in template.items("spec", "volumes")}
    for one in members:
        lists = [one.node.texts("command")]
        lists += [one.node.texts(kind, "exec", "command") for kind in pods.PROBES]
        calls = [words[0] for words in lists if words and arguments(words) is not None]
        for mount in one.node.items("volumeMounts"):
            covered = noexec.covers(mount.text("mountPath"), calls)
            volume = volumes.get(mount.text("name"))
            if not covered or volume is None:
                continue
            if volume.text("persistentVolumeClaim", "claimName") in claims:
                yield noexec.problem(mount.line, covered, "the volume has the mount option noexec")
            elif volume.at("image") is not None:
                yield LintProblem(
                    mount.line,
                    "IMAGE_VOLUME_NOEXEC",
                    f"a runtime may mount images noexec, and then {covered[:60]} cannot be started",
                    "test it on the nodes in use, or add probe with an init container",
                )
