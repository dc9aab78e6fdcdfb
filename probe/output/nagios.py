"""One line and an exit code as Nagios and Icinga read them (the guidelines of monitoring-plugins.org)."""

from probe.output.base import by_severity, printable
from probe.report import Report, Status
from probe.words import counted

_LIMIT = 600  # characters of text before the performance data; old NRPE cuts at 1024 in all


def render(report: Report) -> str:
    """`PROBE CRITICAL - CODE: cause | time=…`: the worst finding in words, then performance data."""
    said = printable(_text(report)).replace("|", "/")  # "|" begins the performance data
    if len(said) > _LIMIT:
        said = said[: _LIMIT - 3] + "..."
    return f"PROBE {_word(report)} - {said} | {' '.join(_performance(report))}\n"


# A plugin is read by its exit code alone: for this format it is not probe's own 0 or 1.
_EXIT_CODES = {"OK": 0, "WARNING": 1, "CRITICAL": 2, "UNKNOWN": 3}


def exit_code(report: Report) -> int:
    """0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""
    return _EXIT_CODES[_word(report)]


def _word(report: Report) -> str:
    if report.healthy:
        return "WARNING" if report.status is Status.WARN else "OK"
    return "UNKNOWN" if report.status is Status.UNKNOWN else "CRITICAL"


def _text(report: Report) -> str:
    findings = [finding for _, finding in by_severity(report) if finding.status.severity >= 2]
    if not findings:
        return f"{counted(len(report.checks), 'check')} in {report.duration_s:.2f} s"
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if findings[1:] else ""
    fix = f"; fix: {first.remedy}" if first.remedy else ""
    return f"{first.code.name}: {first.cause}{fix}{more}"


def _performance(report: Report) -> list[str]:
    """'label'=value[UOM];warn;crit;min (the plugin guidelines of monitoring-plugins.org)."""
    worst = sum(not report.accepts(check.status) for check in report.checks)
    return [
        f"time={report.duration_s:.3f}s;;;0",
        f"failed={worst};;;0;{len(report.checks)}",
        *(f"'{check.name}'={check.duration_s:.3f}s;;;0" for check in report.checks),
    ]
