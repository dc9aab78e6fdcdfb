"""A check is added as ARCHITECTURE says: its folder, its row and its codes; the rest follows from these."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import probe
from tests.support.commands import clean_environment

INIT = '''
"""The opt-in check `toy`: is the toy there?"""

from __future__ import annotations

from probe.lightweight import NamedTuple
from probe.options import declared, option


class _Settings(NamedTuple):
    path: str = option("/toy", "string", "the file that must be there")


class Toy(_Settings):
    """The toy is there."""

    __slots__ = ()
    name = "toy"
    options = declared(_Settings)

    def run(self, target, run):
        from probe.checks.toy import findings

        yield findings.toy(self.path, target.exists(self.path))
'''
FINDINGS = '''
"""Whether the toy is there."""

from probe import codes
from probe.report import Finding, Status


def toy(path, there):
    if there:
        return Finding(Status.PASS, codes.TOY_OK, path, f"{path} is there")
    from probe.remedies import actions

    ways = actions.ways(actions.run(f"touch {path}"))
    return Finding(Status.FAIL, codes.TOY_MISSING, path, f"{path} is not there", ways)
'''
ROW = '    CheckEntry("toy", "toy", "Toy", opt_in=True),\n'
CODES = """    "toy": {
        "TOY_OK": "The toy is there.",
        "TOY_MISSING": "The toy is not there.",
    },
"""
EXPLANATION = """
[TOY_MISSING]
why = ["The image was built without it."]
fix = "RUN touch /toy"
"""


_START = "import sys; sys.path.insert(0, {!r}); from probe.cli import main; main()"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a copy of the package with one check more: two files edited and three new ones."""
    home = tmp_path_factory.mktemp("copy")
    ours = home / "probe"
    shutil.copytree(Path(probe.__file__).parent, ours, ignore=shutil.ignore_patterns("__pycache__"))
    (ours / "checks/toy").mkdir()
    (ours / "checks/toy/__init__.py").write_text(INIT)
    (ours / "checks/toy/findings.py").write_text(FINDINGS)
    (ours / "explain/toy.toml").write_text(EXPLANATION)
    for file, before, added in (("checks/__init__.py", ")\nNAMES", ROW), ("codes.py", "}\nCODES: ", CODES)):
        text = (ours / file).read_text()
        assert text.count(before) == 1
        (ours / file).write_text(text.replace(before, added + before))
    return home


def told(package: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-IBc", _START.format(str(package)), *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_it_runs(package: Path, root: Path) -> None:
    """By its name, with its settings from every source, and only where something names it."""
    judged = ("check", "--root", str(root), "--format", "json")
    code, report = told(package, *judged, "--only", "toy")
    (check,) = json.loads(report)["checks"]
    assert (code, check["name"], check["findings"][0]["code"]) == (1, "toy", "TOY_MISSING")
    (root / "other").touch()
    code, report = told(package, *judged, "--only", "toy", "--set", "toy.path=/other")
    assert (code, json.loads(report)["checks"][0]["findings"][0]["code"]) == (0, "TOY_OK")
    _, report = told(package, *judged)
    assert "toy" not in [check["name"] for check in json.loads(report)["checks"]]


def test_it_is_told_of(package: Path) -> None:
    """In the schema of the configuration, in the effective one, and by `explain`."""
    schema = json.loads(told(package, "config", "--schema")[1])
    assert schema["properties"]["toy"]["properties"]["path"]["default"] == "/toy"
    assert 'path = "/toy"' in told(package, "config", "--show", "--set", "toy.path=/toy")[1]
    assert "The image was built without it." in told(package, "explain", "TOY_MISSING")[1]
