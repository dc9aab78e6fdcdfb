"""An error is no absence: a file that is asked for and cannot be read ends a command with a line about it."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.commands import clean_environment


def denied(place: Path) -> Path:
    place.write_text("")
    place.chmod(0)
    return place


def below_a_file(place: Path) -> Path:
    place.write_text("")
    return place / "file"


def looped(place: Path) -> Path:
    place.symlink_to(place.name)
    return place


def dangling(place: Path) -> Path:
    place.symlink_to("Nothing")
    return place


def a_directory(place: Path) -> Path:
    place.mkdir()
    return place


KINDS: Mapping[int, Callable[[Path], Path]] = {
    errno.EACCES: denied,
    errno.ENOTDIR: below_a_file,
    errno.ELOOP: looped,
    errno.ENOENT: dangling,
    errno.EISDIR: a_directory,
}
AGENT = ("serve", "127.0.0.1:0", "--set", "agent.socket=", "--set")
# The command line, and its exit code.
LINES = {
    ("check", "--config", "FILE"): 78,
    ("run", "--config", "FILE", "--", "true"): 78,
    ("status", "--config", "FILE"): 78,
    ("config", "--check", "--config", "FILE"): 78,
    ("manifest", "kubernetes", "--config", "FILE"): 78,
    ("check", "--baseline", "FILE"): 78,
    ("check", "--root", "/", "--env-file", "FILE"): 64,
    (*AGENT, "agent.token_file=FILE"): 78,
    (*AGENT, "agent.tls_cert=FILE", "--set", "agent.tls_key=FILE"): 78,
    ("manifest", "--lint", "FILE"): 64,
    ("merge", "FILE"): 78,
    ("inspect", "chain", "FILE", "--host", "a.test"): 1,
    ("inspect", "chain", "/dev/null", "--host", "a.test", "--roots", "FILE"): 1,
}


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line)[:40])
def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path, line: tuple[str, ...]) -> None:
    """One line: the file as it is written, and the kernel's reason or what it is instead."""
    # Root may read everything, unless it gives that up.
    as_us = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    for number, make in KINDS.items():
        path = str(make(tmp_path / f"File{number}"))
        done = subprocess.run(
            [*as_us, sys.executable, "-m", "probe", *(word.replace("FILE", path) for word in line)],
            env={**clean_environment(), "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == LINES[line], (path, done)
        assert not done.stdout
        assert done.stderr.count("\n") == 1
        assert path in done.stderr
        words = [os.strerror(number).lower(), "not readable by user", "is not a file of at most 1 mib"]
        assert any(one in done.stderr.lower() for one in words), done.stderr
