"""
The limits of a control group: memory and CPU, of both versions (cgroups(7)).

Each level above limits too; the lowest limit is what counts, as for Go's runtime (internal/runtime/cgroup).
"""

from __future__ import annotations

from probe.lightweight import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = "/sys/fs/cgroup"
_LIMIT = 1 << 16
_LEVELS = 32
_UNLIMITED_V1 = 1 << 60  # memory.limit_in_bytes where nothing is set is near 2^63


class CgroupLimits(NamedTuple):
    """`memory` in bytes and `cpus` as a fraction of processors; None where there is no limit."""

    memory: int | None = None
    cpus: float | None = None


def limits(proc: str = "/proc/self") -> CgroupLimits:
    """Those of the process whose directory is *proc*; OSError where they cannot be read."""
    paths = _paths(_read(f"{proc}/cgroup"))
    memory = [number for path in _up(paths, "memory") if (number := _memory(path)) is not None]
    cpus = [quota for path in _up(paths, "cpu") if (quota := _cpus(path)) is not None]
    return CgroupLimits(min(memory, default=None), min(cpus, default=None))


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


def _memory(path: str) -> int | None:
    for name in ("memory.max", "memory.limit_in_bytes"):
        text = _read_or_nothing(f"{path}/{name}")
        if text.isdecimal():
            return int(text) if int(text) < _UNLIMITED_V1 else None
    return None


def _cpus(path: str) -> float | None:
    quota, _, period = _read_or_nothing(f"{path}/cpu.max").partition(" ")
    if not quota:
        quota = _read_or_nothing(f"{path}/cpu.cfs_quota_us")
        period = _read_or_nothing(f"{path}/cpu.cfs_period_us")
    if quota.isdecimal() and period.isdecimal() and int(period):
        return int(quota) / int(period)
    return None


def _read_or_nothing(path: str) -> str:
    try:
        return _read(path)
    except OSError:
        return ""


def _read(path: str) -> str:
    with open(path, "rb", buffering=0) as stream:
        return stream.read(_LIMIT).decode("utf-8", "surrogateescape").strip()
