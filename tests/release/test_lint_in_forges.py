"""The lint where changes are judged: pre-commit's hooks and the GitHub Action."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
PARTS = ("probe", "bin", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
RIGHT = 'FROM a\nHEALTHCHECK --timeout=6s CMD ["probe", "check"]\n'
WRONG = 'FROM a\nHEALTHCHECK --timeout=6s CMD ["probe check"]\n'


def git(folder: Path, *words: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *author, *words], check=True, capture_output=True, timeout=60)


def repository(folder: Path) -> Path:
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a")
    return folder


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what the hooks are installed from."""
    folder = tmp_path_factory.mktemp("ours")
    for part in PARTS:
        if (CHECKOUT / part).is_dir():
            shutil.copytree(CHECKOUT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / part, folder / part)
    return repository(folder)


def tried(ours: Path, theirs: Path, scratch: Path) -> subprocess.CompletedProcess[str]:
    """What `pre-commit try-repo` says of all files of *theirs*, by all hooks, which it installs anew."""
    program = Path(sys.executable).with_name("pre-commit")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(scratch / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    command = [str(program), "try-repo", str(ours), "--all-files", "--verbose"]
    return subprocess.run(command, cwd=theirs, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.sweep
@pytest.mark.timeout(600)
@pytest.mark.needs("git")
def test_pre_commit_installs_and_runs_the_hooks(ours: Path, tmp_path: Path) -> None:
    """Each finds what is wrong in its files, leaves alone what is right and what is none of them."""
    theirs = tmp_path / "theirs"
    (theirs / "deploy/k8s").mkdir(parents=True)
    (theirs / "Dockerfile").write_text(WRONG)
    (theirs / "app.Dockerfile").write_text(RIGHT)
    (theirs / "compose.yaml").write_text("services: {a: {healthcheck: {test: [CMD, /a]}}}\n")
    (theirs / "other.yaml").write_text("a: 1\n")
    (theirs / "deploy/k8s/pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, command: [CMD, /a]}]}\n"
    )
    repository(theirs)
    done = tried(ours, theirs, tmp_path)
    assert done.returncode == 1, done
    told = sorted(line for line in done.stdout.splitlines() if "; fix: " in line)
    assert [line.split(": ")[0:2] for line in told] == [
        ["Dockerfile:2", "COMMAND_IN_ONE_STRING"],
        ["compose.yaml:1", "TIMEOUT_MISSING"],
        ["deploy/k8s/pod.yaml:3", "CMD_IN_COMMAND"],
    ]
    (theirs / "Dockerfile").write_text(RIGHT)
    (theirs / "compose.yaml").unlink()
    (theirs / "deploy/k8s/pod.yaml").unlink()
    repository(theirs)
    done = tried(ours, theirs, tmp_path)
    assert done.returncode == 0, done


@pytest.mark.parametrize("hook", yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text()))
def test_a_hook_is_one_that_pre_commit_knows(hook: dict[str, str]) -> None:
    """And docs/lint.md names it."""
    from pre_commit.clientlib import load_manifest

    assert hook["id"] in [one["id"] for one in load_manifest(str(CHECKOUT / ".pre-commit-hooks.yaml"))]
    assert f"- id: {hook['id']} " in (CHECKOUT / "docs/lint.md").read_text()


def action(scratch: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs the step of action.yml as a runner does: by its environment, in the folder of the change."""
    step = yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"][-1]
    defaults = yaml.safe_load((CHECKOUT / "action.yml").read_text())["inputs"]
    given = {name: inputs.get(name, spec.get("default", "")) for name, spec in defaults.items()}
    environment = {
        name: given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step["env"].items()
    }
    environment |= {"GITHUB_ACTION_PATH": str(CHECKOUT), "RUNNER_TEMP": str(scratch)}
    work = scratch / "work"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=work,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def change(tmp_path: Path) -> Path:
    (tmp_path / "work/de ploy").mkdir(parents=True)
    (tmp_path / "work/Dockerfile").write_text(WRONG)
    (tmp_path / "work/de ploy/a b.yaml").write_text("services: {a: {healthcheck: {test: [CMD, CMD, /a]}}}\n")
    return tmp_path


@pytest.mark.sweep
def test_the_action_annotates_a_change(change: Path) -> None:
    """Patterns, names with spaces, blank lines; the exit code of the lint."""
    done = action(change, files="Dockerfile\n\n   de ploy/*.yaml  \n")
    assert done.returncode == 1, done
    lines = done.stdout.splitlines()
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == [
        "error file=Dockerfile,line=2,title=COMMAND_IN_ONE_STRING",
        "error file=de ploy/a b.yaml,line=1,title=CMD_IN_COMMAND",
    ]
    done = action(change, files="**/*.yaml", format="sarif", output="probe.sarif")
    assert (done.returncode, done.stdout) == (1, "")
    assert "CMD_IN_COMMAND" in (change / "work/probe.sarif").read_text()


@pytest.mark.parametrize("files", ["", " \n ", "no/such*.yaml", "Dockerfile\nno*"])
def test_the_action_judges_nothing_in_silence(change: Path, files: str) -> None:
    """A pattern without a file is an error that shows, before anything is installed."""
    done = action(change, files=files)
    assert done.returncode == 64
    assert done.stdout.startswith("::error title=probe::")


def test_what_the_action_uses_is_pinned() -> None:
    """By digest, as the workflows have it, and by hash."""
    workflows = "".join(path.read_text() for path in (CHECKOUT / ".github/workflows").glob("*.yml"))
    for step in yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"]:
        if "uses" in step:
            assert f"uses: {step['uses']} #" in workflows
        assert "${{" not in step.get("run", "")
    assert "--require-hashes" in (CHECKOUT / ".ci/action-lint").read_text()


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-actions", ["action.yml"]),
        ("github-workflows", [".github/workflows/ci.yml", ".github/workflows/release.yml"]),
        ("dependabot", [".github/dependabot.yml"]),
        (
            "github-issue-forms",
            [".github/ISSUE_TEMPLATE/idea.yml", ".github/ISSUE_TEMPLATE/wrong-verdict.yml"],
        ),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
    ],
)
def test_the_forge_takes_its_files(schema: str, files: list[str]) -> None:
    """By the schemas that SchemaStore has of them."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *(CHECKOUT / file for file in files)], capture_output=True, text=True)
    assert done.returncode == 0, done
