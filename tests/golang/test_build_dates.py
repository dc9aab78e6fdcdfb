"""Moments in the past: out of a real program, a real toolchain, and what this package knows."""

import subprocess
import time
from pathlib import Path

import pytest

from probe.golang import binary, build_dates, release_dates
from probe.golang.build_dates import instant
from probe.golang.command import toolchain
from probe.targets import at_root
from tests.support.commands import MakeTarget
from tests.support.toolchains import Toolchain
from tests.support.worlds import Link, lay

MADE = 1_767_225_600  # 2026-01-01T00:00:00Z


def committed(folder: Path, go: Toolchain, made: int = MADE) -> Path:
    """A program built out of a commit of that moment."""
    lay(
        folder, {"main.go": b"package main\nfunc main() {}\n", "go.mod": b"module example.com/app\ngo 1.24\n"}
    )
    stamp = {
        "GIT_AUTHOR_DATE": f"{made} +0000",
        "GIT_COMMITTER_DATE": f"{made} +0000",
        "PATH": "/usr/bin:/bin",
    }
    who = ["-c", "user.name=x", "-c", "user.email=x@example"]
    for line in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *line], cwd=folder, env=stamp, check=True, timeout=30)
    return go.build(folder, folder.parent / "app", "-buildvcs=true")


def test_a_program_knows_its_commit(tmp_path: Path, go_newest: Toolchain) -> None:
    """vcs.time of its build info."""
    folder = tmp_path / "source"
    folder.mkdir()
    app = committed(folder, go_newest)
    target = at_root(str(tmp_path), {})
    found = list(build_dates.find(target, None, binary.read(target, "/app")))
    assert (found[0].at, found[0].what) == (MADE, "the commit that /app is built from")
    assert app.exists()


def test_a_toolchain_knows_its_making(go_newest: Toolchain, root: Path) -> None:
    """`time` in its VERSION."""
    lay(root, {"/usr/local/bin/go": Link("/usr/local/go/bin/go")})
    told = (go_newest.root / "VERSION").read_text().splitlines()[1].removeprefix("time ")
    target = at_root(str(go_newest.root), {"PATH": "/bin"})
    found = list(build_dates.find(target, toolchain.find(target), None))
    assert found[0].text == told
    assert found[0].at < time.time()


def test_an_empty_root_knows_what_we_know(make_target: MakeTarget) -> None:
    """The newest release of Go in our own table."""
    (one,) = build_dates.find(make_target(), None, None)
    assert one.text.startswith(release_dates.RELEASED[release_dates.NEWEST_KNOWN])


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01", "2026-01-01T00:00:00+01:00"],
)
def test_what_is_no_moment(text: str) -> None:
    """None, not a crash."""
    assert instant(text) is None
    assert instant("2026-01-01T00:00:00Z") == MADE
