"""The report as JSON, in the shape that `probe config --schema report` publishes."""

import json
from typing import Any

from probe.output.base import SCHEMA_VERSION, docs_url, timestamp, unicode_only
from probe.report import CheckResult, Finding, Remedy, Report
from probe.samples import Sample


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
        "findings": [finding_json(finding) for finding in check.findings],
    }


def _actions(finding: Finding) -> list[dict[str, Any]]:
    """What the best remedy consists of."""
    return _remedy(finding.remedies[0])["actions"] if finding.remedies else []


def _remedy(remedy: Remedy) -> dict[str, Any]:
    from probe.remedies import actions

    told = [actions.as_json(action) for action in remedy.actions]
    return {"remedy": remedy.text, "tried": remedy.tried, "actions": told}


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "status": finding.status.value,
        "code": finding.code.name,
        "docs_url": docs_url(finding.code.name),
        "subject": finding.subject,
        "cause": finding.cause,
        "remedy": finding.remedy,
        "tried": bool(finding.remedies) and finding.remedies[0].tried,
        "actions": _actions(finding),
        "alternatives": [_remedy(remedy) for remedy in finding.remedies[1:]],
        "evidence": dict(finding.evidence),
        "samples": [_sample(sample) for sample in finding.samples],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "name": sample.name,
        "labels": dict(sample.labels),
        "value": sample.value,
        "unit": sample.unit,
    }
