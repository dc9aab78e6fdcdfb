"""Directories, links and places that are not there."""

import os
import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.report import Status
from tests.checks.permissions.helpers import APP, needs_root, one, real_go, seen, told
from tests.support.fixes import fixes
from tests.support.permissions import look, mounted
from tests.support.toolchains import VERSIONS, install

pytestmark = needs_root


def test_a_missing_directory(world: Path) -> None:
    """A configured one is made by nobody; the temporary one neither."""
    finding = one(seen(world), write=("/srv/cache",))
    assert told(finding) == (
        Status.FAIL,
        codes.PERMISSION_MISSING,
        "RUN install -d -o 1000 -g 1000 /srv/cache",
    )
    temporary = one(seen(world, TMPDIR="/scratch"), write=("TMPDIR",))
    assert told(temporary)[1:] == (codes.PERMISSION_MISSING, "RUN install -d -m 1777 /scratch")
    (world / "scratch").mkdir()
    (world / "scratch").chmod(0o1777)
    assert one(seen(world, TMPDIR="/scratch"), write=("TMPDIR",)).code is codes.PERMISSION_OK


def test_every_directory_that_is_made_belongs_to_the_user(world: Path) -> None:
    """install(1) gives away only the last of a path; the go command makes more in GOPATH/pkg than pkg/mod."""
    finding = one(seen(world, GOPATH="/go"), write=("GOMODCACHE",))
    remedy = "RUN install -d -o 1000 -g 1000 /go /go/pkg /go/pkg/mod"
    assert told(finding) == (Status.FAIL, codes.PERMISSION_MISSING, remedy)
    subprocess.run(remedy.removeprefix("RUN ").replace(" /", f" {world}/"), shell=True, check=True)
    assert {(world / path).stat().st_uid for path in ("go", "go/pkg", "go/pkg/mod")} == {1000}
    for name in ("GOPATH", "GOMODCACHE", "GOBIN"):
        assert one(seen(world, GOPATH="/go"), write=(name,)).code is codes.PERMISSION_OK


def test_what_lies_in_a_volume_is_not_mended_in_the_image(world: Path) -> None:
    """What RUN does there is hidden by the mount."""
    with mounted(world / "srv/data", "mode=0755"):
        finding = one(seen(world), write=("/srv/data/cache",))
        assert fixes(finding) == "install -d -o 1000 -g 1000 /srv/data/cache"
        finding = one(seen(world), write=("/srv/data",))
    assert told(finding)[1:] == (
        codes.PERMISSION_MODE,
        "chown -R 1000:1000 /srv/data",
    )
    with mounted(world / "srv/data", "mode=0755"):  # what only a kubelet gives
        pod = seen(world)._replace(env={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
        assert one(pod, write=("/srv/data",)).remedy == "securityContext: {fsGroup: 1000}"


def test_the_other_entries_of_gopath(world: Path) -> None:
    """The go command writes to the first; without modules it reads the others, and refuses relative ones."""
    for name, mode in (("first", 0o755), ("second", 0o500)):
        (world / name).mkdir()
        (world / name).chmod(mode)
    os.chown(world / "first", 1000, 1000)
    gopath = {"GOPATH": "/first::/second:/nowhere"}
    assert one(seen(world, APP, **gopath), write=("GOPATH",)).code is codes.PERMISSION_OK
    good, bad = look(seen(world, APP, **gopath, GO111MODULE="off"), write=("GOPATH",))
    assert (good.code, good.evidence["path"]) == (codes.PERMISSION_OK, "/first")
    assert told(bad) == (Status.FAIL, codes.PERMISSION_MODE, "RUN chmod -R a+rX /second")
    _, relative = look(seen(world, GOPATH="/first:second"), write=("GOPATH",))
    assert told(relative) == (Status.FAIL, codes.PERMISSION_NO_PLACE, "ENV GOPATH=/go")
    assert relative.cause == "GOPATH=second is not an absolute path, and the go command refuses it"
    env = {"GOPATH": "/first:second", "HOME": str(world), "GOTOOLCHAIN": "local"}
    done = subprocess.run([install("1.27.3").go, "env", "GOPATH"], env=env, capture_output=True, text=True)
    assert 'GOPATH entry is relative; must be absolute path: "second"' in done.stderr


def test_both_temporary_directories(world: Path) -> None:
    """GOTMPDIR is for what is built, TMPDIR still for the linker and for programs."""
    places = look(seen(world, GOTMPDIR="/srv/data", TMPDIR="/scratch"), write=("TMPDIR",))
    assert [(each.subject, each.code) for each in places] == [
        ("GOTMPDIR", codes.PERMISSION_OK),
        ("TMPDIR", codes.PERMISSION_MISSING),
    ]


def test_a_link_to_nothing(world: Path) -> None:
    """mkdir does not fix it, so not even a cache would be made."""
    (world / "go").symlink_to("/srv/data/go")
    finding = one(seen(world, GOPATH="/go"), write=("GOPATH",))
    assert finding.code is codes.PERMISSION_MISSING
    assert finding.cause == "/srv/data/go is not there: the link /go leads to /srv/data/go"
    assert fixes(finding) == "RUN install -d -o 1000 -g 1000 /srv/data/go"
    (world / "srv/data/go").mkdir()
    os.chown(world / "srv/data/go", 1000, 1000)
    finding = one(seen(world, GOPATH="/go"), write=("GOPATH",))
    assert finding.code is codes.PERMISSION_OK
    assert finding.evidence["leads_to"] == "/srv/data/go"


def test_a_file_or_a_loop_on_the_way(world: Path) -> None:
    """Neither is a directory."""
    (world / "file").write_bytes(b"")
    (world / "loop").symlink_to("loop")
    finding = one(seen(world), write=("/file/x",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NOT_A_DIRECTORY, "ls -l /file")
    assert one(seen(world), write=("/loop/x",)).remedy == "ls -l /loop"


@pytest.fixture
def protected_symlinks() -> None:
    """The kernel protects links in directories like /tmp."""
    setting = Path("/proc/sys/fs/protected_symlinks")
    if setting.read_text().strip() == "0":
        try:
            setting.write_text("1")
        except OSError as problem:
            pytest.skip(f"needs a writable /proc/sys: {problem}")


def test_a_link_in_a_sticky_directory(world: Path, protected_symlinks: None) -> None:
    """fs.protected_symlinks: only its owner may follow it."""
    (world / "tmp").mkdir()
    (world / "tmp").chmod(0o1777)
    link = world / "tmp/cache"
    link.symlink_to("/srv/data")
    os.chown(link, 1001, 1001, follow_symlinks=False)
    finding = one(seen(world), write=("/tmp/cache",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_STICKY_LINK, "chown -h 1000 /tmp/cache")
    os.chown(link, 1000, 1000, follow_symlinks=False)
    assert one(seen(world), write=("/tmp/cache",)).code is codes.PERMISSION_OK


def test_a_temporary_directory_on_a_disk_without_exec(world: Path, tmp_path: Path) -> None:
    """Another one where there is one that will do, else the mount has to change."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk").chmod(0o1777)
    other = world / "var/tmp"
    other.mkdir(parents=True)
    with mounted(world / "srv/data", "bind,noexec", str(tmp_path / "disk")):
        remedies = []
        with mounted(other, "noexec"):
            remedies.append(look(seen(world, TMPDIR="/srv/data"), write=("TMPDIR",))[0].remedy)
        remedies.append(look(seen(world, TMPDIR="/srv/data"), write=("TMPDIR",))[0].remedy)
    assert remedies == ["mount -o remount,exec /srv/data", "ENV GOTMPDIR=/var/tmp"]


@pytest.mark.parametrize("version", VERSIONS)
def test_real_go_install_makes_gobin_and_go_get_does_not(tmp_path: Path, version: str) -> None:
    """What the two sentences about GOBIN rest on."""
    (tmp_path / "go.mod").write_text("module example.com/hello\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    env = real_go(tmp_path, version)
    for command, makes in (("get", False), ("install", True)):
        there = tmp_path / command / "bin"
        go = install(version).go
        subprocess.run([go, command, "."], cwd=tmp_path, env={**env, "GOBIN": str(there)}, check=True)
        assert there.is_dir() is makes


def test_a_gobin_that_does_not_exist(world: Path) -> None:
    """`go install` makes it where it may."""
    finding = one(seen(world, GOBIN="/opt/bin"), write=("GOBIN",))
    assert told(finding) == (
        Status.FAIL,
        codes.PERMISSION_GOBIN_MISSING,
        "RUN install -d -o 1000 -g 1000 /opt/bin",
    )
    finding = one(seen(world, GOBIN="/srv/data/bin"), write=("GOBIN",))
    assert finding.code is codes.PERMISSION_OK
    assert finding.cause == "/srv/data/bin does not exist yet; user app (1000) may create it in /srv/data"


def test_directories_without_a_place(world: Path) -> None:
    """No HOME, no cache; relative ones are refused by the go command."""
    finding = one(seen(world), write=("GOCACHE",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NO_PLACE, "ENV GOCACHE=/tmp/go-build")
    assert one(seen(world, GOBIN="bin"), write=("GOBIN",)).remedy == "ENV GOBIN=/usr/local/bin"
    assert one(seen(world, HOME="/srv/data"), write=("GOCACHE",)).code is codes.PERMISSION_OK
