"""
The way to a path, step by step: every directory that has to be searched and every link on it.

As path_resolution(7) describes it. What each step would give to whom is for others to judge.
"""

import errno
import os

from probe.lightweight import NamedTuple
from probe.targets import Target, access, files
from probe.targets.files import MAX_LINKS, Stat

_MAX_STEPS = 1000


class PathStep(NamedTuple):
    """Something on the way. `path` holds no links but, for a link, its own name."""

    path: str
    stat: Stat
    text: str = ""  # of a link
    last: bool = False  # nothing comes after it: it is what the path itself names
    acl: bytes = b""
    default: bytes = b""  # the list that new things in a directory get

    @property
    def parent(self) -> str:
        return os.path.dirname(self.path)


class PathSteps(NamedTuple):
    """The steps from "/" on, and where they end."""

    path: str  # as it was asked for, absolute
    steps: tuple[PathStep, ...]
    problem: OSError | None = None  # why there is no next step
    missing: str = ""  # where the next step would have been
    more: tuple[str, ...] = ()  # the names that would have come after it

    @property
    def end(self) -> PathStep:
        """What the path leads to or, where it ends early, the last directory or file that is there."""
        return next(step for step in reversed(self.steps) if not step.stat.is_link)


def follow(target: Target, path: str) -> PathSteps:
    """
    The way to *path*, as far as the target's user gets, and we ourselves.

    OSError only where not even "/" can be looked at.
    """
    path = target.path(path)
    steps = [_look(target, "/", last=False)]
    pending = path.split("/")[::-1]
    here, links = "/", 0
    while pending:
        name = pending.pop()
        current = next(step for step in reversed(steps) if not step.stat.is_link)
        if not current.stat.is_dir:
            return _broken(path, steps, errno.ENOTDIR, here, [name, *pending[::-1]])
        if name == "":
            continue
        if name == ".":
            steps.append(current)  # it is searched for itself
            continue
        if name == "..":
            here = os.path.dirname(here)
            steps.append(_look(target, here, last=not any(pending)))
            continue
        there = f"{here.rstrip('/')}/{name}"
        if len(steps) > _MAX_STEPS:
            return _broken(path, steps, errno.ELOOP, there, pending[::-1])
        try:
            step = _look(target, there, last=not any(pending))
            steps.append(step)
            if not step.stat.is_link:
                here = there
                continue
            links += 1
            if links > MAX_LINKS:
                return _broken(path, steps, errno.ELOOP, there, pending[::-1])
        except OSError as problem:
            return PathSteps(path, tuple(steps), problem, there, _names(pending[::-1]))
        if step.text.startswith("/"):
            here = "/"
            steps.append(steps[0])
        pending.extend(step.text.split("/")[::-1])
    return PathSteps(path, tuple(steps))


def dangling(target: Target, way: PathSteps) -> bool:
    """Whether *way* ends because its last link leads to nothing: no mkdir(2) fixes that."""
    links = [step for step in way.steps if step.stat.is_link]
    return bool(way.problem and links and follow(target, links[-1].path).problem)


def links_guarded() -> bool:
    """Whether the kernel follows links in shared directories for their owners only (proc_sys_fs(5))."""
    try:
        with open("/proc/sys/fs/protected_symlinks", "rb") as stream:
            return stream.read(1) != b"0"
    except OSError:
        return True


def _look(target: Target, path: str, *, last: bool) -> PathStep:
    found = target.stat(path, follow=False)
    if found.is_link:
        return PathStep(path, found, target.readlink(path), last)
    acl = target.files.acl(path, access.ACCESS)
    default = target.files.acl(path, access.DEFAULT) if found.is_dir else b""
    return PathStep(path, found, "", last, acl, default)


def _broken(path: str, steps: list[PathStep], number: int, where: str, rest: list[str]) -> PathSteps:
    return PathSteps(path, tuple(steps), files.error(number, where), where, _names(rest))


def _names(rest: list[str]) -> tuple[str, ...]:
    return tuple(name for name in rest if name not in ("", "."))
