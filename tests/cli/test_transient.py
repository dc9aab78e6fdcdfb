"""An exit code for what may pass by itself, against what stays wrong; 1 for both without the option."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from probe.cli import transient
from probe.codes import CODES
from probe.report import Report, Status
from tests.support.any_report import reports
from tests.support.commands import RunProbe

DOCS = (Path(__file__).parents[2] / "docs/entrypoint.md").read_text()
PERMANENT = ("--only", "timezone", "--set", "timezone.expected=No/Where")


@pytest.fixture
def refusing() -> str:
    """The options of a check whose server does not listen."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return f"ca-bundle.endpoints=127.0.0.1:{port}"


def test_each_code_exists_and_stands_in_the_table() -> None:
    """docs/entrypoint.md has a row for each reason, with its codes."""
    known = set(CODES)
    for why, names in transient.TRANSIENT.items():
        assert set(names) <= known
        row = next(line for line in DOCS.splitlines() if line.startswith(f"| {why} |"))
        assert row == f"| {why} | {', '.join(f'`{name}`' for name in names)} |"


@given(reports)
def test_one_permanent_failure_decides(report: Report) -> None:
    """Transient is a report that is unhealthy only by codes of the table."""
    codes = {name for names in transient.TRANSIENT.values() for name in names}
    findings = [finding for check in report.checks for finding in check.findings]
    bad = {one.code.name for one in findings if not report.accepts(one.status)}
    assert transient.only(report) == (not report.healthy and bad <= codes)


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_server_that_is_not_there_yet_may_come(command: str, refusing: str, any_roots: Path) -> None:
    """75 for it; 1 without the option, and 1 where something else is wrong too."""
    ways = {"check": (), "run": ("--", "true")}
    only = ("--only", "ca-bundle", "--set", refusing)
    both = ("--only", "ca-bundle,timezone", "--set", refusing, "--set", "timezone.expected=No/Where")
    asked = ("--exit-code-transient", "75")
    codes = [
        called(command, *options, *ways[command], roots=any_roots)
        for options in ((*only, *asked), only, (*both, *asked), (*PERMANENT, *asked))
    ]
    assert codes == [75, 1, 1, 1]


@pytest.fixture
def any_roots(tmp_path: Path) -> Path:
    import certifi

    (tmp_path / "roots.pem").write_bytes(Path(certifi.where()).read_bytes())
    return tmp_path / "roots.pem"


def called(*words: str, roots: Path) -> int:
    env = {"SSL_CERT_FILE": str(roots), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "probe", *words]
    return subprocess.run(command, env=env, capture_output=True, timeout=60).returncode


def test_the_workload_keeps_its_exit_code_and_a_healthy_run_its_own(run_probe: RunProbe) -> None:
    """The option is about the checks alone; warn starts the program all the same."""
    fine = ("--only", "timezone", "--exit-code-transient", "75")
    assert run_probe("check", *fine).code == 0
    assert run_probe("run", *fine, "--", "sh", "-c", "exit 9").code == 9
    assert run_probe("run", *PERMANENT, "--on-fail", "warn", "--", "sh", "-c", "exit 9").code == 9


@pytest.mark.parametrize("number", ["0", "1", "2", "64", "70", "78", "126", "-5", "x", "", "7 5", "٧٥"])
def test_numbers_that_mean_something_else_are_refused(run_probe: RunProbe, number: str) -> None:
    """One line, before anything is checked."""
    for words in (("check",), ("run", "--", "true")):
        done = run_probe(words[0], f"--exit-code-transient={number}", *words[1:])
        assert (done.code, done.out, done.err.count("\n")) == (64, "", 1)
        assert "write a number from 3 to 125" in done.err
    assert run_probe("check", "--format", "nagios", "--exit-code-transient", "75").code == 64


def test_unknown_counts_like_failed() -> None:
    """Most of the table is unknown rather than failed: a timeout is no verdict about the server."""
    from tests.output.reports import simple

    assert not transient.only(simple(Status.UNKNOWN))
    assert not transient.only(simple(Status.PASS))
