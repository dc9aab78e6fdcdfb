"""What keeps a target's user from writing into a directory, or making it: its mount, kind or rights."""

from __future__ import annotations

import os

from probe.lightweight import NamedTuple
from probe.targets import Target, mounts

MOUNT, KIND, RIGHTS = "mount", "kind", "rights"


class Hindrance(NamedTuple):
    """`kind` is MOUNT (read-only), KIND (no directory) or RIGHTS; `place` is the nearest that is there."""

    kind: str
    place: str
    why: str  # in the system's words


def hindrance(target: Target, directory: str) -> Hindrance | None:
    """
    What is in the way of writing into *directory*, or of making it where it is missing; None for nothing.

    A read-only mount counts before the rights: no chown helps there.
    """
    place = directory = target.path(directory)
    while True:
        try:
            found = target.stat(place)
        except FileNotFoundError:
            parent = os.path.dirname(place)
            if parent == place:
                return None
            place = parent
            continue
        except (OSError, ValueError) as problem:
            return Hindrance(RIGHTS, place, _words(problem))
        break
    if not found.is_dir:
        return Hindrance(KIND, place, "not a directory")
    if _read_only(target, place):
        return Hindrance(MOUNT, place, "read-only file system")
    try:
        target.access(place, os.W_OK | os.X_OK)
    except OSError as problem:
        return Hindrance(RIGHTS, place, _words(problem))
    return None


def _words(problem: OSError | ValueError) -> str:
    return (problem.strerror or str(problem)).lower() if isinstance(problem, OSError) else "not a path"


def _read_only(target: Target, path: str) -> bool:
    """Whether the mount that holds *path* is read-only; permission bits do not tell."""
    try:
        holding = mounts.of(target.mounts, target.resolve(path))
    except OSError:
        return False
    return bool(holding and holding.read_only)
