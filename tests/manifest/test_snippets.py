"""What `probe manifest` prints is valid, fits the settings and passes our own lint."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from hypothesis import given
from hypothesis import strategies as st

from probe.cli.arguments import ParsedArgs
from probe.cli.manifest import interpreter
from probe.config.agent import Agent
from probe.manifest import duration, timings
from probe.manifest.lint import lint
from tests.support.commands import RunProbe
from tests.support.schemas import NEWEST, refused_by_a_release

SCHEMAS = ("1.29", "1.33", NEWEST)
SETTINGS: list[tuple[str, ...]] = [
    (),
    ("timeout_s=0.5",),
    ("timeout_s=30",),
    ("timeout_s=6", "agent.interval_s=2", "agent.stale_after_s=9", "agent.drain_s=60"),
    ("agent.listen=[::]:9810",),
    ("agent.listen=0.0.0.0:80", "timeout_s=40", "agent.retry_s=90", "agent.drain_s=45"),
    ("agent.listen=127.0.0.1:9810",),
    ("agent.listen=[::]:1", "agent.tls_cert=/c", "agent.tls_key=/k"),
]


def options(settings: tuple[str, ...]) -> list[str]:
    return [word for setting in settings for word in ("--set", setting)]


def found_in(file: Path, settings: tuple[str, ...]) -> list[str]:
    ours = interpreter(ParsedArgs({"--set": list(settings)}, ()))
    return [f"{found.line} {found.name}" for found in lint(str(file), ours)]


def deployment(snippet: str) -> dict[str, Any]:
    """The snippet as part of a workload."""
    spec = yaml.safe_load(snippet)
    for container in spec["containers"]:
        container["image"] = "probe:latest"
    labels = {"a": "b"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


@pytest.mark.parametrize("settings", SETTINGS, ids=" ".join)
def test_kubernetes(tmp_path: Path, run_probe: RunProbe, settings: tuple[str, ...]) -> None:
    """Valid for old and new clusters, and nothing to find; one deadline more, and there is."""
    done = run_probe("manifest", "kubernetes", *options(settings))
    assert (done.code, done.err) == (0, "")
    whole = deployment(done.out)
    for version in SCHEMAS:
        assert not refused_by_a_release(whole, version)
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump(whole))
    assert found_in(file, settings) == []
    assert found_in(file, (*settings, "timeout_s=3000", "agent.drain_s=3000")) != []
    agent = any("::" in setting or "0.0.0.0" in setting for setting in settings)
    assert ("httpGet" in done.out) == agent
    served = any("agent.listen" in setting for setting in settings)
    (one,) = yaml.safe_load(done.out)["containers"]
    assert one.get("command", ["probe"])[:2] == (["probe", "run"] if served else ["probe"])


@pytest.mark.parametrize("settings", SETTINGS, ids=" ".join)
def test_healthcheck(tmp_path: Path, run_probe: RunProbe, settings: tuple[str, ...]) -> None:
    """hadolint has nothing to say, nor have we; the line for docker run has the same times."""
    done = run_probe("manifest", "healthcheck", *options(settings), "--command", "/opt/probe/bin/probe")
    file = tmp_path / "Dockerfile"
    file.write_text(f"FROM scratch\nCOPY --from=probe:1 /opt/probe /opt/probe\n{done.out}")
    hadolint = Path(sys.executable).with_name("hadolint")
    checked = subprocess.run([hadolint, "--no-color", file], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")
    assert found_in(file, settings) == []
    assert any("TIMEOUT_UNDER_DEADLINE" in found for found in found_in(file, (*settings, "timeout_s=3000")))
    flags = dict(re.findall(r"--(interval|timeout|start-period|retries)=(\S+)", done.out))
    joined = done.out.replace("# ", "").partition("docker run")[2].partition("HEALTHCHECK")[0]
    words = shlex.split(joined)
    assert {name: words[words.index(f"--health-{name}") + 1] for name in flags} == flags


@pytest.mark.parametrize("settings", SETTINGS, ids=" ".join)
def test_compose(tmp_path: Path, run_probe: RunProbe, settings: tuple[str, ...]) -> None:
    """Valid by the compose specification, and nothing to find."""
    done = run_probe("manifest", "compose", *options(settings))
    assert PyCompose.from_yaml(done.out).service_names() == ["app"]
    file = tmp_path / "compose.yaml"
    file.write_text(done.out)
    assert found_in(file, settings) == []
    assert any("TIMEOUT_UNDER_DEADLINE" in found for found in found_in(file, (*settings, "timeout_s=3000")))


def test_the_file_with_the_settings_is_read(tmp_path: Path, run_probe: RunProbe) -> None:
    """--config and --timeout count, as everywhere."""
    (tmp_path / "p.toml").write_text("timeout_s = 11\n")
    done = run_probe("manifest", "kubernetes", "--config", str(tmp_path / "p.toml"))
    assert "timeoutSeconds: 12\n" in done.out
    assert "timeoutSeconds: 9\n" in run_probe("manifest", "kubernetes", "--timeout", "8").out


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("", 64, "choose one of kubernetes, healthcheck, compose, --lint FILE, --rules"),
        ("kubernets", 64, "WHAT kubernets: choose from"),
        ("compose --lint a", 64, "--lint 'a': no such file"),
        ("compose --set timeout_s=0", 78, "timeout_s"),
        ("--lint a.yaml --set timeout_s=0", 78, "timeout_s"),
    ],
)
def test_wrong_lines(run_probe: RunProbe, line: str, code: int, message: str) -> None:
    """One line on stderr, nothing on stdout."""
    done = run_probe("manifest", *line.split())
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert message in done.err


def test_rules_are_listed(run_probe: RunProbe) -> None:
    """A name and a sentence each."""
    done = run_probe("manifest", "--rules")
    assert done.code == 0
    assert all(re.fullmatch(r"[A-Z_]+  +\S.*\.", line) for line in done.out.splitlines())


@given(
    st.floats(0.1, 3600),
    st.floats(0.1, 86400),
    st.floats(0.1, 86400),
    st.floats(0, 3600),
    st.integers(1, 100),
)
def test_timings_always_fit(
    timeout_s: float, interval_s: float, retry_s: float, drain_s: float, n: int
) -> None:
    """Callers outlast the deadline, budgets hold several runs, the kubelet outlasts the leave-taking."""
    agent = Agent(interval_s=interval_s, retry_s=retry_s, drain_s=drain_s, failure_threshold=n)
    times = timings.of(timeout_s, agent)
    assert times.timeout > timeout_s
    assert times.startup_period >= times.timeout
    assert times.period >= times.timeout
    assert times.startup_period * times.startup_failures >= 2 * timeout_s
    assert times.agent_startup_failures >= 2 * timeout_s + 2 * retry_s
    assert times.grace > drain_s
    assert all(value >= 1 for value in times)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("6s", 6), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), ("0", 0), (".5s", 0.5), ("+2s", 2)]
    + [(text, None) for text in ("", "6", "s", "6 s", "-1s", "1d", "1m30", "٣s", "+")],
)
def test_durations_are_those_of_go(text: str, seconds: float | None) -> None:
    """time.ParseDuration; negative ones are refused by Docker."""
    assert duration.seconds(text) == seconds
