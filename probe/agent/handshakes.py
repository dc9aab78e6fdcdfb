"""What the handshakes brought, endpoint by endpoint, for /metrics and the page."""

from __future__ import annotations

import calendar
from collections.abc import Mapping

from probe.agent.state import State
from probe.lightweight import NamedTuple
from probe.report import Finding, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class HandshakeSample(NamedTuple):
    """One endpoint in the last run that shook hands."""

    endpoint: str
    duration_s: float | None  # of the handshake alone
    ends: Mapping[str, float]  # "presented", "verified" → when the first certificate of that chain ends
    findings: tuple[Finding, ...]  # all about this endpoint
    report: Report


_MARKS = {"handshake_s", "chain_expires"}  # what only a handshake can tell


def last(state: State) -> list[HandshakeSample]:
    """Of the last run that shook hands: a latched startup does so no more, what it saw still holds."""
    schedule = state.schedule
    for name in sorted(schedule.last, key=schedule.ended_at.__getitem__, reverse=True):
        report = schedule.last[name]
        findings = [finding for check in report.checks for finding in check.findings]
        names = {
            f.subject: None for f in findings if "handshake_s" in f.evidence or "chain_expires" in f.evidence
        }
        if names:
            return [_of(report, name, tuple(f for f in findings if f.subject == name)) for name in names]
    return []


def _of(report: Report, endpoint: str, findings: tuple[Finding, ...]) -> HandshakeSample:
    facts: dict[str, Any] = {}
    for finding in findings:
        facts |= finding.evidence
    ends = {
        chain: end
        for chain, key in (("presented", "chain_expires"), ("verified", "verified_expires"))
        if (end := instant(facts.get(key))) is not None
    }
    return HandshakeSample(endpoint, facts.get("handshake_s"), ends, findings, report)


def instant(text: Any) -> float | None:
    """2026-11-27T20:53:42Z or 2026-11-27 as seconds since the epoch; None for anything else."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    places = ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
    try:
        return calendar.timegm((*(int(text[begin:end] or 0) for begin, end in places), 0, 0, 0))
    except ValueError:
        return None
