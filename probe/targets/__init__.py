"""The one door to a target: its files, environment, user, mounts and processes."""

from __future__ import annotations

from probe.lightweight import NamedTuple, os
from probe.targets import access, mounts
from probe.targets.access import User
from probe.targets.files import READ_LIMIT, Files, NotRegular, Stat, TooLarge, read, scan
from probe.targets.host_fs import HostFiles
from probe.targets.mounts import Mount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO, NoReturn

    from probe.targets.processes import Processes
else:  # an annotation in quotes is compiled
    Processes = object

__all__ = [
    "Files",
    "Mount",
    "NotRegular",
    "Stat",
    "Target",
    "TooLarge",
    "User",
    "at_root",
    "ourselves",
]


class Target(NamedTuple):
    """
    The container or process under examination.

    Paths may be relative: they are joined to `cwd`, without tidying, so that ".."
    and links mean what they mean to the kernel.
    """

    name: str
    files: Files
    env: Mapping[str, str]  # bytes that are not UTF-8 as surrogates
    cwd: str
    user: User
    mounts: tuple[Mount, ...] = ()
    executable: str = ""  # the workload's own, "" when not known; a bare name is not to be found in PATH
    processes: Processes | None = None  # None: nothing may be run there
    layers: tuple[int, ...] | None = None  # of an image archive: bytes of each as it is stored
    proc: str = ""  # "/proc/N" of the process whose rights count, "" where there is none
    limits: Mapping[str, int] = {}  # bytes, by ulimit's letters: set by what starts the program, over ours
    directory: str = ""  # of this machine, whose tree is looked at as a root; "" for any other target

    @property
    def is_ours(self) -> bool:
        """Whether it is the container that we run in: what holds for us holds for its programs."""
        return self.proc == "/proc/self" and not self.directory

    @property
    def runs_commands(self) -> bool:
        """Whether commands can be run there: it is ours, and no seccomp profile forbids it."""
        return self.processes is not None and not self.processes.refused

    def path(self, name: str) -> str:
        return name if name.startswith("/") else f"{self.cwd.rstrip('/')}/{name}"

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        return read(self.files, self.path(path), limit)

    def open(self, path: str) -> BinaryIO:
        return self.files.open(self.path(path))

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        return self.files.stat(self.path(path), follow=follow)

    def exists(self, path: str) -> bool:
        """Whether the user can see something there; no where asking fails."""
        return self._seen(path) is not None

    def is_file(self, path: str) -> bool:
        """Whether the user can see a regular file there; no where asking fails."""
        return (found := self._seen(path)) is not None and found.is_file

    def is_dir(self, path: str) -> bool:
        """Whether the user can see a directory there; no where asking fails."""
        return (found := self._seen(path)) is not None and found.is_dir

    def _seen(self, path: str) -> Stat | None:
        try:
            return self.stat(path)
        except (OSError, ValueError):  # a NUL in the path
            return None

    def readlink(self, path: str) -> str:
        return self.files.readlink(self.path(path))

    def listdir(self, path: str) -> list[str]:
        return self.files.listdir(self.path(path))

    def scan(self, path: str) -> tuple[list[str], Mapping[str, str] | None]:
        return scan(self.files, self.path(path))

    def resolve(self, path: str) -> str:
        return self.files.resolve(self.path(path))

    def access(self, path: str, mode: int) -> None:
        self.files.access(self.path(path), mode)

    def mount_of(self, path: str) -> Mount | None:
        """The mount that *path*, which holds no links, lies on, as far as the mounts are known."""
        return mounts.of(self.mounts, self.path(path))

    def mount_over(self, path: str) -> Mount | None:
        """The mount that lies exactly on *path*, if any."""
        return mounts.over(self.mounts, self.path(path))


def ourselves(processes: Processes | None = None) -> Target:
    """The container that we run in. *processes*: those that start commands here already."""
    if processes is None:
        from probe.targets import processes as commands

        processes = commands.Processes()
    host = HostFiles()
    try:
        cwd = os.getcwd()
    except OSError:  # removed under our feet
        cwd = "/"
    user = access.ourselves()
    return Target(
        "this container",
        host,
        {
            key: value for key, value in os.environment().items() if key
        },  # "=x" is passed on, and names nothing
        cwd,
        user,
        _our_mounts(),
        processes=processes,
        proc="/proc/self",
    )


def _our_mounts() -> tuple[Mount, ...]:
    try:
        return mounts.parse(read(HostFiles(), "/proc/self/mountinfo", 4 << 20))
    except (OSError, TooLarge):
        return ()


def at_root(root: str, env: Mapping[str, str], *, cwd: str = "/", user: User | str | None = None) -> Target:
    """
    The file tree below *root*, as *user* may see it (a text: as for `docker run --user`; None: as we may).

    Refused when the directory cannot be entered or has no such user.
    """
    from probe.targets.rooted_fs import RootedFiles

    try:
        tree = RootedFiles(root)
    except OSError as problem:
        _no_root(root, problem)
    if isinstance(user, str):
        from probe.targets import passwd

        user = passwd.find(user, tree)
    inside = mounts.below(_our_mounts(), os.real_path(root))
    proc = "" if user else "/proc/self"
    tree, user = tree.seen_by(user), user or access.ourselves()
    return Target(root, tree, env, cwd, user, inside, proc=proc, directory=root)


def _no_root(root: str, problem: OSError) -> NoReturn:
    from probe.report import one_step
    from probe.targets import reasons
    from probe.targets.errors import TargetUnavailable

    reason = reasons.PERMISSION if isinstance(problem, PermissionError) else reasons.NOT_FOUND
    raise TargetUnavailable(
        reason,
        root,
        f"--root {root}: {problem.strerror}",
        one_step("ask", "probe", "name a directory that you may enter"),
    ) from None
