"""What the init leaves alone: descriptors, groups, kernel flags, a terminal that stops writers."""

import ctypes
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.entrypoint.helpers import CHECKOUT, HEALTHY, ISOLATED, environment, status
from tests.entrypoint.helpers import line as run_line
from tests.support.init import INIT, either, init_of, line, lines, run, start
from tests.support.leftovers import children_of, gone, wait_until
from tests.support.serving import serving
from tests.support.terminal import Terminal

# What exec(2) hands on and no /proc shows: a running timer, "children come to me", "die with my parent".
FLAGS = (
    "import ctypes, signal; call, found = ctypes.CDLL(None).prctl, ctypes.c_int(); "
    "print([call(option, ctypes.byref(found)) or found.value for option in (37, 2)], "
    "signal.getitimer(signal.ITIMER_REAL))"
)


@pytest.mark.parametrize("options", [(), serving()], ids=["exec", "serve"])
def test_the_workload_inherits_no_timer_and_no_flag(options: Sequence[str]) -> None:
    """PR_GET_CHILD_SUBREAPER and PR_GET_PDEATHSIG say no, and no alarm is set."""
    command = run_line(sys.executable, "-I", "-c", FLAGS, options=(*HEALTHY, *options), how=ISOLATED)
    done = subprocess.run(command, env=environment(), cwd=CHECKOUT, capture_output=True, timeout=60)
    assert done.stdout == b"[0, 0] (0.0, 0.0)\n"


def test_passed_descriptors_arrive(tmp_path: Path) -> None:
    """As systemd passes sockets, or make its job server."""
    with (tmp_path / "passed").open("wb") as passed:
        number = passed.fileno()
        done = run("bash", "-c", f"echo through >&{number}; ls /proc/self/fd", pass_fds=(number,))
    assert (tmp_path / "passed").read_bytes() == b"through\n"
    assert {int(found) for found in done.stdout.split()} - {3} == {0, 1, 2, number} - {3}  # 3: ls


@either
def test_closed_streams_do_not_matter(tmp_path: Path, before: Sequence[str]) -> None:
    """Without 0, 1 and 2 the workload runs and its exit code comes back."""
    out = tmp_path / "out"
    command = line("sh", "-c", f"echo here > {out}; exit 5", before=before)
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command], env=environment(), timeout=60
    )
    assert (done.returncode, out.read_text()) == (5, "here\n")


def test_signals_that_the_caller_ignored_stay_ignored() -> None:
    """nohup in front of the init."""
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    seen = status(run("cat", "/proc/self/status", preexec_fn=ignore).stdout)
    assert int(seen["SigIgn"], 16) == 1 << (signal.SIGHUP - 1)


@pytest.mark.parametrize("refusing", ["", "clone=EAGAIN,clone3=ENOSYS,fork=EAGAIN,vfork=EAGAIN"])
@pytest.mark.parametrize("options", [(), serving()], ids=["exec", "serve"])
def test_what_the_c_library_keeps_for_itself_is_nothing_to_warn_of(
    options: Sequence[str], refusing: str
) -> None:
    """
    The caller has blocked 32 and 33, which Python puts into no mask without a warning on stderr.

    So does the launcher of the bundle, which holds all signals; also where there can be no child.
    """
    before = [sys.executable, "-m", "tests.support.refused", refusing] if refusing else []
    command = [*before, *run_line("echo", "workload", options=(*HEALTHY, "--on-fail", "warn", *options))]
    done = subprocess.run(
        command,
        preexec_fn=block_32_and_33,
        env=environment(),
        cwd=CHECKOUT,
        capture_output=True,
        timeout=60,
    )
    assert b"Warning" not in done.stderr, done.stderr
    assert done.stdout == b"workload\n", done


def block_32_and_33() -> None:
    """By the system call: the C library's own function leaves them out."""
    call = {"x86_64": 14, "aarch64": 135}[platform.machine()]
    mask = ctypes.c_uint64(0b11 << 31)
    ctypes.CDLL(None).syscall(call, signal.SIG_BLOCK, ctypes.byref(mask), None, 8)


def test_a_signal_goes_to_the_workload_alone(tmp_path: Path) -> None:
    """Not to what it has started in its group: a server that manages its workers decides for them."""
    ready = tmp_path / "ready"
    script = f"trap 'exit 9' TERM; sleep 61 & echo $! > {ready}; wait"
    started = start("sh", "-c", script)
    wait_until(lambda: ready.exists() and bool(lines(ready)))
    started.terminate()
    assert started.wait(timeout=10) == 9
    worker = int(lines(ready)[0])
    assert not gone([worker])
    os.kill(worker, signal.SIGKILL)


@either
def test_a_stopped_workload_has_not_ended(before: Sequence[str]) -> None:
    """It stops itself; the init waits on, and CONT through the init brings its exit code."""
    started = start("sh", "-c", "kill -STOP $$; exit 7", before=before)
    init = init_of(started, before)

    def stopped() -> bool:
        states = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in children_of(init)
        ]
        return states == ["T"]

    wait_until(stopped)
    assert started.poll() is None
    os.kill(init, signal.SIGCONT)
    assert started.wait(timeout=10) == 7


def test_our_death_is_not_the_workloads(tmp_path: Path) -> None:
    """KILL to the init, which nobody sees coming: what it served goes on."""
    started = start("sleep", "61")
    wait_until(lambda: len(children_of(started.pid)) == 1)
    workload = children_of(started.pid)[0]
    wait_until(lambda: b"sleep" in Path(f"/proc/{workload}/cmdline").read_bytes())
    started.kill()
    started.wait(timeout=10)
    assert not gone([workload])
    os.kill(workload, signal.SIGKILL)


def test_a_terminal_that_stops_background_writers_does_not_stop_the_init(tmp_path: Path) -> None:
    """`stty tostop`: the init, in the background by then, tells of a lost worker and goes on."""
    told = tmp_path / "told"
    script = "stty tostop; echo ready; read word; exit 6"
    terminal = Terminal(*INIT, "-", str(told), "sh", "-c", script)
    try:
        terminal.sees(b"ready")
        wait_until(lambda: told.exists() and len(lines(told)) == 1)
        os.kill(int(lines(told)[0].split("/")[0]), signal.SIGKILL)
        terminal.sees(b"probe: the agent was ended by signal 9")
        wait_until(lambda: len(lines(told)) == 2)
        terminal.type(b"word\n")
        assert terminal.process.wait(timeout=10) == 6
    finally:
        terminal.close()
