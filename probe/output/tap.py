"""The Test Anything Protocol, version 14 (a reader of version 13 understands it too)."""

import json

from probe.output.base import docs_url, printable, unicode_only
from probe.report import CheckResult, Finding, Report, Status


def render(report: Report) -> str:
    """One test a finding; what passed not cleanly carries a YAML block that says why."""
    points = [(check, finding) for check in report.checks for finding in check.findings]
    lines = ["TAP version 14", f"1..{len(points)}"]
    for number, (check, finding) in enumerate(points, 1):
        lines += _point(number, check, finding, accepted=report.accepts(finding.status))
    return "\n".join(lines) + "\n"


def _point(number: int, check: CheckResult, finding: Finding, *, accepted: bool) -> list[str]:
    name = _escaped(f"{check.name} {finding.code.name} {finding.subject}")
    line = f"{'' if accepted else 'not '}ok {number} - {name}"
    if finding.status is Status.SKIP:
        return [f"{line} # SKIP {_escaped(finding.cause)}"]
    return [line] if finding.status is Status.PASS else [line, *_diagnosis(finding)]


def _diagnosis(finding: Finding) -> list[str]:
    """YAML 1.2 holds JSON, so JSON strings are quoted right whatever they contain."""
    values = {
        "severity": finding.status.value,
        "message": finding.cause,
        "remedy": finding.remedy,
        "docs_url": docs_url(finding.code.name),
        "evidence": dict(finding.evidence),
    }
    pairs = (f"  {key}: {json.dumps(unicode_only(value))}" for key, value in values.items())
    return ["  ---", *pairs, "  ..."]


def _escaped(text: str) -> str:
    return printable(text).replace("\\", "\\\\").replace("#", "\\#")
