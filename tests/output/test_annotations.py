"""SARIF by its schema and its own validator, GitLab's report and GitHub's commands by their rules."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe import __documentation__, __homepage__
from probe.manifest.reports import JudgedFile, schema
from probe.manifest.reports import render as render_lint
from probe.manifest.rules import RULES, LintProblem
from probe.output import render
from probe.report import Report
from tests.output.reports import AWKWARD
from tests.support import npm
from tests.support.any_report import reports
from tests.support.commands import RunProbe
from tests.support.images import Image, file, tarred, write_tar
from tests.support.schemas import jsonschema
from tests.support.sweeps import examples

ODD = 'a: b, "c" %0A\r\n::error file=x::\x1b[2J\u202e ä\ud800'
PROBLEMS = st.lists(
    st.builds(LintProblem, st.integers(1, 9), st.sampled_from(list(RULES)), st.text(), st.text()), max_size=4
)
FILES = st.lists(st.builds(JudgedFile, st.text(min_size=1), PROBLEMS.map(tuple)), max_size=3)
AWKWARD_FILES = [
    JudgedFile("deploy/a b:c,d%.yaml", (LintProblem(3, "SHELL_MISSING", ODD, ODD),)),
    JudgedFile("/somewhere/Dockerfile", (LintProblem(1, "NEEDS_BUILDKIT", "x", "y"),) * 2),
    JudgedFile("-", (LintProblem(1, "UNREADABLE", "x", "y"), LintProblem(7, "UNREADABLE", "x", "y"))),
    JudgedFile("fine.yaml", ()),
]

# docs.gitlab.com, "Code quality report format": the keys that must be there, and the words for severity
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32,}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def commands(log: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands in *log* as a runner reads them: actions/runner:src/Runner.Common/ActionCommand.cs."""
    found = []
    for line in log.splitlines():
        if not line.startswith("::"):
            continue
        head, _, text = line[2:].partition("::")
        name, _, rest = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in rest.split(",") if pair)
        found.append((name, {key: unescaped(value) for key, value in pairs}, unescaped(text)))
    return found


def unescaped(text: str) -> str:
    for written, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, char)
    return text


@pytest.fixture(scope="module")
def multitool() -> Path:
    return npm.package("@microsoft/sarif-multitool-linux", "5.7.0")


def sarifs() -> list[str]:
    return [render("sarif", AWKWARD), render_lint("sarif", AWKWARD_FILES), render_lint("sarif", [])]


@pytest.mark.needs("npm")
def test_sarif_keeps_to_its_schema(multitool: Path) -> None:
    """The one that its authors publish; and it would notice."""
    published = json.loads((multitool / "sarif-2.1.0.json").read_text())
    for text in sarifs():
        jsonschema().validate(json.loads(text), published)
    broken = json.loads(sarifs()[0])
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema().ValidationError):
        jsonschema().validate(broken, published)


@pytest.mark.needs("npm")
def test_the_validator_of_sarif_finds_no_error(multitool: Path, tmp_path: Path) -> None:
    """Microsoft's multitool, with the rules of the standard and those for code scanning."""
    program = multitool / "Sarif.Multitool"
    program.chmod(0o755) if not os.access(program, os.X_OK) else None
    files = [tmp_path / f"{number}.sarif" for number in range(4)]
    for path, text in zip(files, [*sarifs(), '{"version": "2.1.0", "runs": [{"results": []}]}'], strict=True):
        path.write_text(text)
    found = validated(program, files, tmp_path)
    assert [one for one in found if one[0] != "3.sarif"] == []
    assert any(name == "3.sarif" for name, _ in found)


def validated(program: Path, files: Sequence[Path], scratch: Path) -> list[tuple[str, str]]:
    """The names of files and rules of all errors and warnings but those about what a log need not hold."""
    environment = {
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(scratch / "net"),
        "PATH": os.environ["PATH"],
        "HOME": str(scratch),
    }
    command = [
        str(program),
        "validate",
        *map(str, files),
        "--rule-kind",
        "Sarif;Ghas",
        "--level",
        "Error;Warning",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment)
    assert "Done. 4 files scanned." in done.stdout, done
    return re.findall(r"/(\d\.sarif)\S* (?:error|warning) (\w+):", done.stdout)


@settings(max_examples=examples(60), deadline=None)
@given(reports, FILES)
def test_sarif_points_to_its_rules(report: Report, files: list[JudgedFile]) -> None:
    """Each result to the rule with its name, places are relative, nobody's name is lost."""
    for text in (render("sarif", report), render_lint("sarif", files)):
        (run,) = json.loads(text)["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            (place,) = result["locations"]
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:[A-Za-z0-9/!$&'()*+,;=@._~-]|%[0-9A-F]{2})+", uri)
            assert not uri.startswith("/")


@settings(max_examples=examples(60), deadline=None)
@given(reports, FILES)
def test_gitlab_gets_what_it_documents(report: Report, files: list[JudgedFile]) -> None:
    """All keys, known words, and a fingerprint for each issue: of two with the same one only one is shown."""
    for text in (render("gitlab", report), render_lint("gitlab", files)):
        issues = json.loads(text)
        jsonschema().validate(issues, GITLAB)
        marks = [issue["fingerprint"] for issue in issues]
        assert len(set(marks)) == len(marks)


def test_the_rules_of_gitlab_would_notice() -> None:
    """A wrong severity, an absolute path, a missing key."""
    (good, *_) = json.loads(render("gitlab", AWKWARD))
    absolute = {**good, "location": {**good["location"], "path": "/etc"}}
    for bad in ({**good, "severity": "bad"}, absolute, {"description": "x"}):
        with pytest.raises(jsonschema().ValidationError):
            jsonschema().validate([bad], GITLAB)


@settings(max_examples=examples(60), deadline=None)
@given(FILES)
def test_commands_arrive_as_they_were_meant(files: list[JudgedFile]) -> None:
    """A runner reads back file, line, title and text; nothing that was read makes a command of its own."""
    meant = [one for file in files for one in file.annotations()]
    read = commands(render_lint("github", files))
    assert [(p["file"], p["line"], p["title"], text) for _, p, text in read] == [
        (one.path, str(one.line), one.rule, one.told) for one in meant
    ]
    assert {name for name, _, _ in read} <= {"error", "notice"}


def test_a_command_cannot_be_smuggled_in() -> None:
    """Colons, commas, per cents, line ends and commands in names and texts stay where they are."""
    first, *_ = commands(render_lint("github", AWKWARD_FILES))
    assert first[0] == "error"
    assert first[1] == {"file": "deploy/a b:c,d%.yaml", "line": "3", "title": "SHELL_MISSING"}
    assert first[2].startswith('a: b, "c" %0A\\r\\n::error file=x::\\x1b[2J')
    assert len(commands(render_lint("github", AWKWARD_FILES))) == 4
    report = render("github", AWKWARD)
    assert {name for name, _, _ in commands(report)} == {"error", "warning"}
    assert not report.splitlines()[-1].startswith("::")


@settings(max_examples=examples(60), deadline=None)
@given(FILES)
def test_the_json_of_the_lint_keeps_to_its_schema(files: list[JudgedFile]) -> None:
    """What `probe config --schema lint` publishes."""
    answer = json.loads(render_lint("json", files))
    jsonschema().validate(answer, schema(), jsonschema().Draft202012Validator)
    with pytest.raises(jsonschema().ValidationError):
        jsonschema().validate({**answer, "more": 1}, schema())


@pytest.mark.parametrize("form", ["json", "sarif", "github", "gitlab"])
def test_the_command_prints_it(form: str, tmp_path: Path, run_probe: RunProbe) -> None:
    """With the exit code that the text has; a file below the working directory by its path from there."""
    (tmp_path / "Dockerfile").write_text('FROM a\nHEALTHCHECK --timeout=3s CMD ["probe check"]\n')
    for name in ("Dockerfile", str(tmp_path / "Dockerfile")):
        done = run_probe("manifest", "--lint", name, "--format", form, cwd=str(tmp_path))
        assert (done.code, done.err) == (1, "")
        assert "COMMAND_IN_ONE_STRING" in done.out
        if form != "json":
            assert str(tmp_path) not in done.out
    assert run_probe("manifest", "kubernetes", "--format", form).code == 64


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab"])
def test_an_image_reports_in_it_too(form: str, tmp_path: Path, run_probe: RunProbe) -> None:
    """`probe check --image`: what is missing in it, at the archive or at the file in it."""
    archive = write_tar(tmp_path / "app.tar", Image([tarred([file("app")])]).saved())
    done = run_probe("check", "--image", str(archive), "--only", "ca-bundle", "--format", form)
    assert done.code == 1
    assert "CA_BUNDLE_MISSING" in done.out
    places: dict[str, Any] = {
        "sarif": lambda: json.loads(done.out)["runs"][0]["results"],
        "gitlab": lambda: json.loads(done.out),
        "github": lambda: commands(done.out),
    }
    assert len(places[form]()) >= 1


def test_the_homepage_is_the_projects() -> None:
    """What SARIF points to is what the package index shows."""
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'Homepage = "{__homepage__}"' in project
    assert f'Documentation = "{__documentation__}"' in project
