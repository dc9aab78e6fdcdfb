"""The causes and fixes of a report in another language, for the format that people read."""

from __future__ import annotations

from probe.codes import Code
from probe.lightweight import Callable
from probe.report import CheckResult, Finding, Report
from probe.translations import file_of, phrases

_SHARED = "causes/common"
_REMEDIES = "remedies"


def report(given: Report, language: str) -> Report:
    """*given* with the cause and the remedies of each finding in *language*; for no machine."""
    return given._replace(checks=tuple(_check(check, language) for check in given.checks))


def _check(check: CheckResult, language: str) -> CheckResult:
    return check._replace(findings=tuple(finding_in(finding, language) for finding in check.findings))


def finding_in(finding: Finding, language: str) -> Finding:
    """*finding* with its cause and remedies in *language*."""
    ways = phrases.catalogue(language, _REMEDIES)
    return finding._replace(
        cause=cause(finding.code, finding.cause, language),
        remedies=tuple(way._replace(text=phrases.lines(way.text, ways)) for way in finding.remedies),
    )


def speaker(language: str) -> Callable[[str], str]:
    """What tells a line of the report's own, the verdict or what was left out, in *language*."""
    ours = phrases.catalogue(language, "interface")
    return lambda line: phrases.line(line, ours)


def cause(code: Code, english: str, language: str) -> str:
    """The cause that a finding with this *code* names."""
    return phrases.line(english, phrases.catalogue(language, _SHARED, f"causes/{file_of(code)}"))
