"""Rules, monitor and dashboard: valid, tested, and about metrics that the agent exposes."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from probe.codes import CODES
from probe.node import metrics
from probe.node.containers import Name
from probe.node.programs import Program, ProgramVerdict
from probe.node.scan import ScannedProgram, Snapshot
from tests.deploy import record
from tests.deploy.faults import FAULTS, Fault, Stage, staged
from tests.deploy.rendered import DEPLOY, containers, kustomize, objects
from tests.support.agents import Serve, wait_for
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


def _bad(series: Iterable[str]) -> set[str]:
    """Without passes and skips, which depend on which role's run was the last."""
    return {one for one in series if not re.search('status="(pass|skip)"', one)}


class Prometheus:
    """A real one on a free port that scrapes and evaluates every second."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._address = f"127.0.0.1:{free.getsockname()[1]}"

    def __enter__(self) -> "Prometheus":
        every = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        found = {"files": [str(self._folder / "targets.json")], "refresh_interval": "1s"}
        jobs = [{"job_name": "probe", "file_sd_configs": [found]}]
        told = {"global": every, "rule_files": ["rules.yaml"], "scrape_configs": jobs}
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(told))
        self._log = (self._folder / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            [
                self._program,
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                f"--web.listen-address={self._address}",
            ],
            cwd=self._folder,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def scrape(self, ports: Mapping[str, int]) -> None:
        """From now on these agents, each under its name as `instance`."""
        told = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {"instance": name}} for name, port in ports.items()
        ]
        (self._folder / "targets.new").write_text(json.dumps(told))
        (self._folder / "targets.new").rename(self._folder / "targets.json")

    def ask(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(f"http://{self._address}/api/v1/{path}", timeout=10) as reply:
                return json.load(reply)["data"]
        except OSError:
            return {}

    def until_scraped(self, names: Collection[str]) -> None:
        wait_for(lambda: self._scraped() >= set(names), 60)

    def _scraped(self) -> set[str]:
        found = self.ask("query?query=probe_build_info").get("result", ())
        return {one["metric"]["instance"] for one in found}

    def until_alerts(
        self, wanted: Mapping[str, set[str]], faults: Iterable[Fault], stages: Mapping[str, Stage]
    ) -> None:
        """Wait until exactly the wanted alerts of each instance are pending or fire, with whole texts."""
        end = time.monotonic() + 90
        while True:
            for fault in faults:
                if fault.to_runs:
                    stages[fault.name].send_to_runs(fault.to_runs)
            alerts = self.ask("alerts").get("alerts", ())
            seen: dict[str, set[str]] = {name: set() for name in wanted}
            for one in alerts:
                seen[one["labels"]["instance"]].add(one["labels"]["alertname"])
                texts = " ".join(one["annotations"].values())
                assert not re.search(r"<error|<no value|NaN|\{\{", texts), texts
            if seen == wanted:
                return
            assert time.monotonic() < end, {
                name: (seen[name], wanted[name]) for name in wanted if seen[name] != wanted[name]
            }
            time.sleep(0.02)


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


def test_every_alert_has_its_fault() -> None:
    """One in which it fires, made for real; in the others it does not."""
    assert {name for fault in FAULTS for name in fault.alerts} == {alert["alert"] for alert in ALERTS}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stage]]:
    """An agent for each fault that there is, before it has got it."""
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as ends, ThreadPoolExecutor(4) as pool:
        made = [
            pool.submit(lambda f, n: ends.enter_context(staged(f, folder / str(n))), fault, number)
            for number, fault in enumerate(FAULTS)
        ]
        yield {fault.name: one.result() for fault, one in zip(FAULTS, made, strict=True)}


@pytest.mark.needs("prometheus")
def test_a_real_prometheus_fires_each_alert_in_its_fault(stages: dict[str, Stage], tmp_path: Path) -> None:
    """
    It scrapes an agent for each fault: of each the alerts of that fault are pending or fire, and no others.

    What the agents then expose is what the unit tests of the rules have recorded.
    """
    program = shutil.which("prometheus") or pytest.skip("needs prometheus")
    write_rules(tmp_path)
    began = {fault.name: fault for fault in FAULTS if stages[fault.name].process}
    with ThreadPoolExecutor(4) as pool:
        ports = {fault.name: stages[fault.name] for fault in FAULTS}
        first = {name: record.read(ports[name].metrics(), ports[name].endpoint) for name in began}
        with Prometheus(program, tmp_path) as prometheus:
            prometheus.scrape({name: stages[name].port for name in began})
            prometheus.until_scraped(began)
            for done in [pool.submit(fault.make, stages[fault.name]) for fault in FAULTS]:
                done.result()
            prometheus.scrape({fault.name: stages[fault.name].port for fault in FAULTS})
            wanted = {fault.name: set(fault.alerts) for fault in FAULTS}
            prometheus.until_alerts(wanted, FAULTS, stages)
    told = {test["name"]: test for test in yaml.safe_load(record.FILE.read_text())["tests"]}
    for fault in FAULTS:
        recorded = {one["series"] for one in told[fault.name]["input_series"]}
        now = record.read(stages[fault.name].metrics(), stages[fault.name].endpoint)
        if not fault.to_runs:  # else it depends on the moment
            assert _bad(recorded) == _bad({*first.get(fault.name, ()), *now}), fault.name


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


def _of_a_node() -> dict[str, set[str]]:
    """What `probe node` renders of one container with a finding."""
    report = {"healthy": False, "checks": [{"findings": [{"status": "fail", "code": "CA_BUNDLE_MISSING"}]}]}
    program = Program(1, 1, "app", (1, 1, 1, 1), "c" * 64, "")
    one = ScannedProgram(
        program, Name("shop", "web", "app"), ProgramVerdict(report, "/app", "go1", "1", False)
    )
    text = metrics.render(Snapshot((one,), 1, {"gone": 1}, 1, 0.1, 1.0), "1")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    return found


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
    exposed |= _of_a_node()
    names = {name for query in asked for name in NAME.findall(query)}
    assert len(names) > 12
    assert names <= {*exposed, "probe_workload_up"}  # that one beside a program only: see the faults
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
