"""An image archive on standard input: docker save IMAGE | probe check --image -."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import RunProbe, clean_environment
from tests.support.images import Image, file, tarred, write_tar

COMMAND = [sys.executable, "-m", "probe", "check", "--image", "-", "--only", "timezone"]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    image = Image([tarred([file("etc/hostname", b"x")])])
    return write_tar(tmp_path / "image.tar", image.saved())


def piped(data: bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(COMMAND, input=data, capture_output=True, env={**clean_environment(), **env})


@pytest.mark.parametrize("place", ["", "/dev/shm", "/no/such/place", "/proc"])
def test_it_is_judged_like_a_file(archive: Path, place: str, run_probe: RunProbe) -> None:
    """Wherever the stream is kept meanwhile, the findings are those of the file; nothing is left."""
    done = piped(archive.read_bytes(), **({"TMPDIR": place} if place else {}))
    named = run_probe("check", "--image", str(archive), "--only", "timezone")
    assert done.returncode == named.code == 0
    assert done.stdout.decode().splitlines()[1:] == named.out.splitlines()[1:]
    assert done.stderr == b""


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b\x08"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    """With a code, as a file is."""
    done = piped(data)
    assert done.returncode == 1
    assert b"unhealthy: IMAGE_" in done.stdout


def test_what_is_an_image_of_the_engine_gets_the_command(run_probe: RunProbe, tmp_path: Path) -> None:
    """Whoever writes a tag as for `docker run` is told what to type."""
    done = run_probe("check", "--image", "svc:3")
    assert done.code == 1
    assert "fix: docker save svc:3 | probe check --image -" in done.out
    missing = run_probe("check", "--image", str(tmp_path / "none.tar"))
    assert "docker save" not in missing.out


def test_a_closed_stdin_is_told(tmp_path: Path) -> None:
    """One line, no traceback."""
    done = subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, env=clean_environment())
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"nothing came on standard input" in done.stdout
    assert os.listdir(tmp_path) == []
