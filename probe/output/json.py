"""The report as JSON, in the shape that `probe config --schema report` publishes."""

import json
from typing import Any

from probe.output.base import SCHEMA_VERSION, timestamp, unicode_only
from probe.report import CheckResult, Finding, Report


def render(report: Report) -> str:
    """One object; keys and their order are a public contract. ASCII only, so that no terminal is steered."""
    return json.dumps(unicode_only(as_json(report)), indent=2) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "version": report.version,
        "healthy": report.healthy,
        "status": report.status.value,
        "strict": report.strict,
        "target": report.target,
        "role": report.role,
        "started_at": timestamp(report.started_at),
        "duration_s": round(report.duration_s, 6),
        "checks": [_check(check) for check in report.checks],
    }


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "name": check.name,
        "status": check.status.value,
        "duration_s": round(check.duration_s, 6),
        "findings": [_finding(finding) for finding in check.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "status": finding.status.value,
        "code": finding.code.name,
        "subject": finding.subject,
        "cause": finding.cause,
        "remedy": finding.remedy,
        "evidence": dict(finding.evidence),
    }
