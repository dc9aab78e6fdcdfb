"""The init of `probe run --serve`, started with a recorder as its workload."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoint.helpers import CHECKOUT, environment
from tests.support.leftovers import children_of, wait_until

HERE = Path(__file__).parent


INIT = [sys.executable, "-I", str(HERE / "init_entry.py"), CHECKOUT]


RECORDER = [sys.executable, "-I", "-S", str(HERE / "recorder.py")]


NAMESPACE = ["unshare", "-pf", "--mount-proc"]


FORWARDED = sorted(
    signal.valid_signals()
    - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGTTIN, signal.SIGTTOU}
    - {signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV}
    - {signal.SIGSYS, signal.SIGALRM}
)


either = pytest.mark.parametrize(
    "before",
    [
        pytest.param([], id="ordinary"),
        pytest.param(NAMESPACE, id="pid-1", marks=pytest.mark.root),
    ],
)


def line(*command: str, before: Sequence[str] = (), kill_after: str = "-", worker: str = "-") -> list[str]:
    return [*before, *INIT, kill_after, worker, *command]


def run(*command: str, before: Sequence[str] = (), **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        line(*command, before=before),
        env=environment(),
        **{"capture_output": True, "timeout": 60, "stdin": subprocess.DEVNULL, **more},
    )


def start(
    *command: str, before: Sequence[str] = (), kill_after: str = "-", worker: str = "-", **more: Any
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        line(*command, before=before, kill_after=kill_after, worker=worker),
        env=environment(),
        **{"stdin": subprocess.DEVNULL, **more},
    )


def init_of(started: subprocess.Popen[bytes], before: Sequence[str]) -> int:
    """The pid of the init, seen from here."""
    if not before:
        return started.pid
    wait_until(lambda: bool(children_of(started.pid)))
    return children_of(started.pid)[0]


def lines(path: Path) -> list[str]:
    return path.read_text().split()
