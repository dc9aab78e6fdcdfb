"""The command as an installer lays it out: sh finds the interpreter, and nothing of the caller's is lost."""

import contextlib
import os
import shutil
import signal
import site
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.entrypoint.helpers import (
    CHECKOUT,
    HEALTHY,
    ODD_ARGUMENTS,
    environment,
    raw_exec,
    run,
    status,
)
from tests.support import refused
from tests.support.init import NAMESPACE
from tests.support.leftovers import wait_until

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
SH = Path("/bin/sh").resolve()
SHELLS = (["dash"], ["bash", "--posix"], ["busybox", "sh"])
# Where the dependencies are: not beside the package here.
PACKAGES = [path for path in sys.path if path.endswith("-packages")] or site.getsitepackages()


def put(bin_folder: Path) -> Path:
    """What a wheel brings as `probe` in the folder of scripts."""
    shutil.copy(Path(CHECKOUT, "bin/probe"), bin_folder / "probe")
    (bin_folder / "probe").chmod(0o755)
    return bin_folder / "probe"


def made(home: Path, *, editable: bool = False) -> Path:
    """A virtual environment with the package in it, or with a path to it."""
    venv.create(home, with_pip=False, symlinks=True)
    packages = home / "lib" / VERSION / "site-packages"
    paths = [*PACKAGES, *([CHECKOUT] if editable else [])]
    (packages / "others.pth").write_text("".join(f"{path}\n" for path in paths))
    if not editable:
        (packages / "probe").symlink_to(Path(CHECKOUT, "probe"))
    return put(home / "bin")


def linked(path: Path, to: Path | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)
    return path


LAYOUTS: dict[str, Callable[[Path], Path]] = {
    "environment": lambda at: made(at / "venv"),
    "spaces and quotes": lambda at: made(at / 'it\'s "my" venv $HOME *'),
    "editable": lambda at: made(at / "venv", editable=True),
    "link": lambda at: linked(at / "usr/bin/probe", made(at / "venv")),
    "link to a link beside another interpreter": lambda at: linked(
        linked(at / "bin/python3", "/bin/false").parent / "probe",
        linked(at / "share/probe", os.path.relpath(made(at / "venv"), at / "share")),
    ),
    "pipx": lambda at: linked(at / ".local/bin/probe", made(at / ".local/share/pipx/venvs/startup-probe")),
    "moved": lambda at: made(at / "venv").parent.parent.rename(at / "elsewhere") / "bin/probe",
}


def check(*how: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """`probe check` of the time zone alone."""
    return subprocess.run([*how, "check", *HEALTHY], env=environment(env), capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("installed") / "venv")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_interpreter_of_its_own_environment_is_found(tmp_path: Path, layout: str) -> None:
    """By its own place, called by path, by PATH, by a relative path, and from where nothing is."""
    command = LAYOUTS[layout](tmp_path)
    calls = {
        str(command): "/",
        "probe": "/",
        os.path.relpath(command, tmp_path): str(tmp_path),
        "./probe": "",
    }
    path = f"{command.parent}:/usr/bin:/bin"
    for name, directory in calls.items():
        done = subprocess.run(
            [name, "run", *HEALTHY, "--", "true"],
            env=environment({"PATH": path}),
            cwd=directory or command.parent,
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_it_is_isolated_and_goes_without_site(installed: Path) -> None:
    """Where the package lies beside its interpreter."""
    held = subprocess.Popen(
        [installed, "run", *HEALTHY, "--serve", "127.0.0.1:0", "--", "sleep", "60"],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        words = Path(f"/proc/{held.pid}/cmdline").read_bytes
        wait_until(lambda: b"-X" in words().split(b"\0"), 20)
        assert {b"-I", b"-S"} < set(words().split(b"\0"))
    finally:
        held.terminate()
        held.wait(timeout=20)


def test_what_only_site_finds_is_found_when_it_is_asked_for(installed: Path) -> None:
    """Dependencies of the distribution, or by a .pth file: here all of them lie elsewhere."""
    done = subprocess.run([installed, "check", "--only", "ca-bundle"], env=environment(), capture_output=True)
    assert b"Traceback" not in done.stderr
    missing = subprocess.run(
        [installed, "inspect", "timezone"], env=environment({"TZ": "No/Where"}), capture_output=True
    )
    assert missing.returncode == 0
    served = subprocess.run(
        [installed, "check", "--only", "timezone", "--set", "timezone.expected=Asia/Tokyo"],
        env=environment({"TZ": "America/Bogota"}),
        capture_output=True,
    )
    assert served.returncode == 1
    assert b"Traceback" not in served.stderr


@pytest.mark.parametrize("layout", ["environment", "editable"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHONPATH", "{here}"),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONHASHSEED", "junk"),
        ("PYTHONMALLOC", "junk"),
        ("PYTHONWARNINGS", "error"),
        ("PYTHONUSERBASE", "{here}"),
        ("PYTHONINSPECT", "1"),
        ("ENV", "{here}/json.py"),
        ("BASH_ENV", "{here}/json.py"),
        ("IFS", "/"),
        ("CDPATH", "/"),
        ("_PROBE_ENVIRONMENT", "junk"),
    ],
)
def test_the_workloads_settings_reach_it_and_not_us(
    tmp_path: Path, layout: str, name: str, value: str
) -> None:
    """What ends, changes or misleads an interpreter or a shell before the first statement."""
    for module in ("json", "signal", "typing", "sitecustomize", "usercustomize"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('imported from PYTHONPATH')\n")
    value = value.format(here=tmp_path)
    command = [str(LAYOUTS[layout](tmp_path))]
    seen = check(*command, **{name: value})
    assert (seen.returncode, seen.stderr) == (0, b"")
    done = run("/usr/bin/env", "-0", env={name: value}, how=command)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"{name}={value}".encode() in done.stdout.split(b"\0")


@pytest.mark.parametrize(
    "extra",
    [
        [],
        [b"a.b=1", b"c-d=2", b"BASH_FUNC_x%%=() {  :\n}", b"1=2", b"=x"],
        [b"B=3", b"A=4", b"no equals", b"TZ=Asia/Tokyo"],
        [b"PWD=/nowhere", b"OLDPWD=/", b"SHLVL=7", b"_=/x", b"PS1=x", b"OPTIND=2", b"PPID=9"],
        [b"N=\xff", "Ü=grün 東京\n".encode(), b"E=", b"LC_CTYPE=POSIX", b"LC_ALL=C"],
        [b"BIG=" + b"x" * 60_000],
    ],
)
def test_the_environment_arrives_byte_for_byte(installed: Path, extra: list[bytes]) -> None:
    """A shell would drop, sort, join and add."""
    block = [b"TZ=UTC", b"B=1", b"A=2", *extra, b"LAST=x"]
    command = [str(installed), "run", *HEALTHY, "--", "/bin/cat", "/proc/self/environ"]
    done = subprocess.run(raw_exec(command, block), capture_output=True, timeout=60, cwd=CHECKOUT)
    assert done.stderr == b""
    assert done.stdout.split(b"\0")[:-1] == block


@pytest.mark.parametrize("zone", [None, "", ":", "UTC", ":UTC", "Asia/Tokyo", "No/Where", "UTC0", "\udcff"])
def test_the_zone_is_what_it_was(installed: Path, zone: str | None) -> None:
    """For the checks and for the workload: unset, empty and any value."""
    env = environment() | ({} if zone is None else {"TZ": zone})
    if zone is None:
        del env["TZ"]
    plain = [sys.executable, "-m", "probe"]
    seen = [
        subprocess.run([*how, "inspect", "timezone"], env=env, capture_output=True, cwd=CHECKOUT).stdout
        for how in (plain, [str(installed)])
    ]
    assert seen[0] == seen[1] != b""
    done = subprocess.run(
        [installed, "run", "--on-fail", "warn", "--only", "timezone", "--", "env", "-0"],
        env=env,
        capture_output=True,
        timeout=60,
    )
    told = [entry for entry in done.stdout.split(b"\0") if entry.startswith(b"TZ=")]
    assert told == ([] if zone is None else [b"TZ=" + os.fsencode(zone)])


def test_a_zone_that_blocks_does_not_keep_us_from_starting(installed: Path, tmp_path: Path) -> None:
    """CPython would wait for a writer before our first statement."""
    os.mkfifo(tmp_path / "zone")
    for zone, more in ((str(tmp_path / "zone"), {}), ("UTC", {"TZDIR": str(tmp_path)}), (":../zone", {})):
        done = check(str(installed), TZ=zone, **more)
        assert done.returncode in (0, 1)
        started = run(
            "echo", "on", options=("--on-fail", "warn"), how=[str(installed)], env={"TZ": zone, **more}
        )
        assert started.stdout == b"on\n"


@pytest.mark.parametrize("shell", [one for one in SHELLS if shutil.which(one[0])], ids=" ".join)
def test_any_sh_will_do(installed: Path, shell: list[str]) -> None:
    """Debian's, RHEL's, Alpine's."""
    block = [b"TZ=UTC", b"B=1", b"a.b=1", b"B=2", b"LAST=x"]
    start = [str(shutil.which(shell[0])), *shell[1:], str(installed), "run", *HEALTHY, "--"]
    done = subprocess.run(raw_exec([*start, "/bin/cat", "/proc/self/environ"], block), capture_output=True)
    assert (done.stdout.split(b"\0")[:-1], done.stderr) == (block, b"")


@pytest.mark.parametrize(
    "shell", [one for one in SHELLS if one[0] != "bash" and shutil.which(one[0])], ids=" ".join
)
@pytest.mark.parametrize(("on_fail", "code", "out"), [("exit", 1, b""), ("warn", 0, b"started\n")])
def test_no_room_for_a_process_of_sh(
    installed: Path, shell: list[str], on_fail: str, code: int, out: bytes
) -> None:
    """It cannot go on then; the interpreter does, and tells. Bash tries for 15 s."""
    full = [sys.executable, refused.__file__, "clone=EAGAIN,clone3=EAGAIN,fork=EAGAIN,vfork=EAGAIN"]
    start = [str(shutil.which(shell[0])), *shell[1:], str(installed), "run", "--on-fail", on_fail, *HEALTHY]
    command = [*full, *start, "--", "/bin/echo", "started"]
    done = subprocess.run(command, env=environment(), capture_output=True, timeout=60)
    assert (done.returncode, done.stdout) == (code, out), done.stderr
    assert b"fail THREADS_LIMITED" in done.stderr


@pytest.mark.parametrize("shell", [one for one in SHELLS if shutil.which(one[0])], ids=" ".join)
def test_a_shell_that_ends_at_the_first_failure_loses_no_argument(installed: Path, shell: list[str]) -> None:
    """As by `set -e` in a file that $BASH_ENV names."""
    start = [str(shutil.which(shell[0])), *shell[1:], "-e", str(installed), "run", *HEALTHY, "--"]
    command = [*start, "/bin/sh", "-c", 'printf "<%s>" "$@"; exit 7', "sh", "a b", "", "*"]
    done = subprocess.run(command, env=environment(), capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"<a b><><*>", b"")


def test_arguments_arrive_byte_for_byte(installed: Path) -> None:
    """Two programs stand between that could take them for theirs."""
    done = run("printf", "%s\\0", *ODD_ARGUMENTS, b"-X", b"$(id)", b"'''", how=[str(installed)])
    assert done.stdout.split(b"\0")[:-1] == [*ODD_ARGUMENTS, b"-X", b"$(id)", b"'''"]


def test_signals_are_as_the_caller_left_them(installed: Path) -> None:
    """Ignored, held and pending ones; none by default. An ignored SIGCHLD is not: any shell catches it."""

    def before() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGRTMIN, signal.SIGTERM})
        os.kill(os.getpid(), signal.SIGTERM)

    own = run("cat", "/proc/self/status", how=[str(installed)])
    assert {status(own.stdout)[key] for key in ("SigBlk", "SigIgn", "SigPnd", "ShdPnd", "SigCgt")} == {
        "0" * 16
    }
    seen = status(run("cat", "/proc/self/status", how=[str(installed)], preexec_fn=before).stdout)
    assert int(seen["SigIgn"], 16) == 1 << (signal.SIGHUP - 1) | 1 << (signal.SIGUSR2 - 1)
    held = 1 << (signal.SIGUSR1 - 1) | 1 << (signal.SIGRTMIN - 1) | 1 << (signal.SIGTERM - 1)
    assert int(seen["SigBlk"], 16) == held
    assert int(seen["ShdPnd"], 16) == 1 << (signal.SIGTERM - 1)


def test_descriptors_and_closed_streams_are_those_of_the_caller(installed: Path, tmp_path: Path) -> None:
    """3 too, which sh uses for a moment."""
    out = tmp_path / "out"
    script = f'exec 3< /etc/passwd 9> {out}; exec "$@" <&- >&- 2>&-'
    workload = ("sh", "-c", "ls -l /proc/self/fd >&9; exit 5")
    done = subprocess.run(
        ["sh", "-c", script, "sh", installed, "run", *HEALTHY, "--", *workload], env=environment(), timeout=60
    )
    assert done.returncode == 5
    seen = out.read_text()
    assert "3 -> /etc/passwd" in seen
    assert " 2 -> " not in seen


def test_the_callers_children_stay_its_own(installed: Path) -> None:
    """A child that the caller had before it became us is still there to be waited for."""
    caller = (
        "import os, sys; first = os.spawnlp(os.P_NOWAIT, 'sh', 'sh', '-c', 'exit 7'); "
        "os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT); "
        "os.execv(sys.argv[1], [*sys.argv[1:], str(first)])"
    )
    workload = "import os, sys; print(os.waitstatus_to_exitcode(os.waitpid(int(sys.argv[1]), 0)[1]))"
    line = [str(installed), "run", *HEALTHY, "--", sys.executable, "-c", workload]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", caller, *line], env=environment(), capture_output=True, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"7\n", b"")


@pytest.mark.parametrize("how", [[], [sys.executable]])
def test_python_reads_it_too(installed: Path, how: list[str]) -> None:
    """Where there is no sh: `python3 bin/probe`."""
    more = {"PYTHONPATH": os.pathsep.join([CHECKOUT, *PACKAGES])} if how else {}
    done = check(*how, str(installed), **more)
    assert (done.returncode, done.stderr) == (0, b"")


# Bytes are read one by one, and the interpreter starts after the second.
INSTANTS_MS = (*range(0, 24, 2), *range(24, 80, 8))


@pytest.mark.parametrize("before", [[], pytest.param(NAMESPACE, marks=pytest.mark.root)])
def test_a_signal_at_any_instant_after_sh_has_begun_is_not_lost(
    installed: Path, tmp_path: Path, before: list[str]
) -> None:
    """
    As any process, it ends us or reaches the workload. As PID 1, whose signals have no default action:
    what sh catches and what we hold.

    Nobody can catch while env(1) or the workload starts, nor between sh's last look and its execve(2): one
    of all may come there. What we hold is for test_instants.
    """
    lost = []
    for after_ms in INSTANTS_MS:
        ready = tmp_path / f"{after_ms}"
        workload = f"trap 'exit 42' TERM; : > {ready}; while :; do sleep 0.05; done"
        process = subprocess.Popen(
            [*before, installed, "run", *HEALTHY, "--", "sh", "-c", workload], env=environment()
        )
        try:
            pid = process.pid
            while before and not (pid := first_child(process.pid)):
                time.sleep(0.0002)
            while not caught(pid):
                time.sleep(0.0002)
            time.sleep(after_ms / 1000)
            os.kill(pid, signal.SIGSTOP)  # the state that we see is the one in which it comes
            told = not before or (caught(pid) and Path(f"/proc/{pid}/exe").resolve() == SH)
            os.kill(pid, signal.SIGTERM if told else signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):  # SIGKILL ends what is stopped too
                os.kill(pid, signal.SIGCONT)
            if not told:
                process.wait(timeout=20)
                continue
            assert process.wait(timeout=20) in (42, 143, -signal.SIGTERM), after_ms
        except subprocess.TimeoutExpired:
            lost.append(after_ms)
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):  # unshare(1) has still to follow it
                    os.kill(pid, signal.SIGKILL)
                process.wait(timeout=10)
    assert len(lost) <= (1 if before else 0), lost


def first_child(pid: int) -> int:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(words[0]) if words else 0


def caught(pid: int) -> bool:
    """Whether sh has come to its first lines: SIGTERM is caught, or held already."""
    seen = status(Path(f"/proc/{pid}/status").read_bytes())
    return bool((int(seen["SigCgt"], 16) | int(seen["SigBlk"], 16)) >> (signal.SIGTERM - 1) & 1)
