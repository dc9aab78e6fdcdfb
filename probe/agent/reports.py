"""The report that a child has printed as JSON, as a value again."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Mapping

from probe import __version__, codes
from probe.codes import CODES, Code
from probe.lightweight import Any
from probe.report import STATUSES, Action, CheckResult, Finding, Remedy, Report, Status, one_step
from probe.samples import Sample

_STATUSES = {status.value: status for status in STATUSES}


def read(text: bytes) -> Report:
    """The report in *text*, as probe.output.json writes it; ValueError when it is none."""
    try:
        told = json.loads(text)
        return Report(
            told["version"],
            told["target"],
            told["role"],
            _seconds(told["started_at"]),
            told["duration_s"],
            told["strict"],
            tuple(_check(check) for check in told["checks"]),
        )
    except (LookupError, TypeError, ValueError, RecursionError) as problem:
        raise ValueError(f"no report: {type(problem).__name__}") from None


def lost(code: Code, cause: str, *, role: str, now: float, duration_s: float) -> Report:
    """What stands for the report of a run that brought none."""
    by_hand = one_step("probe", "probe", "probe check --verbose")
    finding = Finding(Status.UNKNOWN, code, "the run", cause, (by_hand,))
    check = CheckResult("run", (finding,), duration_s)
    return Report(__version__, "this container", role, now - duration_s, duration_s, False, (check,))


def withheld(report: Report) -> Report:
    """The same verdict, check by check, without a word of why."""
    return report._replace(target="this container", checks=tuple(map(_bare, report.checks)))


def _bare(check: CheckResult) -> CheckResult:
    finding = Finding(check.status, codes.DETAILS_WITHHELD, check.name, "reason withheld")
    return check._replace(findings=(finding,))


def _check(told: Mapping[str, Any]) -> CheckResult:
    return CheckResult(told["name"], tuple(_finding(one) for one in told["findings"]), told["duration_s"])


def _finding(told: Mapping[str, Any]) -> Finding:
    code = CODES.get(told["code"]) or Code(told["code"], "*", "")
    status = _STATUSES[told["status"]]
    remedies, evidence = tuple(_remedies(told)), told["evidence"]
    samples = tuple(Sample(**sample) for sample in told["samples"])
    return Finding(status, code, told["subject"], told["cause"], remedies, evidence, samples)


def _remedies(told: Mapping[str, Any]) -> Iterator[Remedy]:
    """The best remedy and the others, as they were told: nobody tries them again."""
    best = {"remedy": told["remedy"], "tried": told.get("tried", False), "actions": told.get("actions", ())}
    for way in (best, *told.get("alternatives", ())) if told["remedy"] else ():
        actions = (Action(one["kind"], one["audience"], one) for one in way["actions"])
        yield Remedy(way["remedy"], tuple(actions), way["tried"])


def _seconds(text: str) -> float:
    """The time that probe.output.base.timestamp wrote: 2026-11-18T11:06:40.250Z."""
    fields = [int(text[begin:end]) for begin, end in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))]
    return calendar.timegm((*fields, 0, 0, 0)) + int(text[20:23]) / 1000
