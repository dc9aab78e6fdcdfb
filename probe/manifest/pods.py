"""The pods in Kubernetes objects: who runs in them, and what each would do."""

from collections.abc import Iterator, Sequence

from probe.lightweight import NamedTuple
from probe.manifest.command_line import Interpret, ProbeCall, arguments, of_step, steps
from probe.manifest.images import is_ours
from probe.manifest.yaml_nodes import YamlNode

_TEMPLATES = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        ("spec", "template", "spec"),
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_MOST_OBJECTS = 2000
SHELLS = ("sh", "bash", "ash", "dash", "busybox")


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


def specs(document: YamlNode) -> Iterator[YamlNode]:
    """The pod specs of *document*, through Lists too."""
    waiting, seen = [document], 0
    while waiting and seen < _MOST_OBJECTS:
        seen += 1
        one = waiting.pop()
        kind = one.text("kind")
        if kind.endswith("List") and one.at("items") is not None:
            waiting += list(one.items("items"))[: _MOST_OBJECTS - len(waiting)]
        elif kind in _TEMPLATES and (spec := one.at(*_TEMPLATES[kind])):
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
    given = command(words)
    return Container(node, is_init, env, None if given is None else interpret(given, env))


def command(words: Sequence[str]) -> list[str] | None:
    """The arguments of probe where *words* start it, in a shell's line too."""
    if (line := shell_line(words)) is None:
        return arguments(words)
    return next((given for step in steps(line) if (given := of_step(step)) is not None), None)


def shell_line(words: Sequence[str]) -> str | None:
    """The line of `sh -c LINE`; None where there is no shell."""
    names = [word.rpartition("/")[2] for word in words[:2]]
    if not names or names[0] not in SHELLS:
        return None
    return next((words[i + 1] for i, word in enumerate(words[:-1]) if _is_c(word)), None)


def _is_c(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")
