"""Files on a mount that never answers: every command ends in time all the same, and its readers with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.cli import commands
from tests.support.commands import clean_environment
from tests.support.dead_server import DeadServer

INSPECT = (
    *(("inspect", what, "--timeout", "1", "--root", "{dead}") for what in ("roots", "timezone", "env")),
    ("inspect", "chain", "{dead}/chain.pem", "--host", "a.test", "--timeout", "1"),
    ("inspect", "pinned", "{dead}/sums", "--timeout", "1"),
    ("inspect", "version", "{dead}/app", "--timeout", "1"),
    ("inspect", "linkage", "{dead}/app", "--timeout", "1"),
    ("inspect", "offline", "{dead}/app", "--timeout", "1"),
    ("baseline", "snapshot", "--set", "timeout_s=1", "--root", "{dead}"),
    (
        "baseline",
        "snapshot",
        "--set",
        "timeout_s=1",
        "--env",
        "SSL_CERT_FILE={dead}/roots.pem",
        "--root",
        "/",
    ),
)
# What a flag for a file needs beside it.
BESIDE = {
    ("inspect", "--roots"): ("chain", "/dev/null", "--host", "a.test", "--timeout", "1"),
    ("inspect", "--root"): ("roots", "--timeout", "1"),
    ("inspect", "--image"): ("roots", "--timeout", "1"),
    ("inspect", "--env-file"): ("env", "--root", "/", "--timeout", "1"),
    ("baseline", ""): ("snapshot",),
    ("config", ""): ("--show",),
    ("explain", ""): ("CA_BUNDLE_MISSING",),
    ("manifest", ""): ("kubernetes",),
    ("manifest", "--lint"): (),
    ("run", ""): ("--only", "timezone"),
    ("serve", ""): ("127.0.0.1:0", "--set", "agent.socket="),
}
# Look at the mount in runs of their own: the agent answers, and says that it is not healthy.
STAYS = {("serve", "--root"), ("serve", "--image"), ("serve", "--env-file")}
AGENT = ("socket", "token_file", "termination_log")
VARIABLES = {
    "SSL_CERT_FILE": "{dead}/roots.pem",
    "SSL_CERT_DIR": "{dead}/roots",
    "GOROOT": "{dead}/go",
    "GOENV": "{dead}/env",
    "HOME": "{dead}/home",
    "PATH": "{dead}/bin:/usr/bin:/bin",
}


def flags() -> Iterator[tuple[str, ...]]:
    """Every flag of every command that takes the name of a file or directory, with a name on the mount."""
    for name in commands.COMMANDS:
        for flag in commands.described(name).flags:
            if flag.value in ("FILE", "DIR") and flag.name != "--cwd" and (name, flag.name) not in STAYS:
                beside = BESIDE.get((name, flag.name), BESIDE.get((name, ""), ()))
                # What only a baseline that is asked for reads, or a target that reads a file of variables.
                more = ("--root", "/") if flag.name == "--env-file" and "--root" not in beside else ()
                line = (name, *beside, flag.name, "{dead}/x", *more)
                yield (*line, "--", "true") if name == "run" else line


LINES = (
    *(line for line in flags() if line[0] not in ("node", "explain")),
    *(("serve", "127.0.0.1:0", "--set", f"agent.{key}={{dead}}/x") for key in AGENT),
    ("run", "--timeout", "1", "--", "{dead}/app"),
    ("status", "--set", "agent.socket={dead}/x"),
    ("merge", "{dead}/x"),
    ("check", "--only", "pinned", "--timeout", "1", "--set", "pinned.sums={dead}/x"),
    ("check", "--only", "ca-bundle", "--timeout", "1", "--set", "ca-bundle.extra_roots={dead}/x"),
    ("check", "--only", "go-version", "--timeout", "1", "--set", "go-version.binary={dead}/x"),
)


READING = (
    ("status",),
    ("check", "--only", "timezone"),
    ("config", "--show"),
    ("serve", "127.0.0.1:0"),
    ("node",),
    ("run", "--", "true"),
    ("run", "--serve=127.0.0.1:0", "--", "true"),
)


@pytest.fixture(scope="module")
def dead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    server = DeadServer(tmp_path_factory.mktemp("mounts") / "dead")
    yield server.place
    server.close()


def begun(dead: Path, *line: str, **env: str) -> subprocess.Popen[str]:
    return begun_by((), dead, *line, **env)


def begun_by(before: tuple[str, ...], dead: Path, *line: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*before, sys.executable, "-m", "probe", *(word.format(dead=dead) for word in line)],
        env={**clean_environment(), **{name: value.format(dead=dead) for name, value in env.items()}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], end: float, *, waits: bool) -> str:
    """What it printed; *waits*: its reader waits for the end of the output too."""
    assert process.stdout
    assert process.stderr
    try:
        if waits:
            return "".join(process.communicate(timeout=max(0.1, end - time.monotonic())))
        process.wait(max(0.1, end - time.monotonic()))
        return process.stderr.readline()
    finally:
        process.stdout.close()
        process.stderr.close()


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_inspect_and_baseline_end_in_time(dead: Path) -> None:
    """One line that says so, and exit 1, all at once; what hangs there not even SIGKILL would end."""
    every = [begun(dead, *line, TZ="UTC") for line in INSPECT]
    end = time.monotonic() + 30
    for line, process in zip(INSPECT, every, strict=True):
        said = ended(process, end, waits=True)
        assert process.returncode == 1, line
        assert "not done after 1 s" in said, line


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_whatever_names_a_file_there_ends_in_time(dead: Path) -> None:
    """Every option of every command; the reader of `check` and its like sees the end of the output too."""
    every = [begun(dead, *line, TZ="UTC") for line in LINES]
    end = time.monotonic() + 60
    for line, process in zip(LINES, every, strict=True):
        said = ended(process, end, waits=line[0] not in ("run", "serve"))
        assert process.returncode in (1, 78), (line, said)
        assert "Traceback" not in said
        assert said.count("\n") in (1, 3), (line, said)


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_whatever_variable_leads_there_ends_in_time(dead: Path) -> None:
    """And it is never healthy. (TZ is read by CPython itself; the installed command keeps it away.)"""
    every = {
        name: begun(dead, "check", "--timeout", "2", **{"TZ": "UTC", name: value})
        for name, value in VARIABLES.items()
    }
    end = time.monotonic() + 60
    for name, process in every.items():
        said = ended(process, end, waits=True)
        assert process.returncode == 1, (name, said)
        assert "CHECK_TIMED_OUT" in said, name


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_the_file_of_the_system_may_lie_there(dead: Path, tmp_path: Path) -> None:
    """/etc/probe.toml leads to the mount: each command that reads it ends, the agent's client too."""
    script = 'mount -t overlay overlay -o lowerdir=/etc,upperdir=$0/u,workdir=$0/w /etc && exec "$@"'
    every = []
    for number, line in enumerate(READING):
        place = tmp_path / str(number)
        for name in ("u", "w"):
            (place / name).mkdir(parents=True)
        (place / "u/probe.toml").symlink_to(dead / "probe.toml")
        every.append(begun_by(("unshare", "-m", "sh", "-c", script, str(place)), dead, *line, TZ="UTC"))
    end = time.monotonic() + 90
    for line, process in zip(READING, every, strict=True):
        said = ended(process, end, waits=False)
        assert process.returncode in (1, 78), (line, said)


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_the_demo_needs_a_place_that_answers(dead: Path) -> None:
    """For its files; it says which variable names the other one."""
    process = begun(dead, "demo", TMPDIR="{dead}", TZ="UTC")
    said = ended(process, time.monotonic() + 30, waits=True)
    assert process.returncode == 78
    assert "its mount is dead; TMPDIR must name a directory that can be written" in said


@pytest.mark.needs("mounts")
@pytest.mark.needs("FUSE")
def test_beside_a_dead_mount_all_is_as_ever(dead: Path) -> None:
    """Its output and its code are those of the child, and a reader that leaves is told of."""
    process = begun(dead, "check", "--only", "timezone", TZ="UTC")
    assert ended(process, time.monotonic() + 20, waits=True).startswith("healthy: 1 check")
    assert process.returncode == 0
    process = begun(dead, "check", "--nonsense")
    assert "there is no option --nonsense" in ended(process, time.monotonic() + 20, waits=True)
    assert process.returncode == 64
    line = f"{sys.executable} -m probe man | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=clean_environment(), timeout=20, check=False)
    assert done.returncode == 1
