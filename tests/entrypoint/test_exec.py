"""Exec style: the workload is the process that was started, and finds everything as if it had been first."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entrypoint.helpers import (
    CHECKOUT,
    ISOLATED,
    ODD_ARGUMENTS,
    PLAIN,
    SCRIPT,
    environment,
    line,
    raw_exec,
    run,
    start,
    status,
)

STATUS = ("cat", "/proc/self/status")


def test_the_workload_is_the_same_process() -> None:
    """No second process: the pid, the parent, the group and the session are those of the one started."""
    done = start("sh", "-c", "echo $$ $PPID; exec cat /proc/self/stat", start_new_session=True)
    out, err = done.communicate(timeout=60)
    first, stat = out.splitlines()
    assert first.split() == [b"%d" % done.pid, b"%d" % os.getpid()]
    assert stat.rpartition(b")")[2].split()[2:4] == [b"%d" % done.pid] * 2
    assert err == b""


@pytest.mark.parametrize("code", [0, 1, 2, 64, 125, 126, 127, 143, 255])
def test_its_exit_code_is_ours(code: int) -> None:
    """Any code, those with a meaning of our own too."""
    assert run("sh", "-c", f"exit {code}").returncode == code


def test_its_death_by_a_signal_is_ours() -> None:
    """A real death, not 128 + signal: nobody stands between."""
    assert run("sh", "-c", "kill -SEGV $$").returncode == -signal.SIGSEGV


def test_signals_are_as_python_never_was() -> None:
    """Nothing held, nothing ignored: SIGPIPE and SIGXFSZ, which Python ignores, too."""
    seen = status(run(*STATUS).stdout)
    assert {seen[key] for key in ("SigBlk", "SigIgn", "SigPnd", "ShdPnd", "SigCgt")} == {"0" * 16}


def test_signals_that_the_caller_ignored_or_held_stay_so() -> None:
    """nohup, a caller that leaves its children to the kernel, a held signal."""

    def before() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGRTMIN})

    for how in (PLAIN, ISOLATED):
        seen = status(run(*STATUS, preexec_fn=before, how=how).stdout)
        assert int(seen["SigIgn"], 16) == 1 << (signal.SIGHUP - 1) | 1 << (signal.SIGCHLD - 1)
        assert int(seen["SigBlk"], 16) == 1 << (signal.SIGUSR1 - 1) | 1 << (signal.SIGRTMIN - 1)


def test_the_mask_survives_our_second_start() -> None:
    """Where PYTHONPATH makes us start the interpreter again, the caller's mask still counts."""
    seen = status(run(*STATUS, env={"PYTHONPATH": "/nowhere"}).stdout)
    assert seen["SigBlk"] == "0" * 16


def test_a_held_signal_stays_pending_for_the_workload() -> None:
    """What the caller held back while we ran reaches the workload, and does not end the checks."""

    def before() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.kill(os.getpid(), signal.SIGTERM)

    seen = status(run(*STATUS, preexec_fn=before).stdout)
    assert int(seen["ShdPnd"], 16) == 1 << (signal.SIGTERM - 1)


def test_a_writer_ends_when_its_reader_leaves() -> None:
    """`yes | head -1` ends by SIGPIPE."""
    done = start("yes")
    assert done.stdout
    assert done.stdout.read(2) == b"y\n"
    done.stdout.close()
    assert done.wait(timeout=60) == -signal.SIGPIPE
    assert done.stderr
    done.stderr.close()


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "POSIX", "en_US.ISO-8859-1", ""])
def test_arguments_arrive_byte_for_byte(locale: str) -> None:
    """Empty ones, those like options of ours, and bytes that are no text, in any locale."""
    done = run("printf", "%s\\0", *ODD_ARGUMENTS, env={"LC_ALL": locale})
    assert done.stdout.split(b"\0")[:-1] == ODD_ARGUMENTS


@pytest.mark.parametrize(
    "locale",
    [[], [b"LC_CTYPE=C"], [b"LC_CTYPE="], [b"LANG=C"], [b"LC_CTYPE=POSIX", b"LC_CTYPE=xx"], [b"LC_ALL=C"]],
)
@pytest.mark.parametrize("python", [[], [b"PYTHONPATH=/nowhere", b"PYTHONWARNINGS=error"]])
def test_the_environment_arrives_byte_for_byte(locale: list[bytes], python: list[bytes]) -> None:
    """Order, doubles, entries without "=", no LC_CTYPE of Python's making; after a second start as well."""
    block = [b"TZ=UTC", b"B=1", b"A=2", b"B=3", b"no equals", b"E=", b"N=\xff", *locale, *python, b"LAST=x"]
    done = subprocess.run(
        raw_exec(line("/bin/cat", "/proc/self/environ"), block),
        capture_output=True,
        timeout=60,
        cwd=CHECKOUT,
    )
    assert done.stderr == b""
    assert done.stdout.split(b"\0")[:-1] == block


def test_an_empty_environment_stays_empty() -> None:
    """Not one variable comes from us."""
    done = subprocess.run(
        raw_exec(line("/bin/cat", "/proc/self/environ", options=("--only", "image"), how=ISOLATED), []),
        capture_output=True,
        timeout=60,
    )
    assert done.stdout == b""


def test_descriptors_are_those_of_the_caller(tmp_path: Path) -> None:
    """What was passed arrives, and nothing else."""
    reader, writer = os.pipe()
    try:
        done = run("ls", "/proc/self/fd", pass_fds=(writer,))
    finally:
        os.close(reader)
        os.close(writer)
    assert sorted(done.stdout.split()) == sorted(b"%d" % number for number in (0, 1, 2, 3, writer))  # 3: ls


def test_closed_streams_stay_closed(tmp_path: Path) -> None:
    """Without 0, 1 and 2 the workload starts, without them."""
    out = tmp_path / "out"
    script = f"exec 9> {out}; ls -l /proc/self/fd >&9; exit 5"
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *line("sh", "-c", script)],
        env=environment(),
        cwd=CHECKOUT,
        timeout=60,
    )
    assert done.returncode == 5
    assert " / " not in out.read_text()
    assert f"-> {out}" in out.read_text()


def test_streams_are_the_same_open_files(tmp_path: Path) -> None:
    """No pump, no change of flags: the offset and O_NONBLOCK are shared with the caller."""
    path = tmp_path / "out"
    with path.open("wb") as stream:
        stream.write(b"before ")
        stream.flush()
        run("sh", "-c", "echo workload; echo told >&2", stdout=stream, stderr=stream, capture_output=False)
        assert os.get_blocking(stream.fileno())
    assert path.read_bytes() == b"before workload\ntold\n"


def test_directory_umask_and_limits_are_the_callers(tmp_path: Path) -> None:
    """Unchanged by us."""

    def before() -> None:
        os.umask(0o027)
        resource.setrlimit(resource.RLIMIT_NOFILE, (123, 234))
        os.nice(3)

    script = "pwd; umask; ulimit -n; ulimit -H -n; nice"
    seen = run("sh", "-c", script, how=ISOLATED, cwd=tmp_path, preexec_fn=before).stdout.split()
    nicer = str(min(os.getpriority(os.PRIO_PROCESS, 0) + 3, 19)).encode()
    assert seen == [os.fsencode(tmp_path), b"0027", b"123", b"234", nicer]


def test_a_removed_directory_does_not_matter(tmp_path: Path) -> None:
    """Started where nothing is any more."""
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", f'cd {gone} && rmdir {gone} && exec "$@"', "sh", *line("echo", "here", how=ISOLATED)],
        env=environment(),
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"here\n", b"")


def test_no_child_is_left() -> None:
    """Neither a living one nor a zombie, also when commands were run for the checks."""
    for options in (("--only", "timezone"), ("--only", "go-env", "--on-fail", "warn")):
        assert run("cat", "/proc/thread-self/children", options=options).stdout == b""


def test_the_callers_children_stay_its_own(tmp_path: Path) -> None:
    """A child that the caller had before it became us is still there to be waited for."""
    caller = (  # no shell, which may have reaped the first one before
        "import os, sys; first = os.spawnlp(os.P_NOWAIT, 'sh', 'sh', '-c', 'exit 7'); "
        "second = os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '60'); "
        "os.execv(sys.argv[1], [*sys.argv[1:], str(first), str(second)])"
    )
    workload = (
        "import os, signal, sys; first, second = map(int, sys.argv[1:]); "
        "print(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]), os.waitpid(second, os.WNOHANG)); "
        "os.kill(second, signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", caller, *line(sys.executable, "-c", workload)],
        env=environment(),
        cwd=CHECKOUT,
        capture_output=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (b"7 (0, 0)\n", b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PYTHONPATH", "{here}"),
        ("PYTHONWARNINGS", "error"),
        ("PYTHONINSPECT", "1"),
        ("PYTHONDEVMODE", "1"),
        ("PYTHONUSERBASE", "{here}"),
        ("PYTHONVERBOSE", "0"),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONHASHSEED", "junk"),
        ("PYTHONSTARTUP", "{here}/json.py"),
        ("PYTHONMALLOC", "junk"),
    ],
)
def test_the_workloads_python_settings_stay_its_own(tmp_path: Path, name: str, value: str) -> None:
    """They do not reach our interpreter, and do reach the workload."""
    for module in ("json", "signal", "typing", "contextlib", "sitecustomize"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('imported from PYTHONPATH')\n")
    value = value.format(here=tmp_path)
    # These end or change any interpreter before its first statement, unless it is isolated.
    fatal = {"PYTHONHOME", "PYTHONHASHSEED", "PYTHONMALLOC"}
    for how in (ISOLATED,) if name in fatal else (ISOLATED, SCRIPT):
        if how is SCRIPT:  # what site imports is over before our first statement
            (tmp_path / "sitecustomize.py").unlink()
        done = run("sh", "-c", f"echo ${name}", env={name: value}, how=how)
        assert (done.returncode, done.stdout, done.stderr) == (0, os.fsencode(value) + b"\n", b"")
