"""What keeps a target's user from a path, decided once for everybody who asks: its mount, kind or rights."""

from __future__ import annotations

import os

from probe.errors import reason
from probe.lightweight import NamedTuple
from probe.targets import Target, denial, mounts, path_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.access import User
    from probe.targets.denial import Denial
    from probe.targets.path_steps import PathSteps

MOUNT, KIND, RIGHTS = "mount", "kind", "rights"


class Hindrance(NamedTuple):
    """
    `kind` is MOUNT (read-only), KIND (a file or a link where a directory must be) or RIGHTS.

    `place` is the nearest thing that is there; `denial` the link of the way that breaks, None
    where only the mount or the kernel (a security module) is in the way.
    """

    kind: str
    place: str
    why: str  # in the system's words
    denial: Denial | None = None


def directory(target: Target, path: str) -> Hindrance | None:
    """What is in the way of writing into the directory *path*, or of making it where it is missing."""
    try:
        way = path_steps.follow(target, path)
    except (OSError, ValueError) as problem:
        return Hindrance(RIGHTS, path, in_words(problem))
    if not way.problem and not way.end.stat.is_dir:
        return Hindrance(KIND, way.end.path, "not a directory")
    return hindrance(target, way, target.user, os.W_OK | os.X_OK, made=True)


def hindrance(target: Target, way: PathSteps, user: User, want: int, *, made: bool) -> Hindrance | None:
    """
    What keeps *user* from *want* (of access(2)) at the end of *way*; None for nothing.

    Where the end is missing and is to be *made*, its last directory that is there decides. A
    read-only mount counts before the rights: no chown helps there.
    """
    broken = denial.first(way, user, want, made=made, links_guarded=path_steps.links_guarded())
    if broken and broken.kind not in denial.RIGHTS:
        return Hindrance(KIND, broken.path, _WORDS.get(broken.kind, "permission denied"), broken)
    if want & os.W_OK and read_only(target, way):
        return Hindrance(MOUNT, way.end.path, "read-only file system", broken)
    if broken:
        return Hindrance(RIGHTS, broken.path, "permission denied", broken)
    if not _forbidden_by_mount(target, way, want) and (refusal := _refused(target, way, want)):
        return Hindrance(RIGHTS, way.end.path, in_words(refusal))
    return None


_WORDS = {
    "file": "not a directory",
    "missing": "no such file or directory",
    "loop": "too many links",
}


def read_only(target: Target, way: PathSteps) -> bool:
    """Whether the mount that holds the end of *way* is read-only; permission bits do not tell."""
    space = target.files.space(way.end.path)
    holding = mounts.of(target.mounts, way.end.path)
    return bool((space and space.read_only) or (holding and holding.read_only))


def _forbidden_by_mount(target: Target, way: PathSteps, want: int) -> bool:
    """Whether noexec forbids *want*, which the kernel calls "permission denied" too."""
    space = target.files.space(way.end.path)
    return bool(space and space.noexec and want & os.X_OK and way.end.stat.is_file)


def _refused(target: Target, way: PathSteps, want: int) -> OSError | None:
    """What the kernel says against it, where it is asked: about ourselves."""
    try:
        target.access(way.end.path, os.W_OK | os.X_OK if way.problem else want)
    except OSError as problem:
        return problem
    return None


def in_words(problem: OSError | ValueError) -> str:
    return reason(problem) if isinstance(problem, OSError) else "not a path"
