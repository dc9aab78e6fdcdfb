"""The trial by writing, and the command as a user runs it."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from probe import codes
from probe.config import load
from probe.deadline import Deadline, DeadlineExceeded
from probe.errors import TargetError
from probe.report import Status
from probe.targets import ourselves
from probe.targets.write_test import touch
from tests.checks.permissions.helpers import needs_root, needs_setfacl, one, seen, set_list, wait_for
from tests.support.commands import RunProbe, clean_environment
from tests.support.fixes import fixes
from tests.support.permissions import look

pytestmark = needs_root


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
    assert finding.cause == f"no file can be created in {tmp_path}: the size of files is limited (ulimit -f)"
    assert fixes(finding).splitlines()[0] == "ulimit -f unlimited"
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
    free = os.open("/dev/null", os.O_RDONLY)  # the lowest number: what is open may leave gaps above it
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
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
        assert f"creating a file in {ext4}" in done.stdout
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
