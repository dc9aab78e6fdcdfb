"""The checks before the workload: what their outcome decides, and how a signal ends them."""

import os
import signal
import subprocess
import time
from pathlib import Path

import certifi
import pytest

from tests.entrypoint.helpers import HEALTHY, ISOLATED, PLAIN, UNHEALTHY, run, slow_go, start
from tests.support.leftovers import gone, wait_until
from tests.support.timing import Stopwatch

NAMESPACE = ("unshare", "-pf", "--mount-proc")
as_pid_1 = pytest.mark.root


def test_healthy_is_silent() -> None:
    """Not a byte but the workload's own."""
    done = run("echo", "workload")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"workload\n", b"")


def test_unhealthy_does_not_start_the_workload() -> None:
    """Exit 1; the report is on stderr."""
    done = run("echo", "workload", options=UNHEALTHY)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"unhealthy: TIMEZONE_EXPECTED_UNKNOWN (1 unknown of 1 check) in ")
    assert done.stderr.count(b"\n") == 3


def test_a_warning_is_told_and_the_workload_started(tmp_path: Path) -> None:
    """Healthy with something to say: on stderr, unless --quiet; --strict makes it a failure."""
    warns = ("--only", "ca-bundle", "--set", "ca-bundle.endpoints=[]")
    nobody_asked = run("echo", "x", options=warns, env={"SSL_CERT_FILE": certifi.where()})
    assert (nobody_asked.returncode, nobody_asked.stdout) == (0, b"x\n")
    assert nobody_asked.stderr.startswith(b"probe: healthy; no TLS handshake tried: ")
    assert nobody_asked.stderr.count(b"\n") == 1
    (tmp_path / "cut.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n")
    env = {"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": str(tmp_path)}
    loud = run("echo", "x", options=warns, env=env)
    assert (loud.returncode, loud.stdout) == (0, b"x\n")
    assert loud.stderr.startswith(b"healthy: 1 check in ")
    assert b" warning" in loud.stderr.splitlines()[0]
    quiet = run("echo", "x", options=(*warns, "--quiet"), env=env)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, b"x\n", b"")
    strict = run("echo", "x", options=(*warns, "--strict"), env=env)
    assert (strict.returncode, strict.stdout) == (1, b"")


def last_words(*options: str) -> tuple[int, bytes, bytes]:
    """Exit code, stderr and what stands in /dev/termination-log afterwards."""
    script = (
        "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && echo old > /dev/termination-log && "
        '{ "$@"; code=$?; cat /dev/termination-log; exit $code; }'
    )
    done = run("true", options=options, how=["unshare", "-m", "sh", "-c", script, "sh", *PLAIN])
    return done.returncode, done.stderr, done.stdout


@pytest.mark.needs("mounts")
def test_last_words_are_written_where_kubernetes_looks() -> None:
    """The report of a final failure; nothing when the workload starts."""
    code, err, words = last_words(*UNHEALTHY)
    assert (code, words) == (1, err)
    assert words.startswith(b"unhealthy: TIMEZONE_EXPECTED_UNKNOWN ")
    code, err, words = last_words(*UNHEALTHY, "--quiet", "--retry-for", "0.5")
    assert err.count(b"unhealthy") == err.count(b"\n")
    assert b"  fix: " in words
    assert last_words(*UNHEALTHY, "--on-fail", "warn")[2] == b"old\n"
    assert last_words(*HEALTHY) == (0, b"", b"old\n")


def test_warn_starts_the_workload_all_the_same() -> None:
    """The report, then the workload and its exit code."""
    done = run("sh", "-c", "echo workload; exit 9", options=(*UNHEALTHY, "--on-fail", "warn"))
    assert (done.returncode, done.stdout) == (9, b"workload\n")
    assert done.stderr.startswith(b"unhealthy: ")


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (("--on-fail", "ignore"), 64, b"--on-fail ignore: choose from exit, warn, hold"),
        (("--on-fail",), 64, b"--on-fail needs a value"),
        (("--retry-for", "long"), 64, b"--retry-for long: write seconds, at most a day"),
        (("--retry-for=-1",), 64, b"--retry-for -1: write seconds, at most a day"),
        (("--retry-for=nan",), 64, b"--retry-for nan: write seconds, at most a day"),
        (("--no-such",), 64, b"there is no option --no-such"),
        (("word",), 64, b"write -- before the command, not word"),
        (("--quiet", "--verbose"), 64, b"--quiet and --verbose exclude each other"),
        (("--set", "timezone.no=1"), 78, b"timezone.no"),
        (("--config", "/nowhere"), 78, b"/nowhere"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--on-fail=warn",)])
def test_what_is_wrong_with_the_settings_starts_nothing(
    options: tuple[str, ...], code: int, says: bytes, more: tuple[str, ...]
) -> None:
    """64 and 78 whatever --on-fail says: nobody knows what was wanted."""
    done = run("echo", "workload", options=(*more, *options))
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_command_line_without_command_is_wrong() -> None:
    """Nothing to become."""
    for command in ([], ["--"], ["sleep", "5"], ["--on-fail", "warn"]):
        done = subprocess.run([*ISOLATED, "run", *command], capture_output=True, timeout=60)
        assert (done.returncode, done.stdout) == (64, b"")
        assert b"write -- and the command: probe run -- CMD" in done.stderr


def test_help_never_starts_the_workload() -> None:
    """--help before the command is ours, after it the command's."""
    for word in ("--help", "-h"):
        ours, theirs = run("echo", "x", options=(word,)), run("printf", "%s", word)
        assert (ours.returncode, ours.stdout[:26]) == (0, b"usage: probe run [options]")
        assert theirs.stdout == word.encode()


def test_retries_are_told_one_line_each() -> None:
    """Growing pauses, one line a try, the whole report at the end, and all of it within the time given."""
    watch = Stopwatch()
    done = run("echo", "workload", options=(*UNHEALTHY, "--retry-for", "6"))
    assert watch.quiet() < 8
    assert (done.returncode, done.stdout) == (1, b"")
    tries = [line for line in done.stderr.splitlines() if line.startswith(b"probe: try ")]
    assert 2 <= len(tries) <= 6
    assert tries[0].startswith(
        b"probe: try 1: unhealthy: TIMEZONE_EXPECTED_UNKNOWN (1 unknown of 1 check) in "
    )
    pauses = [float(line.rpartition(b"; again in ")[2].removesuffix(b" s")) for line in tries]
    for number, pause in enumerate(pauses):  # half a second at most, then twice as long each; told by tenths
        assert 0.25 * 2**number - 0.05 <= pause <= 0.5 * 2**number + 0.05
    assert done.stderr.splitlines()[len(tries)].startswith(b"unhealthy: ")


def test_a_retry_that_succeeds_starts_the_workload(tmp_path: Path) -> None:
    """What was missing appears while we wait."""
    zone = tmp_path / "zone"
    env = {"TZ": str(zone)}
    started = start("echo", "workload", options=(*HEALTHY, "--retry-for", "30"), env=env)
    assert started.stderr
    assert started.stderr.readline().startswith(b"probe: try 1: unhealthy: ")
    zone.write_bytes(Path("/usr/share/zoneinfo/UTC").read_bytes())
    out, _ = started.communicate(timeout=60)
    assert (started.returncode, out) == (0, b"workload\n")


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "HUP", "USR1", "ALRM"])
@pytest.mark.parametrize("first", [0.0, 0.4])
def test_a_signal_ends_the_checks_at_once(tmp_path: Path, name: str, first: float) -> None:
    """128 + signal, no workload, and none of what the checks had started stays."""
    number = signal.Signals[f"SIG{name}"]
    options = ("--only", "go-env", "--timeout", "30", "--on-fail", "warn", "--retry-for", "60")
    started = start("echo", "workload", options=options, env=slow_go(tmp_path), how=ISOLATED)
    pids = tmp_path / "pids"
    wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    time.sleep(first)
    watch = Stopwatch()
    started.send_signal(number)
    out, err = started.communicate(timeout=60)
    assert watch.quiet() < 1
    assert (started.returncode, out, err) == (128 + number, b"", b"")
    wait_until(lambda: gone(map(int, pids.read_text().split())))


def test_a_signal_ends_the_pause_between_tries() -> None:
    """At once as well."""
    started = start("echo", "workload", options=(*UNHEALTHY, "--retry-for", "60"))
    assert started.stderr
    for _ in range(2):
        started.stderr.readline()
    started.terminate()
    assert started.wait(timeout=5) == 143
    started.communicate()


def test_a_signal_that_the_caller_ignores_does_not(tmp_path: Path) -> None:
    """nohup: HUP neither ends the checks nor reaches the workload."""
    go = tmp_path / "bin" / "go"
    env = slow_go(tmp_path)
    go.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nsleep 1\n")
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    options = ("--only", "go-env", "--on-fail", "warn")
    started = start("echo", "workload", options=options, env=env, preexec_fn=ignore)
    wait_until(lambda: (tmp_path / "pids").exists())
    started.send_signal(signal.SIGHUP)
    out, _ = started.communicate(timeout=60)
    assert (started.returncode, out) == (0, b"workload\n")


def test_our_death_is_the_death_of_the_checks(tmp_path: Path) -> None:
    """KILL, which nobody can see coming: nothing of ours stays."""
    options = ("--only", "go-env", "--timeout", "30")
    started = start("echo", "workload", options=options, env=slow_go(tmp_path))
    pids = tmp_path / "pids"
    wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    started.kill()
    started.communicate(timeout=60)  # stdout and stderr are closed by all that had them
    wait_until(lambda: gone(map(int, pids.read_text().split())))


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "RTMIN"])
def test_hold_stays_until_told_to_stop(name: str) -> None:
    """Unhealthy, idle, without the workload; 128 + signal at the end."""
    number = signal.Signals[f"SIG{name}"]
    started = start("echo", "workload", options=(*UNHEALTHY, "--on-fail", "hold"))
    assert started.stderr
    while b"staying, unhealthy, until told to stop" not in started.stderr.readline():
        pass
    time.sleep(0.3)  # until it has come to rest
    used = Path(f"/proc/{started.pid}/stat").read_text().split()[13:15]
    time.sleep(0.3)
    assert started.poll() is None
    assert Path(f"/proc/{started.pid}/stat").read_text().split()[13:15] == used
    started.send_signal(number)
    out, _ = started.communicate(timeout=5)
    assert (started.returncode, out) == (128 + number, b"")


@as_pid_1
def test_as_pid_1_a_signal_ends_the_checks(tmp_path: Path) -> None:
    """The kernel gives PID 1 no default actions: TERM works all the same, and `unshare` passes 143 on."""
    options = ("--only", "go-env", "--timeout", "30")
    started = start("echo", "x", options=options, how=(*NAMESPACE, *PLAIN), env=slow_go(tmp_path))
    pids = tmp_path / "pids"
    wait_until(lambda: pids.exists() and pids.read_text().count("\n") == 2)
    child = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGTERM)
    out, _ = started.communicate(timeout=5)
    assert (started.returncode, out) == (143, b"")


@as_pid_1
def test_as_pid_1_the_workload_is_pid_1_and_has_no_children(tmp_path: Path) -> None:
    """What the checks leave behind would be ours to reap: it is gone before the workload begins."""
    options = ("--only", "go-env", "--timeout", "0.5", "--on-fail", "warn")
    script = "echo $$; exec cat /proc/thread-self/children"
    done = run("sh", "-c", script, options=options, how=(*NAMESPACE, *PLAIN), env=slow_go(tmp_path))
    assert (done.returncode, done.stdout) == (0, b"1\n")


def test_the_checks_know_the_workload() -> None:
    """`go-version` looks at the very program that is about to start, found on PATH."""
    options = ("--only", "go-version", "--set", "go-version.source=binary")
    done = run("true", options=options)
    assert done.returncode == 1
    assert b"/true has no Go build info" in done.stderr
    assert b"the program " not in done.stderr
