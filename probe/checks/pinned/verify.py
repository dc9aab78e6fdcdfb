"""The files themselves against what was promised of them."""

from __future__ import annotations

import time
from contextlib import suppress

from probe.checks.base import Run
from probe.checks.pinned import findings
from probe.checks.pinned.checksums import ExpectedDigest
from probe.deadline import Deadline
from probe.lightweight import Iterator, Sequence
from probe.report import Finding
from probe.targets import NotRegular, Target
from probe.targets.digests import Hashing

_SHOWN = 30  # findings of files; the rest is counted
_ASKING_S = 0.01


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
            if finding := findings.judge(digest, one, limit):
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
        yield findings.more(wrong - _SHOWN, promised[0].where, evidence)
    if work.done < len(by_path):
        total = _total(target, list(by_path))
        yield findings.unfinished(evidence, len(by_path), total, run.deadline.remaining())
    elif not wrong:
        yield findings.fine(promised[0].path, size, evidence)


def _total(target: Target, paths: Sequence[str]) -> int | None:
    """Bytes of all the files; None where asking takes longer than is left to say so."""
    patience, total = Deadline(_ASKING_S), 0
    for path in paths:
        with suppress(OSError, NotRegular):
            total += target.stat(path).size
        if patience.expired():
            return None
    return total
