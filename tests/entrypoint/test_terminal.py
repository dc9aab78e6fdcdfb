"""Terminals and job control: the workload has the terminal, ^C reaches it once, ^Z and fg work."""

import fcntl
import os
import re
import signal
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoint.helpers import HEALTHY, UNHEALTHY, line
from tests.support.init import INIT, RECORDER
from tests.support.leftovers import children_of, wait_until
from tests.support.terminal import Terminal


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "signals"


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def seen(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def test_control_c_reaches_the_workload_once(log: Path, opened: list[Terminal]) -> None:
    """By the terminal itself, not a second time by us; so does a change of the window's size."""
    opened.append(terminal := Terminal(*INIT, "-", "-", *RECORDER, str(log)))
    wait_until(lambda: seen(log) == ["ready"])
    workload = children_of(terminal.process.pid)[0]
    assert terminal.foreground == workload
    terminal.type(b"\x03")
    wait_until(lambda: len(seen(log)) > 1)
    fcntl.ioctl(terminal.ours, termios.TIOCSWINSZ, b"\x20\x00\x40\x00\x00\x00\x00\x00")
    wait_until(lambda: len(seen(log)) > 2)
    time.sleep(0.2)
    assert seen(log) == ["ready", str(int(signal.SIGINT)), str(int(signal.SIGWINCH))]
    os.kill(terminal.process.pid, signal.SIGALRM)
    assert terminal.process.wait(timeout=10) == 42


def test_the_workload_reads_the_terminal(opened: list[Terminal]) -> None:
    """It is the foreground group; otherwise its first read would stop it."""
    opened.append(terminal := Terminal(*INIT, "-", "-", "sh", "-c", "read word; echo got=$word; exit 6"))
    terminal.type(b"hello\n")
    terminal.sees(b"got=hello")
    assert terminal.process.wait(timeout=10) == 6


def test_exec_style_reads_the_terminal(opened: list[Terminal]) -> None:
    """The checks give the terminal back untouched."""
    opened.append(terminal := Terminal(*line("sh", "-c", "read word; echo got=$word; exit 6")))
    terminal.type(b"hello\n")
    terminal.sees(b"got=hello")
    assert terminal.process.wait(timeout=10) == 6


def screen(written: bytes) -> list[str]:
    """The lines that a terminal shows which knows \\r, \\n, "up" and "erase to the end"."""
    rows, row, column = [""], 0, 0
    for part in re.findall(rb"\x1b\[[0-9;]*[A-Za-z]|\r|\n|[^\r\n\x1b]+", written):
        if part == b"\r":
            column = 0
        elif part == b"\n":
            row += 1
            rows += [""] * (row + 1 - len(rows))
        elif part == b"\x1b[A":
            row = max(0, row - 1)
        elif part == b"\x1b[K":
            rows[row] = rows[row][:column]
        elif not part.startswith(b"\x1b"):
            text = part.decode()
            rows[row] = rows[row][:column].ljust(column) + text + rows[row][column + len(text) :]
            column += len(text)
    return rows


def test_tries_are_one_live_line(opened: list[Terminal]) -> None:
    """Each in place of the one before; when they are over, only the report is left."""
    for seconds in ("2", "8", "30"):  # on a busy machine one try may take some
        command = line("echo", "workload", options=(*UNHEALTHY, "--retry-for", seconds))
        opened.append(terminal := Terminal("env", "TERM=xterm", "NO_COLOR=1", *command))
        terminal.sees(b"fix: ", 60)
        if terminal.seen.count(b"probe: try ") >= 2:
            break
    shown = screen(terminal.seen)
    assert terminal.seen.count(b"probe: try ") >= 2
    assert shown[0].startswith("unhealthy: TIMEZONE_EXPECTED_UNKNOWN (1 unknown of 1 check) in ")
    assert not [row for row in shown if "try" in row]
    assert terminal.process.wait(timeout=10) == 1


def test_a_narrow_terminal_does_not_break_the_live_line(opened: list[Terminal]) -> None:
    """It is cut, so that it stays one row."""
    command = line("echo", "workload", options=(*UNHEALTHY, "--retry-for", "60"))
    opened.append(
        terminal := Terminal("env", "TERM=xterm", "sh", "-c", 'stty cols 30; exec "$@"', "sh", *command)
    )
    terminal.sees(b"probe: try 2: ", 30)
    terminal.type(b"\x03")
    assert terminal.process.wait(timeout=10) == 130
    terminal.sees(b"^C")
    assert all(len(row) < 30 for row in screen(terminal.seen))


def test_the_workload_begins_on_a_clean_line(opened: list[Terminal], tmp_path: Path) -> None:
    """What was shown of the tries is gone when they succeed."""
    zone = tmp_path / "zone"
    command = line("echo", "workload", options=(*HEALTHY, "--retry-for", "30"))
    opened.append(terminal := Terminal("env", "TERM=xterm", f"TZ={zone}", *command))
    terminal.sees(b"probe: try 1: ")
    zone.write_bytes(Path("/usr/share/zoneinfo/UTC").read_bytes())
    terminal.sees(b"workload")
    assert screen(terminal.seen)[0] == "workload"
    assert terminal.process.wait(timeout=10) == 0


def test_stop_and_continue_from_a_shell(log: Path, opened: list[Terminal]) -> None:
    """^Z gives the prompt back, fg the program; ^C then ends it and the shell has the terminal again."""
    opened.append(terminal := Terminal("bash", "--norc", "--noprofile", "-i"))
    terminal.sees(b"$ ")
    workload = "import sys; print('be' + 'gin', flush=True); print('got=' + sys.stdin.readline(), flush=True)"
    terminal.type(f'{" ".join(INIT)} - - {sys.executable} -I -c "{workload}"\n'.encode())
    terminal.sees(b"begin")
    terminal.type(b"\x1a")
    terminal.sees(b"Stopped")
    terminal.type(b"echo $((40+2))\n")
    terminal.sees(b"\n42")
    terminal.type(b"fg\n")
    time.sleep(0.5)
    terminal.type(b"again\n")
    terminal.sees(b"got=again")
    terminal.type(b"echo code=$(($?+1000))\n")
    terminal.sees(b"code=1000")
    assert terminal.foreground == terminal.process.pid


def test_a_job_in_the_background_leaves_the_terminal_alone(log: Path, opened: list[Terminal]) -> None:
    """Started with &, it does not take the terminal from the shell."""
    opened.append(terminal := Terminal("bash", "--norc", "--noprofile", "-i"))
    terminal.sees(b"$ ")
    terminal.type(f"{' '.join([*INIT, '-', '-', *RECORDER, str(log)])} &\n".encode())
    wait_until(lambda: seen(log) == ["ready"])
    assert terminal.foreground == terminal.process.pid
    terminal.type(b"kill -ALRM $!; wait $!; echo code=$?\n")
    terminal.sees(b"code=42")


def test_a_hang_up_ends_both(log: Path) -> None:
    """The other end goes: HUP reaches the workload."""
    terminal = Terminal(*INIT, "-", "-", *RECORDER, str(log))
    wait_until(lambda: seen(log) == ["ready"])
    os.close(terminal.ours)
    wait_until(lambda: str(int(signal.SIGHUP)) in seen(log))
    os.kill(terminal.process.pid, signal.SIGALRM)
    assert terminal.process.wait(timeout=10) == 42
