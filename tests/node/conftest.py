"""Real Go programs in roots of their own, and a view of /proc that shows only them."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from probe.cli import node
from probe.cli.arguments import parse
from probe.node.scan import Scanner
from tests.golang.builds import build
from tests.support.leftovers import wait_until

SLEEPER = """package main

import "time"

func main() { time.Sleep(time.Hour) }
"""
Start = Callable[..., int]
MakeScanner = Callable[..., Scanner]


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """Stands for /proc; `start` puts processes into it."""
    path = tmp_path / "proc"
    path.mkdir()
    return path


@pytest.fixture
def start(proc: Path) -> Iterator[Start]:
    """Start a Go program in a root (a directory that gets it as /app); its number."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(
        root: Path, env: Mapping[str, str] | None = None, version: str = "1.27.3", user: int = 0
    ) -> int:
        program = build(version, {"main.go": SLEEPER})
        if not (root / "app").exists():
            (root / "app").write_bytes(program.read_bytes())
            (root / "app").chmod(0o755)
        os.chmod(root, 0o755)
        process = subprocess.Popen(
            ["/usr/sbin/chroot", f"--userspec={user}:{user}", root, "/app"],
            env={"PATH": "/bin", **(env or {})},
            stdin=subprocess.DEVNULL,
        )
        running.append(process)
        wait_until(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("/app"), 30)
        (proc / str(process.pid)).symlink_to(f"/proc/{process.pid}")
        return process.pid

    yield begin
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def make_scanner(proc: Path, tmp_path: Path) -> MakeScanner:
    """A scanner of those processes, with the options of a command line."""

    def make(*arguments: str) -> Scanner:
        given = parse(node.COMMAND, ["--host", *arguments])
        return node.scanner(given, proc=str(proc), logs=str(tmp_path / "logs"))

    return make
