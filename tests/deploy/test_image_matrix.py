"""The recipes for many images: valid, and their commands run for real come to the table of one run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml

from tests.deploy.rendered import DEPLOY
from tests.golang.builds import build
from tests.support.commands import RunProbe, clean_environment
from tests.support.images import Image, file, tarred, write_tar

WORKFLOW = DEPLOY / "examples/image-matrix/workflow.yml"
JOB = DEPLOY / "kubernetes/recipes/images-job.yaml"
IMAGES = 6


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Archives of which every second asks for a zone that is not there."""
    (place := tmp_path / "images").mkdir()
    program = build("1.27.3", {"main.go": "package main\n\nfunc main() {}\n"}).read_bytes()
    for number in range(IMAGES):
        roots = file("etc/ssl/certs/ca-certificates.crt", Path(certifi.where()).read_bytes())
        own = [file("app", program, 0o755), file("number", b"%d" % number)]
        env = [f"TZ={('UTC', 'Asia/Nowhere')[number % 2]}"]
        image = Image([tarred([roots]), tarred(own)], Env=env, Entrypoint=["/app"])
        image.tags = [f"example/app{number}:1"]
        write_tar(place / f"{number}.tar", image.saved_now())
    return place


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with `probe` on it."""
    (folder := tmp_path / "bin").mkdir()
    program = folder / "probe"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={DEPLOY.parent} exec {sys.executable} -m probe "$@"\n')
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def whole(images: Path, run_probe: RunProbe, tmp_path: Path) -> str:
    """The table that one run on all comes to."""
    done = run_probe("check", "--image", images.name, "--format", "json", cwd=str(images.parent))
    (path := tmp_path / "whole.json").write_text(done.out)
    return run_probe("merge", str(path)).out


def actionlint(file: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("actionlint")
    return subprocess.run([program, file], capture_output=True, text=True, timeout=60)


def test_the_workflow_is_sound(tmp_path: Path) -> None:
    """And an expression that names nothing is told."""
    done = actionlint(WORKFLOW)
    assert (done.returncode, done.stdout) == (0, "")
    broken = tmp_path / "workflow.yml"
    broken.write_text(WORKFLOW.read_text().replace("matrix.shard", "matrix.shart"))
    assert actionlint(broken).returncode == 1


def test_the_shards_of_the_workflow_are_the_whole(
    images: Path, path: str, tmp_path: Path, run_probe: RunProbe
) -> None:
    """Its steps, run as they stand; a shard fails by its own images, the last step by any."""
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    step = {one["id"]: one["run"] for job in jobs.values() for one in job["steps"] if "id" in one}
    shards = jobs["shard"]["strategy"]["matrix"]["shard"]
    assert shards == list(range(len(shards)))
    codes = []
    for shard in shards:
        env = {**clean_environment(), "PATH": path, "SHARD": str(shard), "SHARDS": str(len(shards))}
        codes.append(subprocess.run(["/bin/bash", "-ec", step["judge"]], cwd=tmp_path, env=env).returncode)
    assert codes == [0, 1, 0, 1]
    env = {**clean_environment(), "PATH": path}
    done = subprocess.run(
        ["/bin/bash", "-ec", step["join"]], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == whole(images, run_probe, tmp_path)


def gitlab() -> dict[str, Any]:
    """The jobs in README.md."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", WORKFLOW.with_name("README.md").read_text(), re.M | re.S)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_pipeline_is_one_that_gitlab_takes(tmp_path: Path) -> None:
    """By the schema that GitLab publishes; one with a keyword that it does not have is refused."""
    file = tmp_path / ".gitlab-ci.yml"
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    for jobs, code in ((gitlab(), 0), ({**gitlab(), "table": {**gitlab()["table"], "paralel": 2}}, 1)):
        file.write_text(yaml.safe_dump(jobs))
        done = subprocess.run([*check, "--data-transform", "gitlab-ci", file], capture_output=True, text=True)
        assert done.returncode == code, done
    assert set(gitlab()["table"]["needs"]) <= set(gitlab())


def test_the_shards_of_the_pipeline_are_the_whole(
    images: Path, path: str, tmp_path: Path, run_probe: RunProbe
) -> None:
    """Its scripts, run as a runner does, with the variables that GitLab gives to parallel jobs from 1 on."""
    jobs = gitlab()
    count = jobs["images"]["parallel"]
    codes = []
    for number in range(1, count + 1):
        env = {"PATH": path, "CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(count)}
        script = ["/bin/bash", "-eo", "pipefail", "-c", jobs["images"]["script"]]
        codes.append(subprocess.run(script, cwd=tmp_path, env={**clean_environment(), **env}).returncode)
    assert codes == [0, 1, 0, 1]
    kept = {name for pattern in jobs["images"]["artifacts"]["paths"] for name in tmp_path.glob(pattern)}
    assert len(kept) == count
    done = subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", jobs["table"]["script"]],
        cwd=tmp_path,
        env={**clean_environment(), "PATH": path},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, whole(images, run_probe, tmp_path))


def test_the_indices_of_the_job_are_the_whole(images: Path, tmp_path: Path, run_probe: RunProbe) -> None:
    """Each index takes its part; their logs, one after another, are what merge reads."""
    spec = yaml.safe_load(JOB.read_text())["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert spec["completionMode"] == "Indexed"
    assert container["command"][0] == "/opt/probe/bin/probe"
    logs, codes = "", []
    for index in range(spec["completions"]):
        # As Kubernetes expands it from the variable that the Job's controller sets.
        words = [word.replace("$(JOB_COMPLETION_INDEX)", str(index)) for word in container["command"][1:]]
        words[words.index("/images")] = images.name
        done = run_probe(*words, cwd=str(images.parent))
        logs += done.out
        codes.append(done.code)
    assert codes == [0, 1, 0, 1]
    assert set(codes) - {0} <= set(spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"])
    (file := tmp_path / "shards.jsonl").write_text(logs)
    assert run_probe("merge", str(file)).out == whole(images, run_probe, tmp_path)


def test_each_shard_of_the_job_is_somebodys() -> None:
    """The number in --shard is that of the completions."""
    spec = yaml.safe_load(JOB.read_text())["spec"]
    (shard,) = re.findall(r"\$\(JOB_COMPLETION_INDEX\)/(\d+)", JOB.read_text())
    assert int(shard) == spec["completions"] == spec["parallelism"]
