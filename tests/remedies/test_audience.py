"""A command for a shell in the container is printed only where its user can carry it out there."""

import ast
import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

import probe
from probe import targets
from probe.remedies import actions, audience, file_actions, trial
from probe.report import Action
from probe.targets import Mount, Target, User
from probe.targets.process import of_process
from tests.remedies import bases
from tests.remedies.scenes import put
from tests.support.leftovers import wait_until
from tests.support.worlds import lay

WORKER = 65532
_DROP_BOUND = 24  # PR_CAPBSET_DROP in linux/prctl.h
_CAPABILITIES = 41


class Surroundings(NamedTuple):
    """Who the process is, and what it is in."""

    uid: int
    capable: bool  # whether root has its capabilities
    read_only: bool
    shell: bool


ALL = [
    Surroundings(uid, capable, read_only, shell)
    for (uid, capable), read_only, shell in product(
        ((0, True), (0, False), (WORKER, True)), (False, True), (True, False)
    )
]
COMMANDS: tuple[Callable[[], Action], ...] = (
    lambda: file_actions.in_container(file_actions.chmod("a+r", "/srv/roots")),
    lambda: file_actions.in_container(file_actions.chmod("a+r", "/srv/workers")),
    lambda: file_actions.in_container(file_actions.chown("65532:65532", "/srv/roots")),
    lambda: file_actions.in_container(file_actions.move("/srv/roots", "/srv/roots.old")),
    lambda: file_actions.in_container(file_actions.move("/home/workers", "/home/workers.old")),
    lambda: file_actions.in_container(file_actions.remove("/srv/pipe")),
    lambda: file_actions.in_container(file_actions.unix_line_ends("/home/workers")),
    lambda: file_actions.delete_setting("GOPROXY", "/srv/roots"),
    lambda: actions.shell("setfacl -m m::rwx /srv/roots", path="/srv/roots"),
    lambda: actions.remount("exec", "/vol"),
    lambda: actions.shell("ulimit -v unlimited"),
    lambda: actions.shell("ulimit -d unlimited"),
    lambda: actions.shell("umask 0002"),
)


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    with bases.alpine() as root:
        (root / "pause").write_bytes((root / "bin/busybox").resolve().read_bytes())
        (root / "pause").chmod(0o755)
        yield root


@contextmanager
def laid(tree: Path, around: Surroundings, scratch: Path) -> Iterator[Path]:
    """The tree with files of root and of the worker, as a root file system of its own."""
    put("srv/roots", b"GOPROXY=off\n", 0o600)(tree)
    put("srv/workers", b"x", 0o600)(tree)
    put("home/workers", b"x\r\n", 0o600)(tree)
    for path in ("srv/workers", "home/workers", "home"):
        os.chown(tree / path, WORKER, WORKER)
    (tree / "srv/pipe").unlink(missing_ok=True)
    os.mkfifo(tree / "srv/pipe")
    (tree / "vol").mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    mounted = scratch / "root"
    mounted.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", tree, mounted], check=True)
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", mounted / "vol"], check=True)
        if not around.shell:
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", mounted / "bin"], check=True)
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", mounted / "usr"], check=True)
        if around.read_only:
            subprocess.run(["mount", "-o", "remount,bind,ro", mounted], check=True)
        yield mounted
    finally:
        subprocess.run(["umount", "-R", "-l", mounted], check=True)
        for name in ("roots", "roots.old"):
            (tree / "srv" / name).unlink(missing_ok=True)
        (tree / "home/workers.old").unlink(missing_ok=True)


def _enter(root: Path, around: Surroundings) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def act() -> None:
        os.chroot(root)
        os.chdir("/")
        if not around.capable:
            for number in range(_CAPABILITIES):
                libc.prctl(_DROP_BOUND, number, 0, 0, 0)
        os.setgroups([])
        os.setgid(around.uid)
        os.setuid(around.uid)

    return act


@contextmanager
def process(root: Path, around: Surroundings) -> Iterator[Target]:
    """A process in there, as probe sees it by its number."""
    argv = ["sleep", "60"]
    with subprocess.Popen(argv, executable="/pause", env={}, preexec_fn=_enter(root, around)) as running:
        try:
            cmdline = Path(f"/proc/{running.pid}/cmdline")
            wait_until(lambda: cmdline.read_bytes() == b"sleep\x0060\0")
            yield of_process(running.pid)
        finally:
            running.kill()


def _carried_out(command: str, root: Path, around: Surroundings) -> bool:
    try:
        done = subprocess.run(
            ["sh", "-c", command],
            executable="/bin/sh",
            env={"PATH": "/bin:/usr/bin:/sbin"},
            preexec_fn=_enter(root, around),
            capture_output=True,
            timeout=20,
        )
    except OSError:
        return False
    return done.returncode == 0


@pytest.mark.root("processes of other users in roots of their own")
@pytest.mark.parametrize("around", ALL, ids=str)
def test_a_command_is_kept_where_it_can_be_carried_out(
    tree: Path, around: Surroundings, tmp_path: Path
) -> None:
    """By its user, with the programs that are there, says the kernel; else others act, or nobody."""
    for make in COMMANDS:
        action = make()
        with laid(tree, around, tmp_path / "mnt") as root, process(root, around) as target:
            told = trial.feasible(actions.ways(action), target)
            kept = any(one.kind == "shell" for way in told for one in way.actions)
            can = _carried_out(action.values["command"], root, around)
        assert kept == can, (around, action.values["command"], told)
        for way in () if kept else told:
            assert all(one.audience != actions.CONTAINER or one.kind == "start" for one in way.actions), way
        limits = action.values["command"].startswith(("ulimit", "umask"))
        if not kept and "setfacl" not in action.values["command"]:
            assert told or not (around.shell or limits), (around, action.values["command"])


IMAGE_FORMS = {
    "chmod a+r /srv/roots": "RUN chmod a+r /srv/roots",
    "chown 65532:65532 /srv/roots": "RUN chown 65532:65532 /srv/roots",
    "mv /srv/roots /srv/roots.old": "RUN mv /srv/roots /srv/roots.old",
    "sed -i '/^GOPROXY=/d' /srv/roots": "RUN sed -i '/^GOPROXY=/d' /srv/roots",
    "mount -o remount,exec /vol": "docker run --tmpfs /vol:exec IMAGE",
}


@pytest.mark.root("processes of other users in roots of their own")
def test_what_the_user_cannot_do_is_told_for_the_image(tree: Path, tmp_path: Path) -> None:
    """uid 65532: by whoever builds the image, or starts the container."""
    around = Surroundings(WORKER, True, False, True)
    with laid(tree, around, tmp_path / "mnt") as root, process(root, around) as target:
        by_command = {one.values["command"]: one for make in COMMANDS for one in [make()]}
        told = {
            command: trial.feasible(actions.ways(by_command[command]), target)[0].text
            for command in IMAGE_FORMS
        }
    assert told == IMAGE_FORMS


def test_what_a_volume_brings_is_changed_from_beside_the_container(root: Path) -> None:
    """Of a container without programs: by another that has its volumes; in a pod by the pod's group."""
    lay(root, {"/data": b"x"})
    mount = Mount("/data", "ext4", "/dev/x", "/", False, ("rw",))
    target = targets.at_root(str(root), {}, user=User(WORKER, WORKER))
    target = target._replace(directory="", proc="/proc/self", mounts=(mount,))
    owner = file_actions.chown("65532:65532", "/data")
    ways = actions.ways(actions.shell("setfacl -m u:65532:rwx /data", path="/data", built=owner))
    (told,) = trial.feasible(ways, target)
    beside = "docker run --rm --user 0 --volumes-from CONTAINER busybox"
    assert told.text == f"{beside} chown 65532:65532 /data"
    (told,) = trial.feasible(ways, target._replace(env={"KUBERNETES_SERVICE_HOST": "x"}))
    assert told.text == "securityContext: {fsGroup: 65532}"


_OF_ALL = "in the unit of containerd, whose limits all its containers have"
_OF_LIMITS = {  # command → what is told instead beside a container, and in a pod
    "umask 0002": (
        "podman run --umask 0002 IMAGE",
        "Call syscall.Umask(0o002) in the program before it creates files",
    ),
    "ulimit -n 1024": (
        "docker run --ulimit nofile=1024 IMAGE",
        f"Ask the operator of the machine for LimitNOFILE=1024 {_OF_ALL}",
    ),
    "ulimit -v unlimited": (f"Ask the operator of the machine to remove LimitAS= {_OF_ALL}",) * 2,
    "ulimit -d unlimited": (f"Ask the operator of the machine to remove LimitDATA= {_OF_ALL}",) * 2,
}


@pytest.mark.parametrize("command", _OF_LIMITS)
def test_where_no_shell_starts_a_program_others_set_its_limits(root: Path, command: str) -> None:
    """Whoever starts the container, or the machine's operator; and where root's right is missing, too."""
    mount = Mount("/", "overlay", "overlay", "/", False, ("rw",))
    target = targets.at_root(str(root), {})._replace(directory="", proc="/proc/self", mounts=(mount,))
    pod = target._replace(env={"KUBERNETES_SERVICE_HOST": "x"})
    ways = actions.ways(actions.shell(command))
    assert tuple(trial.feasible(ways, one)[0].text for one in (target, pod)) == _OF_LIMITS[command]
    lay(root, {"/bin/sh": b""})
    assert [one.text for one in trial.feasible(ways, target)] == [command]


def test_the_first_words_of_a_command_are_its_programs() -> None:
    """After each sign that begins another command."""
    assert audience.programs("A=b mv /a /b && tar -C / -xzf x | cat; ls /") == ["mv", "tar", "cat", "ls"]


LOOKS = {
    "ls -l '/srv/a b'": "ls -l '{root}/srv/a b'",
    "df -h '/srv/a b'; du -xsh '/srv/a b'": "df -h '{root}/srv/a b'; du -xsh '{root}/srv/a b'",
    "'/srv/a b' env": "chroot {root} '/srv/a b' env",
    "go env -changed": "chroot {root} go env -changed",
    "ldd '/srv/a b'": "readelf -l -d '{root}/srv/a b'",
}


@pytest.mark.parametrize("command", LOOKS)
def test_a_look_below_a_directory_names_the_file_there(root: Path, command: str) -> None:
    """Pasted on the machine that holds the tree it shows the target's file, and not the machine's."""
    lay(root, {"/srv/a b": b"x"})
    target = targets.at_root(str(root), {})
    (told,) = trial.feasible(actions.ways(actions.look(command, "/srv/a b")), target)
    assert told.text == LOOKS[command].format(root=root)


def test_a_look_at_a_container_without_programs_is_from_beside_it(root: Path) -> None:
    """By a container that shares its processes; of another process by what /proc shows of its root."""
    lay(root, {"/app": b"x"})
    target = targets.at_root(str(root), {})._replace(directory="", proc="/proc/self")
    look = actions.ways(actions.look("ls -l /app", "/app"))
    (beside,) = trial.feasible(look, target._replace(env={"KUBERNETES_SERVICE_HOST": "x"}))
    assert beside.text == "kubectl debug POD -it --image=busybox --target=CONTAINER -- ls -l /proc/1/root/app"
    (other,) = trial.feasible(look, target._replace(proc="/proc/7"))
    assert other.text == "ls -l /proc/7/root/app"


# Paths of the machine where probe runs: the tool that it starts, a baseline that it was given.
_OURS = {"quoting.word(gpgv)", "quoting.word(file)"}


def test_every_look_says_which_paths_it_names() -> None:
    """Or it could not be told for a directory; `quoting.word` stands around each path."""
    unsaid = []
    for file in sorted(Path(probe.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("actions.look"):
                continue
            parts = getattr(node.args[0], "values", [])
            words = {ast.unparse(one.value) for one in parts if isinstance(one, ast.FormattedValue)}
            paths = {one for one in words - _OURS if "word(" in one}
            unsaid += [(file.name, node.lineno) for _ in [0] if paths and len(node.args) < 1 + len(paths)]
    assert unsaid == []
