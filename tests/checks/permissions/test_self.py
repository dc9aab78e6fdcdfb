"""The opt-in check `permissions` about its own container, as root and as another user."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from probe.report import Finding
from probe.targets import ourselves
from tests.support.fixes import fixes
from tests.support.permissions import look, mounted

pytestmark = pytest.mark.root("other users and mounts")
USERS = (0, 4321)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory that anybody may use, and get to."""
    for path in (tmp_path, *tmp_path.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    there = tmp_path / "data"
    there.mkdir()
    there.chmod(0o777)
    return there


def told(finding: Finding) -> list[str]:
    return [finding.status.value, finding.code.name, fixes(finding)]


def seen(uid: int, **settings: Any) -> list[list[str]]:
    """What a process of *uid* without groups finds about itself."""
    answer: list[list[str]] = as_user(
        uid, lambda: [told(finding) for finding in look(ourselves(), **settings)]
    )
    return answer


def as_user(uid: int, work: Callable[[], Any]) -> Any:
    """The JSON value of *work*, done by a child with that uid."""
    look(ourselves(), read=("/",))  # what is imported late may be out of the other user's reach
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        answer = stream.read()
    os.waitpid(pid, 0)
    return json.loads(answer)


@pytest.mark.parametrize("uid", USERS)
def test_what_is_open_passes_and_what_is_closed_fails(data: Path, uid: int) -> None:
    """The kernel agrees with the modes; root is refused nothing by them."""
    assert seen(uid, write=(str(data),)) == [["pass", "PERMISSION_OK", ""]]
    data.chmod(0o755)
    (answer,) = seen(uid, write=(str(data),))
    closed = ["fail", "PERMISSION_MODE", f"RUN chown -R {uid}:{uid} {data}"]
    assert answer == (closed if uid else ["pass", "PERMISSION_OK", ""])


@pytest.mark.parametrize("uid", USERS)
def test_a_read_only_mount_is_named_as_such(data: Path, uid: int) -> None:
    """The kernel says no more than "permission denied" to access(2), which is not what is wrong."""
    with mounted(data, "ro,mode=0777"):
        told_of_it = ["fail", "PERMISSION_READ_ONLY", f"mount -o remount,rw {data}"]
        assert seen(uid, write=(str(data),)) == [told_of_it]
        assert seen(uid, read=(str(data),)) == [["pass", "PERMISSION_OK", ""]]


@pytest.mark.parametrize("uid", USERS)
def test_a_program_on_a_mount_without_exec(data: Path, uid: int) -> None:
    """As root and as anybody else."""
    with mounted(data, "noexec,mode=0777"):
        program = Path(shutil.copy("/bin/true", data))
        remedy = f"docker run --tmpfs {data}:exec IMAGE\n\nmount -o remount,exec {data}"
        told_of_it = ["fail", "PERMISSION_NOEXEC", remedy]
        assert seen(uid, execute=(str(program),)) == [told_of_it]
        subprocess.run(["mount", "-o", "remount,exec", data], check=True)
        assert seen(uid, execute=(str(program),)) == [["pass", "PERMISSION_OK", ""]]


@pytest.mark.needs("a Python that other users may start")
@pytest.mark.parametrize("uid", USERS)
def test_touch_in_our_own_container(data: Path, uid: int) -> None:
    """It is done as the user itself, and leaves nothing."""
    assert seen(uid, write=(str(data),), touch=True) == [["pass", "PERMISSION_OK", ""]]
    assert os.listdir(data) == []
