"""`probe node --serve`: scans on a schedule, answers from the last scan, ends on SIGTERM."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.node.conftest import Start
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


def test_wrong_options_are_refused(run_probe: RunProbe) -> None:
    """One line, and the code for usage."""
    for arguments in (
        ("--serve", "nowhere"),
        ("--serve", "127.0.0.1:1", "--format", "json"),
        ("--format", "xml"),
    ):
        done = run_probe("node", *arguments)
        assert (done.code, done.out, done.err.count("\n")) == (64, "", 1)
