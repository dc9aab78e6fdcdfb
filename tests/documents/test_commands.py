"""Every command of README, docs and deploy: run here as it stands, by another test, or not, with why."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.documents.pages import CHECKOUT, commands
from tests.support.commands import clean_environment
from tests.support.pki import leaf, pems, root


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
    "probe config --schema > deploy/schemastore/src/schemas/json/probe.json": Expected((0,), ""),
}

_EXAMPLE = "tests/containers/test_example.py::test_the_readme_shows_what_is_printed"
_BUILD = "tests/containers/test_bundle.py::test_built_twice_the_files_are_the_same"
_IMAGES = "tests/cli/test_images.py::test_words_directories_and_standard_input_together"
_SHARDS = "tests/cli/test_images.py::test_shards_are_the_whole"
_JOB = "tests/deploy/test_image_matrix.py::test_the_indices_of_the_job_are_the_whole"
_BASELINE = "tests/deploy/test_baseline_example.py::test_the_commands_of_the_readme"
ELSEWHERE = {
    "python3 -m venv .venv && .venv/bin/pip install -q '.[demo]' && .venv/bin/probe demo": (
        "tests/demo/test_demo.py::test_every_diagnosis_is_the_right_one"
    ),
    "probe check --image app.tar web.tar": _IMAGES,
    "probe check --image images/ more.tar": _IMAGES,
    "probe check --image images/ more.tar -": _IMAGES,
    "probe check --image images/ --format json": _SHARDS,
    "probe check --image images/ --shard 0/4": _SHARDS,
    "probe merge shard-*.jsonl": _SHARDS,
    "probe merge shards.jsonl": _JOB,
    "probe node": "tests/node/test_scan.py::test_a_verdict_is_that_of_check_pid",
    "docker build --tag probe .": _BUILD,
    "docker build --tag probe ../../..": _BUILD,
    "docker build --tag probe --secret id=ca,src=corp-ca.pem --secret id=pip,src=pip.conf .": (
        "tests/containers/test_behind_a_proxy.py::test_a_ca_of_ones_own_is_handed_over"
    ),
    "docker build --tag probe ../.. && docker compose up --build --wait": (
        "tests/containers/test_compose.py::test_the_service_starts_when_what_it_calls_is_healthy"
    ),
    'docker run --env PROBE_GO_VERSION__BINARY=/app --health-cmd "/opt/probe/bin/probe status" '
    "--health-interval 10s --health-timeout 6s --health-start-period 20s --health-retries 3 IMAGE": (
        "tests/containers/test_compose.py::test_the_line_for_images_without_a_healthcheck"
    ),
    "docker run -e GODEBUG=http2client=0 app": (
        "tests/deploy/test_baseline_example.py::test_the_last_stage_of_the_dockerfile"
    ),
    "probe baseline snapshot --root rootfs --set go-version.binary=/app/server > baseline.toml": _BASELINE,
    "probe check --root rootfs --only baseline --baseline baseline.toml": _BASELINE,
    "docker build --tag broken --file Dockerfile.broken . && docker run --rm broken": _EXAMPLE,
    "docker build --tag fixed .": _EXAMPLE,
    "docker run --rm --env UPSTREAM=api.internal:443 "
    "--env PROBE_CA_BUNDLE__ENDPOINTS=api.internal:443 fixed": (
        "tests/containers/test_example.py::test_what_is_mended_runs"
    ),
}

_CLUSTER = "a cluster"
_INDEX = "a package index, and minutes"
_NAMES = "names of yours in place of the capitals"
NEEDS = {
    "pipx install .": "pipx, and a package index",
    "python3 -m venv .venv && .venv/bin/pip install -q . && alias probe=$PWD/.venv/bin/probe": _INDEX,
    ".venv/bin/pip install -q '.[test]' && .venv/bin/python -m pytest -n auto": "it runs this suite",
    "helm install probe deploy/charts/probe": _CLUSTER,
    "kubectl debug -it POD --image=IMAGE-WITH-PROBE --target=CONTAINER -- /opt/probe/bin/probe check "
    "--pid 1": _CLUSTER,
    "docker save app:1.2 | docker run -i --rm probe check --image -": _NAMES,
    "kubectl kustomize overlay | probe manifest --lint -": _NAMES,
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
    'id=$(docker create probe) && docker cp "$id:/opt/probe" /opt && docker rm "$id"': "to write to /opt",
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands speak of: a root, a chain, files to lint; and `probe` in PATH."""
    made = tmp_path_factory.mktemp("commands")
    (made / "bin").mkdir()
    script = made / "bin" / "probe"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -m probe "$@"\n')
    script.chmod(0o755)
    (made / "rootfs").mkdir()
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
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
