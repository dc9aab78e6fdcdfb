"""Another container's process, where probe does not see it or may not read it: what is printed is done."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.containers import pods
from tests.containers.engine import Engine
from tests.remedies.unseen import NOT_FOUND, PERMISSION


@pytest.fixture
def app(engine: Engine, witness_alone: str) -> str:
    """A container in which the program of Go waits, as a user of its own."""
    options = ("--user", "10001:10001", "--entrypoint", "/app")
    return engine.start(witness_alone, "wait", options=options).id


def asked(engine: Engine, image: str, *options: str, pid: int = 1) -> dict[str, Any]:
    """The one finding, about that process; its lines are what it prints, best first."""
    words = ("check", "--pid", str(pid), "--only", "timezone", "--format", "json")
    done = engine.run(image, *words, options=options)
    found: dict[str, Any] = json.loads(done.out)["checks"][0]["findings"][0]
    return {**found, "lines": [one["remedy"] for one in (found, *found.get("alternatives", ()))]}


def security(field: str, scratch: Path) -> list[str]:
    return pods.options(pods.applied({}, field), {}, 0, scratch)


def test_a_process_of_another_container_is_seen(
    engine: Engine, probe_image: str, app: str, tmp_path: Path
) -> None:
    """By the namespace that the printed command shares; then what is printed next lets it be read."""
    finding = asked(engine, probe_image, pid=4999)
    assert finding["code"] == NOT_FOUND
    line = next(line for line in finding["lines"] if line.startswith("docker run "))
    words = shlex.split(line)
    assert words[-1] == "IMAGE"
    shared = [word.replace("NAME", app) for word in words[2:-1]]
    seen = asked(engine, probe_image, *shared)
    assert seen["code"] == PERMISSION
    read = asked(engine, probe_image, *shared, *security(seen["lines"][0], tmp_path))
    assert not read["code"].startswith("TARGET_"), read


def test_a_process_of_another_user_is_read(
    engine: Engine, probe_image: str, app: str, tmp_path: Path
) -> None:
    """By each of the fields that are printed, as options of a container."""
    shared = ("--pid", f"container:{app}")
    finding = asked(engine, probe_image, *shared, "--user", "65532:65532")
    assert finding["code"] == PERMISSION
    assert len(finding["lines"]) == 2
    for field in finding["lines"]:
        read = asked(engine, probe_image, *shared, *security(field, tmp_path))
        assert not read["code"].startswith("TARGET_"), (field, read)
