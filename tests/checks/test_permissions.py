"""The opt-in check `permissions`: every way in which a chain breaks, in real file systems."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from probe import codes
from probe.checks.permissions import Permissions
from probe.codes import Code
from probe.config import load
from probe.deadline import Deadline, DeadlineExceeded
from probe.errors import ConfigError, TargetError
from probe.report import Finding, Status
from probe.targets import Target, User, at_root, mounts, ourselves
from probe.targets.image import of_image
from probe.targets.process import of_process
from probe.targets.write_test import touch
from tests.support.commands import RunProbe, clean_environment
from tests.support.images import Image, file, folder, tarred, write_tar
from tests.support.permissions import look, mounted
from tests.support.toolchains import CACHE, VERSIONS, install

needs_root = pytest.mark.root("other users and mounts")
needs_setfacl = pytest.mark.needs("setfacl")
pytestmark = needs_root
APP = User(1000, 1000)
PASSWD = "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"
ADDED = "docker run --group-add 2000 IMAGE\n\nsecurityContext: {supplementalGroups: [2000]}"
GROUP = "root:x:0:\napp:x:1000:\nbuild:x:2000:{}\n"


def one(target: Target, **settings: Any) -> Finding:
    (finding,) = look(target, **settings)
    return finding


def told(finding: Finding) -> tuple[Status, Code, str]:
    return finding.status, finding.code, finding.remedy


@pytest.fixture
def world(root: Path) -> Path:
    """A root with a directory /srv/data of uid 1000 that anybody can get to, and accounts."""
    for path in (root, *root.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP.format(""))
    data = root / "srv/data"
    data.mkdir(parents=True)
    os.chown(data, 1000, 1000)
    return root


def seen(root: Path, user: User = APP, **env: str) -> Target:
    return at_root(str(root), env, user=user)


def set_list(path: Path, *entries: str) -> None:
    subprocess.run(["setfacl", *(word for entry in entries for word in ("-m", entry)), path], check=True)


@contextmanager
def process(**how: Any) -> Iterator[Target]:
    """A process of uid 1000 as a target; *how* is for subprocess."""
    given: dict[str, Any] = {"user": 1000, "group": 1000, "extra_groups": [], **how}
    with subprocess.Popen(["sleep", "60"], cwd="/", **given) as running:
        try:
            yield of_process(running.pid)
        finally:
            running.kill()


# --- the chain ------------------------------------------------------------------------


def test_a_whole_chain_passes(world: Path) -> None:
    """The owner of a directory that is there."""
    findings = look(seen(world), write=("/srv/data",), read=("/etc/passwd",))
    assert [entry.code for entry in findings] == [codes.PERMISSION_OK] * 2
    assert findings[0].cause == "user app (1000) may write to /srv/data"


def test_a_parent_without_search_permission_is_the_first_link(world: Path) -> None:
    """What lies behind it is not blamed, although it is closed too."""
    (world / "srv/data").chmod(0o000)
    (world / "srv").chmod(0o754)
    finding = one(seen(world), write=("/srv/data",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NO_SEARCH, "RUN chmod o+x /srv")
    assert "may not search /srv (0:0 0754)" in finding.cause
    (world / "srv").chmod(0o755)
    assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_MODE


@pytest.mark.parametrize(
    ("owner", "mode", "remedy"),
    [(0, 0o755, "RUN chown -R 1000:1000 /srv/data"), (1000, 0o577, "RUN chmod u+rwx /srv/data")],
)
def test_owner_and_mode(world: Path, owner: int, mode: int, remedy: str) -> None:
    """Another one's directory; one's own without the bit, whatever everybody else may."""
    os.chown(world / "srv/data", owner, owner)
    (world / "srv/data").chmod(mode)
    finding = one(seen(world), write=("/srv/data",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_MODE, remedy)
    assert f"{owner}:{owner} {mode:04o}" in finding.cause
    os.chown(world / "srv/data", 1000, 1000)
    (world / "srv/data").chmod(0o700)
    assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK


def test_what_may_not_be_executed_or_read(world: Path) -> None:
    """A program without the bit; a file that only root reads."""
    program = world / "srv/app"
    program.write_bytes(b"x")
    program.chmod(0o744)
    finding = one(seen(world), execute=("/srv/app",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_MODE, "RUN chmod a+rx /srv/app")
    program.chmod(0o600)
    unreadable = one(seen(world), read=("/srv/app",))
    assert unreadable.cause == "user app (1000) may not read /srv/app (0:0 0600)"
    assert unreadable.remedy == "RUN chmod a+r /srv/app"
    program.chmod(0o755)
    assert one(seen(world), execute=("/srv/app",)).code is codes.PERMISSION_OK


def test_a_group_that_useradd_did_not_give(world: Path) -> None:
    """`useradd -g app` without `-G build`; with the membership and the process that has it, all is well."""
    os.chown(world / "srv/data", 0, 2000)
    (world / "srv/data").chmod(0o2770)
    finding = one(seen(world), write=("/srv/data",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NOT_IN_GROUP, "RUN usermod -aG build app")
    assert "open to the group build (2000), to which user app (1000) does not belong" in finding.cause
    number = one(seen(world, User(1234, 0)), write=("/srv/data",))
    assert told(number)[1:] == (codes.PERMISSION_NOT_IN_GROUP, ADDED)
    assert one(seen(world, User(1000, 1000, (2000,))), write=("/srv/data",)).code is codes.PERMISSION_OK
    (world / "sbin").mkdir()
    (world / "sbin/apk").touch()
    assert one(seen(world), write=("/srv/data",)).remedy == "RUN addgroup app build"


@pytest.mark.parametrize("name", ["a;reboot", "-x", "$(id)", ""])
def test_a_name_that_is_no_name_is_in_no_remedy(world: Path, name: str) -> None:
    """/etc/group is not ours to trust; the number does as well."""
    (world / "etc/group").write_text(f"{name}:x:2000:\n")
    os.chown(world / "srv/data", 0, 2000)
    (world / "srv/data").chmod(0o770)
    assert one(seen(world), write=("/srv/data",)).remedy == ADDED


def test_a_group_that_this_process_has_not_got(world: Path) -> None:
    """/etc/group says so, the process was started without: `USER app:app`, or before usermod."""
    (world / "etc/group").write_text(GROUP.format("app"))
    os.chown(world / "srv/data", 0, 2000)
    (world / "srv/data").chmod(0o770)
    finding = one(seen(world), write=("/srv/data",))
    assert (finding.status, finding.code) == (Status.FAIL, codes.PERMISSION_GROUP_NOT_IN_EFFECT)
    assert finding.remedy.startswith(ADDED)
    assert "supplementalGroups: [2000]" in finding.remedy
    whole = at_root(str(world), {}, user="app")  # as an engine starts it: with the groups of /etc/group
    assert one(whole, write=("/srv/data",)).code is codes.PERMISSION_OK


def test_groups_of_a_running_process(tmp_path: Path) -> None:
    """They come from the process, not from a file."""
    data = tmp_path / "data"
    data.mkdir()
    for path in (tmp_path, *tmp_path.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    os.chown(data, 0, 23456)
    data.chmod(0o770)
    with process() as target:
        assert one(target, write=(str(data),)).code is codes.PERMISSION_NOT_IN_GROUP
    with process(extra_groups=[23456]) as target:
        assert one(target, write=(str(data),)).code is codes.PERMISSION_OK


# --- access lists ---------------------------------------------------------------------


@needs_setfacl
def test_a_mask_cuts_an_entry(world: Path) -> None:
    """chmod g-w after setfacl took the right away again."""
    data = world / "srv/data"
    os.chown(data, 0, 0)
    set_list(data, "u:1000:rwx")
    assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK
    data.chmod(0o750)
    finding = one(seen(world), write=("/srv/data",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_ACL_MASK, "setfacl -m m::rwx /srv/data")
    assert "the entry user:1000:rwx of /srv/data" in finding.cause
    assert "the mask r-x cuts it" in finding.cause
    data.chmod(0o707)  # an empty mask: the kernel does not even look at the list, and everybody else may
    assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK


@needs_setfacl
def test_an_entry_decides_against_the_user(world: Path) -> None:
    """It counts before the bits of everybody else."""
    data = world / "srv/data"
    os.chown(data, 0, 0)
    data.chmod(0o777)
    set_list(data, "u:1000:r-x")
    finding = one(seen(world), write=("/srv/data",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_ACL_ENTRY, "setfacl -m u:1000:rwx /srv/data")
    set_list(data, "u:1000:rwx")
    assert one(seen(world), write=("/srv/data",)).code is codes.PERMISSION_OK


@needs_setfacl
@pytest.mark.parametrize("named", ["the directory", "the child"])
def test_a_missing_default_list(world: Path, named: str) -> None:
    """What was made in the directory since has lost access; with a default list it has not."""
    data = world / "srv/data"
    os.chown(data, 0, 0)
    data.chmod(0o700)
    set_list(data, "u:1000:rwx")
    (data / "mod").mkdir(mode=0o700)
    path = "/srv/data" if named == "the directory" else "/srv/data/mod"
    finding = one(seen(world), write=(path,))
    remedy = "setfacl -R -m u:1000:rwX /srv/data && setfacl -R -d -m u:1000:rwX /srv/data"
    assert told(finding) == (Status.FAIL, codes.PERMISSION_ACL_NO_DEFAULT, remedy)
    assert "/srv/data/mod is closed" in finding.cause
    subprocess.run(remedy.replace("/srv/data", str(data)), shell=True, check=True)
    (data / "later").mkdir(mode=0o770)
    for whole in (path, "/srv/data/later"):
        assert one(seen(world), write=(whole,)).code is codes.PERMISSION_OK


# --- what is not there ----------------------------------------------------------------


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
        assert finding.remedy == "install -d -o 1000 -g 1000 /srv/data/cache"
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
    assert finding.remedy == "RUN install -d -o 1000 -g 1000 /srv/data/go"
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


def real_go(home: Path, version: str) -> dict[str, str]:
    """The environment of a go command that has built its runtime before."""
    cache = str(CACHE.parent / "go-build" / version / "cache")
    path = os.environ["PATH"]
    return {"HOME": str(home), "PATH": path, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOCACHE": cache}


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
    assert finding.cause == "/srv/data/bin is not there yet; user app (1000) may make it in /srv/data"


def test_directories_without_a_place(world: Path) -> None:
    """No HOME, no cache; relative ones are refused by the go command."""
    finding = one(seen(world), write=("GOCACHE",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NO_PLACE, "ENV GOCACHE=/tmp/go-build")
    assert one(seen(world, GOBIN="bin"), write=("GOBIN",)).remedy == "ENV GOBIN=/usr/local/bin"
    assert one(seen(world, HOME="/srv/data"), write=("GOCACHE",)).code is codes.PERMISSION_OK


# --- mounts and space -----------------------------------------------------------------


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
        assert unknown.remedy == "findmnt -T /srv/data"
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
        assert temporary[0].remedy == finding.remedy
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
    """Space is left, but no file can be made; the kernel says the same."""
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


@pytest.fixture
def ext4(world: Path, tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB of which half is kept back for root."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("needs mkfs.ext4")
    image = tmp_path / "image"
    image.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-m", "50", image], check=True)
    data = world / "srv/data"
    if subprocess.run(["mount", "-o", "loop", image, data], capture_output=True).returncode:
        pytest.skip("needs mounts")
    data.chmod(0o777)
    yield data
    subprocess.run(["umount", data], check=True)


def test_blocks_that_are_kept_back(world: Path, ext4: Path) -> None:
    """They are there for root, not for the application."""
    left = os.statvfs(ext4)
    with (ext4 / "ballast").open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, left.f_bavail * left.f_frsize)
    finding = one(seen(world), write=("/srv/data",))
    assert finding.code is codes.PERMISSION_FULL
    assert "are kept back for root" in finding.cause
    root = User(0, 0, override=True, read_all=True)
    assert one(seen(world, root), write=("/srv/data",)).code is codes.PERMISSION_OK


# --- the umask, root, other targets ---------------------------------------------------


@needs_setfacl
def test_an_umask_that_takes_the_groups_right(tmp_path: Path) -> None:
    """In a directory that its group shares; a default list takes the umask's place."""
    for path in (tmp_path, *tmp_path.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 0, 2000)
    data.chmod(0o2775)
    with process(extra_groups=[2000], umask=0o022) as target:
        findings = look(target, write=(str(data),))
        assert [entry.code for entry in findings] == [codes.PERMISSION_UMASK, codes.PERMISSION_OK]
        assert findings[0].status is Status.WARN
        assert findings[0].remedy.startswith("umask 0002")
        subprocess.run(["setfacl", "-d", "-m", "g::rwx", data], check=True)
        assert one(target, write=(str(data),)).code is codes.PERMISSION_OK
        subprocess.run(["setfacl", "-k", data], check=True)
    with process(extra_groups=[2000], umask=0o002) as target:
        assert one(target, write=(str(data),)).code is codes.PERMISSION_OK


def test_root_without_its_capability(tmp_path: Path) -> None:
    """uid 0 is nobody special where CAP_DAC_OVERRIDE was dropped; with it, modes do not matter."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 4000, 4000)
    data.chmod(0o700)
    path = str(data)
    for path_of in (tmp_path, *tmp_path.parents[:-1]):
        path_of.chmod(path_of.stat().st_mode | 0o011)
    bare = [
        "setpriv",
        "--bounding-set",
        "-dac_override,-dac_read_search",
        "--inh-caps",
        "-all",
        "sleep",
        "60",
    ]
    with subprocess.Popen(bare) as running:
        try:
            wait_for(lambda: Path(f"/proc/{running.pid}/comm").read_text() == "sleep\n")
            finding = one(of_process(running.pid), write=(path,))
        finally:
            running.kill()
    assert told(finding) == (Status.FAIL, codes.PERMISSION_MODE, f"RUN chown -R 0:0 {path}")
    with process(user=0, group=0) as target:
        assert one(target, write=(path,)).code is codes.PERMISSION_OK


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_the_kernel_refuses_all_the_same(tmp_path: Path) -> None:
    """An attribute that no mode shows: immutable. We are asked about ourselves, so the kernel is."""
    if not shutil.which("chattr"):
        pytest.skip("needs mkfs.ext4, which comes with chattr")
    data = tmp_path / "data"
    data.mkdir()
    target = ourselves()
    assert one(target, write=(str(data),)).code is codes.PERMISSION_OK
    if subprocess.run(["chattr", "+i", data], capture_output=True).returncode:
        pytest.skip("needs mounts")
    try:
        finding = one(target, write=(str(data),))
    finally:
        subprocess.run(["chattr", "-i", data], check=True)
    assert (finding.status, finding.code) == (Status.FAIL, codes.PERMISSION_KERNEL_REFUSES)
    assert finding.remedy.startswith(f"lsattr -d {data}")


def test_capabilities_of_another_user_namespace(tmp_path: Path) -> None:
    """There they count for some files only; nothing is claimed."""
    with subprocess.Popen(["unshare", "--user", "--map-root-user", "sleep", "60"]) as running:
        try:
            wait_for(lambda: Path(f"/proc/{running.pid}/comm").read_text() == "sleep\n")
            finding = one(of_process(running.pid), write=(str(tmp_path),))
        finally:
            running.kill()
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.PERMISSION_UNKNOWN)
    assert finding.remedy == "kubectl exec POD -- /opt/probe/bin/probe check"


def test_an_image_is_judged_by_its_modes(tmp_path: Path) -> None:
    """As its USER; mounts and space are not there to be judged, and that is said."""
    data = folder("data")
    data[0].uid = data[0].gid = 1000
    entries = [data, folder("other"), file("etc/passwd", PASSWD.encode())]
    path = write_tar(tmp_path / "image.tar", Image([tarred(entries)], User="app").saved())
    target = of_image(str(path))
    finding = one(target, write=("/data",))
    assert finding.code is codes.PERMISSION_OK
    assert "as far as the archive tells" in finding.cause
    assert one(target, write=("/other",)).remedy == "RUN chown -R 1000:1000 /other"


# --- the defaults ---------------------------------------------------------------------


def test_the_defaults_are_the_directories_of_go(world: Path) -> None:
    """A toolchain that is complete and open, a home that belongs to the user."""
    go = world / "usr/local/go"
    for name in ("bin", "src", "pkg/tool/linux_amd64"):
        (go / name).mkdir(parents=True)
    (go / "bin/go").write_bytes(install("1.27.3").go.read_bytes())
    (go / "pkg/tool/linux_amd64/compile").write_bytes(b"x")
    (go / "bin/go").chmod(0o755)
    (go / "pkg/tool/linux_amd64/compile").chmod(0o755)
    (world / "tmp").mkdir()
    (world / "tmp").chmod(0o1777)
    target = seen(world, HOME="/srv/data", PATH="/usr/local/go/bin")
    defaults = Permissions()
    findings = look(target, execute=defaults.execute, write=defaults.write)
    assert {entry.code for entry in findings} == {codes.PERMISSION_OK}
    assert {entry.subject for entry in findings} == {
        "GOROOT",
        "GOPATH",
        "GOMODCACHE",
        "GOCACHE",
        "GOBIN",
        "TMPDIR",
    }
    (go / "pkg/tool/linux_amd64/compile").chmod(0o700)
    (broken,) = [entry for entry in look(target, execute=("GOROOT",)) if entry.status is Status.FAIL]
    assert told(broken)[1:] == (
        codes.PERMISSION_MODE,
        "RUN chmod a+rx /usr/local/go/pkg/tool/linux_amd64/compile",
    )


def test_a_closed_goroot_is_told_of_once(world: Path) -> None:
    """All that lies in it is behind the same link."""
    go = world / "usr/local/go/bin/go"
    go.parent.mkdir(parents=True)
    go.write_bytes(b"x")
    go.chmod(0o755)
    (world / "usr/local").chmod(0o700)
    finding = one(seen(world, GOROOT="/usr/local/go"), execute=("GOROOT",))
    assert told(finding) == (Status.FAIL, codes.PERMISSION_NO_SEARCH, "RUN chmod o+x /usr/local")


def test_without_a_toolchain_goroot_is_not_known(world: Path) -> None:
    """Nothing is there to be judged."""
    finding = one(seen(world), execute=("GOROOT",))
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.PERMISSION_UNKNOWN)


@pytest.mark.parametrize(
    "entry", ["permissions.write=cache", "permissions.read=GOROOT", "permissions.execute=GOBIN"]
)
def test_an_entry_is_a_path_or_a_known_name(entry: str) -> None:
    """Else the configuration is wrong, and says which key."""
    with pytest.raises(ConfigError, match=entry.partition("=")[0]):
        load.load(environ={}, sets=[entry], system_file="/no/such/file")


# --- touch ----------------------------------------------------------------------------


def test_touch_makes_and_deletes(tmp_path: Path) -> None:
    """It is tried only when asked for, changes the directory at most in its times, and leaves nothing."""
    target = ourselves()
    assert one(target, write=(str(tmp_path),), touch=True).code is codes.PERMISSION_OK
    assert os.listdir(tmp_path) == []


def test_touch_finds_what_nothing_else_shows(tmp_path: Path) -> None:
    """A limit of the process: no file may grow beyond nothing."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        without = one(ourselves(), write=(str(tmp_path),))
        finding = one(ourselves(), write=(str(tmp_path),), touch=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert without.code is codes.PERMISSION_OK
    assert (finding.status, finding.code) == (Status.FAIL, codes.PERMISSION_TOUCH_FAILED)
    assert finding.cause == f"no file can be made in {tmp_path}: file too large"
    assert finding.remedy == f"findmnt -T {tmp_path}; df -h {tmp_path}; quota -s"
    assert os.listdir(tmp_path) == []


def test_touch_does_without_nameless_files(tmp_path: Path) -> None:
    """Some file systems cannot make them: one with a name is made then, and removed."""
    if subprocess.run(["mount", "-t", "mqueue", "mqueue", tmp_path], capture_output=True).returncode:
        pytest.skip("needs mounts")
    try:
        with pytest.raises(OSError, match="Operation not supported"):
            os.open(tmp_path, os.O_TMPFILE | os.O_WRONLY)
        before = tmp_path.stat().st_mtime_ns
        with pytest.raises(OSError, match="Invalid argument"):  # such a file takes no bytes
            touch(str(tmp_path), Deadline(10))
        assert tmp_path.stat().st_mtime_ns > before
        assert os.listdir(tmp_path) == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_touch_writes_to_ourselves_only(world: Path) -> None:
    """Never below --root, nor in another process's container."""
    finding = look(seen(world), write=("/srv/data",), touch=True)[0]
    assert (finding.status, finding.code) == (Status.UNKNOWN, codes.PERMISSION_TOUCH_ELSEWHERE)
    assert os.listdir(world / "srv/data") == []


def test_touch_that_cannot_be_tried_is_not_known(tmp_path: Path) -> None:
    """No process to be had says nothing about the directory."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = os.listdir("/proc/self/fd")
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(held), before[1]))
    try:
        with pytest.raises(TargetError, match="no process can be started"):
            touch(str(tmp_path), Deadline(10))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    touch(str(tmp_path), Deadline(10))


def test_touch_leaves_nothing_where_the_file_system_hangs(ext4: Path) -> None:
    """Frozen, it keeps the file's maker waiting beyond the deadline; thawed, what is made is gone again."""
    subprocess.run(["fsfreeze", "-f", ext4], check=True)
    try:
        with pytest.raises(DeadlineExceeded):
            touch(str(ext4), Deadline(1))
        code = "from probe.cli import main; import sys; main()"
        settings = ["permissions.execute=[]", f"permissions.write={ext4}", "permissions.touch=true"]
        options = [word for setting in settings for word in ("--set", setting)]
        done = subprocess.run(
            [sys.executable, "-c", code, "check", "--only", "permissions", "--timeout", "1", *options],
            env=clean_environment(),
            capture_output=True,
            text=True,
        )
        assert "CHECK_TIMED_OUT" in done.stdout
        assert f"making a file in {ext4}" in done.stdout
        assert [pid for pid in os.listdir("/proc") if waits_in(pid, ext4)], "nobody is left to clean up"
    finally:
        subprocess.run(["fsfreeze", "-u", ext4], check=True)
    wait_for(lambda: not [pid for pid in os.listdir("/proc") if waits_in(pid, ext4)])
    assert os.listdir(ext4) == ["lost+found"]


def waits_in(pid: str, path: Path) -> bool:
    try:
        return pid.isdecimal() and str(path).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_the_command(world: Path, run_probe: RunProbe) -> None:
    """From the options to the exit code; off unless it is asked for."""
    line = ["check", "--root", str(world), "--user", "app", "--set", "permissions.execute=[]"]
    good = run_probe(*line, "--only", "permissions", "--set", "permissions.write=/srv/data")
    assert (good.code, good.err) == (0, "")
    bad = run_probe(*line, "--only", "permissions", "--set", "permissions.write=/srv")
    assert bad.code == 1
    assert bad.out.startswith("unhealthy: PERMISSION_MODE")
    assert "permissions" not in load.load(environ={}, sets=[], system_file="/no/such/file").enabled


@needs_setfacl
def test_what_inspect_tells(world: Path, run_probe: RunProbe) -> None:
    """The chain of each place with its lists, without a verdict."""
    (world / "go").symlink_to("/srv/data")
    set_list(world / "srv/data", "u:1001:r-x")
    line = ["inspect", "permissions", "--root", str(world), "--user", "app", "--env", "GOPATH=/go"]
    found = json.loads(run_probe(*line).out)
    assert found["user"]["groups_by_file"] == [1000]
    assert (found["user"]["name"], found["user"]["umask"]) == ("app", None)
    (place,) = [entry for entry in found["places"] if entry["name"] == "GOPATH"]
    assert [step["path"] for step in place["chain"]] == ["/", "/go", "/", "/srv", "/srv/data"]
    assert place["chain"][1]["link"] == "/srv/data"
    assert "user:1001:r-x" in place["chain"][-1]["acl"]
    assert place["space"]["read_only"] is False
    cache = next(entry for entry in found["places"] if entry["name"] == "GOMODCACHE")
    assert cache["missing"] == "/srv/data/pkg"
