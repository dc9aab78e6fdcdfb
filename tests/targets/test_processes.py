"""Commands: what they are given, what we learn of them, and that nothing of them stays."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from probe.deadline import Deadline
from probe.targets.processes import Processes
from probe.targets.supervisor_line import Finished, SupervisorLost
from tests.support import refused
from tests.support.leftovers import gone, pids_of, wait_until
from tests.support.timing import Stopwatch

SH = "/bin/sh"
SOURCE = Path(__file__).parents[2] / "deploy" / "bundle" / "supervisor.c"
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# Leaks are looked for by a thread, which may not come here: the program would wait for it for ever.
OPTIONS = 'const char *__asan_default_options(void) { return "detect_leaks=0"; }'
AT_REST = 6  # descriptors of a supervisor that has nothing to do: stdio, the line, its alarm clock
COMPILERS = {"program": ("musl-gcc", "-static", "-Os"), "sanitized": ("gcc", *SANITIZERS)}
KINDS = [pytest.param(kind, marks=pytest.mark.needs(line[0])) for kind, line in COMPILERS.items()]


@pytest.fixture(scope="module", params=["fork", *KINDS])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The supervisor as a fork of ours, as the program of the bundle, and as that with each mistake fatal."""
    if request.param == "fork":
        return ""
    made = tmp_path_factory.mktemp("supervisor") / "probe-supervisor"
    options = made.with_name("options.c")
    options.write_text(OPTIONS)
    flags = ("-Wall", "-Wextra", "-Werror", "-o", str(made), str(SOURCE), str(options))
    subprocess.run([*COMPILERS[request.param], *flags], check=True)
    return str(made)


@pytest.fixture
def processes(program: str) -> Iterator[Processes]:
    """It starts commands, until the test ends, and is no fork where a program was asked for."""
    with Processes(program) as started:
        yield started
        if program and started._line:
            with suppress(FileNotFoundError):  # it was killed
                assert os.readlink(f"/proc/{started._line.pid}/exe") == program


@pytest.fixture
def nap() -> str:
    """A number of seconds that no other process on this machine sleeps."""
    return f"9{os.getpid()}.{time.monotonic_ns()}"


def run(processes: Processes, *argv: str, seconds: float = 20, limit: int = 1 << 20, **env: str) -> Finished:
    return processes.run(argv, env=env, cwd="/", deadline=Deadline(seconds), limit=limit)


def pid_of(processes: Processes) -> int:
    """The supervisor."""
    processes.start()
    assert processes._line
    return processes._line.pid


def sleep_until_lost(processes: Processes, nap: str, caught: list[BaseException]) -> None:
    try:
        run(processes, "/bin/sleep", nap)
    except SupervisorLost as problem:
        caught.append(problem)


@pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 255])
def test_exit_code_arrives(processes: Processes, code: int) -> None:
    """The code is the command's own."""
    done = run(processes, SH, "-c", f"exit {code}")
    assert (done.code, done.signal) == (code, None)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGRTMIN])
def test_death_by_signal_arrives(processes: Processes, number: int) -> None:
    """A signal is told as one, never as an exit code."""
    done = run(processes, SH, "-c", f"kill -{int(number)} $$")
    assert (done.code, done.signal) == (None, number)


def test_output_arrives_apart(processes: Processes) -> None:
    """What is written to stdout and stderr is kept apart and whole."""
    done = run(processes, SH, "-c", "printf out; printf err >&2")
    assert (done.out, done.err, done.truncated, done.timed_out) == (b"out", b"err", False, False)


def test_command_gets_its_own_environment_and_directory(processes: Processes, tmp_path: Path) -> None:
    """Nothing of our environment reaches it, and bytes that are not UTF-8 pass through."""
    env = {"A": "1", "B": os.fsdecode(b"\xff\xfe")}
    done = processes.run(["/usr/bin/env"], env=env, cwd=str(tmp_path), deadline=Deadline(20))
    assert sorted(done.out.splitlines()) == [b"A=1", b"B=\xff\xfe"]
    done = processes.run([SH, "-c", "pwd -P"], env={}, cwd=str(tmp_path), deadline=Deadline(20))
    assert done.out == os.fsencode(tmp_path.resolve()) + b"\n"


def test_command_starts_spotless(processes: Processes) -> None:
    """No input, no foreign descriptors, no blocked or ignored signals, a session of its own."""
    inherited = os.dup(1)
    os.set_inheritable(inherited, True)
    done = run(processes, "/bin/grep", "-E", "SigBlk|SigIgn", "/proc/self/status")
    _, blocked, _, ignored = done.out.split()
    # glibc keeps 32 and 33 for itself and lets nobody change them; a starter may have ignored them.
    assert (int(blocked, 16), int(ignored, 16) & ~(0b11 << 31)) == (0, 0)
    done = run(processes, "/bin/ls", "/proc/self/fd")
    assert done.out.split() == [b"0", b"1", b"2", b"3"]  # 3 is the directory that ls reads
    done = run(processes, SH, "-c", "cat; cut -d' ' -f1,5,6 /proc/$$/stat")
    pid, group, session = done.out.split()
    assert pid == group == session
    os.close(inherited)


_APART = """
import ctypes, sys
from probe.deadline import Deadline
from probe.targets.processes import Processes
from probe.targets.supervisor_line import SupervisorLost

if sys.argv[1] == "ignore":
    for number in {*range(1, 65)} - {9, 17, 19}:
        ignored = ctypes.create_string_buffer((1).to_bytes(8, sys.byteorder) + bytes(24))
        assert not ctypes.CDLL(None).syscall({"x86_64": 13}.get(sys.argv[2], 134), number, ignored, None, 8)
with Processes(sys.argv[3]) as processes:
    try:
        done = processes.run(["/bin/sh", "-c", sys.argv[4]], env={}, cwd="/", deadline=Deadline(20))
        print(done.code, done.out.decode(), end="")
    except SupervisorLost:
        print("lost")
"""


def apart(program: str, script: str, *before: str, setup: str = "") -> str:
    """What *script* has ended with and printed, run by a process of its own, which *before* starts."""
    words = (sys.executable, "-c", _APART, setup, os.uname().machine, program, script)
    done = subprocess.run([*before, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_we_ignore_a_command_does_not(program: str) -> None:
    """Signals ignored when we were started, real-time ones too; a fork may not change glibc's 32 and 33."""
    ignored = apart(program, "grep SigIgn /proc/self/status", setup="ignore").split()[-1]
    assert int(ignored, 16) == (0 if program else 0b11 << 31)


RUNS = ["fork", "open", "poll", "getpid", "setsid", "prctl", "getppid", "wait4", "close_range", "clone3"]


@pytest.mark.parametrize("answer", ["EPERM", "ENOSYS"])
@pytest.mark.parametrize("call", [*RUNS, "waitid"])
def test_where_a_system_call_is_refused_nobody_waits(program: str, nap: str, call: str, answer: str) -> None:
    """A command runs all the same, or is known to be lost; nothing is left of it."""
    watch = Stopwatch()
    under = (sys.executable, refused.__file__, f"{call}={answer}")
    away = "" if call in ("getpid", "prctl") else "setsid"  # nobody can find it then
    told = apart(program, f"{away} sleep {nap} & exit 3", *under)
    assert told == ("3 " if call in RUNS else "lost\n")
    assert watch.quiet() < 5
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


@pytest.mark.parametrize(
    ("content", "mode", "error"),
    [
        (None, 0, FileNotFoundError),
        (b"#!/bin/sh\n", 0o644, PermissionError),
        (b"not a program", 0o755, OSError),
        (b"#!/no/such/interpreter\n", 0o755, FileNotFoundError),
    ],
)
def test_what_cannot_be_started_says_why(
    processes: Processes, tmp_path: Path, content: bytes | None, mode: int, error: type[OSError]
) -> None:
    """execve's errno arrives as the matching OSError, with the program's path."""
    program = tmp_path / "program"
    if content is not None:
        program.write_bytes(content)
        program.chmod(mode)
    with pytest.raises(error) as caught:
        run(processes, str(program))
    assert caught.value.filename == str(program)


def test_odd_requests_are_errors_too(processes: Processes, tmp_path: Path) -> None:
    """A missing directory, a NUL, no name, an argument beyond the kernel's limit: OSError each time."""
    with pytest.raises(FileNotFoundError):
        processes.run(["/bin/true"], env={}, cwd=str(tmp_path / "no"), deadline=Deadline(20))
    with pytest.raises(OSError, match="Invalid argument"):
        run(processes, "/bin/true", "a\0b")
    for name in ("", "a=b", "=a", "a\0b"):
        with pytest.raises(OSError, match="Invalid argument"):
            processes.run(["/bin/true"], env={name: "value"}, cwd="/", deadline=Deadline(20))
    for size in (4 << 20, 17 << 20):
        with pytest.raises(OSError, match="Argument list too long"):
            run(processes, "/bin/true", "x" * size)
    assert run(processes, "/bin/true").code == 0


def test_deadline_kills_the_whole_session(processes: Processes, nap: str) -> None:
    """At the deadline we return, and neither the command nor its children live on."""
    watch = Stopwatch()
    done = run(processes, SH, "-c", f"echo $$; sleep {nap} & sleep {nap}", seconds=1.5)
    assert done.timed_out
    assert done.code is None
    assert done.signal is None
    assert watch.wall() >= 1.5
    assert watch.quiet() < 4
    wait_until(lambda: gone([int(done.out)]) and not pids_of(f"sleep\0{nap}"))


def test_expired_deadline_runs_next_to_nothing(processes: Processes, nap: str) -> None:
    """Asked after the end, we say so at once."""
    assert run(processes, SH, "-c", f"sleep {nap}", seconds=-1).timed_out
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


def test_endless_output_is_cut(processes: Processes) -> None:
    """Who writes beyond the limit is ended; what was read up to it is kept."""
    done = run(processes, SH, "-c", "exec cat /dev/zero", limit=100_000)
    assert done.truncated
    assert len(done.out) == 100_000
    assert done.code is None
    done = run(processes, SH, "-c", "head -c 100000000 /dev/zero >&2", limit=10)
    assert done.truncated
    assert done.err == bytes(10)
    assert run(processes, SH, "-c", "head -c 1000 /dev/zero", limit=1000).code == 0


def test_child_that_keeps_the_pipe_does_not_hold_us(processes: Processes, nap: str) -> None:
    """The command's own end counts, not the end of file on its stdout."""
    watch = Stopwatch()
    done = run(processes, SH, "-c", f"echo first; setsid sleep {nap} & exit 4")
    assert (done.code, done.out) == (4, b"first\n")
    assert watch.quiet() < 5
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


def test_orphans_of_one_wait_for_the_end_of_the_others(processes: Processes, nap: str) -> None:
    """What forked itself away is killed as soon as no command runs, not under a running one's feet."""
    slow = threading.Thread(target=run, args=(processes, SH, "-c", f"setsid sleep {nap} & sleep 0.6"))
    slow.start()
    wait_until(lambda: len(pids_of(f"sleep\0{nap}")) == 1)
    assert run(processes, "/bin/true").code == 0
    assert pids_of(f"sleep\0{nap}")
    slow.join()
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


def test_many_at_once(processes: Processes) -> None:
    """Threads share one supervisor; each gets its own answer."""
    codes: dict[int, int | None] = {}

    def one(number: int) -> None:
        done = run(processes, SH, "-c", f"echo {number}; exit {number}")
        codes[int(done.out)] = done.code

    threads = [threading.Thread(target=one, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == {number: number for number in range(40)}


@pytest.mark.slow
def test_fork_bomb_is_put_out(program: str, nap: str) -> None:
    """Hundreds of processes in sessions of their own end with the probe."""
    bomb = f"""
import os, time
for _ in range(8):
    if not os.fork():
        os.setsid()
time.sleep({nap})
"""
    processes = Processes(program)
    processes.start()
    done = run(processes, sys.executable, "-ISc", bomb, seconds=2)
    assert done.timed_out
    processes.close()
    wait_until(lambda: not pids_of(f"sleep({nap})"), seconds=10)


def test_nothing_leaks(processes: Processes, nap: str) -> None:
    """Neither descriptors here nor zombies there, however the commands end."""
    run(processes, "/bin/true")
    before = os.listdir("/proc/self/fd")
    supervisor = pid_of(processes)
    for _ in range(20):
        run(processes, "/bin/true")
        with pytest.raises(FileNotFoundError):
            run(processes, "/no/such/program")
        run(processes, "/bin/sleep", nap, seconds=0.01)
    assert set(os.listdir("/proc/self/fd")) <= set(before)
    wait_until(lambda: len(os.listdir(f"/proc/{supervisor}/fd")) == AT_REST)
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


def test_close_ends_what_runs_and_the_supervisor(program: str, nap: str) -> None:
    """After close() nothing is left, not even a zombie, and running is refused."""
    processes = Processes(program)
    processes.start()
    supervisor = pid_of(processes)
    caught: list[BaseException] = []
    thread = threading.Thread(target=sleep_until_lost, args=(processes, nap, caught))
    thread.start()
    wait_until(lambda: bool(pids_of(f"sleep\0{nap}")))
    processes.close(5)
    thread.join(5)
    assert caught
    assert not pids_of(f"sleep\0{nap}")
    assert gone([supervisor])
    with pytest.raises(SupervisorLost, match="the run is over"):
        run(processes, "/bin/true")
    processes.close()


_KILLED = """
import os, sys, threading, time
from probe.deadline import Deadline
from probe.targets.processes import Processes

def hang():
    processes.run(["/bin/sh", "-c", sys.argv[2]], env={}, cwd="/", deadline=Deadline(60))

processes = Processes(sys.argv[1])
threading.Thread(target=hang).start()
sys.stdin.read()
os.kill(os.getpid(), 9)
"""


@pytest.mark.needs("mounts")
def test_without_proc_a_command_ends_with_its_group(program: str, nap: str) -> None:
    """Whose group is known is killed as soon as we are gone, whoever else cannot be found."""
    outside = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]
    words = (sys.executable, "-c", _KILLED, program, f"sleep {nap} & sleep {nap}")
    with subprocess.Popen([*outside, *words], stdin=subprocess.PIPE) as client:
        wait_until(lambda: len(pids_of(f"sleep\0{nap}")) == 2, seconds=20)
        client.communicate(b"")
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))


def test_lost_supervisor_is_an_error_never_a_success(processes: Processes, nap: str) -> None:
    """Should the supervisor be killed, its commands die with it and we say that nobody knows."""
    caught: list[BaseException] = []
    thread = threading.Thread(target=sleep_until_lost, args=(processes, nap, caught))
    thread.start()
    wait_until(lambda: bool(pids_of(f"sleep\0{nap}")))
    os.kill(pid_of(processes), signal.SIGKILL)
    thread.join(5)
    assert caught
    wait_until(lambda: not pids_of(f"sleep\0{nap}"))
    with pytest.raises(SupervisorLost):
        run(processes, "/bin/true")


@pytest.mark.parametrize("room", [0, 1, 2])
def test_no_room_for_descriptors_is_an_error_never_a_wait(processes: Processes, room: int) -> None:
    """Where not all three of a command's arrive, nobody waits for its end."""
    run(processes, "/bin/true")
    supervisor = pid_of(processes)
    wait_until(lambda: len(os.listdir(f"/proc/{supervisor}/fd")) == AT_REST)
    held = {int(number) for number in os.listdir(f"/proc/{supervisor}/fd")}
    most = next(most for most in range(20) if len(set(range(most)) - held) == room)
    resource.prlimit(supervisor, resource.RLIMIT_NOFILE, (most, most))
    watch = Stopwatch()
    with pytest.raises(SupervisorLost):
        run(processes, "/bin/true")
    assert watch.quiet() < 5


def test_supervisor_survives_signals_meant_for_us(processes: Processes) -> None:
    """A TERM or INT that somebody sends it does not leave commands unattended."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(pid_of(processes), number)
    assert run(processes, "/bin/true").code == 0


_BESIDE_IMPORTS = """
import _thread, sys
from probe.deadline import Deadline
from probe.targets.processes import Processes

begun, ended = _thread.allocate_lock(), [0]
begun.acquire()

class Slow:
    def find_spec(name, path=None, target=None):
        if name.startswith(("probe.", "_ctypes", "select", "_socket")) and name not in held:
            held.add(name)
            import time
            time.sleep(0.02)  # with the lock of the module in hand

held = set()
sys.meta_path.insert(0, Slow)

def load(name):
    begun.locked() and begun.release()
    __import__(name)
    ended[0] += 1

names = ("probe.golang.x509.trust", "probe.tls.openssl", "probe.tls.libcrypto", "probe.checks.go_env")
for name in names:
    _thread.start_new_thread(load, (name,))
begun.acquire()
with Processes() as processes:
    done = processes.run(["/bin/echo", "hello"], env={}, cwd="/", deadline=Deadline(20))
print(done.code, done.out.decode(), end="")
"""


def test_the_first_command_may_come_from_among_threads_that_import() -> None:
    """The supervisor is forked then: it waits for no lock that another thread held at that moment."""
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _BESIDE_IMPORTS], capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout) == (0, "0 hello\n"), done.stderr


def test_stopped_supervisor_still_ends_everything(processes: Processes, nap: str) -> None:
    """A command may stop the supervisor; when we close, nothing of what it started is left all the same."""
    done = run(processes, SH, "-c", f"setsid sleep {nap} & kill -STOP $PPID; exec sleep {nap}", seconds=1)
    assert done.timed_out
    processes.close(5)
    assert not pids_of(f"sleep\0{nap}")
