"""A signal at any instant, from the first one on: it ends us or reaches the workload, and only once."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.entrypoint.helpers import CHECKOUT, HEALTHY, ISOLATED, environment, line, status
from tests.support.init import NAMESPACE, RECORDER, either, lines
from tests.support.leftovers import wait_until
from tests.support.serving import serving

# Our first statement comes after some 10, the workload after 60.
INSTANTS_MS = (*range(16), *range(18, 120, 4))
TERM, ALRM = str(int(signal.SIGTERM)), str(int(signal.SIGALRM))


class Sent:
    """One start, one SIGTERM so many milliseconds later, and what came of it."""

    def __init__(
        self, log: Path, before: Sequence[str], options: Sequence[str], after_ms: int, *, held: bool = False
    ) -> None:
        self.log = log
        hold = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM}) if held else None  # noqa: E731
        self.process = subprocess.Popen(
            line(*RECORDER, str(log), options=(*HEALTHY, *options), how=[*before, *ISOLATED]),
            env=environment(),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=hold,
        )
        self.pid = _started(self.process.pid) if before else self.process.pid
        time.sleep(after_ms / 1000)
        self.was_held = held or _holds(self.pid)
        os.kill(self.pid, signal.SIGTERM)

    def arrived(self) -> bool:
        """Whether it reached the workload; False when it ended us, and nothing had begun."""
        wait_until(lambda: self.process.poll() is not None or len(self.seen()) > 1, 10)
        if self.process.returncode is None:
            return True
        assert self.process.returncode in (128 + signal.SIGTERM, -signal.SIGTERM)
        assert self.seen() == []
        return False

    def lost(self) -> bool:
        """Whether nothing came of it: the workload waits, and heard nothing."""
        wait_until(lambda: self.process.poll() is not None or bool(self.seen()), 10)
        time.sleep(0.2)
        return self.process.poll() is None and self.seen() == ["ready"]

    def seen(self) -> list[str]:
        return lines(self.log) if self.log.exists() else []

    def end(self) -> list[str]:
        """All that the workload heard."""
        os.kill(self.pid, signal.SIGALRM)
        assert self.process.wait(timeout=10) == 42
        return self.seen()


def _started(parent: int) -> int:
    """The child of `unshare`, as soon as it is there."""
    end = time.monotonic() + 10
    while not (found := Path(f"/proc/{parent}/task/{parent}/children").read_text()):
        assert time.monotonic() < end
    return int(found)


def _holds(pid: int) -> bool:
    """Whether signals are held. The kernel does not show those that are waited for; then there is a child."""
    seen = status(Path(f"/proc/{pid}/status").read_bytes())
    return bool(int(seen["SigBlk"], 16) & 1 or Path(f"/proc/{pid}/task/{pid}/children").read_text())


@pytest.mark.parametrize("serve", [False, True], ids=["exec", "serve"])
def test_it_ends_us_or_reaches_the_workload(tmp_path: Path, serve: bool) -> None:
    """As an ordinary process: from before our first statement until after the workload has begun."""
    reached = []
    for after_ms in INSTANTS_MS:
        sent = Sent(tmp_path / f"{after_ms}", [], serving() if serve else (), after_ms)
        reached.append(sent.arrived())
        if reached[-1]:
            assert sent.end() == ["ready", TERM, ALRM]
    assert not reached[0]  # else the first instants were missed


@pytest.mark.root
def test_as_pid_1_it_is_lost_only_before_our_first_statement(tmp_path: Path) -> None:
    """Nobody but the kernel is there by then, and it drops what PID 1 has no handler for."""
    for after_ms in INSTANTS_MS:
        sent = Sent(tmp_path / f"{after_ms}", NAMESPACE, serving(), after_ms)
        if not sent.was_held and sent.lost():
            assert sent.end() == ["ready", ALRM]
        elif sent.arrived():
            assert sent.end() == ["ready", TERM, ALRM]


@either
def test_what_the_caller_held_is_never_lost(tmp_path: Path, before: Sequence[str]) -> None:
    """It waits for the workload from the first instant on, PID 1 or not, and does not end the checks."""
    for after_ms in (0, 1, 2, 4, 8, 12, 20, 40):
        sent = Sent(tmp_path / f"{after_ms}", before, serving(), after_ms, held=True)
        assert sent.arrived()
        assert sent.end() == ["ready", TERM, ALRM]


def test_sigint_shows_no_traceback_of_ours() -> None:
    """As a module too. What CPython raises in its own start, before our first statement, it shows itself."""
    begun = []
    for after_ms in range(0, 90, 3):
        process = subprocess.Popen(
            line("true"),
            env=environment(),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(after_ms / 1000)
        process.send_signal(signal.SIGINT)
        begun.append(process)
    for process in begun:
        told = process.communicate(timeout=30)[1]
        assert f"{CHECKOUT}/probe/" not in told
        assert process.returncode in (0, 1, 130, -signal.SIGINT)
