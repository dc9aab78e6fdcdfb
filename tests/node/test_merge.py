"""Reports that were written by real runs, joined into one table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import RunProbe, clean_environment

CHECK = ("check", "--only", "timezone", "--env", "TZ=UTC", "--format", "json")


@pytest.fixture
def reports(tmp_path: Path, run_probe: RunProbe) -> Path:
    """Two alike and one unhealthy, in a file."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    texts = [run_probe(*CHECK, "--root", str(good)).out] * 2
    texts.append(run_probe(*CHECK, "--root", str(bad), "--env", "TZ=Asia/Nowhere").out)
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(texts) + "\n\n")
    return path


def test_what_is_alike_shares_a_row(reports: Path, run_probe: RunProbe) -> None:
    """The worst first, with code and fix; the whole is unhealthy."""
    done = run_probe("merge", str(reports))
    lines = done.out.splitlines()
    assert done.code == 1
    assert lines[0].startswith("1 of 3 targets unhealthy, 2 verdicts;")
    assert "TIMEZONE" in lines[2]
    assert "unhealthy (fail)" in lines[2]
    assert any("good x2" in line for line in lines[3:])


def test_a_table_can_be_merged_again(reports: Path, tmp_path: Path, run_probe: RunProbe) -> None:
    """What it writes as JSON is what it reads."""
    again = tmp_path / "again.json"
    again.write_text(run_probe("merge", "--format", "json", str(reports)).out)
    assert run_probe("merge", str(again)).out == run_probe("merge", str(reports)).out


def test_a_container_counts_once_as_the_last_scan_saw_it(
    reports: Path, tmp_path: Path, run_probe: RunProbe
) -> None:
    """However often its node was scanned, in whatever order the files are given."""
    older, newer = (json.loads(run_probe("merge", "--format", "json", str(reports)).out) for _ in range(2))
    for at, document in (("2026-01-02T00:00:00.000Z", older), ("2026-01-03T00:00:00.000Z", newer)):
        document["at"] = at
        for number, row in enumerate(document["verdicts"]):
            row["containers"] = [{**row["containers"][0], "id": f"{number}" * 64, "pid": 7}]
    newer["verdicts"] = newer["verdicts"][1:]
    newer["verdicts"][0]["containers"][0]["id"] = "0" * 64
    files = {name: tmp_path / f"{name}.json" for name in ("older", "newer")}
    files["older"].write_text(json.dumps(older))
    files["newer"].write_text(json.dumps(newer))
    for order in (("older", "newer"), ("newer", "older"), ("older", "newer", "older")):
        done = run_probe("merge", *(str(files[name]) for name in order))
        assert (done.code, done.out.splitlines()[0][:33]) == (0, "0 of 2 targets unhealthy, 1 verdi")
    assert run_probe("merge", str(files["older"])).code == 1


def test_standard_input_is_a_file_too(reports: Path, run_probe: RunProbe) -> None:
    """As for --image and --lint."""
    with reports.open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "probe", "merge", "-"],
            env=clean_environment(),
            stdin=stream,
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stdout) == (1, run_probe("merge", str(reports)).out)


def test_healthy_alone_is_healthy(tmp_path: Path, run_probe: RunProbe) -> None:
    """And a report that calls itself healthy beside its own failure is not."""
    path = tmp_path / "one.json"
    path.write_text(run_probe(*CHECK, "--root", str(tmp_path)).out)
    assert run_probe("merge", str(path)).code == 0
    path.write_text(json.dumps({**json.loads(path.read_text()), "status": "fail"}))
    assert run_probe("merge", str(path)).code == 1
    path.write_text("")
    done = run_probe("merge", str(path))
    assert done.code == 1
    assert done.out.endswith(f"no report in {path}: nothing was checked\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "object 1 is not JSON"),
        ("[]", "object 1 is not a report"),
        ("{}", "object 1 is not a report"),
        ('{"verdicts": 3}', "object 1 is not a report"),
        ("[" * 100_000, "object 1 is not JSON"),
        ('{"schema_version": 2, "checks": []}', "object 1 has schema_version 2, this probe reads 1"),
        ('{"schema_version": "1\\u001b[2J", "verdicts": []}', r"object 1 has schema_version 1\x1b[2J"),
        (
            '{"schema_version": 1, "checks": [], "status": "green", "healthy": true, "target": "x"}',
            "object 1 is not a report",
        ),
    ],
)
def test_what_is_no_report_is_told(text: str, said: str, tmp_path: Path, run_probe: RunProbe) -> None:
    """In one line with the file, and exit code 78."""
    path = tmp_path / "x.json"
    path.write_text(text)
    done = run_probe("merge", str(path))
    assert (done.code, done.out) == (78, "")
    assert f"{path}: {said}" in done.err
    assert done.err.count("\n") == 1
