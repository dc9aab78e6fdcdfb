"""Shared fixtures: a clean environment, targets made of real directories, the command as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from probe import targets
from probe.targets import Target
from probe.targets.processes import Processes
from tests.support.commands import Completed, MakeTarget, RunProbe, clean_environment, default_signals
from tests.support.toolchains import Toolchain, install

pytest_plugins = (
    "tests.support.skips",
    "tests.support.sweeps",
    "tests.support.agents",
    "tests.differential.plugin",
    "tests.containers.plugin",
    "tests.fuzz.plugin",
)


def pytest_configure() -> None:
    default_signals()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """With -n auto: two workers more than there are processors, for many tests wait."""
    return len(os.sched_getaffinity(0)) + 2


@pytest.fixture(autouse=True)
def clean_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable and no umask of the machine reaches a test."""
    keep = clean_environment()
    for name in set(os.environ) - set(keep) - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def processes() -> Iterator[Processes]:
    """A supervisor that starts commands, until the test ends."""
    with Processes() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty directory that stands for a container's root."""
    path = tmp_path / "root"
    path.mkdir()
    return path


@pytest.fixture
def make_target(root: Path) -> MakeTarget:
    """Lay files into `root` (path → content) and look at it with the given environment."""

    def make(files: Mapping[str, bytes | str] | None = None, **env: str) -> Target:
        for name, content in (files or {}).items():
            path = root / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return targets.at_root(str(root), env)

    return make


@pytest.fixture
def run_probe() -> RunProbe:
    """Run the command as a process of its own, in a clean environment plus *env*."""

    def run(*args: str, timeout: float = 60, cwd: str | None = None, **env: str) -> Completed:
        done = subprocess.run(
            [sys.executable, "-m", "probe", *args],
            env={**clean_environment(), **env},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def go_newest() -> Toolchain:
    return install("1.27.3")


@pytest.fixture(scope="session")
def go_1_24() -> Toolchain:
    return install("1.24.11")


@pytest.fixture(scope="session")
def go_1_21() -> Toolchain:
    return install("1.21.13")
