"""What became of each file that was promised, as findings."""

from __future__ import annotations

import shlex

from probe import codes
from probe.checks.pinned.checksums import ExpectedDigest
from probe.codes import Code
from probe.errors import reason
from probe.lightweight import Any, Mapping
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge
from probe.targets.digests import Changed, Digest

_MB = 1e6
_LONGEST_S = 3600  # that --timeout takes
_MISSING = (FileNotFoundError, NotADirectoryError)


def nothing() -> Finding:
    cause = "nothing is pinned: neither a version nor the sum of a file is configured"
    return Finding(Status.UNKNOWN, codes.PINNED_NOTHING, "pinned", cause, 'pinned.version = "1.27.3"')


def judge(digest: Digest, one: ExpectedDigest, limit: int) -> Finding | None:
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
    why = reason(problem)
    remedy = f"chmod a+r {shlex.quote(one.path)}" if isinstance(problem, PermissionError) else again
    return told(Status.UNKNOWN, codes.PINNED_FILE_UNREADABLE, f"cannot be read: {why}", remedy)


def unfinished(evidence: Mapping[str, Any], files: int, total: int | None, left_s: float) -> Finding:
    read, seconds, done = evidence["bytes"], evidence["seconds"], evidence["done"]
    left = total / read if total and read else files / done if done else 12.0
    enough = min(int(seconds * left * 1.5) + 2, _LONGEST_S)
    of = f" of {total / _MB:.0f}" if total is not None else ""
    cause = (
        f"{done} of {evidence['files']} files were hashed before the deadline: "
        f"{read / _MB:.0f}{of} MB in {seconds:.1f} s"
    )
    facts = {**evidence, "total_bytes": total, "deadline_left_s": round(left_s, 3)}
    return Finding(
        Status.UNKNOWN, codes.PINNED_UNFINISHED, "pinned", cause, f"probe check --timeout {enough}", facts
    )


def more(count: int, where: str, evidence: Mapping[str, Any]) -> Finding:
    cause = f"{count} more files do not match"
    return Finding(Status.FAIL, codes.PINNED_FILES_MORE, "pinned", cause, _renewing(where), evidence)


def fine(path: str, size: int, evidence: Mapping[str, Any]) -> Finding:
    many = f"{evidence['files']} files match" if evidence["files"] > 1 else f"{path} matches"
    cause = f"{many} the recorded checksum: {size / _MB:.1f} MB"
    return Finding(Status.PASS, codes.PINNED_FILES_OK, "pinned", cause, "", evidence)


def _renewing(where: str, path: str = "FILE") -> str:
    """What shows the digest that *where* would have to promise, if the new content is right."""
    file = where.rpartition(":")[0] or where
    if file == "pinned.files" or where == "pinned.files":
        return f"sha256sum {shlex.quote(path)}"
    return f"sha256sum {shlex.quote(path)} | diff {shlex.quote(file)} -"
