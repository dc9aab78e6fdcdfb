"""The files and directories that variables of the go command name, and that a build cannot do without."""

from __future__ import annotations

from probe.errors import reason
from probe.facts import Facts
from probe.golang import filepath
from probe.lightweight import Mapping
from probe.targets import NotRegular, Target, TooLarge, mounts

_KERNEL = ("proc", "sysfs")  # file systems in which nobody can make anything
_WRITTEN = ("debug-actiongraph", "debug-trace", "debug-runtime-trace")
_PROFILE_BEGIN = 256 << 10  # bytes, field by field at 1 µs each; real profiles are compressed
_OVERLAY_LIMIT = 4 << 20


def of_flags(facts: Facts, values: Mapping[str, str | None]) -> str:
    """Why a file that a flag of GOFLAGS names cannot be used, "" where all can."""
    modfile = values.get("modfile") or ""
    if modfile and not modfile.endswith(".mod"):
        return f"-modfile={modfile}: file does not have .mod extension"
    for name in ("modfile", "overlay", "pgo", *_WRITTEN):
        path = values.get(name)
        if path is not None and (why := _JUDGES[name](facts.target, path)):
            return f"-{name}={path}: {why}"
    return ""


def _readable(target: Target, path: str) -> str:
    if not path:
        return ""
    try:
        found = target.stat(path)
    except OSError as problem:
        return reason(problem)
    return "is a directory" if found.is_dir else ""


def _overlay(target: Target, path: str) -> str:
    """A file of JSON with a map Replace (cmd/go/internal/fsys)."""
    if not path:
        return ""
    try:
        data = target.read(path, _OVERLAY_LIMIT)
    except OSError as problem:
        return reason(problem)
    except NotRegular:
        data = b""  # /dev/null, say
    except TooLarge:
        return ""
    from probe.formats import go_json

    try:
        value = go_json.decode(data)
    except (ValueError, RecursionError):
        return "it is no JSON"
    return go_json.misfit(value, {"Replace": {"": str}})


def _profile(target: Target, path: str) -> str:
    """A profile of pprof; an empty one is none (cmd/internal/pgo)."""
    if path in ("off", "auto"):
        return ""
    if not path:
        return "it names no file, so the directory itself is read"
    try:
        with target.open(path) as stream:
            data = stream.read(_PROFILE_BEGIN)
            cut = bool(stream.read(1))
    except OSError as problem:
        return reason(problem)
    except NotRegular:
        return ""
    packed = data.startswith((b"\x1f\x8b", b"GO PREPROFILE V1\n"))
    return "" if packed or _is_protobuf(data, cut=cut) else "it is no profile of pprof"


def _is_protobuf(data: bytes, *, cut: bool = False) -> bool:
    """
    Whether *data* is a sequence of whole fields (protobuf's encoding; pprof's fields go to 15).

    *cut*: more comes after it, so the last field may end there.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if cut and at > len(data):
            return True
        kind = key & 7
        if not 0 < key >> 3 < 32:
            return False
        if kind == 0:
            _, at = _varint(data, at)
        elif kind == 2:
            size, at = _varint(data, at)
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            return False
    return cut or at == len(data)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at *at* and where it ends, beyond the data where it is cut."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            return 0, len(data) + 1
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    return 0, len(data) + 1


def _makeable(target: Target, path: str) -> str:
    """Why no file *path* can be made, as far as its directory tells."""
    if not path:
        return ""
    try:
        found = target.stat(target.path(path).rpartition("/")[0] or "/")
    except OSError as problem:
        return reason(problem)
    return "" if found.is_dir else "not a directory"


_JUDGES = {
    "modfile": _readable,
    "overlay": _overlay,
    "pgo": _profile,
    **dict.fromkeys(_WRITTEN, _makeable),
}


def no_cache(target: Target, path: str) -> str:
    """Why *path* can be no build cache: its directories are there or can be made (cache.Open)."""
    try:
        if target.stat(filepath.join(path, "00")).is_dir:
            return ""
    except (OSError, ValueError):
        pass
    return _no_directory(target, path)


def no_scratch(target: Target, path: str) -> str:
    """Why no working directory can be made in *path* (work/action.go)."""
    try:
        found = target.stat(path)
    except OSError as problem:
        return reason(problem)
    return _no_directory(target, path) if found.is_dir else "not a directory"


def _no_directory(target: Target, path: str) -> str:
    from probe.targets import writing

    if kept := writing.directory(target, target.path(path)):
        return f"{kept.place}: {kept.why}" if kept.place != path else kept.why
    lies_on = mounts.of(target.mounts, target.path(path))
    return f"nothing can be made in {lies_on.point}" if lies_on and lies_on.kind in _KERNEL else ""
