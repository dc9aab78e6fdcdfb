"""
Where plain Go runs, probe runs: each system call that a run uses, refused.

A seccomp profile that does not know a system call answers EPERM (older engines) or ENOSYS (newer ones).
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support import refused
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain

# Without these the interpreter itself does not come to its first statement, or not to a script.
BEFORE_US = {"ioctl", "lseek"}
ALL_CALLS = sorted(
    name for name in refused.NUMBERS if refused.number(name) is not None and name not in BEFORE_US
)
ANSWERS = ("EPERM", "ENOSYS")
OFTEN = {
    "clone3",
    "close_range",
    "faccessat2",
    "getgroups",
    "poll",
    "rt_sigtimedwait",
    "setpgid",
    "setsid",
    "socketpair",
    "wait4",
}
CALLS = [pytest.param(name, marks=[] if name in OFTEN else pytest.mark.sweep) for name in ALL_CALLS]
PROBE = (sys.executable, "-m", "probe")
SOURCE = """package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	_, err := os.ReadFile("/proc/self/status")
	fmt.Println("started", time.Local, err == nil, os.Args[1:])
}
"""


@pytest.fixture(scope="session")
def program(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain program of Go, without cgo."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "main.go").write_text(SOURCE)
    return go_newest.build(folder / "main.go", folder / "app", "-trimpath")


def under(refusals: str, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """*command* with the system calls of *refusals* ("NAME=ERRNO,…") refused."""
    return subprocess.run(
        [sys.executable, refused.__file__, refusals, *map(str, command)],
        env={**clean_environment(), "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def orderly(done: subprocess.CompletedProcess[str]) -> bool:
    return "Traceback" not in done.stdout + done.stderr and "error of our own" not in done.stderr


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("call", CALLS)
def test_where_go_runs_probe_runs(program: Path, call: str, answer: str) -> None:
    """The verdict is healthy and the program started wherever the program itself runs; never a traceback."""
    refusal = f"{call}={answer}"
    real = under(refusal, program)
    check = under(refusal, *PROBE, "check", "--role", "ready", "--set", f"go-version.binary={program}")
    run = under(refusal, *PROBE, "run", "--", program, "word")
    assert orderly(check), check.stderr
    assert orderly(run), run.stderr
    if real.returncode == 0:
        assert check.returncode == 0, check.stdout + check.stderr
        assert (run.returncode, run.stdout) == (0, real.stdout.replace("[]", "[word]")), run.stderr


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("call", ["epoll_create1", "epoll_ctl", "eventfd2", "rt_sigprocmask", "sigaltstack"])
def test_where_the_go_runtime_dies_the_verdict_is_unhealthy(program: Path, call: str, answer: str) -> None:
    """We do without these; a program of Go does not."""
    refusal = f"{call}={answer}"
    assert under(refusal, program).returncode != 0
    options = ("--only", "go-version", "--set", f"go-version.binary={program}")
    check = under(refusal, *PROBE, "check", *options)
    assert check.returncode == 1, check.stdout + check.stderr
    assert f"fail SYSCALL_REFUSED: seccomp refuses the system call {call}" in check.stdout
    run = under(refusal, *PROBE, "run", *options, "--", program)
    assert (run.returncode, run.stdout) == (1, ""), run.stderr


@pytest.mark.parametrize("answer", ["EPERM"])
@pytest.mark.parametrize("call", CALLS)
def test_an_unhealthy_container_stays_unhealthy(call: str, answer: str) -> None:
    """What is given up never takes a failure along."""
    wrong = ("--only", "timezone", "--set", "timezone.expected=No/Where")
    done = under(f"{call}={answer}", *PROBE, "check", *wrong)
    assert orderly(done), done.stderr
    assert done.returncode == 1
    refused_run = under(f"{call}={answer}", *PROBE, "run", *wrong, "--", "/bin/echo", "started")
    assert (refused_run.returncode, refused_run.stdout) == (1, ""), refused_run.stderr


def test_the_finding_names_seccomp_and_the_system_call(program: Path) -> None:
    """clone3 with EPERM: cgo cannot start threads, which pure Go does not notice; ENOSYS troubles nobody."""
    options = ("check", "--role", "ready", "--only", "go-version", "--set", f"go-version.binary={program}")
    told = under("clone3=EPERM", *PROBE, *options)
    assert told.returncode == 0, told.stdout
    assert "warn SYSCALL_REFUSED: seccomp answers the system call clone3 with EPERM" in told.stdout
    quiet = under("clone3=ENOSYS", *PROBE, *options)
    assert (quiet.returncode, "clone3" in quiet.stdout) == (0, False)


def test_each_release_is_judged_without_threads(program: Path) -> None:
    """As with them, one after another."""
    options = ("check", "--only", "go-version", "--as-go", "all", "--format", "json", "--set")
    command = (*PROBE, *options, f"go-version.binary={program}")
    verdicts = []
    for call in ("getgroups=ENOSYS", "clone3=EPERM"):
        told = under(call, *command)
        assert told.stdout, told.stderr
        verdicts.append({one["release"]: one["healthy"] for one in json.loads(told.stdout)["releases"]})
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize(
    "call", ["socketpair", "setsid", "poll", "clone3", "wait4", "close_range", "shutdown"]
)
def test_a_go_command_is_judged_all_the_same(go_newest: Toolchain, call: str) -> None:
    """Where no process can be started for it, by its files; else it is run."""
    options = ("check", "--only", "go-version", "--only", "go-env", "--format", "json")
    env = {
        **clean_environment(),
        "TZ": "UTC",
        "CGO_ENABLED": "0",
        "PATH": f"{go_newest.root}/bin:{os.environ['PATH']}",
    }
    command = [sys.executable, refused.__file__, f"{call}=EPERM", *PROBE, *options]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert '"GO_VERSION_OK"' in done.stdout
    assert ('"SYSCALL_REFUSED"' in done.stdout) == (call in ("socketpair", "clone3"))


@pytest.mark.parametrize(("on_fail", "code", "out"), [("exit", 1, ""), ("warn", 0, "started\n")])
def test_no_room_for_a_process_is_told_and_obeyed(program: Path, on_fail: str, code: int, out: str) -> None:
    """pids.max is reached: no program of Go starts either, and --on-fail is honoured without a child."""
    full = "clone=EAGAIN,clone3=EAGAIN,fork=EAGAIN,vfork=EAGAIN"
    assert under(full, program).returncode == 2
    options = ("--on-fail", on_fail, "--only", "timezone")
    done = under(full, *PROBE, "run", *options, "--", "/bin/echo", "started")
    assert "fail THREADS_LIMITED" in done.stderr
    assert orderly(done)
    assert (done.returncode, done.stdout) == (code, out)


def test_without_ipv6_every_address_is_every_ipv4_address(program: Path) -> None:
    """`--serve [::]:PORT`, which the documentation recommends, starts the program with ipv6.disable=1 too."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = (*PROBE, "run", "--only", "timezone", "--serve", f"[::]:{port}", "--", "/bin/sleep", "30")
    command = [sys.executable, refused.__file__, "socket/10=EAFNOSUPPORT", *run]
    with subprocess.Popen(command, env={**clean_environment(), "TZ": "UTC"}) as served:
        try:
            assert healthz(port) == 200
        finally:
            served.terminate()


def healthz(port: int) -> int:
    """The answer of the agent at 127.0.0.1, once it is there."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            time.sleep(0.05)
    return 0


def test_no_room_for_a_process_and_hold(program: Path) -> None:
    """The process stays, and ends by a signal."""
    full = "clone=EAGAIN,clone3=EAGAIN,fork=EAGAIN,vfork=EAGAIN"
    command = [*PROBE, "run", "--on-fail", "hold", "--only", "timezone", "--", "/bin/echo", "started"]
    held = subprocess.Popen(
        [sys.executable, refused.__file__, full, *command],
        env={**clean_environment(), "TZ": "UTC"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert held.stderr
    with held, held.stderr:
        told = next(line for line in held.stderr if line.startswith("probe: staying"))
        held.terminate()
        assert held.wait(10) == 143, told


def test_no_room_beside_a_running_program_is_a_warning(program: Path) -> None:
    """The program has its threads already; killing it would fix nothing."""
    done = under("clone=EAGAIN,clone3=EAGAIN", *PROBE, "check", "--role", "ready", "--only", "timezone")
    assert (done.returncode, "warn THREADS_LIMITED" in done.stdout) == (0, True), done.stdout
