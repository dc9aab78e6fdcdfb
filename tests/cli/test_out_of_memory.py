"""An exec probe must not get the program killed: where memory runs out, the kernel takes the probe."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import clean_environment

V1, V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
LIMIT = 64 << 20
HOG = (
    "import mmap, sys, time\n"
    "block = mmap.mmap(-1, int(sys.argv[1]))\n"
    "for at in range(0, len(block), 4096): block[at] = 1\n"
    "print('full', flush=True)\n"
    "time.sleep(60)\n"
)
COMMANDS = [("check", "--only", "timezone"), ("status",)]
ADJ = "/proc/self/oom_score_adj"


@pytest.fixture
def group() -> Iterator[Path]:
    """A memory cgroup of 64 MiB without swap."""
    second = (V2 / "cgroup.controllers").exists()
    if second and "memory" in (V2 / "cgroup.controllers").read_text():
        (V2 / "cgroup.subtree_control").write_text("+memory")
    path = (V2 if second else V1) / f"probe-test-{os.getpid()}"
    path.mkdir()
    (path / ("memory.max" if second else "memory.limit_in_bytes")).write_text(str(LIMIT))
    for name, value in (("memory.swap.max", "0"), ("memory.swappiness", "0")):
        if (path / name).exists():
            (path / name).write_text(value)
    yield path
    for _ in range(100):
        try:
            path.rmdir()
        except OSError:
            time.sleep(0.05)
        else:
            return


def inside(group: Path, *command: str, **more: object) -> "subprocess.Popen[str]":
    """*command* in the cgroup; it is in it before its first page."""
    script = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    return subprocess.Popen(
        ["sh", "-c", script, group, *command],
        env={**clean_environment(), "TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.root
@pytest.mark.skipif(not (V1.is_dir() or (V2 / "cgroup.controllers").exists()), reason="needs mounts")
@pytest.mark.parametrize(
    "command", [("check", "--only", "timezone"), ("status",)], ids=lambda words: words[0]
)
def test_the_kernel_takes_the_probe(group: Path, command: tuple[str, ...]) -> None:
    """The program fills the limit but for what an interpreter needs; it is alive after the probe."""
    program = inside(group, sys.executable, "-I", "-S", "-c", HOG, str(LIMIT - (9 << 20)))
    assert program.stdout
    with program, program.stdout:
        try:
            assert program.stdout.readline() == "full\n"
            for _ in range(3):
                with inside(group, sys.executable, "-m", "probe", *command) as probe:
                    probe.communicate(timeout=60)
                assert program.poll() is None, "the program was killed"
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("command", "value"), [(("check", "--only", "timezone"), "1000"), (("status",), "1000")]
)
def test_what_it_writes(command: tuple[str, ...], value: str) -> None:
    """Every process of the probe has it, from the first on."""
    code = (
        "import os, posix, sys; sys.argv = ['probe', *sys.argv[1:]]; import probe.cli; "
        f"posix._exit = os._exit = lambda code: (print(open({ADJ!r}).read().strip()), sys.exit(0)); "
        "probe.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        env={**clean_environment(), "TZ": "UTC"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split()[-1] == "1000"


def test_the_entrypoint_keeps_what_it_was_given() -> None:
    """The program would inherit it."""
    before = Path(ADJ).read_text()
    command = [sys.executable, "-m", "probe", "run", "--only", "timezone", "--", "cat", ADJ]
    done = subprocess.run(command, env={**clean_environment(), "TZ": "UTC"}, capture_output=True, text=True)
    assert done.stdout == before
