"""Which component of a path keeps a user out: modes, groups and access lists."""

import os
import subprocess
from pathlib import Path

import pytest

from probe import codes
from probe.report import Status
from probe.targets import User, at_root
from tests.checks.permissions.helpers import (
    GROUP,
    needs_root,
    needs_setfacl,
    one,
    process,
    seen,
    set_list,
    told,
)
from tests.support.fixes import fixes
from tests.support.permissions import look

pytestmark = needs_root


ADDED = "docker run --group-add 2000 IMAGE\n\nsecurityContext: {supplementalGroups: [2000]}"


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
    assert fixes(unreadable) == "RUN chmod a+r /srv/app"
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
    assert fixes(one(seen(world), write=("/srv/data",))) == ADDED


def test_a_group_that_this_process_has_not_got(world: Path) -> None:
    """/etc/group says so, the process was started without: `USER app:app`, or before usermod."""
    (world / "etc/group").write_text(GROUP.format("app"))
    os.chown(world / "srv/data", 0, 2000)
    (world / "srv/data").chmod(0o770)
    finding = one(seen(world), write=("/srv/data",))
    assert (finding.status, finding.code) == (Status.FAIL, codes.PERMISSION_GROUP_NOT_IN_EFFECT)
    assert fixes(finding).startswith(ADDED)
    assert "supplementalGroups: [2000]" in fixes(finding)
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
    assert "/srv/data/mod is not accessible" in finding.cause
    subprocess.run(remedy.replace("/srv/data", str(data)), shell=True, check=True)
    (data / "later").mkdir(mode=0o770)
    for whole in (path, "/srv/data/later"):
        assert one(seen(world), write=(whole,)).code is codes.PERMISSION_OK
