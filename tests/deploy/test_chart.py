"""The Helm chart and the overlay of the node: rendered by Helm's own code, valid, and the same DaemonSet."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml
from helm_python import Chart, HelmError

from probe import __version__
from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from tests.deploy.rendered import DEPLOY, objects
from tests.support.commands import RunProbe
from tests.support.schemas import NEWEST, refused_by_a_release

CHART = DEPLOY / "charts/probe"
NODE = DEPLOY / "kubernetes/overlays/node"
ALL = {
    "podMonitor": {"enabled": True, "labels": {"release": "p"}},
    "prometheusRule": {"enabled": True},
    "image": {"repository": "registry.example/probe", "digest": f"sha256:{'0a' * 32}"},
    "args": ["--namespace", "shop"],
    "podLabels": {"team": "platform"},
    "podAnnotations": {"note": "x"},
    "priorityClassName": "system-node-critical",
    "nodeSelector": {"kubernetes.io/os": "linux"},
}
KINDS = {"ConfigMap", "DaemonSet", "NetworkPolicy"}


def rendered(values: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """kind → object, as an installation called `p` in the namespace `mon` would have them."""
    with Chart.load(CHART) as chart:
        texts = chart.render(values, name="p", namespace="mon")
    found = [yaml.safe_load(text) for name, text in texts.items() if name.endswith(".yaml")]
    return {one["kind"]: one for one in found if one}


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


OPEN = {"networkPolicy": {"enabled": False}}


@pytest.mark.parametrize("values", [None, ALL, OPEN], ids=["none", "all", "open"])
def test_helm_has_nothing_to_say(values: dict[str, Any] | None) -> None:
    """Strict lint; an icon is a matter of taste."""
    told = helm_python.lint(CHART, values, strict=True)
    assert told["errors"] == []
    assert [message["error"] for message in told["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", ["1.27", "1.30", NEWEST])
def test_it_is_valid(version: str) -> None:
    """By the schemas of three releases, with the defaults and with everything on."""
    for values in (None, ALL):
        for kind, one in rendered(values).items():
            if kind in KINDS:
                assert not refused_by_a_release(one, version)
    assert set(rendered()) == KINDS
    assert set(rendered(ALL)) == {*KINDS, "PodMonitor", "PrometheusRule"}


def test_chart_and_overlay_run_the_same() -> None:
    """What is said twice is said alike: the pod, but for names and the tag."""
    (overlay,) = (one for one in objects(NODE) if one["kind"] == "DaemonSet")
    mine, theirs = pod(rendered()["DaemonSet"]), pod(overlay)
    for spec in (mine, theirs):
        for one in spec["containers"]:
            one.pop("image")
            one.pop("imagePullPolicy", None)
        for volume in spec["volumes"]:
            volume.get("configMap", {}).pop("name", None)
    assert mine == theirs


def test_the_overlay_is_valid() -> None:
    """By the oldest and the newest schema."""
    for version in ("1.27", NEWEST):
        for one in objects(NODE):
            assert not refused_by_a_release(one, version)


def test_it_has_no_more_than_it_needs() -> None:
    """Two capabilities, no token, nothing writable, no way out."""
    found = rendered()
    spec = pod(found["DaemonSet"])
    (one,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["hostPID"] is True
    assert not {"hostNetwork", "hostIPC", "serviceAccountName"} & set(spec)
    assert one["securityContext"] == {
        "runAsUser": 0,
        "runAsGroup": 0,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE", "DAC_READ_SEARCH"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert all(mount["readOnly"] for mount in one["volumeMounts"])
    assert found["NetworkPolicy"]["spec"]["egress"] == []


def test_its_command_and_policy_are_ours(tmp_path: Path, run_probe: RunProbe) -> None:
    """Our own parser takes the command line, `probe config --check` the policy."""
    for values in (None, ALL):
        found = rendered(values)
        (one,) = pod(found["DaemonSet"])["containers"]
        words = [*one["command"], *one.get("args", ())][1:]
        assert interpreter(ParsedArgs({}, ()))(words, {}).problem == ""
        text = found["ConfigMap"]["data"]["probe.toml"]
        assert tomllib.loads(text)["agent"]["interval_s"] == 60.0
        (tmp_path / "probe.toml").write_text(text)
        assert run_probe("config", "--check", "--config", str(tmp_path / "probe.toml")).code == 0


def whole_numbers(schema: dict[str, Any]) -> dict[str, Any]:
    """Every key of *schema* that takes a whole number, with one."""
    found: dict[str, Any] = {}
    for key, one in schema.get("properties", {}).items():
        if one.get("type") == "integer":
            found[key] = max(one.get("minimum", 0), 7)
        elif below := whole_numbers(one):
            found[key] = below
    return found


def test_whole_numbers_stay_whole(tmp_path: Path, run_probe: RunProbe) -> None:
    """Helm makes floats of all; for each key, and without any."""
    values = whole_numbers(json.loads(run_probe("config", "--schema").out))
    assert values["ca-bundle"]["min_roots"] == 7
    for config in (values, {"timeout_s": 2, "ca-bundle": {"extra_roots": ["/x = 1.0"]}}, None):
        text = rendered({"config": config})["ConfigMap"]["data"]["probe.toml"]
        (tmp_path / "probe.toml").write_text(text)
        done = run_probe("config", "--check", "--config", str(tmp_path / "probe.toml"))
        assert (done.code, done.err) == (0, "")
    assert (
        tomllib.loads(rendered({"config": values})["ConfigMap"]["data"]["probe.toml"])["ca-bundle"]
        == (values["ca-bundle"])
    )


@pytest.mark.parametrize(
    "values",
    [
        {"image": {"repository": ""}},
        {"image": {"repository": "probe", "digest": "latest"}},
        {"port": 0},
        {"args": "--host"},
        {"imagee": {}},
        {"networkPolicy": {"from": []}},
        {"podMonitor": {"interval": "soon"}},
        {"image": {"repository": "registry.example/probe:1"}},
        {"image": {"repository": "a b"}},
        {"podLabels": {"team": 1}},
        {"podLabels": {"app.kubernetes.io/name": "other"}},
        {"podAnnotations": {"note": {}}},
    ],
)
def test_wrong_values_are_refused(values: dict[str, Any]) -> None:
    """By the schema that the chart brings."""
    with Chart.load(CHART) as chart:
        chart.validate_schema({})
        with pytest.raises(HelmError):
            chart.validate_schema(values)


def test_an_image_by_digest_has_no_tag() -> None:
    """And the notes ask for a digest where there is none."""
    (one,) = pod(rendered(ALL)["DaemonSet"])["containers"]
    assert one["image"] == f"registry.example/probe@sha256:{'0a' * 32}"
    with Chart.load(CHART) as chart:
        notes = [chart.render(values, name="p")["probe/templates/NOTES.txt"] for values in (None, ALL)]
        assert ["set image.digest" in text for text in notes] == [True, False]
        assert chart.metadata["appVersion"] == __version__


def test_each_alert_of_the_chart_fires(tmp_path: Path) -> None:
    """promtool takes the rules, and series that must fire them do."""
    if not (promtool := shutil.which("promtool")):
        pytest.skip("needs promtool")
    shutil.copy(CHART / "rules.yaml", tmp_path)
    shutil.copy(Path(__file__).with_name("rules.node.test.yaml"), tmp_path / "test.yaml")
    for arguments in (("check", "rules", "rules.yaml"), ("test", "rules", "test.yaml")):
        done = subprocess.run([promtool, *arguments], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    rules = yaml.safe_load((CHART / "rules.yaml").read_text())
    tested = (tmp_path / "test.yaml").read_text()
    assert all(rule["alert"] in tested for group in rules["groups"] for rule in group["rules"])
    assert rendered(ALL)["PrometheusRule"]["spec"] == rules
