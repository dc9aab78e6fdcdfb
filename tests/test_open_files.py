"""Few descriptors to open (ulimit -n): a run is no healthy one, and what to raise is the first advice."""

import os
import resource
import subprocess
import sys

import pytest

from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

CHECK = [sys.executable, "-m", "probe", "check", "--only", "go-version", "--only", "go-env"]


def check(go: Toolchain, files: int) -> subprocess.CompletedProcess[str]:
    path = f"{go.root}/bin:{os.environ['PATH']}"
    return subprocess.run(
        CHECK,
        env={**clean_environment(), "PATH": path, "TZ": "UTC", "CGO_ENABLED": "0"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("files", [6, 7, 8])
def test_a_go_command_that_finds_no_descriptor(go_newest: Toolchain, files: int) -> None:
    """No limit of processes or memory has to do with it."""
    done = check(go_newest, files)
    assert (done.returncode, done.stderr) == (1, ""), done.stderr
    assert "too many open files" in done.stdout.lower()
    assert "fix: docker run --ulimit nofile=1024 IMAGE" in done.stdout
    assert "--pids-limit" not in done.stdout
    assert "Traceback" not in done.stdout


def test_enough_of_them(go_newest: Toolchain) -> None:
    done = check(go_newest, 64)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
