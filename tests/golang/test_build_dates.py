"""Moments in the past: out of a real program, a real toolchain, and what this package knows."""

import time
from pathlib import Path

import pytest

from probe.golang import binary, build_dates, release_dates
from probe.golang.build_dates import instant
from probe.golang.command import toolchain
from probe.targets import at_root
from tests.support.commands import MakeTarget
from tests.support.commits import MADE, committed
from tests.support.toolchains import Toolchain
from tests.support.worlds import Link, lay


@pytest.mark.needs("git")
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
