"""The parent that waits for a child that may hang: it takes no pause for that, and leaves nothing."""

import os
import signal
import subprocess
import sys
import time

from tests.support.commands import clean_environment

_STILL = """
import sys, time
from probe.cli import in_time
in_time._STILL_S = 1.0
in_time.guard()
time.sleep(float(sys.argv[1]))
print("done")
"""
# As PID 1 of a container is, whose children are all that are left by others.
_HEIR = """
import os, subprocess, sys
from probe import prctl
prctl.load()(prctl.CHILD_SUBREAPER, 1)
done = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
with open("/proc/thread-self/children") as stream:
    print(done.returncode, stream.read().split())
"""
# What is ignored is kept by exec.
_IGNORING = """
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"""


def guarded(seconds: float) -> list[str]:
    """A command that waits for so long without a word, though it is given a second."""
    return [sys.executable, "-c", _STILL, str(seconds)]


def test_a_pause_is_no_hang() -> None:
    """As by `docker pause`, a cgroup's freezer or ^Z: all of it, for longer than a file may take."""
    command = subprocess.Popen(
        guarded(0.8),
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    time.sleep(0.4)
    os.killpg(command.pid, signal.SIGSTOP)
    time.sleep(2)
    os.killpg(command.pid, signal.SIGCONT)
    assert command.communicate(timeout=20)[0] == "done\n"
    assert command.returncode == 0


def test_a_child_that_is_given_up_is_no_zombie() -> None:
    """Where the caller, or PID 1 of a container, reaps nobody but those that it knows."""
    line = [sys.executable, "-c", _HEIR, *guarded(60)]
    told = subprocess.run(line, env=clean_environment(), stdout=subprocess.PIPE, text=True, timeout=30)
    assert told.stdout == "1 []\n"


def test_a_caller_that_ignores_sigchld_loses_no_code() -> None:
    """The kernel reaps its children, and ours too until we say otherwise."""
    commands = (
        (guarded(0), "done\n"),
        ([sys.executable, "-m", "probe", "inspect", "timezone", "--root", "/"], "}\n"),
    )
    for command, end in commands:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                _IGNORING,
                *command,
            ],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (done.returncode, done.stderr, done.stdout.endswith(end)) == (0, "", True)
