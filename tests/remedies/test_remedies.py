"""What probe prints is carried out, and probe and real Go are asked again: every remedy helps."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from probe.codes import CODES
from probe.explain import explanation
from tests.differential.harness import ask
from tests.remedies import pasted, printed, scenes, zone_scenes
from tests.remedies.bases import BASES
from tests.remedies.dockerfile import CannotBeDone, carry_out
from tests.remedies.scenes import Scene
from tests.support.commands import clean_environment

pytestmark = pytest.mark.root
GO = "1.27.3"
CASES = [
    pytest.param(
        base, check, scene, id=f"{base}: {scene.name}", marks=() if base == "scratch" else pytest.mark.sweep
    )
    for check, made in (("ca-bundle", scenes.roots()), ("timezone", zone_scenes.zones()))
    for scene in made
    for base in BASES
    if base in scene.bases
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("base", "check", "scene"), CASES)
def test_the_remedy_helps(base: str, check: str, scene: Scene, tally: "Tally") -> None:
    """The finding is gone after what its best remedy says has been done, nothing is worse, and Go agrees."""
    laid: AbstractContextManager[Path] = BASES[base]()
    with laid as root:
        scene.break_(root)
        env = dict(scene.env)
        before = _probe(root, env, check, scene)
        finding = _of(before, scene.code)
        printed.hold(f"{base}: {scene.name}", finding)
        tally.seen += 1
        try:
            # What passes has no remedy: explain shows what can be done if it is not as wanted.
            written = explanation(CODES[scene.code])
            assert written
            text = finding["remedy"] or pasted.lines(written.fix)[-1]
            carry_out(root, env, text, dict(scene.context), _file(finding))
        except CannotBeDone as line:
            pytest.fail(f"cannot be carried out: {line}")
        after = _probe(root, env, check, scene)
        left = [one for one in after["checks"][0]["findings"] if one["code"] == scene.code]
        assert not [one for one in left if one["status"] in ("warn", "unknown", "fail")], finding["remedy"]
        assert _bad(after) <= _bad(before), (finding["remedy"], _bad(after))
        assert after["healthy"], (finding["remedy"], after)
        _agrees(root, env, scene)
        tally.helped += 1


def _probe(root: Path, env: dict[str, str], check: str, scene: Scene) -> dict[str, Any]:
    command = [sys.executable, *printed.ALL, "-m", "probe", "check", "--root", str(root), "--only", check]
    command += ["--format", "json", "--role", "ready", "--as-go", GO, "--timeout", "60"]
    command += [f"--env={name}={value}" for name, value in env.items()]
    command += [f"--set={setting}" for setting in scene.settings]
    command += ["--user", scene.user] if scene.user else []
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=100)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _of(report: dict[str, Any], code: str) -> dict[str, Any]:
    found = [one for one in report["checks"][0]["findings"] if one["code"] == code]
    assert found, [(one["code"], one["cause"]) for one in report["checks"][0]["findings"]]
    first: dict[str, Any] = found[0]
    return first


def _file(finding: dict[str, Any]) -> str:
    """The file that a command outside the image is about: in its directory."""
    paths = (finding["evidence"].get("refused_at"), finding["evidence"].get("path"), finding["subject"])
    return next(
        str(path) for path in paths if (path and str(path).startswith("/")) or path == finding["subject"]
    )


def _bad(report: dict[str, Any]) -> set[str]:
    return {one["code"] for one in report["checks"][0]["findings"] if one["status"] in ("unknown", "fail")}


def _agrees(root: Path, env: dict[str, str], scene: Scene) -> None:
    uid = int(scene.user) if scene.user else None
    for zone, seen in ((scene.zone, env), (scene.location, {**env, "TZ": scene.location})):
        if not zone:
            continue
        told = ask(GO, "timezone", {"year": 2026}, root=root, env=seen, uid=uid)
        winter = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)).utcoffset()
        assert winter is not None
        assert told["january"]["offset_s"] == winter.total_seconds(), told
    if scene.zone:
        return
    roots = ask(GO, "roots", root=root, env=env, uid=uid)["roots"]
    assert roots
    if scene.corp:
        assert sha256(scenes.CORP.der).hexdigest() in roots


class Tally:
    """How many remedies were carried out, and how many of them helped."""

    seen = helped = 0


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    counted = Tally()
    yield counted
    print(f"\nremedies: {counted.helped} of {counted.seen} helped")
