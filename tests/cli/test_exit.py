"""How the command ends: its exit code, whatever happens to its output, and what it leaves alone."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from probe import targets
from probe.config.schema import DEFAULTS
from tests.support.commands import RunProbe, clean_environment
from tests.support.timing import Stopwatch

CHECKOUT = Path(targets.__file__).parent.parent.parent
HEALTHY = ("check", "--only", "timezone", "--env", "TZ=UTC")
UNHEALTHY = ("check", "--only", "timezone", "--env", "TZ=No/Where")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "probe", *arguments]


def start(
    arguments: Sequence[str], env: Mapping[str, str] | None = None, **more: Any
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments), env={**clean_environment(), **(env or {})}, stdin=subprocess.DEVNULL, **more
    )


def hanging(tmp_path: Path) -> dict[str, str]:
    """An environment in which `go` never ends, so that the check go-env waits."""
    go = tmp_path / "bin" / "go"
    go.parent.mkdir(exist_ok=True)
    go.write_text("#!/bin/sh\nexec sleep 60\n")
    go.chmod(0o755)
    return {"PATH": f"{go.parent}:/usr/bin:/bin"}


def test_health_decides_the_exit_code(run_probe: RunProbe) -> None:
    """0 and 1; stdout has the report, stderr nothing."""
    healthy, unhealthy = run_probe(*HEALTHY), run_probe(*UNHEALTHY)
    assert (healthy.code, healthy.err) == (0, "")
    assert healthy.out.startswith("healthy: 1 check in ")
    assert (unhealthy.code, unhealthy.err) == (1, "")
    assert unhealthy.out.startswith("unhealthy: TIMEZONE_NAME_UNKNOWN (1 of 1 check failed) in ")


@pytest.mark.parametrize("name", ["text", "json", "health+json", "junit", "tap", "prometheus"])
def test_no_format_changes_the_exit_code(run_probe: RunProbe, name: str) -> None:
    """Whatever is printed, the code is that of the verdict."""
    assert run_probe(*HEALTHY, "--format", name).code == 0
    assert run_probe(*UNHEALTHY, "--format", name).code == 1


def test_strict_makes_a_warning_unhealthy(run_probe: RunProbe, root: Path) -> None:
    """The same container, healthy with a warning, and unhealthy where that counts."""
    line = ("check", "--only", "timezone", "--root", str(root))
    lenient, strict = run_probe(*line), run_probe(*line, "--strict")
    assert (lenient.code, strict.code) == (0, 1)
    assert "1 warning" in lenient.out
    assert run_probe(*line, PROBE_STRICT="true").code == 1


def test_what_is_left_out_is_visible(run_probe: RunProbe) -> None:
    """What --skip or the configuration leaves out stands in the report; --only asks for no others."""
    others = [name for name in DEFAULTS["checks"] if name != "timezone"]
    line = [word for name in others for word in ("--skip", name)]
    for done in (run_probe(*line, TZ="UTC"), run_probe(PROBE_CHECKS="timezone", TZ="UTC")):
        assert f"{len(others)} skipped checks" in done.out.splitlines()[0]
    report = json.loads(run_probe(*line, "--format", "json", TZ="UTC").out)
    found = {check["name"]: [finding["code"] for finding in check["findings"]] for check in report["checks"]}
    assert [found[name] for name in others] == [["CHECK_SKIPPED"]] * len(others)
    assert "skipped" not in run_probe(*HEALTHY).out


def test_quiet_says_only_what_is_wrong(run_probe: RunProbe) -> None:
    """Nothing when healthy, one line when not."""
    assert run_probe(*HEALTHY, "--quiet").out == ""
    said = run_probe(*UNHEALTHY, "--quiet").out
    assert said.startswith("unhealthy: TIMEZONE_NAME_UNKNOWN")
    assert said.count("\n") == 1


def test_plain_probe_is_check(run_probe: RunProbe) -> None:
    """With options or without."""
    assert run_probe("--only", "timezone", "--env", "TZ=No/Where").code == 1
    assert run_probe(TZ="No/Where").out.startswith("unhealthy: ")


@pytest.mark.parametrize(("line", "code"), [(HEALTHY, 1), (UNHEALTHY, 1), ((*HEALTHY, "--quiet"), 0)])
def test_a_verdict_that_cannot_be_written_is_not_healthy(line: Sequence[str], code: int) -> None:
    """A full disk, and a closed stdout: exit 1, unless there was nothing to say."""
    with open("/dev/full", "wb") as full:
        done = start(line, stdout=full, stderr=subprocess.PIPE)
        _, err = done.communicate(timeout=60)
    assert done.returncode == code
    assert err == (b"probe: stdout: no space left on device\n" if code and "--quiet" not in line else b"")
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command(*line)],
        env=clean_environment(),
        stderr=subprocess.PIPE,
        timeout=60,
    )
    assert closed.returncode == code
    assert closed.stderr == (b"probe: stdout: bad file descriptor\n" if code else b"")


def test_a_report_never_lands_in_a_file_that_we_read(tmp_path: Path) -> None:
    """With 0, 1 and 2 closed, no other file gets their numbers and is written to."""
    system = tmp_path / "probe.toml"
    system.write_text("strict = true\n")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command(*UNHEALTHY, "--config", str(system))],
        env=clean_environment(),
        timeout=60,
    )
    assert done.returncode == 1
    assert system.read_text() == "strict = true\n"


def test_a_reader_that_leaves_is_no_accident() -> None:
    """`probe explain | head -1`: nothing on stderr."""
    read, write = os.pipe()
    os.close(read)
    done = start(["explain"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, err = done.communicate(timeout=60)
    assert (done.returncode, err) == (1, b"")


def test_a_reader_that_sleeps_does_not_hold_a_check(tmp_path: Path) -> None:
    """A full pipe that nobody empties: the check still ends within its deadline, unhealthy."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    watch = Stopwatch()
    done = start([*HEALTHY, "--timeout", "1"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    _, err = done.communicate(timeout=60)
    os.close(read)
    assert (done.returncode, err) == (1, b"probe: stdout: no reader\n")
    assert watch.quiet() < 3


def test_an_interrupt_is_quiet(tmp_path: Path) -> None:
    """SIGINT while a check waits: 130, no traceback, nothing left behind."""
    done = start(
        ["check", "--only", "go-env"], hanging(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1)
    done.send_signal(signal.SIGINT)
    out, err = done.communicate(timeout=60)
    assert (done.returncode, out, err) == (130, b"", b"")


def test_the_deadline_ends_a_run(tmp_path: Path) -> None:
    """A `go` that hangs: the verdict comes before the time is up."""
    watch = Stopwatch()
    done = start(["check", "--only", "go-env", "--timeout", "1"], hanging(tmp_path), stdout=subprocess.PIPE)
    out, _ = done.communicate(timeout=60)
    assert done.returncode == 1
    assert watch.quiet() < 1.5
    assert out.startswith(b"unhealthy: ")


def test_an_error_of_our_own_is_one_line(tmp_path: Path) -> None:
    """A broken installation: exit 1 and one line; the traceback only for --verbose."""
    package = tmp_path / "probe"
    for source in (CHECKOUT / "probe").rglob("*"):
        if source.suffix in (".py", ".toml"):
            copy = package / source.relative_to(CHECKOUT / "probe")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    (package / "runner.py").write_text("raise RuntimeError('https://user:hunter2@host\\nbroken \\x1b[2J')\n")
    line = [sys.executable, "-m", "probe", "check"]
    for more in ([], ["--verbose"]):
        done = subprocess.run(
            [*line, *more], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout) == (1, "")
        first, *rest = done.stderr.splitlines()
        assert first.startswith("probe: internal error: RuntimeError: https://***@host\\nbroken \\x1b[2J")
        assert bool(rest) == bool(more)
        assert "hunter2" not in done.stderr
        assert "\x1b" not in done.stderr


def test_nothing_is_imported_from_where_we_stand(tmp_path: Path) -> None:
    """`python -m probe` in a directory with a json.py of somebody else uses Python's own."""
    (tmp_path / "probe").symlink_to(CHECKOUT / "probe")
    for name in ("json", "re", "typing", "ssl", "tomllib", "psutil", "select"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(f'imported {__name__}')\n")
    done = subprocess.run(
        command("--only", "timezone", "--env", "TZ=UTC", "--format", "json", "--set", 'timezone.copy="warn"'),
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYTHONPATH", "{here}"), ("PYTHONWARNINGS", "error"), ("PYTHONDEVMODE", "1"), ("PYTHONINSPECT", "1")],
)
def test_the_workloads_python_settings_are_not_ours(tmp_path: Path, name: str, value: str) -> None:
    """Variables that are there for the workload change neither what we import nor how we end."""
    for module in ("json", "tomllib", "psutil", "select"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('imported from PYTHONPATH')\n")
    done = start(
        (*HEALTHY, "--format", "json", "--set", 'timezone.copy="warn"'),
        {name: value.format(here=tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = done.communicate(timeout=60)
    assert (done.returncode, err) == (0, b"")
    assert out.startswith(b"{")


def test_the_target_keeps_its_python_settings(run_probe: RunProbe) -> None:
    """Isolated as we are, the environment that is examined is still the whole one."""
    done = run_probe("check", "--only", "timezone", PYTHONPATH="/nowhere", TZ="No/Where")
    assert done.code == 1
    assert "TIMEZONE_NAME_UNKNOWN" in done.out


def terminal(arguments: Sequence[str], env: Mapping[str, str], *, stdout: bool = True) -> tuple[int, str]:
    """The exit code and all that appears on a terminal."""
    ours, theirs = pty.openpty()
    done = start(
        arguments, {"TERM": "xterm", **env}, stdout=theirs if stdout else subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # EIO: the other end is closed
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    return done.wait(timeout=60), seen.decode()


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals(env: Mapping[str, str], coloured: bool) -> None:
    """On a terminal that can and for people who want them; a file gets none."""
    code, seen = terminal(UNHEALTHY, env)
    assert code == 1
    assert ("\x1b[31munhealthy\x1b[0m: " in seen) == coloured
    assert ("\x1b" in seen) == coloured


def test_a_slow_run_says_what_it_waits_for(tmp_path: Path) -> None:
    """On a terminal the checks that are still running are named on stderr, and gone when the report comes."""
    slow = ("check", "--only", "go-env", "--timeout", "1.5")
    code, seen = terminal(slow, hanging(tmp_path), stdout=False)
    assert code == 1
    assert "waiting for go-env (0." in seen
    assert seen.endswith("\r\x1b[K")
    code, seen = terminal(slow, {**hanging(tmp_path), "TERM": "dumb"}, stdout=False)
    assert (code, seen) == (1, "")


def test_a_quick_run_shows_no_progress() -> None:
    """Nothing flickers."""
    assert terminal(HEALTHY, {}, stdout=False) == (0, "")
