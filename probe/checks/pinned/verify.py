"""The files themselves against what was promised of them."""

from __future__ import annotations

import shlex
import time
from contextlib import suppress

from probe import codes
from probe.checks.base import Run
from probe.checks.pinned.checksums import ExpectedDigest
from probe.codes import Code
from probe.deadline import Deadline
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.digests import Changed, Digest, Hashing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_SHOWN = 30  # findings of files; the rest is counted
_MB = 1e6
_LONGEST_S = 3600  # that --timeout takes
_ASKING_S = 0.01
_MISSING = (FileNotFoundError, NotADirectoryError)


def compare(target: Target, run: Run, promised: Sequence[ExpectedDigest], limit: int) -> Iterator[Finding]:
    """Yield each file that is not what was promised as it is found, and how far the work came."""
    by_path: dict[str, list[ExpectedDigest]] = {}
    for one in promised:
        by_path.setdefault(one.path, []).append(one)
    work = Hashing(target, list(by_path), run.deadline, limit)
    begin, wrong, size = time.monotonic(), 0, 0
    for digest in work.results():
        run.phase(f"hashing files: {work.done} of {len(by_path)} are done")
        size += digest.size
        for one in by_path[digest.path]:
            if finding := _judge(digest, one, limit):
                wrong += 1
                if wrong <= _SHOWN:
                    yield finding
    evidence = {
        "files": len(by_path),
        "done": work.done,
        "bytes": work.read_bytes,
        "seconds": round(time.monotonic() - begin, 3),
        "wrong": wrong,
    }
    if wrong > _SHOWN:
        cause = f"{wrong - _SHOWN} more files do not match"
        remedy = _renewing(promised[0].where)
        yield Finding(Status.FAIL, codes.PINNED_FILES_MORE, "pinned", cause, remedy, evidence)
    if work.done < len(by_path):
        yield _unfinished(evidence, run, target, list(by_path))
    elif not wrong:
        many = f"{len(by_path)} files match" if len(by_path) > 1 else f"{promised[0].path} matches"
        cause = f"{many} the recorded checksum: {size / _MB:.1f} MB"
        yield Finding(Status.PASS, codes.PINNED_FILES_OK, "pinned", cause, "", evidence)


def _judge(digest: Digest, one: ExpectedDigest, limit: int) -> Finding | None:
    """What is wrong with a file; None where nothing is."""
    problem = digest.problem
    if problem:
        return _unread(problem, one, limit)
    if digest.sha256 == one.sha256:
        return None
    cause = f"{one.path} does not match {one.where} ({digest.size} bytes)"
    remedy = f"COPY FILE {shlex.quote(one.path)}\n\n{_renewing(one.where, one.path)}"
    facts = {"expected": one.sha256, "found": digest.sha256, "bytes": digest.size, "where": one.where}
    return Finding(Status.FAIL, codes.PINNED_FILE_MISMATCH, one.path, cause, remedy, facts)


def _unread(problem: Exception, one: ExpectedDigest, limit: int) -> Finding:
    def told(status: Status, code: Code, why: str, remedy: str) -> Finding:
        cause = f"{one.path}, which {one.where} lists, {why}"
        return Finding(status, code, one.path, cause, remedy, {"expected": one.sha256, "where": one.where})

    again = f"COPY FILE {shlex.quote(one.path)}"
    if isinstance(problem, _MISSING):
        return told(Status.FAIL, codes.PINNED_FILE_MISSING, "is not there", again)
    if isinstance(problem, NotRegular):
        return told(Status.FAIL, codes.PINNED_FILE_SPECIAL, f"is a {problem.kind}", again)
    if isinstance(problem, TooLarge):
        said = f"holds more than {limit / _MB:g} MB and was not read completely"
        remedy = f"pinned.max_file_mb = {2 * limit / _MB:g}"
        return told(Status.UNKNOWN, codes.PINNED_FILE_TOO_LARGE, said, remedy)
    if isinstance(problem, Changed):
        remedy = f"fuser -v {shlex.quote(one.path)}"
        return told(Status.UNKNOWN, codes.PINNED_FILE_CHANGED, "changed while it was read", remedy)
    why = (getattr(problem, "strerror", "") or str(problem)).lower()
    remedy = f"chmod a+r {shlex.quote(one.path)}" if isinstance(problem, PermissionError) else again
    return told(Status.UNKNOWN, codes.PINNED_FILE_UNREADABLE, f"cannot be read: {why}", remedy)


def _unfinished(evidence: dict[str, Any], run: Run, target: Target, paths: Sequence[str]) -> Finding:
    total = _total(target, paths)
    read, seconds, done = evidence["bytes"], evidence["seconds"], evidence["done"]
    left = total / read if total and read else len(paths) / done if done else 12.0
    enough = min(int(seconds * left * 1.5) + 2, _LONGEST_S)
    of = f" of {total / _MB:.0f}" if total is not None else ""
    cause = (
        f"{done} of {evidence['files']} files were hashed before the deadline: "
        f"{read / _MB:.0f}{of} MB in {seconds:.1f} s"
    )
    facts = {**evidence, "total_bytes": total, "deadline_left_s": round(run.deadline.remaining(), 3)}
    return Finding(
        Status.UNKNOWN, codes.PINNED_UNFINISHED, "pinned", cause, f"probe check --timeout {enough}", facts
    )


def _total(target: Target, paths: Sequence[str]) -> int | None:
    """Bytes of all the files; None where asking takes longer than is left to say so."""
    patience, total = Deadline(_ASKING_S), 0
    for path in paths:
        with suppress(OSError, NotRegular):
            total += target.stat(path).size
        if patience.expired():
            return None
    return total


def _renewing(where: str, path: str = "FILE") -> str:
    """What shows the digest that *where* would have to promise, if the new content is right."""
    file = where.rpartition(":")[0] or where
    if file == "pinned.files" or where == "pinned.files":
        return f"sha256sum {shlex.quote(path)}"
    return f"sha256sum {shlex.quote(path)} | diff {shlex.quote(file)} -"
