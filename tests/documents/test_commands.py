"""Every command of README, docs and deploy: run here as it stands, by another test, or not, with why."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.documents import docker_commands
from tests.documents.pages import CHECKOUT, commands
from tests.support.commands import clean_environment
from tests.support.images import Image, file, tarred, write_tar
from tests.support.pki import leaf, pems, root
from tests.support.toolchains import Toolchain


class Expected(NamedTuple):
    """What a command that is run here ends with."""

    codes: tuple[int, ...]
    says: str  # a part of stdout and stderr


ANY = (0, 1)  # the verdict on the machine of the test is not the matter here
HERE = {
    "probe": Expected(ANY, "healthy: "),
    "probe check --endpoint api.internal:443": Expected((1,), "api.internal"),
    "probe check --only timezone --set timezone.expected=Asia/Shanghai": Expected(ANY, "healthy: "),
    "probe check --as-go all": Expected(ANY, "healthy"),
    "probe check --format json": Expected(ANY, '"schema_version": 1'),
    "probe inspect roots": Expected((0,), '"roots"'),
    "probe inspect linkage /app": Expected(ANY, "/app"),
    "probe inspect chain server.pem --host api.internal --at 2027-01-01T00:00:00Z": Expected(
        (0,), '"code": "TLS_UNKNOWN_AUTHORITY"'
    ),
    "probe explain TIMEZONE_COPY": Expected((0,), "why:"),
    "probe explain 'x509: certificate signed by unknown authority'": Expected((0,), "TLS_UNKNOWN_AUTHORITY"),
    "probe check --root rootfs --fix dockerfile": Expected((1,), "COPY --from=alpine /etc/ssl/certs/"),
    "probe baseline snapshot > baseline.toml": Expected((0,), ""),
    "probe check --baseline baseline.toml": Expected(ANY, "healthy: "),
    "probe config --show": Expected((0,), "timeout_s = 5.0  # default"),
    "probe manifest --rules": Expected((0,), "TIMEOUT_UNDER_DEADLINE"),
    "probe manifest --lint Dockerfile compose.yaml deploy.yaml": Expected((1,), "TIMEOUT_UNDER_DEADLINE"),
    "probe manifest --lint deploy.yaml --config policy.toml": Expected((1,), "deploy.yaml:"),
    "probe check --image app.tar web.tar": Expected((1,), "2 of 2 images unhealthy"),
    "probe check --image images/ more.tar": Expected((1,), "3 of 3 images unhealthy"),
    "probe check --image images/ more.tar -": Expected((1,), "4 of 4 images unhealthy"),
    "probe check --image images/ --format json": Expected((1,), '"schema_version": 1'),
    "probe check --image images/ --shard 0/4": Expected(ANY, "images/"),
    "probe merge shard-*.jsonl": Expected((1,), "2 of 2 targets unhealthy"),
    "probe merge shards.jsonl": Expected((1,), "2 of 2 targets unhealthy"),
    "probe node": Expected(ANY, " scanned"),
    "probe baseline snapshot --root rootfs --set go-version.binary=/app/server > baseline.toml": Expected(
        (0,), ""
    ),
    "probe check --root rootfs --only baseline --baseline baseline.toml": Expected((0,), "healthy: "),
    "probe config --schema > deploy/schemastore/src/schemas/json/probe.json": Expected((0,), ""),
}

_DOCKER = "tests/containers/test_documented.py::test_it_runs_as_it_stands"
ELSEWHERE = dict.fromkeys(docker_commands.COMMANDS, _DOCKER) | {
    docker_commands.BEHIND_A_PROXY: ("tests/containers/test_behind_a_proxy.py::test_the_documented_command"),
}

_CLUSTER = "a cluster"
_INDEX = "a package index, and minutes"
NEEDS = {
    "pipx install .": "pipx, and a package index; .ci/run types it, and tries what it has installed",
    "python3 -m venv .venv && .venv/bin/pip install -q '.[demo]' && .venv/bin/probe demo": (
        f"{_INDEX}; the last of the three is run by tests/demo"
    ),
    "python3 -m venv .venv && .venv/bin/pip install -q . && alias probe=$PWD/.venv/bin/probe": _INDEX,
    ".venv/bin/pip install -q '.[test]' && .venv/bin/python -m pytest -n auto": "it runs this suite",
    "helm install probe deploy/charts/probe": _CLUSTER,
    "kubectl debug -it POD --image=IMAGE-WITH-PROBE --target=CONTAINER -- /opt/probe/bin/probe check "
    "--pid 1": _CLUSTER,
    "kubectl kustomize overlay | probe manifest --lint -": "kubectl 1.24; tests/deploy does it",
    "docker build --tag probe ../.. && docker compose up --build --wait": (
        "the plugin compose, and images golang and probe; tests/containers/test_compose.py starts the file"
    ),
    "docker run -e GODEBUG=http2client=0 app": (
        "an image app of yours; tests/deploy/test_baseline_example.py does what its ENTRYPOINT says"
    ),
    "probe manifest --lint <(helm template chart)": "a chart of yours, and Helm",
    "docker build --tag probe --platform linux/arm64 .": "an emulator for another processor",
    "docker build --tag probe --build-arg BASE_DIGEST=sha256:… .": "a digest of yours",
    "pip download --require-hashes --only-binary :all: --python-version 3.13 "
    "-r deploy/bundle/requirements.txt --dest wheelhouse": _INDEX,
    "kubectl apply --filename images-job.yaml": _CLUSTER,
    "kubectl wait --for condition=complete --timeout 30m job/probe-images": _CLUSTER,
    "kubectl logs --selector batch.kubernetes.io/job-name=probe-images --tail -1 > shards.jsonl": _CLUSTER,
    "kubectl create namespace probe": _CLUSTER,
    "kubectl label namespace probe pod-security.kubernetes.io/enforce=privileged": _CLUSTER,
    "helm install probe deploy/charts/probe --namespace probe --set image.repository=registry.example/probe "
    "--set image.digest=sha256:…": _CLUSTER,
    "kubectl kustomize deploy/kubernetes/overlays/http-probes | kubectl apply -f -": _CLUSTER,
    "kubectl describe pod POD": _CLUSTER,
    "kubectl logs POD --previous": _CLUSTER,
    "kubectl debug -it POD --image=probe:latest --target=app --profile=restricted -- "
    "/opt/probe/bin/probe check --process app": _CLUSTER,
    "kubectl probe POD -c app": _CLUSTER,
    "kubectl probe POD --image registry.example/probe:1 --profile sysadmin -- --process app": _CLUSTER,
    "cp -r deploy/schemastore/src /path/to/schemastore/": "a checkout of SchemaStore",
}


def test_each_command_is_in_one_list() -> None:
    """A new one is named here; one that is gone leaves its list too."""
    told = {command.text for command in commands()}
    listed = [*HERE, *ELSEWHERE, *NEEDS]
    assert len(listed) == len(set(listed))
    assert told - set(listed) == set(), "say where these are run, or why not"
    assert set(listed) - told == set()


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
def test_the_tests_that_are_named_exist(test: str) -> None:
    file, name = test.split("::")
    assert f"\ndef {name}(" in (CHECKOUT / file).read_text()


_IMAGES = ("app.tar", "web.tar", "more.tar", "images/a.tar", "images/b.tar", "stdin.tar")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, go_newest: Toolchain) -> Path:
    """What the commands speak of: a root, images, a chain, files to lint; and `probe` in PATH."""
    made = tmp_path_factory.mktemp("commands")
    (made / "bin").mkdir()
    script = made / "bin" / "probe"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -m probe "$@"\n')
    script.chmod(0o755)
    (made / "rootfs/app").mkdir(parents=True)
    shutil.copy(go_newest.go, made / "rootfs/app/server")
    (made / "images").mkdir()
    for number, name in enumerate(
        ("app.tar", "web.tar", "more.tar", "images/a.tar", "images/b.tar", "stdin.tar")
    ):
        write_tar(
            made / name, Image([tarred([file("app", b"%d" % number)])], Entrypoint=["/app"]).saved_now()
        )
    (made / "deploy/schemastore/src/schemas/json").mkdir(parents=True)
    authority = root("Commands")
    (made / "server.pem").write_text(pems([leaf(authority, "api.internal")]))
    (made / "Dockerfile").write_text('FROM debian\nHEALTHCHECK --timeout=2s CMD ["probe", "check"]\n')
    (made / "compose.yaml").write_text("services: {app: {image: app}}\n")
    probed = "readinessProbe: {exec: {command: [probe, check]}}"
    (made / "deploy.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n"
        f"  containers:\n  - {{name: app, image: app, {probed}}}\n"
    )
    (made / "policy.toml").write_text("timeout_s = 3.0\n")
    reports = in_bash("probe check --image images/ --format json", made).stdout
    (made / "shards.jsonl").write_text(reports)
    for number, line in enumerate(reports.splitlines(keepends=True)):
        (made / f"shard-{number}.jsonl").write_text(line)
    return made


@pytest.mark.parametrize("command", HERE)
def test_it_runs_as_it_stands(folder: Path, command: str) -> None:
    """In bash, with nothing added; a file that a command of the same page writes is there."""
    expected = HERE[command]
    for other in HERE:
        _, writes, file = other.partition(" > ")
        if writes and other != command and file in command and not (folder / file).exists():
            in_bash(other, folder)
    done = in_bash(command, folder)
    assert done.returncode in expected.codes, done.stderr
    assert expected.says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def in_bash(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**clean_environment(), "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    with (folder / "stdin.tar").open("rb") as piped:
        return subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=env,
            stdin=piped,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
