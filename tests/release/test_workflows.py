"""What the forge runs for us: little may it do, and what it fetches is named by digest."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from probe import __version__

CHECKOUT = Path(__file__).parents[2]
WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))
TEMPLATES = sorted((CHECKOUT / ".github").rglob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request: pytest.FixtureRequest) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(request.param.read_text())
    return read


def test_nothing_is_permitted_but_what_a_job_asks_for(workflow: dict[str, Any]) -> None:
    """And each job ends in time."""
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"] <= 90


def test_every_action_is_named_by_its_digest(workflow: dict[str, Any]) -> None:
    """A tag can be moved."""
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action)


def test_no_script_has_an_expression_in_it(workflow: dict[str, Any]) -> None:
    """What somebody else may write comes in by a variable, not as text of a shell."""
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


def test_every_python_that_the_package_names_is_tested() -> None:
    """The matrix and the classifiers agree."""
    project = (CHECKOUT / "pyproject.toml").read_text()
    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)
    assert yaml.safe_load((CHECKOUT / ".github/workflows/ci.yml").read_text())["jobs"]["tests"]["strategy"][
        "matrix"
    ] == {"python": named}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_file_is_yaml(path: Path) -> None:
    """Forms of issues and the updates of dependencies too."""
    assert yaml.safe_load(path.read_text())


def test_actionlint_finds_nothing() -> None:
    """The expressions, contexts and shells of the workflows."""
    done = actionlint(*WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_would_notice(tmp_path: Path) -> None:
    """An expression that names no context."""
    broken = tmp_path / "ci.yml"
    broken.write_text(
        (CHECKOUT / ".github/workflows/ci.yml").read_text().replace("matrix.platform", "matix.p")
    )
    assert "undefined variable" in actionlint(broken).stdout


def actionlint(*files: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("actionlint")
    return subprocess.run([program, *files], capture_output=True, text=True, timeout=60)


def test_a_tag_that_is_not_this_version_makes_no_release() -> None:
    """Nor does one without a section in the changelog."""
    done = subprocess.run(
        [CHECKOUT / ".ci/release-tag", "v0.0.1"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert done.stderr.startswith("the tag is v0.0.1, but probe/__init__.py says ")


def test_the_version_is_the_same_everywhere() -> None:
    """The package, the chart, the hook's example, and the changelog, with a place for what comes next."""
    changelog = (CHECKOUT / "CHANGELOG.md").read_text()
    sections = re.findall(r"^## \[(\S+)\](?: - (\d{4}-\d\d-\d\d))?$", changelog, re.MULTILINE)
    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == __version__
    assert sections[1][1]
    chart = yaml.safe_load((CHECKOUT / "deploy/charts/probe/Chart.yaml").read_text())
    assert chart["appVersion"] == __version__
    assert f"rev: v{__version__}\n" in (CHECKOUT / "docs/lint.md").read_text()


def test_the_tag_of_this_version_lacks_the_repository_alone() -> None:
    """All that a release needs is here but for the address, which its owner writes."""
    command = [str(CHECKOUT / ".ci/release-tag"), f"v{__version__}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    assert "[project.urls]" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("which", ["environment", "tests"])
def test_the_commands_of_the_readme_are_found(which: str) -> None:
    """CI types what a reader types."""
    done = subprocess.run([CHECKOUT / ".ci/readme", which], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0
    assert done.stdout in (CHECKOUT / "README.md").read_text()
