"""What probe prints is carried out, and probe and real Go are asked again: every remedy helps."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from probe.codes import CODES
from probe.explain import explanation
from tests.remedies import pasted, printed, scenes, zone_scenes
from tests.remedies.asked import agrees, file_of, probe
from tests.remedies.bases import BASES
from tests.remedies.dockerfile import CannotBeDone, carry_out
from tests.remedies.scenes import Scene

pytestmark = pytest.mark.root
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
        before = probe(root, env, check, scene)
        finding = _of(before, scene.code)
        printed.hold(f"{base}: {scene.name}", finding)
        tally.seen += 1
        try:
            # What passes has no remedy: explain shows what can be done if it is not as wanted.
            written = explanation(CODES[scene.code])
            assert written
            text = finding["remedy"] or pasted.lines(written.fix)[-1]
            carry_out(root, env, text, dict(scene.context), file_of(finding))
        except CannotBeDone as line:
            pytest.fail(f"cannot be carried out: {line}")
        after = probe(root, env, check, scene)
        left = [one for one in after["checks"][0]["findings"] if one["code"] == scene.code]
        assert not [one for one in left if one["status"] in ("warn", "unknown", "fail")], finding["remedy"]
        assert _bad(after) <= _bad(before), (finding["remedy"], _bad(after))
        assert after["healthy"], (finding["remedy"], after)
        agrees(root, env, scene)
        tally.helped += 1


def _of(report: dict[str, Any], code: str) -> dict[str, Any]:
    found = [one for one in report["checks"][0]["findings"] if one["code"] == code]
    assert found, [(one["code"], one["cause"]) for one in report["checks"][0]["findings"]]
    first: dict[str, Any] = found[0]
    return first


def _bad(report: dict[str, Any]) -> set[str]:
    return {one["code"] for one in report["checks"][0]["findings"] if one["status"] in ("unknown", "fail")}


class Tally:
    """How many remedies were carried out, and how many of them helped."""

    seen = helped = 0


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    counted = Tally()
    yield counted
    print(f"\nremedies: {counted.helped} of {counted.seen} helped")
