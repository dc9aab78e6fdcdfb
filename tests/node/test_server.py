"""`probe node --serve`: scans on a schedule, answers from the last scan, ends on SIGTERM."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from probe.agent.loop import Loop
from probe.node import server as node_server
from probe.node.scan import Snapshot
from tests.node.conftest import MakeScanner, Start
from tests.support.commands import RunProbe, clean_environment
from tests.support.leftovers import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: chroot")


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "probe", "node", "--serve", f"127.0.0.1:{port}", "--host"]
    process = subprocess.Popen([*command, "--set", "agent.interval_s=1"], env=clean_environment())
    yield process
    process.kill()
    process.wait()


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()


def ready(port: int) -> bool:
    with suppress(OSError):
        return get(port, "/readyz")[0] == 200
    return False


def test_it_answers_from_the_last_scan(
    tmp_path: Path, start: Start, port: int, server: subprocess.Popen[bytes]
) -> None:
    """Alive at once, ready after a scan; metrics that parsers take; a page without a script."""
    root = tmp_path / "root"
    root.mkdir()
    pid = start(root)
    wait_until(lambda: ready(port), 60)
    assert get(port, "/livez") == (200, "ok")
    _, text = get(port, "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert len(families["probe_container_healthy"].samples) >= 1
    assert f'container="{pid}"' not in text
    assert str(root) not in text
    if promtool := shutil.which("promtool"):
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
    status, page = get(port, "/")
    assert status == 200
    assert "CA_BUNDLE_MISSING" in page
    assert "<script" not in page
    assert get(port, "/nothing")[0] == 404
    server.send_signal(signal.SIGTERM)
    assert server.wait(10) == 0


def test_a_scan_that_hangs_is_done_again_carefully(
    tmp_path: Path,
    start: Start,
    proc: Path,
    make_scanner: MakeScanner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others' verdicts hold, the one that hangs is late, and nobody waits for it the next time."""
    monkeypatch.setattr(node_server, "_QUICK_S", 0.5)
    (tmp_path / "root").mkdir()
    pid = start(tmp_path / "root")
    node = node_server._NodeScan(make_scanner(), 3600.0, Loop())
    assert _scanned(node).skipped == {}
    hanging = proc / "4194303"
    hanging.mkdir()
    for name in ("stat", "cgroup"):
        (hanging / name).write_bytes(Path(f"/proc/{pid}/{name}").read_bytes())
    (hanging / "exe").symlink_to(tmp_path / "root/app")
    os.mkfifo(hanging / "environ")  # stands for a file system that never answers
    for careful in (False, True):
        assert node._careful is careful
        found = _scanned(node)
        assert found.skipped == {"timed out": 1}
        assert {one.program.pid: one.problem for one in found.judged} == {pid: "", 4194303: "timed out"}
    shutil.rmtree(hanging)
    for careful in (True, False):
        assert node._careful is careful
        assert _scanned(node).skipped == {}
    end = time.monotonic() + 10
    while node._left and time.monotonic() < end:
        node.turn()
    assert not node._left


def test_why_a_scan_fails_is_in_the_log(
    tmp_path: Path, start: Start, make_scanner: MakeScanner, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its child ends without an answer, and nobody else knows."""
    (tmp_path / "root").mkdir()
    start(tmp_path / "root")
    scanner = make_scanner()
    scanner._checks = ("no-such-check",)
    node = node_server._NodeScan(scanner, 3600.0, Loop())
    node.turn()
    end = time.monotonic() + 60
    while node._child and time.monotonic() < end:
        node.turn()
    told = capfd.readouterr().err
    assert '"event": "the scan failed", "cause": "KeyError: \'no-such-check\'"' in told
    assert "the scan ended without a result" in told
    assert not node.snapshot


def _scanned(node: node_server._NodeScan) -> Snapshot:
    """The snapshot of a scan that begins now."""
    before, node.due_at = node.snapshot, time.monotonic()
    end = time.monotonic() + 60
    while node.snapshot is before and time.monotonic() < end:
        node.turn()
    assert node.snapshot
    return node.snapshot


def test_wrong_options_are_refused(run_probe: RunProbe) -> None:
    """One line, and the code for usage."""
    for arguments in (
        ("--serve", "nowhere"),
        ("--serve", "127.0.0.1:1", "--format", "json"),
        ("--format", "xml"),
        ("--only", "go-env"),
        ("--only", "timezone,offline"),
        ("--skip", "go-version,ca-bundle,timezone,limits"),
        ("--endpoint", "localhost:443"),
        ("--baseline", "baseline.toml"),
    ):
        done = run_probe("node", *arguments)
        assert (done.code, done.out, done.err.count("\n")) == (64, "", 1)
    done = run_probe("node", PROBE_CHECKS='["go-env"]')
    assert (done.code, done.out) == (78, "")
    assert "names none that probe node runs: go-version, ca-bundle" in done.err
