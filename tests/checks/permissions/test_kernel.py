"""The verdict of `permissions` is the kernel's: random trees, and a process that really is that user."""

import json
import os
import random
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from probe.formats import acl
from probe.formats.acl import AclEntry
from probe.targets import Stat, User, at_root, denial, path_steps
from probe.targets.access import ACCESS

pytestmark = pytest.mark.root("other users and access lists")

UIDS, GIDS = (0, 1000, 1001, 1002), (0, 2000, 2001, 2002)
MODES = (0o755, 0o750, 0o700, 0o711, 0o770, 0o775, 0o707, 0o644, 0o000, 0o070, 0o007, 0o1777, 0o2775, 0o1773)
CASES = 700
BY_RIGHTS = ("mode", "mask", "entry", "default", "group")


class Case(NamedTuple):
    path: str
    user: User
    want: int
    made: bool


Kernel = Callable[[Path, Case], bool]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root that anybody may search down to."""
    root = tmp_path / "root"
    root.mkdir()
    for path in (root, *root.parents):
        if path != Path("/"):
            path.chmod(path.stat().st_mode | 0o011)
    return root


def grow(root: Path, dice: random.Random) -> list[str]:
    """Fill *root* with directories, files and links of all owners, modes and lists; the paths in it."""
    folders, paths = [""], list[str]()
    for number in range(dice.randint(6, 14)):
        parent = dice.choice(folders)
        path = f"{parent}/{dice.choice('abc')}{number}"
        what = dice.random()
        if what < 0.6:
            (root / path[1:]).mkdir()
            folders.append(path)
        elif what < 0.8 or not paths:
            (root / path[1:]).write_bytes(b"x")
        else:
            text = dice.choice([dice.choice(paths), "../" + dice.choice("abc") + "1", "/nowhere", path])
            (root / path[1:]).symlink_to(text)
        paths.append(path)
    for path in paths:
        dress(root / path[1:], dice)
    return paths


def dress(path: Path, dice: random.Random) -> None:
    os.chown(path, dice.choice(UIDS), dice.choice(GIDS), follow_symlinks=False)
    if path.is_symlink():
        return
    path.chmod(dice.choice(MODES))
    if dice.random() < 0.4:
        os.setxattr(path, ACCESS, a_list(dice))


def a_list(dice: random.Random) -> bytes:
    """A valid access list with a mask."""

    def bits() -> int:
        return dice.choice((0, 1, 2, 3, 4, 5, 6, 7, 7, 7))

    named = [AclEntry(acl.USER, bits(), uid) for uid in sorted(dice.sample(UIDS, dice.randint(0, 2)))]
    groups = [AclEntry(acl.GROUP, bits(), gid) for gid in sorted(dice.sample(GIDS, dice.randint(0, 2)))]
    return acl.pack(
        [
            AclEntry(acl.USER_OBJ, bits()),
            *named,
            AclEntry(acl.GROUP_OBJ, bits()),
            *groups,
            AclEntry(acl.MASK, bits()),
            AclEntry(acl.OTHER, bits()),
        ]
    )


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """What a process with these ids is told, after chroot: a small process asks, as this one forks slowly."""
    program = Path(__file__).with_name("asker.py")
    with subprocess.Popen(
        [sys.executable, "-I", "-S", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as asker:
        assert asker.stdin
        assert asker.stdout
        question, answers = asker.stdin, asker.stdout

        def ask(root: Path, case: Case) -> bool:
            user = case.user
            wanted = [str(root), user.uid, user.gid, user.groups, case.path, case.want, case.made]
            print(json.dumps(wanted), file=question, flush=True)
            return {"0": True, "1": False}[answers.readline().strip()]

        yield ask
        question.close()


def judge(root: Path, case: Case) -> denial.Denial | None:
    target = at_root(str(root), {}, user=case.user)
    way = path_steps.follow(target, case.path)
    want = case.want | (os.X_OK if way.end.stat.is_dir else 0)
    return denial.first(way, case.user, want, made=case.made and not path_steps.dangling(target, way))


@pytest.mark.parametrize("seed", range(20))
def test_the_verdict_is_the_kernels(tree: Path, seed: int, kernel: Kernel) -> None:
    """The same yes or no for every path, user and wish; and what is blamed is closed to that user indeed."""
    dice = random.Random(seed)
    paths = grow(tree, dice)
    said: list[bool] = []
    for _ in range(CASES // 20):
        groups = tuple(dice.sample(GIDS, dice.randint(0, 2)))
        uid = dice.choice(UIDS)
        user = User(uid, dice.choice(GIDS), groups, override=uid == 0, read_all=uid == 0)
        path = dice.choice(paths) + dice.choice(["", "", "", "/", "/new", "/../c1"])
        want = dice.choice((os.R_OK, os.W_OK, os.X_OK, os.R_OK | os.W_OK))
        case = Case(path, user, want, made=path.endswith("/new"))
        if os.path.isdir(tree / path[1:]):
            case = case._replace(want=want | os.X_OK)
        link = judge(tree, case)
        said.append(kernel(tree, case))
        assert (link is None) == said[-1], (case, link)
        if link and link.kind in BY_RIGHTS:
            before = Case(link.path, user, link.want, made=False)
            assert not kernel(tree, before), (case, link)
            parent = Case(os.path.dirname(link.path), user, os.X_OK, made=False)
            assert kernel(tree, parent), f"{link.path} is not the first: {case}"
    assert len(set(said)) == 2, "a tree in which all is open, or all is closed, proves little"


@pytest.mark.parametrize(
    ("mode", "tags"),
    [
        (0o700, (acl.MASK, acl.OTHER)),
        (0o770, (acl.MASK, acl.USER)),
        (0o770, (0, 99)),
        (0o770, (acl.GROUP,) * 8000),
    ],
)
def test_a_list_that_no_kernel_would_make(mode: int, tags: tuple[int, ...]) -> None:
    """A file system in user space may hand out anything: an answer all the same, and soon."""
    user = User(1000, 1000)
    bits = {acl.MASK: 0, acl.OTHER: 7}
    data = acl.pack(AclEntry(tag, bits.get(tag, 6), 5000 + at) for at, tag in enumerate(tags))
    step = path_steps.PathStep("/d", Stat(stat.S_IFDIR | mode, 0, 0, 0, 0.0), acl=data)
    parent = path_steps.PathStep("/", Stat(stat.S_IFDIR | 0o755, 0, 0, 0, 0.0), acl=data)
    before = time.process_time()
    assert denial.why(step, parent, user, os.W_OK | os.X_OK).kind == "mode"
    assert time.process_time() - before < 5
