"""The small init: signals, orphans, exit codes, terminals and the worker beside the workload."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoint.helpers import environment, status
from tests.support.init import (
    FORWARDED,
    HERE,
    RECORDER,
    either,
    init_of,
    line,
    lines,
    run,
    start,
)
from tests.support.leftovers import children_of, gone, wait_until
from tests.support.timing import Stopwatch

# Those that can be held, but for CHLD and for what only a terminal sends to the background.


class Recorder:
    """A started init whose workload writes its signals down."""

    def __init__(self, log: Path, before: Sequence[str] = (), **more: Any) -> None:
        self.log = log
        self.process = start(*RECORDER, str(log), before=before, **more)
        wait_until(lambda: self.seen()[:1] == ["ready"])
        self.pid = init_of(self.process, before)

    def seen(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    def signals(self, count: int) -> list[int]:
        wait_until(lambda: len(self.seen()) > count)
        return [int(word) for word in self.seen()[1:]]

    def end(self) -> int:
        os.kill(self.pid, signal.SIGALRM)
        return self.process.wait(timeout=10)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "signals"
    for pid in children_of(os.getpid()):
        if f"{HERE}".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)


@either
def test_every_signal_is_forwarded_once(log: Path, before: Sequence[str]) -> None:
    """One after another, real-time ones too, and the exit code comes back."""
    recorder = Recorder(log, before)
    for count, number in enumerate(FORWARDED, 1):
        os.kill(recorder.pid, number)
        assert recorder.signals(count)[-1] == number
    for number in (signal.SIGTTIN, signal.SIGTTOU, signal.SIGCHLD):
        os.kill(recorder.pid, number)
    assert recorder.end() == 42
    assert recorder.signals(1)[:-1] == FORWARDED


@either
def test_signals_sent_together_all_arrive(log: Path, before: Sequence[str]) -> None:
    """Distinct ones back to back, and real-time ones ten times each."""
    together = [number for number in FORWARDED if number != signal.SIGTSTP]  # it takes a pending CONT away
    recorder = Recorder(log, before)
    for number in together:
        os.kill(recorder.pid, number)
    for _ in range(10):
        os.kill(recorder.pid, signal.SIGRTMAX)
    wait_until(lambda: len(recorder.seen()) == len(together) + 11)
    assert recorder.end() == 42
    seen = recorder.signals(1)[:-1]
    assert sorted(seen) == sorted([*together, *[signal.SIGRTMAX] * 10])


def test_a_signal_to_the_group_arrives_once(log: Path) -> None:
    """The workload is in a group of its own: what goes to ours reaches it only through us."""
    recorder = Recorder(log, start_new_session=True)
    os.killpg(recorder.pid, signal.SIGTERM)
    recorder.signals(1)
    time.sleep(0.1)
    assert recorder.end() == 42
    assert recorder.signals(1)[:-1] == [signal.SIGTERM]


def holds_signals(pid: int) -> bool:
    """Whether the init is there (no longer the fork of us) and has made its first statement."""
    if b"init_entry" not in cmdline(pid):
        return False
    held = int(status(Path(f"/proc/{pid}/status").read_bytes())["SigBlk"], 16) & 1  # HUP
    # Where it waits for signals already, the kernel does not show them as held.
    return bool(held or Path(f"/proc/{pid}/task/{pid}/children").read_text())


@pytest.mark.parametrize("group", [False, True])
def test_no_signal_is_lost_or_doubled_while_we_start(tmp_path: Path, group: bool) -> None:
    """At any moment from our first statement on: it arrives at the workload, which holds it, once."""
    held = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN + 3})  # noqa: E731
    for attempt in range(40):
        log = tmp_path / f"{attempt}"
        started = start(*RECORDER, str(log), start_new_session=True, preexec_fn=held)
        wait_until(lambda pid=started.pid: holds_signals(pid))  # type: ignore[misc]
        time.sleep(attempt * 0.0005)
        (os.killpg if group else os.kill)(started.pid, signal.SIGRTMIN + 3)
        wait_until(lambda log=log: log.exists() and log.read_text().count("\n") >= 2)  # type: ignore[misc]
        os.kill(started.pid, signal.SIGALRM)
        assert started.wait(timeout=10) == 42
        assert log.read_text().split() == ["ready", str(signal.SIGRTMIN + 3), str(int(signal.SIGALRM))]


@either
@pytest.mark.sweep
def test_all_exit_codes_come_back(before: Sequence[str]) -> None:
    """0 to 255, by a workload each."""
    script = (
        f'i=0; while [ $i -le 255 ]; do {" ".join(line())} sh -c "exit $i"; '
        "[ $? = $i ] || echo $i: $?; i=$((i+1)); done"
    )
    if before:  # a PID namespace each is slow: every fifth, and the ends
        codes = sorted({*range(0, 256, 15), 1, 2, 126, 127, 128, 143, 254, 255})
        for code in codes:
            assert run("sh", "-c", f"exit {code}", before=before).returncode == code
        return
    done = subprocess.run(["sh", "-c", script], env=environment(), capture_output=True, timeout=110)
    assert (done.stdout, done.stderr) == (b"", b"")


@either
@pytest.mark.sweep
def test_death_by_each_signal_is_128_and_its_number(before: Sequence[str]) -> None:
    """Real-time ones too; a stop is no death."""
    deadly = signal.valid_signals() - {
        *(signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH),
        *(signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    }
    for number in sorted(deadly)[:: 5 if before else 1]:
        reset = "" if number == signal.SIGKILL else f"signal.signal({number:d}, signal.SIG_DFL); "
        killer = f"import os, signal; {reset}os.kill(os.getpid(), {number:d})"
        assert run(sys.executable, "-I", "-S", "-c", killer, before=before).returncode == 128 + number


@pytest.mark.parametrize(("command", "code"), [("/no/such", 127), ("/etc/passwd", 126), ("/", 126)])
def test_what_cannot_start_ends_us(command: str, code: int) -> None:
    """The codes and the one line of exec style."""
    done = run(command)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.startswith(b"probe: ")
    assert done.stderr.count(b"\n") == 1


@either
def test_the_workload_has_what_the_caller_had(before: Sequence[str]) -> None:
    """Mask, dispositions, descriptors; no trace of the init's own."""
    seen = status(run("cat", "/proc/self/status", before=before).stdout)
    assert {seen[key] for key in ("SigBlk", "SigIgn", "SigPnd", "ShdPnd")} == {"0" * 16}
    assert run("ls", "/proc/self/fd", before=before).stdout.split() == [b"0", b"1", b"2", b"3"]


def test_a_caller_that_ignores_sigchld_does_not_hang_us() -> None:
    """We are told how the workload ended, and it ignores SIGCHLD as the caller did."""
    ignore = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # noqa: E731
    assert run("sh", "-c", "exit 3", preexec_fn=ignore).returncode == 3
    done = run("cat", "/proc/self/status", preexec_fn=ignore)
    assert int(status(done.stdout)["SigIgn"], 16) == 1 << (signal.SIGCHLD - 1)


ORPHANS = "i=0; while [ $i -lt {count} ]; do (sleep {time} &) ; i=$((i+1)); done; {then}"


@either
def test_orphans_are_reaped(tmp_path: Path, before: Sequence[str]) -> None:
    """What the workload leaves behind becomes ours, PID 1 or not, and no zombie stays."""
    done = tmp_path / "done"
    script = ORPHANS.format(count=50, time=0.3, then=f"echo > {done}; sleep 30")
    started = start("sh", "-c", script, before=before)
    init = init_of(started, before)
    wait_until(done.exists, 20)
    wait_until(lambda: len(children_of(init)) > 10)
    wait_until(lambda: len(children_of(init)) == 1)
    os.kill(init, signal.SIGTERM)
    assert started.wait(timeout=10) == 143


@either
def test_2000_orphans_take_less_than_2_seconds(tmp_path: Path, before: Sequence[str]) -> None:
    """They die together, with the workload alive; its status is not taken for theirs."""
    ready, go = tmp_path / "ready", tmp_path / "go"
    workload = (
        "import os, sys, time\n"
        "reader, writer = os.pipe()\n"
        "for _ in range(20):\n"
        "    if not os.fork():\n"
        "        for _ in range(100):\n"
        "            if not os.fork():\n"
        "                os.close(writer); os.read(reader, 1); os._exit(3)\n"
        "        os._exit(0)\n"
        "for _ in range(20): os.wait()\n"
        f"open({str(ready)!r}, 'w').close()\n"
        f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
        "os.close(writer); time.sleep(30)\n"
    )
    started = start(sys.executable, "-I", "-S", "-c", workload, before=before)
    init = init_of(started, before)
    wait_until(ready.exists, 60)
    assert len(children_of(init)) == 2001
    go.touch()
    watch = Stopwatch()
    wait_until(lambda: Path(f"/proc/{init}/task/{init}/children").read_text().count(" ") == 1, 10)
    assert watch.quiet() < 2
    os.kill(init, signal.SIGTERM)
    assert started.wait(timeout=10) == 143


@either
def test_an_orphans_status_is_never_the_workloads(before: Sequence[str]) -> None:
    """Orphans that end at the same time, with other codes."""
    script = "for i in 1 2 3 4 5 6 7 8 9; do (sh -c 'sleep 0.05; exit 77' &) ; done; sleep 0.05; exit 5"
    for _ in range(5):
        assert run("sh", "-c", script, before=before).returncode == 5


def test_the_end_does_not_wait_for_others() -> None:
    """Neither for what the workload leaves running nor for its hold on stdout."""
    watch = Stopwatch()
    started = start("sh", "-c", "sleep 3 & exit 5", stdout=subprocess.PIPE)
    assert started.wait(timeout=10) == 5
    assert watch.quiet() < 2
    assert started.stdout
    started.stdout.close()


def test_kill_after_ends_a_workload_that_will_not(tmp_path: Path) -> None:
    """TERM, the grace period, then KILL for its whole group; a second TERM changes nothing."""
    ready = tmp_path / "ready"
    script = f"trap '' TERM; sleep 60 & echo $! > {ready}.new; mv {ready}.new {ready}; wait; sleep 60"
    started = start("sh", "-c", script, kill_after="0.5")
    wait_until(ready.exists)
    watch = Stopwatch()
    started.terminate()
    time.sleep(0.2)
    started.terminate()
    assert started.wait(timeout=10) == 137
    assert watch.wall() > 0.4
    assert watch.quiet() < 1.5
    wait_until(lambda: gone([int(ready.read_text())]))


def test_without_kill_after_nobody_is_killed(log: Path) -> None:
    """The workload decides when it ends."""
    recorder = Recorder(log)
    recorder.process.terminate()
    recorder.signals(1)
    time.sleep(0.5)
    assert recorder.process.poll() is None
    assert recorder.end() == 42


def test_stop_and_continue(log: Path) -> None:
    """STOP to us holds what comes after it back; CONT brings it."""
    recorder = Recorder(log)
    recorder.process.send_signal(signal.SIGSTOP)
    recorder.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    assert recorder.seen() == ["ready"]
    recorder.process.send_signal(signal.SIGCONT)
    assert sorted(recorder.signals(2)) == sorted([signal.SIGTERM, signal.SIGCONT])
    assert recorder.end() == 42


@either
def test_a_worker_that_dies_is_replaced(tmp_path: Path, before: Sequence[str]) -> None:
    """The workload does not notice and somebody reads why; also after TERM, of which each worker knows."""
    told, log = tmp_path / "told", tmp_path / "signals"
    started = start(*RECORDER, str(log), before=before, worker=str(told), stderr=subprocess.PIPE)
    init = init_of(started, before)

    def workers() -> list[int]:
        return [pid for pid in children_of(init) if b"init_entry" in cmdline(pid)]

    def lives(count: int, *more: str) -> None:
        """Wait until so many workers have begun; each knows the workload, its own number and the end."""
        wait_until(lambda: told.exists() and len(lines(told)) == count + len(more))
        starts = [line.split("/")[2:] for line in lines(told) if "/" in line]
        assert starts == [[str(n), str(n > 2)] for n in range(1, count + 1)]
        assert [line for line in lines(told) if "/" not in line] == list(more)

    wait_until(lambda: log.exists() and lines(log) == ["ready"])
    lives(1)
    os.kill(workers()[0], signal.SIGKILL)
    lives(2)
    assert lines(log) == ["ready"]
    os.kill(init, signal.SIGTERM)
    lives(2, "told")
    os.kill(init, signal.SIGTERM)
    os.kill(workers()[0], signal.SIGKILL)
    lives(3, "told")
    assert lines(log) == ["ready", "15", "15"]
    workload = int(lines(told)[0].split("/")[1])
    assert before or workload in children_of(init)
    os.kill(init, signal.SIGALRM)
    assert started.wait(timeout=10) == 42
    assert started.stderr
    assert started.stderr.read().splitlines() == [
        b"probe: the agent was ended by signal 9; starting it again in 0.1 s",
        b"probe: the agent was ended by signal 9; starting it again in 0.2 s",
    ]
    started.stderr.close()


def test_the_worker_ends_with_us(tmp_path: Path) -> None:
    """By KILL too, which we do not see coming."""
    told = tmp_path / "told"
    started = start("sleep", "61", worker=str(told))
    wait_until(lambda: told.exists() and bool(told.read_text()))
    workload = children_of(started.pid)
    started.kill()
    started.wait(timeout=10)
    wait_until(lambda: gone([pid for pid in workload if pid != 0 and b"init_entry" in cmdline(pid)]))
    for pid in workload:
        if b"sleep" in cmdline(pid):
            os.kill(pid, signal.SIGKILL)


def cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_no_cpu_at_rest(log: Path) -> None:
    """Nothing wakes us."""
    recorder = Recorder(log)
    switches = status(Path(f"/proc/{recorder.pid}/status").read_bytes())["voluntary_ctxt_switches"]
    time.sleep(2.2)
    assert status(Path(f"/proc/{recorder.pid}/status").read_bytes())["voluntary_ctxt_switches"] == switches
    assert recorder.end() == 42
