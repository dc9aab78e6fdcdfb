"""The commands that the bundle starts."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.containers import products
from tests.support.leftovers import HANGING_GO, NAPPING, children_of, gone, pids_of, wait_until


@pytest.mark.parametrize("lost", [(), (products.SUPERVISOR,)], ids=["whole", "without it"])
def test_commands_are_started_by_a_program(bundle: Path, tmp_path: Path, lost: tuple[str, ...]) -> None:
    """No interpreter is forked for them, unless the program cannot be had."""
    home = tmp_path / "probe"
    shutil.copytree(bundle, home, symlinks=True, ignore=lambda *_: [Path(name).name for name in lost])
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\nreadlink /proc/$PPID/exe\n")
    go.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    line = [str(home / "bin/probe"), "check", "--only", "go-version", "--verbose"]
    done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=60)
    assert str(home / ("libexec/probe" if lost else products.SUPERVISOR)) in re.split(
        r"[^\w/.-]", done.stdout
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_it(bundle: Path, tmp_path: Path, number: int) -> None:
    """What a command has forked away ends with a check that somebody kills."""
    nap, go = f"7{os.getpid()}.{time.monotonic_ns()}", tmp_path / "go"
    go.write_text(HANGING_GO.format(nap=nap))
    go.chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)}
    with subprocess.Popen(
        [bundle / "bin/probe", "check", "--timeout", "60"], env=env, stdout=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: len(pids_of(f"sleep\0{nap}")) >= NAPPING, seconds=20)
        helpers = children_of(process.pid)
        process.send_signal(number)
    wait_until(lambda: not pids_of(f"sleep\0{nap}") and gone(helpers), seconds=5)
