"""Rules, monitor and dashboard: valid, tested, and about metrics that the agent exposes."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from probe.codes import CODES
from tests.deploy.rendered import DEPLOY, containers, kustomize, objects
from tests.support.agents import Serve
from tests.support.pki import leaf, pems, root
from tests.support.toolchains import Toolchain
from tests.tls import servers

PROMETHEUS = DEPLOY / "prometheus"
RULES: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheusrule.yaml").read_text())
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
ALERTS: list[dict[str, Any]] = [rule for group in RULES["spec"]["groups"] for rule in group["rules"]]
NAME = re.compile(r"\b((?:probe|process)_[a-z_]+)\b")


def promtool(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    found = shutil.which("promtool")
    if not found:
        pytest.skip("needs promtool")
    return subprocess.run([found, *arguments], cwd=cwd, capture_output=True, text=True)


def queries() -> Iterator[str]:
    """The expressions of the dashboard, with a value for each of its variables."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$job", ".*").replace("$instance", ".*")


def write_rules(folder: Path, spec: dict[str, Any] = RULES["spec"]) -> Path:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    """promtool runs the unit tests; with a wrong threshold they fail."""
    shutil.copy(PROMETHEUS / "rules.test.yaml", tmp_path)
    rules = write_rules(tmp_path)
    checked = promtool("check", "rules", "--lint-fatal", rules, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    done = promtool("test", "rules", "rules.test.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    rules.write_text(rules.read_text().replace("== 0", "== 2"))
    assert promtool("test", "rules", "rules.test.yaml", cwd=tmp_path).returncode == 1


def test_every_alert_has_its_test() -> None:
    """One that fires; where it must not is beside it."""
    tests = yaml.safe_load((PROMETHEUS / "rules.test.yaml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert fired == {alert["alert"] for alert in ALERTS}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    """It leads to `probe explain CODE` with a code that exists, or to the configuration."""
    text = alert["annotations"]["description"]
    assert "probe explain" in text or "probe config --check" in text
    for word in re.findall(r"probe explain ([A-Z_]+)", text):
        assert word == "CODE" or word in CODES
    assert alert["labels"]["severity"] in ("critical", "warning", "info")


def test_queries_are_promql(tmp_path: Path) -> None:
    """Each is taken as a recording rule; a broken one is not."""
    rules = [{"record": f"x:{number}", "expr": query} for number, query in enumerate(queries())]
    write_rules(tmp_path, {"groups": [{"name": "x", "rules": rules}]})
    checked = promtool("check", "rules", "rules.yaml", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    rules[0]["expr"] += " )"
    write_rules(tmp_path, {"groups": [{"name": "x", "rules": rules}]})
    assert promtool("check", "rules", "rules.yaml", cwd=tmp_path).returncode == 1


def test_the_dashboard_is_whole() -> None:
    """Panels have ids of their own, do not overlap, and ask the data source that is chosen above."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    sources = {json.dumps(t["datasource"]) for panel in panels for t in (panel, *panel["targets"])}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["datasource", "job", "instance"]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, go_newest: Toolchain) -> Path:
    """A real Go program."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    (folder / "go.mod").write_text("module example.test/app\n\ngo 1.21\n")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    subprocess.run([go_newest.go, "build", "-o", "app", "."], cwd=folder, env=environment, check=True)
    return folder / "app"


def test_only_what_the_agent_exposes_is_asked_for(serve: Serve, tmp_path: Path, program: Path) -> None:
    """A real agent that has shaken hands and seen a real binary has every name and every label's key."""
    ca = root()
    (tmp_path / "roots.pem").write_text(pems([ca]))
    with servers.tls(leaf(ca, "localhost")) as server:
        sets = (f'ca-bundle.endpoints=["{server.endpoint}"]', f"go-version.binary={program}")
        agent = serve("--skip", "go-env", sets=sets, SSL_CERT_FILE=str(tmp_path / "roots.pem"), TZ="UTC")
        agent.until("/startupz", 200)
        agent.until("/readyz", 200)
        text = agent.get("/metrics").text
    exposed: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            exposed.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    asked = [*queries(), *(alert["expr"] for alert in ALERTS)]
    names = {name for query in asked for name in NAME.findall(query)}
    assert len(names) > 12
    assert names <= set(exposed)
    for query in asked:
        for name, labels in re.findall(r"(\w+)\{([^}]*)\}", query):
            assert set(re.findall(r"(\w+)=", labels.replace("=~", "=").replace("!=", "="))) <= exposed[name]
    legends = [(t["expr"], t["legendFormat"]) for panel in DASHBOARD["panels"] for t in panel["targets"]]
    for query, legend in legends:
        labels = {label for name in NAME.findall(query) for label in exposed[name]}
        assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels


def test_the_monitor_finds_the_agent() -> None:
    """Keys and forms that PodMonitor has; the label and the port that our pods have."""
    found = {one["kind"]: one for one in yaml.safe_load_all(kustomize(PROMETHEUS))}
    assert set(found) == {"PodMonitor", "PrometheusRule"}
    assert {one["apiVersion"] for one in found.values()} == {"monitoring.coreos.com/v1"}
    assert set(found["PrometheusRule"]["spec"]) == {"groups"}
    spec = found["PodMonitor"]["spec"]
    assert set(spec) == {"selector", "podMetricsEndpoints"}
    (endpoint,) = spec["podMetricsEndpoints"]
    assert set(endpoint) == {"port", "path", "interval", "scrapeTimeout"}
    assert endpoint["path"] == "/metrics"
    seconds = [int(endpoint[key].removesuffix("s")) for key in ("interval", "scrapeTimeout")]
    assert seconds[0] > seconds[1]
    for overlay in ("http-probes", "sidecar"):
        folder = DEPLOY / "kubernetes/overlays" / overlay
        (workload,) = (one for one in objects(folder) if one["kind"] == "Deployment")
        labels = workload["spec"]["template"]["metadata"]["labels"].items()
        assert spec["selector"]["matchLabels"].items() <= labels
        ports = [port["name"] for one in containers(folder) for port in one.get("ports", ())]
        assert ports == [endpoint["port"]]
