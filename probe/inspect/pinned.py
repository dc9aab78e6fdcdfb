"""`probe inspect pinned`: the version file, and what the files of a checksum file hold now."""

from __future__ import annotations

from probe.deadline import Deadline
from probe.formats import sums
from probe.golang.quoting import json_text
from probe.lightweight import Any
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.digests import Digest, Hashing

VERSION_FILE = "/etc/go-baseline.version"
_VERSION_LIMIT, _SUMS_LIMIT, _FILE_LIMIT = 1024, 4 << 20, 64 << 30  # bytes
_WITHIN_S = 60.0


def inspect(target: Target, file: str = "") -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    *file* is a checksum file of the target; without one `sums` is null. Of each of its
    files stand there what is `promised` and what it holds (`sha256`), neither judged;
    null with `why_not` where it was not read to its end within 60 s. Of the faulty lines
    the first 100 are listed.
    """
    return {"version_file": _version(target), "sums": _sums(target, file) if file else None}


def _version(target: Target) -> dict[str, Any]:
    data, why_not = _read(target, VERSION_FILE, _VERSION_LIMIT)
    text = None if data is None else data.decode("utf-8", "surrogateescape")
    return {"path": VERSION_FILE, "text": text and json_text(text), "why_not": why_not}


def _sums(target: Target, file: str) -> dict[str, Any]:
    data, why_not = _read(target, file, _SUMS_LIMIT)
    found = sums.parse(data or b"")
    promised = [(sums.located(one.name, target.path(file)), one) for one in found.entries]
    paths = list(dict.fromkeys(path for path, _ in promised))
    work = Hashing(target, paths, Deadline(_WITHIN_S), _FILE_LIMIT)
    digests = {digest.path: digest for digest in work.results()}
    return {
        "path": json_text(file),
        "why_not": why_not,
        "faults": [{"line": fault.line, "reason": json_text(fault.why)} for fault in found.faults],
        "files": [_file(path, entry, digests.get(path)) for path, entry in promised],
    }


def _file(path: str, entry: sums.ChecksumLine, digest: Digest | None) -> dict[str, Any]:
    problem = digest.problem if digest else "the time was up"
    return {
        "path": json_text(path),
        "line": entry.line,
        "promised": entry.sha256,
        "sha256": digest.sha256 if digest and not problem else None,
        "bytes": digest.size if digest and not problem else None,
        "why_not": json_text(_words(problem)) if problem else None,
    }


def _read(target: Target, path: str, limit: int) -> tuple[bytes | None, str | None]:
    try:
        return target.read(path, limit), None
    except (OSError, NotRegular, TooLarge) as problem:
        return None, _words(problem)


def _words(problem: object) -> str:
    strerror = getattr(problem, "strerror", None)
    return strerror.lower() if strerror else str(problem)
