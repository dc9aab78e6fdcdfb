"""The pods in Kubernetes objects: who runs in them, and what each would do."""

from collections.abc import Iterator, Mapping, Sequence

from probe.lightweight import NamedTuple
from probe.manifest.command_line import (
    Interpret,
    ProbeCall,
    arguments,
    judged,
    of_step,
    shell_line,
    steps,
)
from probe.manifest.images import is_ours
from probe.manifest.yaml_nodes import YamlNode

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        ("spec", "template"),
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_MOST_OBJECTS = 2000


class Container(NamedTuple):
    """One container of a pod. `call` is what it starts, None when that is not probe or cannot be told."""

    node: YamlNode
    is_init: bool
    env: dict[str, str]
    call: ProbeCall | None

    @property
    def is_sidecar(self) -> bool:
        return self.is_init and self.node.text("restartPolicy") == "Always"

    @property
    def serves(self) -> bool:
        return self.call is not None and bool(self.call.listens)


def objects(document: YamlNode) -> Iterator[YamlNode]:
    """The objects of *document*, which may be a List of them."""
    waiting, seen = [document], 0
    while waiting and seen < _MOST_OBJECTS:
        seen += 1
        one = waiting.pop()
        if one.text("kind").endswith("List") and one.at("items") is not None:
            waiting += list(one.items("items"))[: _MOST_OBJECTS - len(waiting)]
        else:
            yield one


def template(one: YamlNode) -> YamlNode | None:
    """What the object *one* makes pods of, with their metadata and spec; None where it makes none."""
    path = _TEMPLATES.get(one.text("kind"))
    if path is not None:
        return one.at(*path)
    # Knative's Service, a Rollout and others of their kind.
    return found if (found := one.at("spec", "template")) and found.at("spec", "containers") else None


def specs(document: YamlNode) -> Iterator[YamlNode]:
    """The pod specs of *document*, through Lists too."""
    for one in objects(document):
        if (found := template(one)) and (spec := found.at("spec")):
            yield spec


def containers(spec: YamlNode, interpret: Interpret) -> list[Container]:
    """The containers of a pod, those that start before the others first."""
    return [
        _container(node, key == "initContainers", interpret)
        for key in ("initContainers", "containers")
        for node in spec.items(key)
    ]


def _container(node: YamlNode, is_init: bool, interpret: Interpret) -> Container:
    env = {
        one.text("name"): one.text("value")
        for one in node.items("env")
        if one.text("name").startswith("PROBE_") and "$(" not in one.text("value")
    }
    words = [*node.texts("command"), *node.texts("args")]
    if not node.at("command") and is_ours(node.text("image")):
        words = ["probe", *words]
    call = judge(words, interpret, env)
    return Container(node, is_init, env, call)


def starts_probe(words: Sequence[str]) -> bool:
    """Whether *words* start probe, in a shell's line too."""
    return _given(words)[0] is not None


def judge(words: Sequence[str], interpret: Interpret, env: Mapping[str, str]) -> ProbeCall | None:
    """What *words* would have probe do; None where they do not start it, or a variable decides that."""
    given, mark = _given(words)
    return None if given is None else judged(interpret, given, env, mark)


def _given(words: Sequence[str]) -> tuple[list[str] | None, str]:
    """The arguments of probe, None where it is not started, and the mark of the variables in them."""
    if (line := shell_line(words)) is None:
        return arguments(words), "$("  # which the kubelet replaces
    return next((given for step in steps(line) if (given := of_step(step)) is not None), None), "$"
