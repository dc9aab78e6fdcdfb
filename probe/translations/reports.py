"""Which language a report is told in, for formats that people read; English needs nothing more."""

from collections.abc import Mapping

from probe.report import Finding, Report
from probe.translations import language


def told(report: Report, environ: Mapping[str, str]) -> Report:
    """*report* with its causes and remedies as *environ* wants them."""
    spoken = language(environ)
    if not spoken:
        return report
    from probe.translations import findings

    return findings.report(report, spoken)


def finding(given: Finding, environ: Mapping[str, str]) -> Finding:
    """One finding so, for formats that show it beside others."""
    spoken = language(environ)
    if not spoken:
        return given
    from probe.translations import findings

    return findings.finding_in(given, spoken)
