"""GOMEMLIMIT and GOMAXPROCS against a real control group, and what real Go makes of them there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.limits import Limits
from probe.checks.limits.findings import processors
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.targets import at_root
from probe.targets.cgroup import CgroupLimits
from tests.support.commands import MakeTarget, clean_environment
from tests.support.toolchains import Toolchain

ROOT = Path("/sys/fs/cgroup")
SOURCE = """package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

func main() { fmt.Println(runtime.GOMAXPROCS(0), debug.SetMemoryLimit(-1)) }
"""


@pytest.fixture(scope="module")
def program(go_newest: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limits")
    (folder / "go.mod").write_text("module app\n\ngo 1.25\n")
    (folder / "main.go").write_text(SOURCE)
    return go_newest.build(folder, folder / "app")


@pytest.fixture
def group() -> Iterator[list[Path]]:
    """A control group of 128 MiB and half a processor, as the directories to enter."""
    name = f"probe-limits-{os.getpid()}"
    if (ROOT / "cgroup.controllers").exists():
        (ROOT / "cgroup.subtree_control").write_text("+memory +cpu")
        folders = {ROOT / name: {"memory.max": str(128 << 20), "cpu.max": "50000 100000"}}
    else:
        folders = {
            ROOT / "memory" / name: {"memory.limit_in_bytes": str(128 << 20)},
            ROOT / "cpu" / name: {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000"},
        }
    for folder, settings in folders.items():
        folder.mkdir()
        for file, value in settings.items():
            (folder / file).write_text(value)
    yield list(folders)
    for folder in folders:
        for _ in range(100):
            try:
                folder.rmdir()
            except OSError:
                time.sleep(0.05)
            else:
                break


def inside(group: list[Path], *command: str | Path, **env: str) -> str:
    enter = "; ".join(f"echo $$ > {folder}/cgroup.procs" for folder in group)
    return subprocess.run(
        ["sh", "-c", f'{enter}; exec "$@"', "sh", *command],
        env={**clean_environment(), "PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def check(group: list[Path], program: Path, *options: str, **env: str) -> Any:
    command = [sys.executable, "-m", "probe", "check", "--only", "limits", "--format", "json", *options]
    told = inside(group, *command, "--set", f"go-version.binary={program}", **env)
    return json.loads(told)["checks"][0]["findings"]


@pytest.mark.root
def test_what_go_sees_is_what_is_told(group: list[Path], program: Path) -> None:
    """The numbers are those of the control group, and of the runtime in it."""
    procs, limit = inside(group, program, GOMEMLIMIT="100MiB").split()
    (finding,) = check(group, program, GOMEMLIMIT="100MiB")
    assert (finding["status"], finding["code"]) == ("pass", "LIMITS_OK")
    assert finding["evidence"] == {
        "memory_max": 128 << 20,
        "gomemlimit": int(limit),
        "cpu_quota": 0.5,
        "gomaxprocs": int(procs),
    }


@pytest.mark.root
@pytest.mark.parametrize(
    ("env", "code", "remedy"),
    [
        ({"GOMEMLIMIT": "129MiB"}, "LIMITS_GOMEMLIMIT_ABOVE", "ENV GOMEMLIMIT=115MiB"),
        ({"GOMEMLIMIT": "1TiB"}, "LIMITS_GOMEMLIMIT_ABOVE", "ENV GOMEMLIMIT=115MiB"),
        ({"GOMEMLIMIT": "125MiB"}, "LIMITS_GOMEMLIMIT_NEAR", "ENV GOMEMLIMIT=115MiB"),
        ({"GOMAXPROCS": "8"}, "LIMITS_GOMAXPROCS_ABOVE", "ENV GOMAXPROCS=1"),
    ],
)
def test_what_does_not_fit_is_a_warning(
    group: list[Path], program: Path, env: dict[str, str], code: str, remedy: str
) -> None:
    """And the remedy fits."""
    (finding,) = check(group, program, **env)
    assert (finding["status"], finding["code"], finding["remedy"]) == ("warn", code, remedy)
    name, _, value = remedy.removeprefix("ENV ").partition("=")
    (fixed,) = check(group, program, **{name: value})
    assert fixed["code"] == "LIMITS_OK"


@pytest.mark.root
def test_both_numbers_are_metrics(group: list[Path], program: Path) -> None:
    command = [sys.executable, "-m", "probe", "check", "--only", "limits", "--format", "prometheus"]
    text = inside(group, *command, GOMEMLIMIT="100MiB")
    assert f"probe_memory_limit_bytes {128 << 20}" in text
    assert f"probe_gomemlimit_bytes {100 << 20}" in text
    assert "probe_cpu_quota_processors 0.5" in text
    assert "probe_gomaxprocs_processors " in text


@pytest.mark.parametrize(
    ("go", "number"),
    [
        (Go((1, 24, 11), "binary", {}), 64),
        (Go((1, 25, 0), "binary", {}), 4),
        (Go((1, 27, 3), "binary", {"containermaxprocs": "0"}), 64),  # a go line before 1.25
    ],
)
def test_the_quota_counts_from_1_25_on(make_target: MakeTarget, go: Go, number: int) -> None:
    """runtime.defaultGOMAXPROCS."""
    assert processors(make_target(), CgroupLimits(None, 3.5), go, 64)[0] == number
    assert processors(make_target(GOMAXPROCS="7"), CgroupLimits(None, 3.5), go, 64)[0] == 7


def test_a_directory_has_no_limits(root: Path) -> None:
    """There is no process, so nothing is known."""
    target = at_root(str(root), {})
    run = Run(Deadline(5), "all", 0, Facts(target, go=NEWEST), lambda _: None)
    (finding,) = Limits().run(target, run)
    assert finding.code is codes.LIMITS_UNKNOWN
