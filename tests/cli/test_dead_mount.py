"""Files on a mount that never answers: what only looks ends in time too."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import clean_environment
from tests.support.dead_server import DeadServer

LINES = (
    *(("inspect", what, "--timeout", "1", "--root", "{dead}") for what in ("roots", "timezone", "env")),
    ("inspect", "chain", "{dead}/chain.pem", "--host", "a.test", "--timeout", "1"),
    ("inspect", "pinned", "{dead}/sums", "--timeout", "1"),
    ("inspect", "version", "{dead}/app", "--timeout", "1"),
    ("baseline", "snapshot", "--set", "timeout_s=1", "--root", "{dead}"),
    (
        "baseline",
        "snapshot",
        "--set",
        "timeout_s=1",
        "--env",
        "SSL_CERT_FILE={dead}/roots.pem",
        "--root",
        "/",
    ),
)


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Path]:
    server = DeadServer(tmp_path / "dead")
    yield server.place
    server.close()


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_inspect_and_baseline_end_in_time(dead: Path) -> None:
    """One line that says so, and exit 1, all at once; what hangs there not even SIGKILL would end."""
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "probe", *(word.format(dead=dead) for word in line)],
            env={**clean_environment(), "TZ": "UTC"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in LINES
    ]
    end = time.monotonic() + 20
    for line, process in zip(LINES, begun, strict=True):
        assert process.wait(max(0.1, end - time.monotonic())) == 1, line
        assert process.stderr
        assert "not done after 1 s" in process.stderr.readline(), line
        process.stdout and process.stdout.close()
        process.stderr.close()
