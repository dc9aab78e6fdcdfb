"""
What the scenes print for each code, held to what explain shows, in both directions.

`python -m tests.remedies.printed` carries out all scenes and writes the table anew; with files of tests those
alone, and the codes that they tell anew.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any

from tests.remedies.explained import by_anyone, done_by, explained

TABLE = Path(__file__).parent / "printed.toml"
_RECORD = "TESTS_REMEDIES_RECORD"  # a file to which each scene adds what it prints
_TESTS = (
    *("test_remedies.py", "test_faults.py", "test_cases.py", "test_private_roots.py", "test_images.py"),
    *("../containers/test_pod_remedies.py", "../containers/test_saved_images.py"),
)
_FIRST, _MORE = "first", "more"
ALL = ("-X", "trials=all")  # of Python: no remedy is left out because the clock has run
_HEAD = """# What scenes print, by code: what the best remedy does, and what others do, each with a scene.
# Written by `python -m tests.remedies.printed`, which carries out all scenes.
"""


def hold(scene: str, finding: Mapping[str, Any], *, timed: bool = False) -> None:
    """
    What *finding* advises in *scene* stands in the table; what stands there for the scene is advised.

    *timed*: it was found without `ALL`, so that of the others it has those for which there was time.
    """
    told = printed(finding)
    left = by_anyone(told[0] | told[1]) - by_anyone(explained(finding["code"]))
    if record := os.environ.get(_RECORD):
        with open(record, "a") as stream:
            stream.write(json.dumps([finding["code"], scene, *map(sorted, told)]) + "\n")
        return
    assert not left, f"probe explain {finding['code']} does not show {sorted(left)}"
    for place, does in zip((_FIRST, _MORE), told, strict=True):
        known = table().get(finding["code"], {}).get(place, {})
        due = {one for one, where in known.items() if where == scene}
        assert (timed and place == _MORE) or due <= does, (place, due, does)
        assert does <= set(known), (place, does, "python -m tests.remedies.printed")


def printed(finding: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """What the best remedy does, and what the others do beside it."""
    others = [one["remedy"] for one in finding.get("alternatives") or ()]
    first = done_by(finding["remedy"])
    return first, {one for text in others for one in done_by(text)} - first


@cache
def table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads(TABLE.read_text())


def main() -> int:
    with tempfile.NamedTemporaryFile() as file:
        paths = sys.argv[1:] or [str(Path(__file__).parent / name) for name in _TESTS]
        command = [sys.executable, "-m", "pytest", "-q", "--sweep", *paths]
        done = subprocess.run(command, env={**os.environ, _RECORD: file.name})
        told = [json.loads(line) for line in Path(file.name).read_text().splitlines()]
    if done.returncode == 0:
        TABLE.write_text(_written([*told, *_kept({one[0] for one in told})] if sys.argv[1:] else told))
    return done.returncode


def _kept(told: Set[str]) -> Iterator[list[Any]]:
    """What the table has of other codes than *told*, as scenes tell it."""
    for code, by in table().items():
        if code not in told:
            for place, found in by.items():
                for does, scene in found.items():
                    yield [code, scene, [does] if place == _FIRST else [], [does] if place == _MORE else []]


def _written(told: list[Any]) -> str:
    lines = [_HEAD]
    for code in sorted({one[0] for one in told}):
        for number, place in ((2, _FIRST), (3, _MORE)):
            found = {
                does: one[1] for one in sorted(told, reverse=True) if one[0] == code for does in one[number]
            }
            if found:
                lines.append(f"[{code}.{place}]")
                lines += [f"{json.dumps(does)} = {json.dumps(found[does])}" for does in sorted(found)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
