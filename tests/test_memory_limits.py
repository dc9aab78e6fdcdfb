"""
Little memory to map (ulimit -v, ulimit -d): a command ends in time, by itself, and says what to do.

CPython does not survive every allocation that fails; what it dies or hangs of changes with its
release. So these are limits, from those in which it barely starts, and not places in the code.
"""

import compileall
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import probe
from tests.support import refused
from tests.support.commands import clean_environment
from tests.support.leftovers import wait_until
from tests.support.toolchains import Toolchain

ROOT = Path(probe.__file__).parent.parent
MB = 1 << 20
KINDS = {"v": resource.RLIMIT_AS, "d": resource.RLIMIT_DATA}
LIMITS = {"v": range(12, 61), "d": range(4, 33)}  # MB
OFTEN = {"v": {14, 18, 24, 25, 27, 44}, "d": {5, 8, 10, 24}}
COMMANDS = {
    "check": ("check",),
    "ready": ("check", "--role", "ready"),
    "status": ("status",),
    "run": ("run", "--only", "timezone", "--", "/bin/true"),
    "explain": ("explain", "CA_BUNDLE_MISSING"),
    "version": ("--version",),
}
LIMITED = [
    pytest.param(
        letter,
        limit,
        command,
        marks=[] if limit in OFTEN[letter] and command in ("check", "run") else pytest.mark.sweep,
    )
    for letter, limits in LIMITS.items()
    for limit in limits
    for command in COMMANDS
]
LONGEST_S = 5 + 2  # the default timeout, and two seconds to leave in


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How bin/probe starts the interpreter, for a copy of the package with its bytecode."""
    home = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT / "probe", home / "probe", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "bin/probe", home / "script")
    assert compileall.compile_dir(home / "probe", quiet=1, workers=1)
    return [sys.executable, "-I", "-S", "-X", f"packages={home}", str(home / "script")]


@pytest.fixture(scope="module")
def env(go_newest: Toolchain) -> dict[str, str]:
    path = f"{go_newest.root}/bin:{os.environ['PATH']}"
    return {**clean_environment(), "TZ": "UTC", "CGO_ENABLED": "0", "PATH": path}


def limited(letter: str, size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(KINDS[letter], (size, size))


def starts(letter: str, size: int) -> bool:
    """Whether the interpreter comes to its first statement with less than that, a script's and not ours."""
    command = [sys.executable, "-I", "-S", "-c", "import posix; posix._exit(0)"]
    less = limited(letter, size - MB)
    return subprocess.run(command, preexec_fn=less, capture_output=True, timeout=30).returncode == 0


@pytest.mark.parametrize(("letter", "limit", "command"), LIMITED)
def test_it_ends_in_time_and_says_what_to_do(
    installed: list[str], env: dict[str, str], letter: str, limit: int, command: str
) -> None:
    """No hang, no death by a signal, no traceback; what is not told as a report is one line with advice."""
    if not starts(letter, limit * MB):
        return
    began = time.monotonic()
    done = subprocess.run(
        [*installed, *COMMANDS[command]],
        env=env,
        preexec_fn=limited(letter, limit * MB),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert time.monotonic() - began < LONGEST_S
    assert done.returncode in (0, 1), done
    for word in ("Traceback", "Fatal Python error", "please report", "Exception ignored"):
        assert word not in done.stdout + done.stderr
    if done.returncode and not done.stdout and "fix: " not in done.stderr:
        assert done.stderr.startswith("probe: ")
        assert done.stderr.count("\n") == 1
        assert "raise" in done.stderr
    if command in ("check", "ready", "status"):  # no go command starts with so little
        assert done.returncode == 1


@pytest.mark.parametrize("letter", KINDS)
def test_enough_is_no_limit(installed: list[str], env: dict[str, str], letter: str) -> None:
    """The twin: nothing is said, and nobody waits for us."""
    command = [*installed, "check", "--only", "timezone", "--only", "go-version"]
    free = limited(letter, 1 << 40)
    done = subprocess.run(command, env=env, preexec_fn=free, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(("letter", "limit"), [("v", 600), ("v", 900), ("d", 100), ("d", 200)])
@pytest.mark.parametrize("many", ["releases", "endpoints"])
def test_no_more_threads_than_there_is_room_for(
    installed: list[str], letter: str, limit: int, many: str
) -> None:
    """The verdicts are those without a limit, of which nothing is said. There is no go command here."""
    env = {**clean_environment(), "TZ": "UTC", "PATH": "/usr/bin:/bin"}
    endpoints = [f"--endpoint=127.0.0.{number}:9" for number in range(1, 25)]
    options = ["--as-go", "all"] if many == "releases" else [*endpoints, "--format", "tap"]
    command = [*installed, "check", "--only", "ca-bundle,timezone", *options]
    free, held = (
        subprocess.run(command, env=env, preexec_fn=before, capture_output=True, text=True, timeout=60)
        for before in (None, limited(letter, limit * MB))
    )
    assert (held.returncode, held.stderr) == (free.returncode, ""), held
    free_told, told = (
        sorted(re.findall("[A-Z0-9]+_[A-Z0-9_]+|^1.*", done.stdout, re.MULTILINE)) for done in (free, held)
    )
    assert told == free_told


@pytest.fixture
def waiting(installed: list[str], env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """`probe check` with little memory, at a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"ca-bundle.endpoints=127.0.0.1:{silent.getsockname()[1]}"
        options = ("--only", "ca-bundle", "--timeout", "2", "--set", endpoint)
        with subprocess.Popen(
            [*installed, "check", *options],
            env=env,
            preexec_fn=limited("v", 200 * MB),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            silent.settimeout(10)
            with silent.accept()[0]:
                yield process
                process.kill()


def child(process: "subprocess.Popen[str]") -> int:
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGSTOP])
def test_what_dies_or_hangs_is_told_by_its_parent(waiting: "subprocess.Popen[str]", number: int) -> None:
    """The interpreter crashes, aborts, is killed; SIGSTOP: it hangs with all of its threads."""
    began = time.monotonic()
    os.kill(child(waiting), number)
    out, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, out) == (1, "")
    assert err == (
        "probe: out of memory: this process has ulimit -v 204800, which is too little; "
        "raise that limit (ulimit -v unlimited)\n"
    )
    assert time.monotonic() - began < 5


def test_who_waits_ends_with_its_child(waiting: "subprocess.Popen[str]") -> None:
    """And a signal that somebody has sent is told as one."""
    os.kill(child(waiting), signal.SIGTERM)
    assert waiting.communicate(timeout=30) == ("", "")
    assert waiting.returncode == 128 + signal.SIGTERM


def test_the_child_ends_with_who_waits(waiting: "subprocess.Popen[str]") -> None:
    pid = child(waiting)
    waiting.kill()
    waiting.wait(10)
    wait_until(lambda: not Path(f"/proc/{pid}").exists())


@pytest.mark.parametrize(("limit", "told"), [(200, "unavailable"), (21, "ulimit -v")])
def test_no_room_for_a_thread_is_told_beside_little_memory(
    installed: list[str], env: dict[str, str], limit: int, told: str
) -> None:
    """Checks run one after another there anyway; a program of Go needs threads all the same."""
    command = [*installed, "check", "--role", "startup", "--only", "timezone"]
    if told != "ulimit -v":
        full = "clone=EAGAIN,clone3=EAGAIN,fork=EAGAIN,vfork=EAGAIN"
        command = [sys.executable, refused.__file__, full, *command]
    done = subprocess.run(
        command, env=env, preexec_fn=limited("v", limit * MB), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1, done
    line = next(line for line in done.stdout.splitlines() if line.startswith("fail THREADS_LIMITED"))
    assert told in line
    assert ("fix: ulimit -v unlimited" in done.stdout) == (told == "ulimit -v")
