"""Mounts from which no program can be started, where probe lies."""

from collections.abc import Iterator, Mapping, Sequence

from probe.manifest.rules import LintProblem
from probe.manifest.yaml_nodes import YamlNode

HOME = "/opt/probe"
_FIX = "copy probe into the image, or mount it without noexec"


def of_service(
    service: YamlNode, volumes: Mapping[str, YamlNode], calls: Sequence[str]
) -> Iterator[LintProblem]:
    """The mounts of a compose *service* that hold noexec over /opt/probe or the program of one of *calls*."""
    for line, target, why in _mounts(service, volumes):
        if covered := covers(target, calls):
            yield problem(line, covered, why)


def covers(target: str, calls: Sequence[str]) -> str:
    """What of probe *target* covers: one of *calls*, or /opt/probe where it is mounted; "" for nothing."""
    target = target.rstrip("/")
    if f"{target}/".startswith(f"{HOME}/"):
        return target
    return next((call for call in calls if target and call.startswith(f"{target}/")), "")


def problem(line: int, what: str, why: str) -> LintProblem:
    """The problem that *why* keeps the program *what* from being started."""
    return LintProblem(
        line, "PROBE_ON_NOEXEC", f"{why}: starting {what[:60]} ends with permission denied", _FIX
    )


def _mounts(service: YamlNode, volumes: Mapping[str, YamlNode]) -> Iterator[tuple[int, str, str]]:
    """Line, target and reason of every mount that is noexec."""
    tmpfs = service.text("tmpfs")
    for node in (*service.items("tmpfs"), *((service.at("tmpfs"),) if tmpfs else ())):
        if node is not None and isinstance(node.value, str):
            target, _, options = node.value.partition(":")
            if "exec" not in options.split(","):  # moby's default
                yield node.line, target, "a tmpfs is noexec unless its options say exec"
    for node in service.items("volumes"):
        if isinstance(node.value, str):
            source, _, rest = node.value.partition(":")
            target, _, options = rest.partition(":")
            if "noexec" in options.split(",") or _noexec(volumes.get(source)):
                yield node.line, target, "the volume is mounted noexec"
        elif node.text("type") == "tmpfs":
            yield node.line, node.text("target"), "a tmpfs that is written as a volume is noexec"
        elif _noexec(volumes.get(node.text("source"))):
            yield node.line, node.text("target"), "the volume is mounted noexec"


def _noexec(volume: YamlNode | None) -> bool:
    return volume is not None and "noexec" in volume.text("driver_opts", "o").split(",")
