"""Mounts without writing or exec, and file systems without space."""

import os
import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.report import Status
from probe.targets import User, mounts
from tests.checks.permissions.helpers import needs_root, one, real_go, seen, told
from tests.support.fixes import fixes
from tests.support.permissions import look, mounted
from tests.support.toolchains import VERSIONS, install

pytestmark = needs_root


def test_a_read_only_mount(world: Path) -> None:
    """The mode is right, the mount is not."""
    with mounted(world / "srv/data", "ro,mode=0777"):
        finding = one(seen(world), write=("/srv/data",))
        assert told(finding) == (
            Status.FAIL,
            codes.PERMISSION_READ_ONLY,
            "mount -o remount,rw /srv/data",
        )
        assert one(seen(world), read=("/srv/data",)).code is codes.PERMISSION_OK
        unknown = one(seen(world)._replace(mounts=()), write=("/srv/data",))
        assert unknown.cause.endswith("the file system of /srv/data is mounted read-only")
        assert fixes(unknown) == "findmnt -T /srv/data"
        subprocess.run(["mount", "-o", "remount,rw", world / "srv/data"], check=True)
        assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK


def test_a_read_only_root(world: Path) -> None:
    """`docker run --read-only`: the remedy is a place of its own."""
    target = seen(world)._replace(mounts=mounts.parse(b"1 0 0:1 / / ro - overlay overlay ro"))
    with mounted(world / "srv/data", "ro,mode=0777"):
        assert one(target, write=("/srv/data",)).remedy.startswith("docker run --tmpfs /srv/data")


def test_a_mount_without_exec(world: Path) -> None:
    """It fails what must run from there, and warns where go run would."""
    with mounted(world / "srv/data", "noexec,mode=1777"):
        finding = one(seen(world), execute=("/srv/data",))
        assert told(finding) == (
            Status.FAIL,
            codes.PERMISSION_NOEXEC,
            "docker run --tmpfs /srv/data:exec IMAGE\n\nmount -o remount,exec /srv/data",
        )
        temporary = look(seen(world, TMPDIR="/srv/data"), write=("TMPDIR",))
        assert [entry.status for entry in temporary] == [Status.WARN, Status.PASS]
        assert fixes(temporary[0]) == fixes(finding)
        subprocess.run(["mount", "-o", "remount,exec", world / "srv/data"], check=True)
        assert one(seen(world), execute=("/srv/data",)).code is codes.PERMISSION_OK


@pytest.mark.parametrize("version", VERSIONS)
def test_real_go_run_starts_what_it_built(tmp_path: Path, version: str) -> None:
    """What the warnings rest on: in GOTMPDIR always, in GOCACHE the second time and from 1.24 on."""
    (tmp_path / "go.mod").write_text("module example.com/hello\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    there = tmp_path / "noexec"
    there.mkdir()
    env, go = real_go(tmp_path, version), install(version).go

    def go_run(**settings: str) -> bool:
        done = subprocess.run([go, "run", "."], cwd=tmp_path, env={**env, **settings}, capture_output=True)
        return done.returncode == 0

    # Fills the cache with the packages, where nobody has yet, and not with the program.
    subprocess.run([go, "build", "-o", tmp_path / "built", "."], cwd=tmp_path, env=env, check=True)
    with mounted(there, "noexec"):
        assert not go_run(GOTMPDIR=str(there))
    (tmp_path / "main.go").write_text("package main\n\nfunc main() { println() }\n")  # not linked yet
    with mounted(there, "bind,noexec", env["GOCACHE"]):
        assert go_run(GOCACHE=str(there))
        assert go_run(GOCACHE=str(there)) is (version == "1.21.13")


def test_a_full_file_system(world: Path) -> None:
    """No space, though there are inodes."""
    data = world / "srv/data"
    with mounted(data, "size=8m,mode=0777"):
        assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK
        (data / "ballast").write_bytes(bytes(8 << 20))
        finding = one(seen(world), write=("/srv/data",))
        assert told(finding) == (
            Status.FAIL,
            codes.PERMISSION_FULL,
            "df -h /srv/data; du -xsh /srv/data",
        )
        assert finding.evidence["free_mb"] == 0


def test_a_file_system_without_inodes(world: Path) -> None:
    """Space is left, but no file can be created; the kernel says the same."""
    data = world / "srv/data"
    with mounted(data, "size=64m,nr_inodes=8,mode=0777"):
        assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK
        for number in range(7):
            (data / str(number)).touch()
        with pytest.raises(OSError, match="No space left"):
            (data / "one more").touch()
        finding = one(seen(world), write=("/srv/data",))
        assert told(finding)[1:] == (
            codes.PERMISSION_NO_INODES,
            "df -i /srv/data; du -x --inodes /srv/data",
        )


def test_a_remedy_can_be_pasted_whatever_the_name(world: Path) -> None:
    """A directory's name is not ours to trust."""
    odd = world / "srv/a; touch b"
    odd.mkdir(mode=0o700)
    assert one(seen(world), write=("/srv/a; touch b",)).remedy == "RUN chown -R 1000:1000 '/srv/a; touch b'"


def test_blocks_that_are_kept_back(world: Path, ext4: Path) -> None:
    """They are there for root, not for the application."""
    left = os.statvfs(ext4)
    with (ext4 / "ballast").open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, left.f_bavail * left.f_frsize)
    finding = one(seen(world), write=("/srv/data",))
    assert finding.code is codes.PERMISSION_FULL
    assert "are reserved for root" in finding.cause
    root = User(0, 0, override=True, read_all=True)
    assert one(seen(world, root), write=("/srv/data",)).code is codes.PERMISSION_OK
