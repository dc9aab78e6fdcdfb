"""
The limits of a control group: memory and CPU, of both versions (cgroups(7)).

Each level above limits too; the lowest limit is what counts, as for Go's runtime (internal/runtime/cgroup).
"""

from __future__ import annotations

import os

from probe.lightweight import Callable, Iterator, NamedTuple

_ROOT = "/sys/fs/cgroup"
_LIMIT = 1 << 16
_LEVELS = 32
_UNLIMITED_V1 = 1 << 60  # memory.limit_in_bytes where nothing is set is near 2^63


class CgroupLimits(NamedTuple):
    """`memory` in bytes and `cpus` as a fraction of processors; None where there is no limit."""

    memory: int | None = None
    cpus: float | None = None


def limits(
    proc: str = "/proc/self",
    inside: Callable[[str], bytes] | None = None,
    read: Callable[[str], str] | None = None,
) -> CgroupLimits:
    """
    Those of the process whose directory is *proc*; OSError where they cannot be read.

    A group outside our cgroup namespace has no path here (cgroup_namespaces(7): "/../..."); *inside*, which
    reads a file as the process sees it, then finds the group of its container. *read*: `read_or_nothing`, or
    what remembers its answers for a moment.
    """
    paths = _paths(_read(f"{proc}/cgroup"))
    if any(path.startswith("/..") for path in paths.values()):
        return _seen_inside(paths, inside) if inside else CgroupLimits()
    memory = [number for path in _up(paths, "memory") if (number := _memory(path, read)) is not None]
    cpus = [quota for path in _up(paths, "cpu") if (quota := _cpus(path, read)) is not None]
    return CgroupLimits(min(memory, default=None), min(cpus, default=None))


def _seen_inside(paths: dict[str, str], inside: Callable[[str], bytes]) -> CgroupLimits:
    def text(path: str) -> str:
        try:
            return inside(path).decode("utf-8", "surrogateescape").strip()
        except (OSError, ValueError):
            return ""

    folders = {name: _ROOT if name not in paths else f"{_ROOT}/{name}" for name in ("memory", "cpu")}
    return CgroupLimits(_memory(folders["memory"], text), _cpus(folders["cpu"], text))


def _paths(text: str) -> dict[str, str]:
    """Controller → path of the group in its hierarchy; "" stands for version 2."""
    found = {}
    for line in text.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for name in controllers.split(","):
            found[name] = path
    return found


def _up(paths: dict[str, str], controller: str) -> Iterator[str]:
    """
    The directories of the group and of those above it.

    In a cgroup namespace, or where a container sees the host's path, only the root is there.
    """
    second = controller not in paths
    path = paths.get("" if second else controller, "/")
    base = _ROOT if second else f"{_ROOT}/{controller}"
    for _ in range(_LEVELS):
        yield f"{base}{path}".rstrip("/")
        if path in ("", "/"):
            return
        path = path.rpartition("/")[0] or "/"


def _memory(path: str, read: Callable[[str], str] | None = None) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = (read or read_or_nothing)(f"{path}/{name}")
        if text.isdecimal():
            return int(text) if int(text) < _UNLIMITED_V1 else None
    return None


def _cpus(path: str, read: Callable[[str], str] | None = None) -> float | None:
    read = read or read_or_nothing
    quota, _, period = read(f"{path}/cpu.max").partition(" ")
    if not quota:
        quota, period = read(f"{path}/cpu.cfs_quota_us"), read(f"{path}/cpu.cfs_period_us")
    if quota.isdecimal() and period.isdecimal() and int(period):
        return int(quota) / int(period)
    return None


def read_or_nothing(path: str) -> str:
    """The text of a file of a group; "" where there is none."""
    try:
        return _read(path)
    except OSError:
        return ""


def _read(path: str) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, _LIMIT).decode("utf-8", "surrogateescape").strip()
    finally:
        os.close(descriptor)
