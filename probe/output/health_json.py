"""application/health+json, draft-inadarei-api-health-check-06 (an individual draft that has expired)."""

import json
from typing import Any

from probe.output.base import failed, timestamp, unicode_only
from probe.report import CheckResult, Finding, Report, Status
from probe.words import counted


def render(report: Report) -> str:
    """
    One object. Under `checks` stand two keys a check: `NAME:findings`, which adds
    `code`, `cause`, `remedy` and `evidence` to the draft's own, and `NAME:duration`.
    """
    answer: dict[str, Any] = {
        "status": _status(report.status, report),
        "version": "1",
        "releaseId": report.version,
        "description": f"probe of {report.target}, role {report.role}",
    }
    if bad := failed(report):
        answer["output"] = f"failed: {', '.join(check.name for check in bad)}"
    skipped = sum(check.status is Status.SKIP for check in report.checks)
    if skipped:
        answer["notes"] = [f"{counted(skipped, 'check')} left out by the configuration or --skip"]
    answer["checks"] = {}
    for check in report.checks:
        answer["checks"] |= _check(check, report)
    return json.dumps(unicode_only(answer), indent=2) + "\n"


def _status(status: Status, report: Report) -> str:
    """The draft knows three words: what we could not find out is a failure, what was skipped is none."""
    if not report.accepts(status):
        return "fail"
    return "warn" if status is Status.WARN else "pass"


def _check(check: CheckResult, report: Report) -> dict[str, Any]:
    time = timestamp(report.started_at)
    duration = {
        "componentType": "system",
        "observedValue": round(check.duration_s, 6),
        "observedUnit": "s",
        "status": "pass",
        "time": time,
    }
    return {
        f"{check.name}:findings": [
            {**_finding(finding, _status(finding.status, report)), "time": time} for finding in check.findings
        ],
        f"{check.name}:duration": [duration],
    }


def _finding(finding: Finding, status: str) -> dict[str, Any]:
    object_: dict[str, Any] = {
        "componentId": finding.subject,
        "componentType": "system",
        "status": status,
        "code": finding.code.name,
    }
    if status != "pass":  # "SHOULD be omitted" for pass
        object_["output"] = finding.cause
        object_["remedy"] = finding.remedy
    object_["evidence"] = dict(finding.evidence)
    return object_
