"""`probe node` from its own image, with what the DaemonSet grants, beside twenty real containers."""

import json
import shutil
from pathlib import Path
from typing import Any

import certifi
import pytest

from tests.containers.engine import Container, Engine
from tests.support.toolchains import Toolchain

# As deploy/kubernetes/overlays/node has it.
GRANTED = (
    *("--pid", "host", "--user", "0:0", "--read-only", "--security-opt", "no-new-privileges"),
    *("--cap-drop", "ALL", "--cap-add", "SYS_PTRACE", "--cap-add", "DAC_READ_SEARCH"),
)
IMAGES = {
    "good": "FROM scratch\nCOPY app /app\nCOPY bundle.pem /etc/ssl/certs/ca-certificates.crt\nENV TZ=UTC\n",
    "without-roots": "FROM scratch\nCOPY app /app\nENV TZ=UTC\n",
    "without-zones": "FROM scratch\nCOPY app /app\nCOPY bundle.pem /etc/ssl/cert.pem\nENV TZ=Asia/Shanghai\n",
    "old": "FROM scratch\nCOPY old /app\nCOPY bundle.pem /etc/ssl/cert.pem\nENV TZ=UTC\n",
}
EXPECTED = {
    "good": (True, ""),
    "without-roots": (False, "CA_BUNDLE_MISSING"),
    "without-zones": (False, "TIMEZONE_TZDATA_MISSING"),
    "old": (False, "GO_TOO_OLD"),
}
APP = 'package main\n\nimport "time"\n\nfunc main() { time.Sleep(time.Hour) }\n'


@pytest.fixture(scope="module")
def images(
    engine_of_this_run: Engine,
    go_newest: Toolchain,
    go_1_21: Toolchain,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The four images, each broken in a way of its own."""
    context = tmp_path_factory.mktemp("images")
    (context / "main.go").write_text(APP)
    go_newest.build(context / "main.go", context / "app")
    go_1_21.build(context / "main.go", context / "old")
    shutil.copy(certifi.where(), context / "bundle.pem")
    made = {}
    for name, text in IMAGES.items():
        (context / f"{name}.Dockerfile").write_text(text)
        options = ("--file", str(context / f"{name}.Dockerfile"))
        made[name] = engine_of_this_run.build(context, f"node-{name}", *options)
    return made


def scanned(engine: Engine, probe_image: str, logs: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the document of one scan."""
    options = (*GRANTED, "--volume", f"{logs}:/var/log/containers:ro")
    done = engine.run(probe_image, "node", "--format", "json", *more, options=options, timeout=120)
    assert done.err == ""
    return done.code, json.loads(done.out)


def test_each_container_has_its_verdict(
    engine: Engine, probe_image: str, images: dict[str, str], tmp_path: Path
) -> None:
    """By pod, container and code; those that are alike share one report, and no secret is in it."""
    started: dict[str, Container] = {}
    for name, image in images.items():
        for number in range(5):
            secret = ("--env", "DATABASE_URL=postgres://user:canary@db")
            started[f"{name}-{number}"] = engine.start(image, "/app", options=secret)
    ids = {one.inspect()["Id"]: name for name, one in started.items()}
    for identity, name in ids.items():
        (tmp_path / f"{name}_shop_app-{identity}.log").symlink_to("/nowhere")
    code, found = scanned(
        engine, probe_image, tmp_path, "--namespace", "shop", "--set", "go-version.minimum=1.22"
    )
    assert code == 1
    verdicts = {
        container["pod"]: (
            verdict["healthy"],
            verdict["code"],
            container["namespace"],
            container["container"],
        )
        for verdict in found["verdicts"]
        for container in verdict["containers"]
    }
    assert verdicts == {
        f"{name}-{number}": (*EXPECTED[name], "shop", "app") for name in images for number in range(5)
    }
    assert [len(verdict["containers"]) for verdict in found["verdicts"]] == [5] * 4
    assert "canary" not in json.dumps(found)
    assert {verdict["go"] for verdict in found["verdicts"]} >= {"go1.27.3", "go1.21.13"}


def test_what_is_not_granted_is_told(
    engine: Engine, probe_image: str, images: dict[str, str], tmp_path: Path
) -> None:
    """Without the capabilities its programs are counted as denied, and nothing is called healthy."""
    engine.start(images["good"], "/app")
    options = ("--pid", "host", "--user", "65532:65532", "--volume", f"{tmp_path}:/var/log/containers:ro")
    done = engine.run(probe_image, "node", "--format", "json", options=options)
    found = json.loads(done.out)
    assert found["skipped"]["denied"] >= 1
    assert not any(verdict["healthy"] for verdict in found["verdicts"])
