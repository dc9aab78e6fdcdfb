"""A tree below a directory: resolved as the kernel would after chroot, and never left."""

import errno
import io
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from probe.targets import NotRegular, TooLarge, User, mounts
from probe.targets.files import read
from probe.targets.rooted_fs import RootedFiles
from tests.support.commands import clean_environment

needs_root = pytest.mark.root("mounts and chroot")
SECRET = b"the machine's own"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the root that nothing may ever read."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    return path


def failure(action: Any, *args: Any) -> str:
    with pytest.raises(OSError) as caught:
        action(*args)
    return errno.errorcode[caught.value.errno or 0]


def test_absolute_link_means_the_target(root: Path) -> None:
    """/etc/localtime → /usr/share/… is looked up below the root, from any depth."""
    (root / "usr/share").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "usr/share/zone").write_bytes(b"zone")
    (root / "etc/localtime").symlink_to("/usr/share/zone")
    files = RootedFiles(str(root))
    assert read(files, "/etc/localtime") == b"zone"
    assert files.resolve("/etc/localtime") == "/usr/share/zone"
    assert files.readlink("/etc/localtime") == "/usr/share/zone"
    assert files.stat("/etc/localtime", follow=False).is_link


@pytest.mark.parametrize(
    "text", ["../secret", "../../../../secret", "{outside}", "/../secret", "x/../../secret"]
)
def test_no_link_leads_out(root: Path, outside: Path, text: str) -> None:
    """Whatever a link says, the file beside the root is not found."""
    (root / "x").mkdir()
    (root / "link").symlink_to(text.format(outside=outside))
    (root / "x/up").symlink_to("../..")
    files = RootedFiles(str(root))
    assert failure(files.open, "/link") == "ENOENT"
    assert failure(files.open, f"/{text}".format(outside=outside)) == "ENOENT"
    assert failure(files.open, "/x/up/secret") == "ENOENT"
    assert files.resolve("/x/up/..") == "/"
    assert outside.read_bytes() == SECRET


def test_races_by_rename_never_lead_out(root: Path, outside: Path) -> None:
    """A thread swaps directories, links and files as fast as it can; nothing from outside is ever read."""
    (root / "good").mkdir()
    (root / "good/secret").write_bytes(b"inside")
    (root / "evil").symlink_to(outside.parent)
    (root / "also-evil").symlink_to("..")
    stop = threading.Event()

    def swap() -> None:
        spare, now = str(root / "spare"), str(root / "now")
        while not stop.is_set():
            for name in ("good", "evil", "also-evil"):
                os.rename(root / name, now)
                os.rename(now, spare)
                os.rename(spare, root / name)
                os.rename(root / name, now)
                os.rename(now, root / name)

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        files = RootedFiles(str(root))
        rounds, end = 0, time.monotonic() + 20
        while rounds < 3000 or (b"inside" not in seen and time.monotonic() < end):
            rounds += 1
            for path in ("/now/secret", "/good/../now/secret", "/now/../secret"):
                try:
                    seen.add(read(files, path))
                except OSError as problem:
                    seen.add(errno.errorcode[problem.errno or 0].encode())
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"inside", b"ENOENT", b"ENOTDIR", b"ELOOP"}
    assert b"inside" in seen


def test_file_replaced_by_rename_is_read_whole(root: Path) -> None:
    """A bundle that is swapped all the time is one of its versions, never a mixture or an error."""
    (root / "bundle").write_bytes(b"A" * 1000)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for letter in (b"B", b"A"):
                (root / "new").write_bytes(letter * 1000)
                os.rename(root / "new", root / "bundle")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        files = RootedFiles(str(root))
        seen = {read(files, "/bundle") for _ in range(2000)}
    finally:
        stop.set()
        thread.join()
    assert seen <= {b"A" * 1000, b"B" * 1000}


@needs_root
def test_magic_links_of_a_mounted_proc_stay_inside(root: Path, outside: Path) -> None:
    """/proc/self/root, cwd, exe and fd/N of a /proc mounted in the root are only texts to us."""
    (root / "proc").mkdir()
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    descriptor = os.open(outside, os.O_RDONLY)
    directory = os.open(outside.parent, os.O_RDONLY)
    try:
        files = RootedFiles(str(root))
        for path in (
            f"/proc/self/fd/{descriptor}",
            f"/proc/self/fd/{directory}/secret",
            f"/proc/self/root{outside}",
            f"/proc/self/task/{threading.get_native_id()}/root{outside}",
            f"/proc/self/cwd/../..{outside}",
            "/proc/self/exe",
        ):
            assert failure(files.open, path) == "ENOENT", path
        assert files.resolve("/proc/self/root/..") == "/"
        (root / "innocent").symlink_to(f"/proc/self/fd/{descriptor}")
        assert failure(files.open, "/innocent") == "ENOENT"
    finally:
        os.close(descriptor)
        os.close(directory)
        subprocess.run(["umount", root / "proc"], check=True)


def test_loops_and_chains(root: Path) -> None:
    """40 links are followed, as by the kernel; 41, and loops, are ELOOP."""
    (root / "0").write_bytes(b"end")
    for number in range(1, 42):
        (root / str(number)).symlink_to(str(number - 1))
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "self").symlink_to("self")
    files = RootedFiles(str(root))
    assert read(files, "/40") == b"end"
    assert (root / "40").read_bytes() == b"end"
    for path in ("/41", "/a", "/self", "/self/x"):
        assert failure(files.open, path) == "ELOOP"
    assert failure((root / "41").read_bytes) == "ELOOP"


def test_names_that_cannot_be(root: Path) -> None:
    """Too long, empty, with a NUL: the kernel's errno, quickly, and no descriptor is lost."""
    files = RootedFiles(str(root))
    before = os.listdir("/proc/self/fd")
    assert failure(files.open, "/" + "x" * 256) == "ENAMETOOLONG"
    assert failure(files.open, "/x" * 10_000) == "ENAMETOOLONG"
    assert failure(files.open, "/é" * 1400) == "ENAMETOOLONG"
    assert failure(files.open, "/." * 2047) == "EISDIR"
    assert failure(files.open, "") == "ENOENT"
    assert failure(files.open, "/a\0b") == "EINVAL"
    assert set(os.listdir("/proc/self/fd")) <= set(before)


def test_endless_work_is_bounded(root: Path) -> None:
    """Links that unfold into tens of thousands of names, or hundreds of levels, come to an end."""
    (root / "d").mkdir()
    (root / "long0").symlink_to("d/../" * 800 + "d")
    for number in range(1, 40):
        (root / f"long{number}").symlink_to("d/../" * 800 + f"long{number - 1}")
    files = RootedFiles(str(root))
    assert failure(files.open, "/long39") == "ELOOP"
    deep = root
    for _ in range(200):
        deep = deep / "deep"
        deep.mkdir()
    assert failure(files.stat, "/deep" * 200) == "ENAMETOOLONG"
    assert files.stat("/deep" * 100).is_dir


def test_bytes_that_are_not_utf8(root: Path) -> None:
    """Such names are listed in the order of their bytes, opened and followed."""
    name = os.fsdecode(b"\xff\xfe")
    (root / name).write_bytes(b"odd")
    (root / "zz").symlink_to(name)
    (root / "é").write_bytes(b"")
    files = RootedFiles(str(root))
    assert files.listdir("/") == ["zz", "é", name]
    assert read(files, "/zz") == b"odd"
    assert files.resolve("/zz") == f"/{name}"


def test_what_is_not_a_regular_file(root: Path) -> None:
    """FIFO and devices are named, directories and sockets have an errno, /dev/null is empty; none blocks."""
    os.mkfifo(root / "fifo")
    (root / "dir").mkdir()
    files = RootedFiles(str(root))
    with pytest.raises(NotRegular, match="FIFO"):
        files.open("/fifo")
    assert failure(files.open, "/dir") == "EISDIR"
    assert failure(files.readlink, "/dir") == "EINVAL"
    assert failure(files.listdir, "/fifo") == "ENOTDIR"
    machine = RootedFiles("/")
    with pytest.raises(NotRegular, match="character device"):
        machine.open("/dev/zero")
    assert read(machine, "/dev/null") == b""


def test_reads_are_bounded(root: Path) -> None:
    """A file of a terabyte is refused by its size, one without a size by counting."""
    with (root / "huge").open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(TooLarge):
        read(RootedFiles(str(root)), "/huge")
    with pytest.raises(TooLarge):
        read(RootedFiles("/proc/self"), "/smaps", 100)


def test_files_of_proc_are_read_whole() -> None:
    """They come in pieces of a page, and tell no size."""
    whole = Path("/proc/self/mounts").read_bytes()
    assert read(RootedFiles("/proc/self"), "/mounts") == whole
    assert len(read(RootedFiles("/proc/self"), "/smaps")) > io.DEFAULT_BUFFER_SIZE


def test_access_is_ours_without_a_user(root: Path) -> None:
    """Without a user, the kernel says what we may."""
    (root / "file").write_bytes(b"")
    files = RootedFiles(str(root))
    files.access("/file", os.R_OK | os.W_OK)
    assert failure(files.access, "/file", os.X_OK) == "EACCES"
    assert failure(files.access, "/none", os.R_OK) == "ENOENT"
    (root / "file").chmod(0o755)
    files.access("/file", os.X_OK)


LESSER = """
import os, sys
from probe.errors import TargetError
from probe.targets import User, passwd
from probe.targets.rooted_fs import RootedFiles
files = RootedFiles(sys.argv[1], User(1234, 1234))
os.setgroups([])
os.setresgid(4321, 4321, 4321)
os.setresuid(4321, 4321, 4321)
try:
    files.open("/private")
except (TargetError, OSError) as problem:
    print(type(problem).__name__, problem)
"""


@needs_root
def test_our_own_lack_of_permission_is_not_the_targets(root: Path) -> None:
    """What the target's user may read and we may not is an error of ours, not a finding about the target."""
    (root / "private").write_bytes(b"")
    (root / "private").chmod(0o600)
    os.chown(root / "private", 1234, 1234)
    root.chmod(0o755)
    env = {**clean_environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", LESSER, str(root)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert done.stdout.startswith("TargetError /private: the target's user may look there, but uid 4321"), (
        done
    )


# --- against the kernel -----------------------------------------------------------------

KERNEL = """
import errno, json, os, sys
root, uid, gid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
questions = json.load(sys.stdin)
def ask(action):
    try:
        return action()
    except OSError as problem:
        return errno.errorcode[problem.errno]
def read(path):
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as stream:
        return stream.read(100).decode("latin-1")
def access(path, mode):
    if not os.access(path, mode, effective_ids=True):
        os.stat(path)
        raise PermissionError(errno.EACCES, "")
    return True
os.chroot(root)
os.chdir("/")
os.setgroups([77])
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
answers = []
for path in questions:
    answers.append([
        ask(lambda: list(os.stat(path)[:2])),
        ask(lambda: list(os.lstat(path)[:2])),
        ask(lambda: os.readlink(path)),
        ask(lambda: sorted(os.listdir(path))),
        ask(lambda: read(path)),
        ask(lambda: access(path, os.R_OK)),
        ask(lambda: access(path, os.W_OK)),
        ask(lambda: access(path, os.X_OK)),
    ])
json.dump(answers, sys.stdout)
"""


def kernel_says(root: Path, uid: int, gid: int, paths: list[str]) -> Any:
    done = subprocess.run(
        [sys.executable, "-ISc", KERNEL, root, str(uid), str(gid)],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=clean_environment(),
    )
    return json.loads(done.stdout)


def we_say(files: RootedFiles, path: str) -> list[Any]:
    def look(follow: bool) -> list[int]:
        found = files.stat(path, follow=follow)
        return [found.mode, found.identity[1]]

    def access(mode: int) -> bool:
        files.access(path, mode)
        return True

    questions: list[Callable[[], Any]] = [
        lambda: look(follow=True),
        lambda: look(follow=False),
        lambda: files.readlink(path),
        lambda: files.listdir(path),
        lambda: read(files, path).decode("latin-1"),
        lambda: access(os.R_OK),
        lambda: access(os.W_OK),
        lambda: access(os.X_OK),
    ]
    answers = []
    for question in questions:
        try:
            answers.append(question())
        except OSError as problem:
            answers.append(errno.errorcode[problem.errno or 0])
    return answers


NAMES = ["a", "b", "c", "d"]
ODD = ["", ".", "..", "x" * 256]


def some_path(dice: random.Random, odd: float = 0.3) -> str:
    parts = [dice.choice(ODD if dice.random() < odd else NAMES) for _ in range(dice.randrange(1, 6))]
    return "/".join(parts)


def grow(dice: random.Random, root: Path) -> None:
    """A small wild tree: directories, files and links with all sorts of modes, owners and access lists."""
    places = [root]
    for _ in range(dice.randrange(8, 25)):
        path = dice.choice(places) / dice.choice(NAMES)
        if os.path.lexists(path):
            continue
        kind = dice.random()
        if kind < 0.4:
            path.mkdir()
            places.append(path)
        elif kind < 0.6:
            path.write_bytes(str(path).encode())
        else:
            target = some_path(dice) or "."
            path.symlink_to(("/" if dice.random() < 0.5 else "") + target if len(target) < 4000 else "a")
            continue
        path.chmod(dice.choice([0o777, 0o755, 0o750, 0o700, 0o711, 0o444, 0o000, 0o707, 0o070]))
        os.chown(path, dice.choice([0, 1000, 2000]), dice.choice([0, 77, 1000, 2000]))
        if dice.random() < 0.3:
            set_acl(path, dice)


def set_acl(path: Path, dice: random.Random) -> None:
    mode = path.stat().st_mode

    def some() -> int:
        return dice.randrange(8)

    entries = [(0x01, mode >> 6 & 7, 0xFFFFFFFF)]
    entries += [(0x02, some(), uid) for uid in sorted(dice.sample([1000, 2000, 3000], dice.randrange(3)))]
    entries += [(0x04, some(), 0xFFFFFFFF)]
    entries += [(0x08, some(), gid) for gid in sorted(dice.sample([77, 1000, 2000], dice.randrange(3)))]
    entries += [(0x10, some(), 0xFFFFFFFF), (0x20, mode & 7, 0xFFFFFFFF)]
    value = b"\2\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + who.to_bytes(4, "little")
        for tag, bits, who in entries
    )
    os.setxattr(path, "system.posix_acl_access", value)


@needs_root
@pytest.mark.parametrize("seed", [*range(25), 135])
def test_agrees_with_the_kernel(root: Path, seed: int) -> None:
    """For random trees and paths, as root and as others, every answer is what chroot gives."""
    dice = random.Random(seed)
    root.chmod(0o755)
    grow(dice, root)
    paths = ["/" + some_path(dice) for _ in range(150)]
    for uid, gid in ((0, 0), (1000, 1000), (2000, 1000)):
        user = User(uid, gid, (77,), override=uid == 0, read_all=uid == 0)
        expected = kernel_says(root, uid, gid, paths)
        files = RootedFiles(str(root), user)
        for path, theirs in zip(paths, expected, strict=True):
            assert we_say(files, path) == theirs, (seed, uid, path)


def test_mounts_are_seen_from_inside() -> None:
    """Those of the machine beside or above the root are not the target's."""
    table = mounts.parse(
        b"".join(
            b"1 1 0:1 / %b rw - tmpfs %b rw\n" % line
            for line in (
                (b"/", b"a"),
                (b"/srv", b"b"),
                (b"/srv/c/etc", b"none"),
                (b"/srv/c", b"d"),
                (b"/srv/cc", b"e"),
            )
        )
    )
    inside = mounts.below(table, "/srv/c")
    assert [(mount.point, mount.source) for mount in inside] == [("/etc", "tmpfs"), ("/", "d")]
    assert [mount.point for mount in mounts.below(table, "/")] == [
        "/",
        "/srv",
        "/srv/c/etc",
        "/srv/c",
        "/srv/cc",
    ]


@pytest.mark.needs("mounts")
def test_a_real_mount_inside_the_root_is_told(root: Path) -> None:
    """Through a link to the root, too: what it hides is named."""
    (root / "etc/ssl/certs").mkdir(parents=True)
    (root.parent / "link").symlink_to(root)
    script = 'mount -t tmpfs none "$1/etc/ssl/certs" && exec "$2" -m probe check --only ca-bundle --root "$3"'
    command = [
        "unshare",
        "-m",
        "sh",
        "-c",
        script,
        "sh",
        str(root),
        sys.executable,
        str(root.parent / "link"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "CA_BUNDLE_HIDDEN: tmpfs is mounted on /etc/ssl/certs and holds no bundle" in done.stdout
