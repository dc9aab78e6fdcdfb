"""What became of each file that was promised, as findings."""

from __future__ import annotations

from probe import codes
from probe.checks.pinned.checksums import ExpectedDigest
from probe.codes import Code
from probe.errors import reason
from probe.lightweight import Any, Mapping
from probe.report import Action, Finding, Status
from probe.targets import NotRegular, TooLarge
from probe.targets.digests import Changed, Digest

_MB = 1e6
_LONGEST_S = 3600  # that --timeout takes
_MISSING = (FileNotFoundError, NotADirectoryError)


def nothing() -> Finding:
    cause = "nothing is pinned: neither a version nor the sum of a file is configured"
    from probe.remedies import actions

    pin = actions.ways(actions.setting("pinned.version", '"1.27.3"'))
    return Finding(Status.UNKNOWN, codes.PINNED_NOTHING, "pinned", cause, pin)


def judge(digest: Digest, one: ExpectedDigest, limit: int) -> Finding | None:
    """What is wrong with a file; None where nothing is."""
    problem = digest.problem
    if problem:
        return _unread(problem, one, limit)
    if digest.sha256 == one.sha256:
        return None
    cause = f"{one.path} does not match {one.where} ({digest.size} bytes)"
    from probe.remedies import actions

    either = actions.ways(actions.copy("FILE", one.path), _renewing(one.where, one.path))
    facts = {"expected": one.sha256, "found": digest.sha256, "bytes": digest.size, "where": one.where}
    return Finding(Status.FAIL, codes.PINNED_FILE_MISMATCH, one.path, cause, either, facts)


def _unread(problem: Exception, one: ExpectedDigest, limit: int) -> Finding:
    from probe.remedies import actions, file_actions, quoting

    def told(status: Status, code: Code, why: str, way: Action) -> Finding:
        cause = f"{one.path}, which {one.where} lists, {why}"
        facts = {"expected": one.sha256, "where": one.where}
        return Finding(status, code, one.path, cause, actions.ways(way), facts)

    again = actions.copy("FILE", one.path)
    if isinstance(problem, _MISSING):
        return told(Status.FAIL, codes.PINNED_FILE_MISSING, "is not there", again)
    if isinstance(problem, NotRegular):
        return told(Status.FAIL, codes.PINNED_FILE_SPECIAL, f"is a {problem.kind}", again)
    if isinstance(problem, TooLarge):
        said = f"holds more than {limit / _MB:g} MB and was not read completely"
        larger = actions.setting("pinned.max_file_mb", f"{2 * limit / _MB:g}")
        return told(Status.UNKNOWN, codes.PINNED_FILE_TOO_LARGE, said, larger)
    if isinstance(problem, Changed):
        look = actions.look(f"fuser -v {quoting.word(one.path)}", one.path)
        return told(Status.UNKNOWN, codes.PINNED_FILE_CHANGED, "changed while it was read", look)
    why = reason(problem)
    opened = file_actions.in_container(file_actions.chmod("a+r", one.path))
    way = opened if isinstance(problem, PermissionError) else again
    return told(Status.UNKNOWN, codes.PINNED_FILE_UNREADABLE, f"cannot be read: {why}", way)


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
    from probe.remedies import actions

    longer = actions.ways(actions.probe(f"probe check --timeout {enough}"))
    return Finding(Status.UNKNOWN, codes.PINNED_UNFINISHED, "pinned", cause, longer, facts)


def more(count: int, where: str, evidence: Mapping[str, Any]) -> Finding:
    cause = f"{count} more files do not match"
    from probe.remedies import actions

    look = actions.ways(_renewing(where))
    return Finding(Status.FAIL, codes.PINNED_FILES_MORE, "pinned", cause, look, evidence)


def fine(path: str, size: int, evidence: Mapping[str, Any]) -> Finding:
    many = f"{evidence['files']} files match" if evidence["files"] > 1 else f"{path} matches"
    cause = f"{many} the recorded checksum: {size / _MB:.1f} MB"
    return Finding(Status.PASS, codes.PINNED_FILES_OK, "pinned", cause, (), evidence)


def _renewing(where: str, path: str = "FILE") -> Action:
    """What shows the digest that *where* would have to promise, if the new content is right."""
    file = where.rpartition(":")[0] or where
    from probe.remedies import actions, quoting

    if file == "pinned.files" or where == "pinned.files":
        return actions.look(f"sha256sum {quoting.word(path)}", path)
    return actions.look(f"sha256sum {quoting.word(path)} | diff {quoting.word(file)} -", path, file)
