"""Nothing that the command starts outlives it, whatever it dies of."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe import orphans
from tests.support.commands import Completed, RunProbe, clean_environment
from tests.support.leftovers import HANGING_GO, NAPPING, children_of, gone, pids_of, wait_until
from tests.support.timing import Stopwatch


@pytest.fixture
def nap() -> str:
    """A number of seconds that no other process on this machine sleeps."""
    return f"8{os.getpid()}.{time.monotonic_ns()}"


@pytest.fixture
def path(tmp_path: Path, nap: str) -> str:
    """A PATH whose go command forks in every direction and hangs."""
    go = tmp_path / "bin/go"
    go.parent.mkdir()
    go.write_text(HANGING_GO.format(nap=nap))
    go.chmod(0o755)
    return f"{go.parent}:{os.environ['PATH']}"


@pytest.fixture
def probe(path: str, nap: str) -> Iterator[subprocess.Popen[bytes]]:
    """A check that waits for that go command; all that it starts is there."""
    command = [sys.executable, "-m", "probe", "check", "--timeout", "60"]
    env = {**clean_environment(), "PATH": path}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: len(pids_of(f"sleep\0{nap}")) >= NAPPING, seconds=20)
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGABRT])
def test_everything_ends_with_the_probe(probe: subprocess.Popen[bytes], nap: str, number: int) -> None:
    """The kubelet's SIGKILL comes without notice; a moment later neither go nor what it forked is left."""
    helpers = children_of(probe.pid)
    assert helpers
    probe.send_signal(number)
    probe.wait(10)
    wait_until(lambda: not pids_of(f"sleep\0{nap}") and gone(helpers), seconds=5)


def test_pipes_are_let_go_at_once(probe: subprocess.Popen[bytes]) -> None:
    """A runtime waits for the end of stdout and stderr: nobody else may hold them."""
    probe.kill()
    watch = Stopwatch()
    probe.communicate(timeout=10)
    assert watch.quiet() < 2


@pytest.mark.parametrize("timeout", ["0.5", "1.5"])
def test_hanging_go_is_ended_at_the_deadline(run_probe: RunProbe, path: str, nap: str, timeout: str) -> None:
    """The run ends in time, unhealthy, and is the last to leave."""
    done = run_probe("check", "--timeout", timeout, PATH=path)
    assert done.code == 1
    assert "TIMED_OUT" in done.out or "HUNG" in done.out or "HANGS" in done.out
    assert not pids_of(f"sleep\0{nap}")


def test_a_command_that_kills_the_supervisor_leaves_nothing_either(
    run_probe: RunProbe, path: str, tmp_path: Path, nap: str
) -> None:
    """The supervisor cannot be guarded against it: what had left its session comes to the probe, and ends."""
    go = tmp_path / "bin/go"
    killed = tmp_path / "killed"
    go.write_text(f"{go.read_text().rpartition('exec')[0]}echo x >> {killed}; kill -KILL $PPID; sleep {nap}")
    done = run_probe("check", PATH=path)
    assert done.code == 1
    assert killed.exists()
    assert not pids_of(f"sleep\0{nap}")


@pytest.fixture
def adopting() -> Iterator[None]:
    """Orphans of what we start become our children, as they would become those of PID 1 in a container."""
    prctl = ctypes.CDLL(None).prctl
    prctl(36, ctypes.c_ulong(1), 0, 0, 0)
    yield
    prctl(36, ctypes.c_ulong(0), 0, 0, 0)


@pytest.mark.usefixtures("adopting")
def test_no_zombie_is_left_to_pid_1(run_probe: RunProbe, path: str) -> None:
    """Many a container's first process reaps nobody: a check must not leave it anything to reap."""
    before = orphans.known()
    results: list[Completed] = [
        run_probe("check"),
        run_probe("check", "--timeout", "0.5", PATH=path),
        run_probe("inspect", "env", PATH=path.rpartition(":")[0]),
    ]
    assert results[1].code == 1
    assert orphans.known() <= before
