"""What is in deploy/, as a cluster would get it."""

import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.skips import no_current_kubectl

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
# Ways to run probe beside a program; `node` is one beside no program.
OVERLAYS = sorted(
    path.parent
    for path in DEPLOY.glob("kubernetes/overlays/*/kustomization.yaml")
    if path.parent.name != "node"
)


@functools.cache
def kustomize(folder: Path) -> str:
    """What `kubectl kustomize` makes of *folder*."""
    if no_current_kubectl():
        pytest.skip("needs kubectl 1.24 or newer")
    return subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True).stdout


def objects(folder: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(kustomize(folder)))


def pod(folder: Path) -> dict[str, Any]:
    """The pod spec of the one workload of *folder*."""
    (spec,) = (one["spec"]["template"]["spec"] for one in objects(folder) if one["kind"] == "Deployment")
    assert isinstance(spec, dict)
    return spec


def containers(folder: Path) -> list[dict[str, Any]]:
    spec = pod(folder)
    return [*spec.get("initContainers", ()), *spec["containers"]]


def calls(folder: Path) -> Iterator[list[str]]:
    """Every command line of probe in the workload of *folder*."""
    for one in containers(folder):
        lists = [[*one.get("command", ()), *one.get("args", ())]]
        probes = (one.get(kind) or {} for kind in ("startupProbe", "readinessProbe", "livenessProbe"))
        lists += [probe["exec"]["command"] for probe in probes if "exec" in probe]
        yield from (words[1:] for words in lists if words and words[0].endswith("/probe"))
