"""What probe prints for an archive is done by a real engine, which has the image; probe reads it again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.containers import client
from tests.containers.engine import Engine
from tests.remedies import printed
from tests.remedies.saved_faults import FAULTS, SavedFault
from tests.support.commands import clean_environment
from tests.support.images import file, tarred


@pytest.fixture(scope="module")
def image(engine_of_this_run: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    tree = tmp_path_factory.mktemp("saved") / "tree.tar"
    tree.write_bytes(tarred([file("app", b"#!/bin/sh\n", 0o755)]))
    return engine_of_this_run.imported("saved-image", tree, 'CMD ["/app"]')


@pytest.mark.parametrize("fault", [pytest.param(one, id=one.code) for one in FAULTS])
def test_the_remedy_helps(fault: SavedFault, image: str, engine: Engine, tmp_path: Path) -> None:
    """The printed line, with the names of the image and of the file, makes what probe can read."""
    programs, place = tmp_path / "bin", tmp_path / "at"
    programs.mkdir()
    place.mkdir()
    client.put(engine, programs, {})
    _put_probe(programs)
    fault.put(place / "FILE")
    env = {**clean_environment(), **client.environment(programs)}
    check = "probe check --image FILE --only timezone --format json"
    (finding,) = _findings(_typed(check, place, env))
    assert finding["code"] == fault.code, finding
    printed.hold(f"saved {fault.code}", finding)
    done = _typed(finding["remedy"].replace("IMAGE:TAG", image), place, env)
    unpacked = "--root root" in finding["remedy"]
    assert (place / "root/app").exists() if unpacked else done.returncode == 0, done.stderr
    left = {one["code"] for one in _findings(_typed(_again(finding["remedy"]), place, env))}
    assert not any(code.startswith("IMAGE_") for code in left), left


def _again(remedy: str) -> str:
    """The same question, to the archive or to the tree that was made of it."""
    what = "--root root" if "--root root" in remedy else "--image FILE"
    return f"probe check {what} --only timezone --format json"


def _typed(line: str, place: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", line], cwd=place, env=env, capture_output=True, text=True, timeout=100)


def _findings(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.stdout, done.stderr
    return [one for check in json.loads(done.stdout)["checks"] for one in check["findings"]]


def _put_probe(folder: Path) -> None:
    found = shutil.which("probe", path=str(Path(sys.executable).parent))
    assert found
    (folder / "probe").symlink_to(found)
