"""deploy/docker: what the files and the README say is what Docker and compose do."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from probe.demo.server import free_port
from tests.containers import products
from tests.containers.engine import LABEL, Container, Engine, events

DOCKER = products.CHECKOUT / "deploy" / "docker"
COMPOSE = shutil.which("docker-compose") or ""
Compose = Callable[..., str]


@pytest.fixture
def compose(engine: Engine, golang: str, probe_image: str, tmp_path: Path) -> Iterator[Compose]:
    """Run docker-compose on the file; its services share the host's network, because there is no other."""
    if not COMPOSE:
        pytest.skip("needs docker-compose")
    port = free_port()
    args = {"GO": golang, "PROBE": probe_image}
    where = {
        "PATH": os.environ["PATH"],
        **{name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ},
        "UPSTREAM_IMAGE": engine.build(DOCKER / "upstream", "upstream", args=args),
        "APP_IMAGE": engine.build(DOCKER.parent / "examples" / "go-scratch", "compose-app", args=args),
        "PORT": str(port),
        "UPSTREAM": f"localhost:{port}",
    }
    common = {"network_mode": "host", "labels": {LABEL: engine.run_id}, "healthcheck": {"interval": "1s"}}
    override = tmp_path / "override.json"
    override.write_text(json.dumps({"services": {"app": common, "upstream": common}}))
    project = f"probe-test-{engine.run_id}"
    files = ["--file", str(DOCKER / "compose.yaml"), "--file", str(override), "--project-name", project]

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [COMPOSE, *files, *arguments], env=where, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    yield call
    call("down", "--volumes", "--timeout", "1")


def test_the_service_starts_when_what_it_calls_is_healthy(compose: Compose) -> None:
    """By the private CA of the upstream, which did not exist before; and it becomes healthy itself."""
    with events("health_status") as told:
        compose("up", "--detach", "--no-build")
        upstream, app = (Container(compose("ps", "--quiet", name).strip()) for name in ("upstream", "app"))
        app.wait_for_health("healthy")
    assert "connected to localhost:" in app.logs()
    healthy = next(line for line in told if line.endswith(f" health_status: healthy {upstream.id}"))
    started = datetime.fromisoformat(app.state["StartedAt"][:19] + "+00:00").timestamp()
    assert int(healthy.split()[0]) // 10**9 <= started


def test_compose_accepts_the_file_as_it_stands(engine: Engine) -> None:
    """And the health check gives the check more time than its own deadline."""
    if not COMPOSE:
        pytest.skip("needs docker-compose")
    command = [COMPOSE, "--file", str(DOCKER / "compose.yaml"), "config"]
    done = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("timeout: 6s") == 2


def test_the_line_for_images_without_a_healthcheck(engine: Engine, debian: str, bundle: Path) -> None:
    """The options of the README, as they stand, on an image that has none; the bundle comes by a volume."""
    readme = (DOCKER / "README.md").read_text()
    found = re.search(r'docker run --env \S+ (--health-cmd "(.+?)" (--health-.+)) IMAGE', readme)
    assert found
    options = ["--health-cmd", found[2], *found[3].split(), "--health-interval", "1s"]
    mount = ("--volume", f"{bundle}:/opt/probe:ro", "--env", "PROBE_GO_VERSION__BINARY=/bin/sh")
    container = engine.start(debian, "sleep", "100", options=[*options, *mount])
    health = container.inspect()["Config"]["Healthcheck"]
    assert health["Test"] == ["CMD-SHELL", "/opt/probe/bin/probe status"]
    assert (health["Timeout"], health["StartPeriod"], health["Retries"]) == (6 * 10**9, 20 * 10**9, 3)
    assert container.health == "starting"


@pytest.mark.parametrize(
    "path",
    sorted(str(path.relative_to(products.CHECKOUT)) for path in products.dockerfiles()),
)
def test_dockerfiles_keep_to_the_rules(path: str) -> None:
    """By hadolint, without a warning that is not explained away where it stands."""
    command = [str(Path(sys.executable).with_name("hadolint")), str(products.CHECKOUT / path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")
