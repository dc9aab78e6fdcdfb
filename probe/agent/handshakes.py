"""What the handshakes brought, endpoint by endpoint, for the page."""

from __future__ import annotations

from collections.abc import Mapping

from probe import samples
from probe.agent.schedule import Schedule
from probe.lightweight import NamedTuple
from probe.report import Finding, Report


class EndpointHandshake(NamedTuple):
    """One endpoint in the last run that made handshakes."""

    endpoint: str
    duration_s: float | None  # of the handshake alone
    ends: Mapping[str, float]  # "presented", "verified" → when the first certificate of that chain expires
    findings: tuple[Finding, ...]  # all about this endpoint
    report: Report


def last(schedule: Schedule) -> list[EndpointHandshake]:
    """Of the last run that made any: a latched startup makes no more, and what it saw still holds."""
    for report in schedule.newest_first():
        findings = [finding for check in report.checks for finding in check.findings]
        names = {
            sample.labels["endpoint"]: None
            for finding in findings
            for sample in finding.samples
            if sample.name == samples.HANDSHAKE_OK.name
        }
        if names:
            return [_of(report, name, tuple(f for f in findings if f.subject == name)) for name in names]
    return []


def _of(report: Report, endpoint: str, findings: tuple[Finding, ...]) -> EndpointHandshake:
    numbers = [sample for finding in findings for sample in finding.samples]
    durations = [one.value for one in numbers if one.name == samples.HANDSHAKE_DURATION.name]
    ends = {one.labels["chain"]: one.value for one in numbers if one.name == samples.CHAIN_END.name}
    return EndpointHandshake(endpoint, next(iter(durations), None), ends, findings, report)
