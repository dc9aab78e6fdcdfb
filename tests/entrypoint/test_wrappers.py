"""`probe run -- gosu USER /app`: what will run, as whom, is judged, not the wrapper."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.entrypoint.wrappers import StartedCommand, unwrap
from tests.entrypoint.helpers import run
from tests.support.toolchains import Toolchain

HELLO = 'package main\n\nimport "os"\n\nfunc main() { println("started", os.Getuid()) }\n'

NOTHING: frozenset[str] = frozenset()
ONLY = ("--only", "go-version")
PATH = {"PATH": "/usr/bin:/bin"}  # without a go command


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["/app", "-v"], StartedCommand(("/app", "-v"))),
        (["gosu", "app:web", "/app"], StartedCommand(("/app",), "app:web")),
        (["su-exec", "1000", "/app", "x"], StartedCommand(("/app", "x"), "1000")),
        (["/sbin/tini", "-s", "-e", "143", "--", "/app"], StartedCommand(("/app",))),
        (["tini", "-e143", "/app"], StartedCommand(("/app",))),
        (["dumb-init", "--rewrite", "15:3", "-c", "/app"], StartedCommand(("/app",))),
        (["dumb-init", "--", "gosu", "nobody", "/app"], StartedCommand(("/app",), "nobody")),
        (
            ["setpriv", "--reuid=7", "--regid", "8", "--clear-groups", "/app"],
            StartedCommand(("/app",), "7:8"),
        ),
        (["setpriv", "--inh-caps=-all", "/app"], StartedCommand(("/app",))),
        (["env", "-u", "B", "A=1", "/app"], StartedCommand(("/app",), "", {"A": "1", "B": None})),
        (["env", "-i", "TZ=UTC", "/app"], StartedCommand(("/app",), "", {"TZ": "UTC"}, NOTHING)),
        (["env", "-C", "/srv", "./app"], StartedCommand(("./app",), cwd="/srv")),
        (["timeout", "-s", "INT", "5", "/app"], StartedCommand(("/app",))),
        (["nice", "-n5", "/app"], StartedCommand(("/app",))),
        (["sh", "-c", "exec /app --flag 'a b'"], StartedCommand(("/app", "--flag", "a b"))),
        (["/bin/sh", "-c", 'exec "$@"', "sh", "/app", "x"], StartedCommand(("/app", "x"))),
        (["tini", "--", "sh", "-c", "exec gosu 3 /app"], StartedCommand(("/app",), "3")),
        (["sh", "-c", "A=1 B='c d' exec /app"], StartedCommand(("/app",), "", {"A": "1", "B": "c d"})),
        (["sh", "-euc", "umask 077; cd /srv && exec ./app"], StartedCommand(("./app",), cwd="/srv")),
        (
            ["sh", "-e", "-c", 'export A=1; exec "$0" "$@"', "/app", "x"],
            StartedCommand(("/app", "x"), "", {"A": "1"}),
        ),
        (["bash", "--login", "-c", "exec -a name /app"], StartedCommand(("/app",))),
        (["busybox", "sh", "-c", "exec busybox env A=1 /app"], StartedCommand(("/app",), "", {"A": "1"})),
        (["env", "-iS", "A=1 /app", "x"], StartedCommand(("/app", "x"), "", {"A": "1"}, NOTHING)),
        (["env", "--ignore-signal=INT", "--", "/app"], StartedCommand(("/app",))),
        (["chroot", "--userspec=7:8", "/", "/app"], StartedCommand(("/app",), "7:8", cwd="/")),
        (["runuser", "-u", "web", "-g", "app", "--", "/app"], StartedCommand(("/app",), "web:app")),
        (["sudo", "-Eu", "#7", "A=1", "/app"], StartedCommand(("/app",), "7", {"A": "1"})),
        (["sudo", "-E", "/app"], StartedCommand(("/app",), "0")),
        (["s6-applyuidgid", "-u", "7", "-g", "8", "/app"], StartedCommand(("/app",), "7:8")),
        (["nice", "-19", "/app"], StartedCommand(("/app",))),
        (["tini", "-gs", "-p", "SIGTERM", "/app"], StartedCommand(("/app",))),
        (["timeout", "-fk5", "0", "taskset", "-c", "0", "/app"], StartedCommand(("/app",))),
        (["prlimit", "--nofile=64", "choom", "-n", "5", "--", "/app"], StartedCommand(("/app",))),
        (["flock", "-n", "/lock", "-c", "exec /app x"], StartedCommand(("/app", "x"))),
        (["bash", "-lc", "exec /app"], StartedCommand(("/app",))),
        # what is more than one simple command, or an option that nobody knows, is left alone
        (["sh", "-c", "exec /app | tee log"], StartedCommand(("sh", "-c", "exec /app | tee log"))),
        (["sh", "-c", "exec $APP"], StartedCommand(("sh", "-c", "exec $APP"))),
        (["sh", "-c", "exec -a name /app"], StartedCommand(("sh", "-c", "exec -a name /app"))),  # dash
        (["sh", "-c", "/setup; /app"], StartedCommand(("sh", "-c", "/setup; /app"))),
        (["sh", "-c", 'set -- /b; exec "$@"'], StartedCommand(("sh", "-c", 'set -- /b; exec "$@"'))),
        (["sh", "-c", "/app & wait"], StartedCommand(("sh", "-c", "/app & wait"))),
        (["chroot", "/srv", "/app"], StartedCommand(("chroot", "/srv", "/app"))),
        (["runuser", "nobody", "-c", "/app"], StartedCommand(("runuser", "nobody", "-c", "/app"))),
        (["taskset", "-p", "1", "/app"], StartedCommand(("taskset", "-p", "1", "/app"))),
        (["busybox", "httpd"], StartedCommand(("busybox", "httpd"))),
        (["busybox", "--list"], StartedCommand(("busybox", "--list"))),
        (["bash", "-lc", "exec app"], StartedCommand(("bash", "-lc", "exec app"))),  # PATH is another
        (["bash", "--login", "-c", "app"], StartedCommand(("bash", "--login", "-c", "app"))),
        (["sh", "-c", 'A="$0" /app', "x"], StartedCommand(("sh", "-c", 'A="$0" /app', "x"))),
        (["sh", "-c", "command exec /app"], StartedCommand(("/app",))),
        (["sh", "-c", "A=1; command /app x"], StartedCommand(("sh", "-c", "A=1; command /app x"))),
        (["sh", "-c", "command /app x"], StartedCommand(("/app", "x"))),
        (["sh", "-c", "exec echo x"], StartedCommand(("echo", "x"))),
        *(
            (["sh", "-c", line], StartedCommand(("sh", "-c", line)))
            for line in ("exit 0", "eval exec /app", "cd / && wait", "echo x", "test -d /", "time /app")
        ),
        (["sh", "-c", "ulimit -v 9; exec /app"], StartedCommand(("/app",), limits={"v": 9 << 10})),
        (["sh", "-c", "ulimit -Sd unlimited && /app"], StartedCommand(("/app",), limits={"d": -1})),
        (["sh", "-c", "ulimit -n 9; ulimit -Hv 9; /app"], StartedCommand(("/app",))),
        (
            ["prlimit", "--as=7:9", "--data=8", "/app"],
            StartedCommand(("/app",), limits={"v": 7, "d": 8}),
        ),
        (["prlimit", "--data", "8", "/app"], StartedCommand(("8", "/app"))),
        (["sh", "-c", "ulimit -HSv 9; exec /app"], StartedCommand(("/app",), limits={"v": 9 << 10})),
        (["bash", "-c", "ulimit -Sv hard; exec /app"], StartedCommand(("/app",))),
        (["chpst", "-u", ":7:8", "/app"], StartedCommand(("/app",), "7:8")),
        (["gosu", "app"], StartedCommand(("gosu", "app"))),
        (["tini", "--unknown", "/app"], StartedCommand(("tini", "--unknown", "/app"))),
    ],
)
def test_the_command_in_the_end(command: list[str], expected: StartedCommand) -> None:
    """Only what is known for certain is followed."""
    assert unwrap(command) == expected


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (["env", "C=3"], "A=1 C=3 PATH=/bin TZ=Asia/Tokyo"),
        (["sudo", "C=3"], "C=3 PATH=/bin TZ=Asia/Tokyo"),
        (["sudo", "-u", "web", "--"], "PATH=/bin TZ=Asia/Tokyo"),
        (["sudo", "-E"], "A=1 PATH=/bin TZ=Asia/Tokyo"),
        (["sudo", "--preserve-env"], "A=1 PATH=/bin TZ=Asia/Tokyo"),
        (["sudo", "--preserve-env=B,A"], "A=1 PATH=/bin TZ=Asia/Tokyo"),
        (["env", "C=3", "TZ=UTC", "sudo"], "PATH=/bin TZ=UTC"),
        (["env", "-i", "C=3", "sudo"], ""),
        (["sudo", "env", "-i", "C=3"], "C=3"),
        (["doas", "-u", "web"], "PATH=/bin"),
    ],
)
def test_the_environment_in_the_end(command: list[str], left: str) -> None:
    """As sudo 1.9 and doas hand it on, where no configuration of theirs says otherwise."""
    env = unwrap([*command, "/app"]).environment({"A": "1", "PATH": "/bin", "TZ": "Asia/Tokyo"})
    assert " ".join(sorted(f"{name}={value}" for name, value in env.items())) == left


@pytest.fixture(scope="module")
def program(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wrapped")
    (folder / "main.go").write_text(HELLO)
    return go_newest.build(folder / "main.go", folder / "app")


GOSU = """import os, sys
user, _, group = sys.argv[1].partition(":")
os.setgroups([])
os.setgid(int(group))
os.setuid(int(user))
try:
    os.execv(sys.argv[2], sys.argv[2:])
except PermissionError:
    os._exit(126)
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


WRAPPERS = [
    ["env", "A=1"],
    ["setpriv", "--no-new-privs"],
    ["sh", "-c", 'exec "$@"', "sh"],
    ["nice", "-n", "1"],
    ["timeout", "20"],
    *(
        pytest.param(command, marks=pytest.mark.sweep)
        for command in (
            ["timeout", "0"],
            ["nice", "-19"],
            ["sh", "-ec", 'umask 022; cd / && A=1 exec "$0" "$@"'],
            ["bash", "-c", 'exec -a name "$@"', "bash"],
            ["env", "-iS", "A=1 B=2"],
            ["taskset", "-c", "0"],
            ["chrt", "-o", "0"],
            ["prlimit", "--nofile=1024"],
            ["choom", "-n", "900", "--"],
            ["flock", "/"],
        )
    ),
    *(
        pytest.param(command, marks=[pytest.mark.sweep, pytest.mark.root])
        for command in (
            ["setpriv", "--reuid=0", "--clear-groups"],
            ["/usr/sbin/runuser", "-u", "root", "--"],
            ["/usr/sbin/chroot", "--userspec=0:0", "/"],
        )
    ),
]


@pytest.mark.parametrize(
    "wrapper",
    [
        ["sh", "-c", 'ulimit -v 500000; exec "$@"', "sh"],
        ["sh", "-c", 'ulimit -Sd 20000 && exec "$@"', "sh"],
        ["sh", "-c", 'ulimit -HSv 500000; exec "$@"', "sh"],
        ["prlimit", "--as=300000000"],
        ["prlimit", "--data=30000000:unlimited"],
        ["prlimit", "--as=3000000000"],
    ],
    ids=" ".join,
)
def test_limits_that_the_command_sets_itself(wrapper: list[str], program: Path) -> None:
    """What real Go does of them is said before."""
    real = subprocess.run([*wrapper, str(program)], env=PATH, capture_output=True)
    told = run(*wrapper, str(program), options=ONLY, env=PATH)
    assert (told.returncode, b"GO_ADDRESS_SPACE" in told.stderr) == (
        (0, False) if real.returncode == 0 else (1, True)
    )
    if real.returncode:  # what the shell before it sets would not last
        assert b"fix: Remove `ulimit -" in told.stderr, told.stderr


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda words: str(words[0]))
def test_the_wrapped_program_is_judged(program: Path, tmp_path: Path, wrapper: list[str]) -> None:
    """A sound one starts; a cut one is refused, whatever is around it."""
    sound = run(*wrapper, str(program), options=ONLY, env=PATH)
    assert (sound.returncode, sound.stdout) == (0, b""), sound.stderr
    assert sound.stderr.startswith(b"started")
    cut = tmp_path / "cut"
    cut.write_bytes(program.read_bytes()[:200_000])
    cut.chmod(0o755)
    refused = run(*wrapper, str(cut), options=ONLY, env=PATH)
    assert (refused.returncode, b"GO_TRUNCATED" in refused.stderr) == (1, True), refused.stderr


def test_the_line_of_a_lock_is_followed(program: Path, tmp_path: Path) -> None:
    """flock hands what follows -c to a shell; -c is no program that would be missing."""
    lock = tmp_path / "lock"
    started = run("flock", str(lock), "-c", str(program), options=ONLY, env=PATH)
    assert (started.returncode, started.stderr.startswith(b"started")) == (0, True), started.stderr


@pytest.mark.root
def test_it_is_judged_as_the_user_who_will_run_it(program: Path, public: Path) -> None:
    """Root may execute it, the user to whom the wrapper changes may not."""
    shutil.copy(program, public / "app")
    (public / "app").chmod(0o700)
    gosu = public / "gosu"  # what gosu and su-exec do; setpriv keeps capabilities for the execve itself
    gosu.write_text(f"#!{sys.executable} -I\n{GOSU}")
    gosu.chmod(0o755)
    wrapper = [str(gosu), "65532:65532"]
    (public / "app").chmod(0o755)
    assert run(*wrapper, str(public / "app"), options=ONLY, env=PATH).returncode == 0
    (public / "app").chmod(0o700)
    assert subprocess.run([*wrapper, public / "app"], capture_output=True).returncode == 126
    told = run(*wrapper, str(public / "app"), options=ONLY, env=PATH)
    assert told.returncode == 1
    assert b"GO_" in told.stderr
    assert b"user" in told.stderr
    unknown = run("gosu", "nobody-of-that-name", str(program), options=ONLY, env=PATH)
    assert (unknown.returncode, b"TARGET_USER_UNKNOWN" in unknown.stderr) == (1, True), unknown.stderr
