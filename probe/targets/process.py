"""A running process as a target: its root, environment, user and mounts, as /proc shows them (proc(5))."""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NoReturn

from probe.deadline import Deadline
from probe.errors import reason
from probe.lightweight import NamedTuple
from probe.report import one_step
from probe.targets import Target, credentials, environ, mounts, passwd, reasons
from probe.targets.access import User
from probe.targets.credentials import DAC_OVERRIDE, DAC_READ_SEARCH, SYS_PTRACE
from probe.targets.errors import ON_NODE, TargetUnavailable
from probe.targets.files import TooLarge
from probe.targets.rooted_fs import RootedFiles
from probe.words import listed

_LIMIT = 8 << 20
_MOUNTS_LIMIT = 32 << 20  # some 40,000 mounts with paths of 400 characters on either side
_DELETED, _MEMFD = " (deleted)", "/memfd:"  # as the kernel names what has no name any more
_NO_IDS = ((0, 0),)  # a user namespace without a map: capabilities count over no file
_SHARE = (
    one_step("pod", "pod", "shareProcessNamespace: true"),
    one_step("start", "container", "kubectl debug --target=CONTAINER"),
    one_step("start", "container", "docker run --pid=container:NAME IMAGE"),
)
_PIDS = one_step("look", "container", "pidof NAME")
_SHOW = one_step("shell", "container", "mount -o remount,hidepid=0 /proc")
_SHOWING = ("hidepid=0", "hidepid=off")
_FACTS = ["name", "exe", "cmdline", "username", "status"]
_SETTLE_S = 0.2  # for how long a process that is just being started is waited for
_EXITING, _KERNEL = 0x4, 0x200000  # PF_EXITING and PF_KTHREAD in linux/sched.h


class _Status(NamedTuple):
    """Of /proc/N/status and stat: who it is, by effective ids."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    capabilities: int
    ending: bool  # it is a zombie, or on its way: its memory is gone or going
    kernel: bool  # a thread of the kernel: it has no memory and no program
    started: str  # ticks since boot: tells a process from a later one with the same number
    layout: tuple[str, str, str]  # of its memory: tells a program from the one that replaces it

    @property
    def user(self) -> User:
        override, search = self.capabilities & DAC_OVERRIDE, self.capabilities & DAC_READ_SEARCH
        return User(self.uid, self.gid, self.groups, bool(override), bool(search))


def of_process(
    pid: int,
    *,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: str | None = None,
    started_with: Mapping[str, str] | None = None,
    started: str | None = None,
    tree: Callable[[str, User], RootedFiles] = RootedFiles,
) -> Target:
    """
    The process *pid*: what it was started with and what it sees, judged as its user.

    *env* is laid over its environment; *user* (as for `docker run --user`) and *cwd*
    replace its own. *started_with*: its environment, where it has been read; *started*: the
    `start_time` of the process that is meant; *tree* makes the view of its files. Refused when
    it does not exist, ends meanwhile, or may not be looked at.
    """
    deadline = Deadline(_SETTLE_S)
    while True:
        try:
            before = _status(pid)
        except (FileNotFoundError, ProcessLookupError):
            _not_found(pid)
        except PermissionError:  # hidepid=1 shows the directory and nothing in it
            _hidden(pid)
        except (OSError, ValueError, KeyError, IndexError) as problem:
            _unreadable(f"process {pid}", str(problem))
        subject = f"process {pid} ({before.name})"
        if started not in (None, before.started):
            _gone(subject)
        if before.kernel:
            raise TargetUnavailable(
                reasons.NOT_FOUND, subject, f"{subject} is a thread of the kernel, no program", _PIDS
            )
        view = _View(user, cwd, started_with, tree)
        target = _look(pid, subject, before, view)
        # In the midst of execve it is neither the old program nor the new one.
        if _same(pid, subject, before) or deadline.expired():
            return target._replace(env={**target.env, **(env or {})})
        time.sleep(0.001)


def start_time(pid: int) -> str:
    """What tells the process *pid* from a later one with its number; "" where there is none."""
    try:
        return _status(pid).started
    except OSError:
        return ""


def by_name(name: str) -> int:
    """The one process whose name, program or first argument is *name*; Refused when it is not one."""
    _require_proc(name)
    import psutil

    found = [
        process
        for process in psutil.process_iter(_FACTS)
        if process.pid != os.getpid()
        and process.info["status"] != psutil.STATUS_ZOMBIE
        and name in _names(process.info)
    ]
    if not found:
        if hidden := _hides():
            cause = f"no process that /proc shows to us is called {name}: it is mounted with {hidden}"
            raise TargetUnavailable(reasons.PERMISSION, name, cause, _SHOW)
        raise TargetUnavailable(
            reasons.NOT_FOUND,
            name,
            f"no process here is called {name}; a container sees only its own",
            *_SHARE,
        )
    if len(found) > 1:
        pids = [process.pid for process in found]
        users = [f"{process.pid} (user {process.info['username']})" for process in found]
        raise TargetUnavailable(
            reasons.AMBIGUOUS,
            name,
            f"{len(found)} processes are called {name}: {listed(users, 10)}",
            one_step("probe", "probe", f"probe check --pid {pids[0]}"),
            evidence={"pids": pids},
        )
    return int(found[0].pid)


def _names(info: Mapping[str, object]) -> set[object]:
    exe, arguments = info["exe"], info["cmdline"]
    first = arguments[0] if isinstance(arguments, list) and arguments else ""
    return {info["name"], os.path.basename(str(exe or "")), first, os.path.basename(str(first))} - {""}


class _View(NamedTuple):
    """How a process is looked at."""

    user: str | None
    cwd: str | None
    env: Mapping[str, str] | None
    tree: Callable[[str, User], RootedFiles]


def _look(pid: int, subject: str, status: _Status, view: _View) -> Target:
    try:
        return _gather(pid, subject, status, view)
    except OSError as problem:
        # That it ends shows as ENOENT, ESRCH, EACCES or EINVAL, depending on the file.
        _same(pid, subject, status)
        if isinstance(problem, PermissionError):
            _not_allowed(subject, status)
        if isinstance(problem, (FileNotFoundError, ProcessLookupError)):
            _gone(subject)
        why = reason(problem)
        _unreadable(subject, f"{problem.filename}: {why}" if problem.filename else why)
    except (
        TooLarge,
        ValueError,
        KeyError,
        IndexError,
    ) as problem:  # what a kernel or sandbox shows otherwise
        _same(pid, subject, status)
        _unreadable(subject, str(problem))


def _unreadable(subject: str, why: str) -> NoReturn:
    raise TargetUnavailable(
        reasons.PERMISSION,
        subject,
        f"{subject} cannot be read: {why}",
        ON_NODE,
    )


def _gather(pid: int, subject: str, status: _Status, view: _View) -> Target:
    here, cwd = f"/proc/{pid}", view.cwd
    env = environ.from_block(_read(f"{here}/environ")) if view.env is None else view.env
    root = f"{here}/root"
    eyes = passwd.find(view.user, RootedFiles(root)) if view.user else status.user
    eyes = eyes._replace(uids=_ids(f"{here}/uid_map"), gids=_ids(f"{here}/gid_map"))
    prefix = os.readlink(root).rstrip("/")
    if cwd is None:
        cwd = _inside(prefix, os.readlink(f"{here}/cwd"))
    return Target(
        subject,
        view.tree(root, eyes),
        env,
        cwd or "/",
        eyes,
        _mounts(here),
        _executable(pid, prefix),
        proc="" if view.user else here,
    )


def _mounts(here: str) -> tuple[mounts.Mount, ...]:
    """None at all where there are too many: they name what a finding is about, statvfs(3) decides."""
    try:
        return mounts.parse(_read(f"{here}/mountinfo", _MOUNTS_LIMIT))
    except TooLarge:
        return ()


def _executable(pid: int, prefix: str) -> str:
    """
    The path of its program inside its root; "" when another file is there now.

    Of one that was deleted the path where it was: what is there now would be started the next time, or
    nothing. A memfd never had one (proc_pid_exe(5), fs/d_path.c).
    """
    path = ""
    with suppress(OSError):  # a kernel thread has none, and it may have been replaced
        path = _inside(prefix, os.readlink(f"/proc/{pid}/exe"))
        runs = os.stat(f"/proc/{pid}/exe")
        found = RootedFiles(f"/proc/{pid}/root").stat(path)
        if found.identity == (runs.st_dev, runs.st_ino):
            return path
    before, deleted, after = path.rpartition(_DELETED)
    return before if deleted and not after and not path.startswith(_MEMFD) else ""


def _inside(prefix: str, path: str) -> str:
    """What *path* as we see it is to a process whose root we see as *prefix*; "" when it is outside."""
    if path == prefix:
        return "/"
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else ""


def _status(pid: int) -> _Status:
    fields = credentials.fields(_read(f"/proc/{pid}/status"))
    name, _, rest = _read(f"/proc/{pid}/stat").decode("utf-8", "replace").rpartition(")")
    state, *numbers = rest.split()
    return _Status(
        name.partition("(")[2],
        int(fields["Uid"].split()[1]),
        int(fields["Gid"].split()[1]),
        tuple(map(int, fields["Groups"].split())),
        int(fields["CapEff"], 16),
        state in "ZX" or bool(int(numbers[5]) & _EXITING),
        bool(int(numbers[5]) & _KERNEL),
        numbers[18],
        (numbers[22], numbers[46], numbers[47]),
    )


def _ids(path: str) -> tuple[tuple[int, int], ...]:
    """The ids, as we see them, that its user namespace has; () for all (user_namespaces(7))."""
    try:
        lines = [tuple(map(int, line.split())) for line in _read(path).decode().splitlines()]
        foreign = os.readlink(f"{os.path.dirname(path)}/ns/user") != os.readlink("/proc/self/ns/user")
    except (OSError, ValueError):
        return ()
    # In a map of our own namespace the second column is of its parent's ids.
    ranges = tuple((outside if foreign else inside, count) for inside, outside, count in lines)
    if ranges == ((0, 0xFFFFFFFF),):
        return ()
    return (ranges if foreign else _less_overflow(ranges, path)) or _NO_IDS


def _less_overflow(ranges: tuple[tuple[int, int], ...], path: str) -> tuple[tuple[int, int], ...]:
    """Without the id as which stat(2) shows us all owners that our namespace lacks: it tells of none."""
    try:
        overflow = int(_read("/proc/sys/kernel/overflow" + os.path.basename(path).removesuffix("_map")))
    except (OSError, ValueError):
        overflow = 65534
    halves = []
    for first, count in ranges:
        if first <= overflow < first + count:
            halves += [(first, overflow - first), (overflow + 1, first + count - overflow - 1)]
        else:
            halves.append((first, count))
    return tuple(halves)


def _same(pid: int, subject: str, before: _Status) -> bool:
    """Whether it is still the same program with the same rights; Refused when it ends or has ended."""
    try:
        now = _status(pid)
    except OSError:
        _gone(subject)
    if now.started != before.started or now.ending:
        _gone(subject)
    return now == before and now.layout[-1] != "0"


def _read(path: str, limit: int = _LIMIT) -> bytes:
    data = bytearray()
    with open(path, "rb", buffering=0) as stream:
        while piece := stream.read(1 << 16):
            data += piece
            if len(data) > limit:
                raise TooLarge(path, limit)
    return bytes(data)


def _not_found(pid: int) -> NoReturn:
    subject = f"process {pid}"
    _require_proc(subject)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        raise TargetUnavailable(
            reasons.NOT_FOUND,
            subject,
            f"there is no {subject} here; a container sees only its own",
            *_SHARE,
        ) from None
    except PermissionError:
        pass
    _hidden(pid)


def _require_proc(subject: str) -> None:
    if not os.path.exists("/proc/self/status"):
        cause = f"{subject} cannot be read: /proc is not mounted here"
        mount = one_step("shell", "container", "mount -t proc proc /proc")
        raise TargetUnavailable(reasons.PERMISSION, subject, cause, mount)


def _hidden(pid: int) -> NoReturn:
    subject = f"process {pid}"
    cause = f"{subject} is there, but /proc does not show it to us (hidepid)"
    raise TargetUnavailable(reasons.PERMISSION, subject, cause, _SHOW)


def _hides() -> str:
    """The option of /proc that keeps other users' processes from us, "" for none (proc(5))."""
    if _status(os.getpid()).capabilities & SYS_PTRACE:
        return ""
    with suppress(OSError, TooLarge):
        for line in _read("/proc/self/mountinfo", _MOUNTS_LIMIT).splitlines():
            words = line.split()
            for option in words[-1].decode("utf-8", "replace").split(","):
                if words[4] == b"/proc" and option.startswith("hidepid=") and option not in _SHOWING:
                    return option
    return ""


def _gone(subject: str) -> NoReturn:
    raise TargetUnavailable(
        reasons.GONE,
        subject,
        f"{subject} has ended",
        one_step("ask", "probe", "ask again about the one that replaces it"),
    )


def _not_allowed(subject: str, theirs: _Status) -> NoReturn:
    """Say which condition is not met: of ptrace(2), PTRACE_MODE_READ_FSCREDS, and of the mode of environ."""
    ours = _status(os.getpid())
    others = ours.uid != theirs.uid
    missing = [] if ours.capabilities & SYS_PTRACE else ["SYS_PTRACE"]
    if others and not ours.capabilities & (DAC_OVERRIDE | DAC_READ_SEARCH):
        missing.append("DAC_READ_SEARCH")
    # An engine gives added capabilities to root only, and DAC_OVERRIDE by default.
    needed = missing if ours.uid == 0 else ["SYS_PTRACE"]
    root = f"securityContext: {{runAsUser: 0, capabilities: {{add: [{', '.join(needed)}]}}}}"
    ways = [one_step("pod", "pod", root)]
    without = f", without {' and '.join(f'CAP_{name}' for name in missing)}" if missing else ""
    if others or ours.gid != theirs.gid:
        why = f"it runs as {theirs.uid}:{theirs.gid}, we as {ours.uid}:{ours.gid}{without}"
        theirs_too = f"securityContext: {{runAsUser: {theirs.uid}, runAsGroup: {theirs.gid}}}"
        ways.insert(0, one_step("pod", "pod", theirs_too))
    else:
        why = f"it has capabilities that we lack, or may not be dumped; we are {ours.uid}{without}"
    if not missing:
        why, ways = "a security module or a user namespace forbids it", [ON_NODE]
    raise TargetUnavailable(
        reasons.PERMISSION,
        subject,
        f"we may not look at {subject}: {why}",
        *ways,
        evidence={"uid": theirs.uid, "gid": theirs.gid, "our_uid": ours.uid, "our_gid": ours.gid},
    )
