"""What else than rights keeps a place from being used: its file system, and the umask of its user."""

import os
import stat
from collections.abc import Iterator

from probe import codes
from probe.checks.permissions import findings
from probe.checks.permissions.findings import JudgedPath
from probe.golang.command.directories import Place
from probe.remedies import actions, places
from probe.remedies.actions import ways
from probe.remedies.quoting import word
from probe.report import Action, Finding, Remedies, Status
from probe.targets import Mount, NotRegular, Target, TooLarge, path_steps, writing
from probe.targets.credentials import Credentials
from probe.targets.denial import loses
from probe.targets.files import Space
from probe.targets.path_steps import PathStep, PathSteps

_CHILDREN = 100  # of a directory, looked at for what the user cannot get into
_MIB = 1 << 20
_OTHER_TMP = "/var/tmp"  # noqa: S108 - kept over a restart, and seldom a mount of its own (hier(7))


def of_mount(target: Target, subject: JudgedPath, way: PathSteps, space: Space) -> Iterator[Finding]:
    """Read-only where it has to be written to, noexec where programs are started from."""
    place, end = subject.place, way.end.path
    mount = target.mount_of(end)
    where = mount.point if mount else ""  # below a directory, the mount may lie above it
    if place.want & os.W_OK and writing.read_only(target, way):
        cause = f"{place.path} cannot be written to: {_called(where, end)} is mounted read-only"
        opened = ways(actions.remount("rw", where)) if where else _mount_of(end)
        if where == "/":  # docker run --read-only, readOnlyRootFilesystem
            opened = places.writable(target, place.path, runs=place.runs)
        yield subject.finding(Status.FAIL, codes.PERMISSION_READ_ONLY, cause, opened, mount=where)
    if space.noexec and place.runs:
        status = Status.FAIL if place.only else Status.WARN
        cause = f"nothing in {place.path} can be executed: {_called(where, end)} is mounted with noexec"
        if place.name in ("TMPDIR", "GOTMPDIR"):
            cause += "; go run and go test execute there what they have built"
        opened = _with_exec(target, place, mount, end)
        yield subject.finding(status, codes.PERMISSION_NOEXEC, cause, opened, mount=where)


def _with_exec(target: Target, place: Place, mount: Mount | None, end: str) -> Remedies:
    if not mount:
        return _mount_of(end)
    where = word(mount.point)
    remount = actions.remount("exec", mount.point)
    if mount.kind == "tmpfs":  # an engine gives it noexec unless it is told otherwise
        return ways(actions.start(f"docker run --tmpfs {where}:exec IMAGE"), remount)
    if place.name in ("TMPDIR", "GOTMPDIR") and _runs_programs(target, _OTHER_TMP):
        return ways(actions.set_env("GOTMPDIR", _OTHER_TMP))
    return ways(remount)


def _mount_of(end: str) -> Remedies:
    return ways(actions.look(f"findmnt -T {word(end)}", end))


def _runs_programs(target: Target, path: str) -> bool:
    """Whether *path* is there, and programs can be written to it and started from it."""
    try:
        space = target.files.space(path)
    except OSError:
        return False
    return bool(space and not space.read_only and not space.noexec)


def of_room(
    subject: JudgedPath, way: PathSteps, space: Space, credentials: Credentials, least_mb: float
) -> Finding | None:
    """A file system that is full, or has no inode left; what is kept back counts for root only."""
    blocks = space.free if credentials.reserved else space.available
    inodes = space.free_inodes if credentials.reserved else space.available_inodes
    mb = blocks * space.block / _MIB
    evidence = {"free_mb": round(mb, 1), "free_inodes": inodes, "reserved_counts": credentials.reserved}
    path = way.end.path
    if space.blocks and mb < max(least_mb, space.block / _MIB):
        kept = (space.free - space.available) * space.block / _MIB
        held = f", and {kept:.1f} MiB are reserved for root" if kept and not credentials.reserved else ""
        cause = f"{path} is on a file system with {mb:.1f} MiB left for {subject.who.text}{held}"
        return subject.finding(
            Status.FAIL,
            codes.PERMISSION_FULL,
            cause,
            _cleaned(subject, actions.look(f"df -h {word(path)}; du -xsh {word(path)}", path)),
            **evidence,
        )
    if space.inodes and inodes <= 0:
        cause = f"{path} is on a file system without a free inode: no file can be created there"
        return subject.finding(
            Status.FAIL,
            codes.PERMISSION_NO_INODES,
            cause,
            _cleaned(subject, actions.look(f"df -i {word(path)}; du -x --inodes {word(path)}", path)),
            **evidence,
        )
    return None


_CLEANED = {"GOCACHE": "go clean -cache", "GOMODCACHE": "go clean -modcache"}


def _cleaned(subject: JudgedPath, look: Action) -> Remedies:
    """What empties a cache of the go command; of any other place only its owner knows what may go."""
    if clean := _CLEANED.get(subject.place.name):
        return ways(actions.shell(clean), look)
    return ways(look)


def of_umask(subject: JudgedPath, way: PathSteps, credentials: Credentials) -> Finding | None:
    """
    A directory that is shared by its group, and an umask that takes the group's right away.

    A default list takes the umask's place (umask(2)). What everybody may write to, or
    belongs to the user alone, is not shared by a group.
    """
    end, umask = way.end, credentials.umask
    mode, user = end.stat.mode, credentials.user
    if umask is None or not umask & stat.S_IWGRP or not end.stat.is_dir or end.default:
        return None
    inherits = bool(mode & stat.S_ISGID)
    handed_on = inherits or (end.stat.gid == user.gid and end.stat.uid != user.uid)
    if not mode & stat.S_IWGRP or mode & stat.S_IWOTH or not handed_on:
        return None
    cause = (
        f"{end.path} is shared by the group {subject.who.group(end.stat.gid)}, but the umask {umask:04o} of "
        "this process removes group write permission from every new file"
    )
    keep = ways(
        actions.shell(f"umask {umask & ~stat.S_IWGRP:04o}"),
        actions.shell(f"setfacl -d -m g::rwX {word(end.path)}", path=end.path),
    )
    return subject.finding(Status.WARN, codes.PERMISSION_UMASK, cause, keep, umask=f"{umask:04o}")


def of_children(target: Target, subject: JudgedPath, way: PathSteps) -> Finding | None:
    """Something in the directory that its access list should open to the user, and does not."""
    end = way.end
    if not end.acl or not end.stat.is_dir or way.problem:
        return None
    try:
        names = target.listdir(end.path)[:_CHILDREN]
    except (OSError, NotRegular, TooLarge):
        return None
    for name in names:
        child = _step(target, f"{end.path.rstrip('/')}/{name}")
        if not child or child.stat.is_link:
            continue
        want = subject.place.want & os.W_OK | os.R_OK | (os.X_OK if child.stat.is_dir else 0)
        if loses(child, end, subject.who.user, want):
            return findings.no_default(subject, end, child.path)
    return None


def _step(target: Target, path: str) -> PathStep | None:
    try:
        return path_steps.follow(target, path).steps[-1]
    except OSError:
        return None


def _called(where: str, end: str) -> str:
    if not where:
        return f"the file system of {end}"
    return "the root file system" if where == "/" else where
