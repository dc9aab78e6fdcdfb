"""JUnit XML, as continuous integration servers read it."""

from probe.output.base import docs_url, printable, timestamp
from probe.report import CheckResult, Finding, Report, Status

_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))


def render(report: Report) -> str:
    """One suite a check, one case a finding; what nobody could find out is an error, a warning passes."""
    suites = "".join(_suite(check, report) for check in report.checks)
    head = _attributes(name="probe", **_counts(report.checks, report), time=f"{report.duration_s:.3f}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{head}>\n{suites}</testsuites>\n'


def _suite(check: CheckResult, report: Report) -> str:
    head = _attributes(
        name=check.name,
        **_counts((check,), report),
        time=f"{check.duration_s:.3f}",
        timestamp=timestamp(report.started_at).partition(".")[0],
        hostname=report.target,
    )
    cases = "".join(_case(check, finding, report) for finding in check.findings)
    return f"  <testsuite{head}>\n{cases}  </testsuite>\n"


def _case(check: CheckResult, finding: Finding, report: Report) -> str:
    head = _attributes(
        classname=f"probe.{check.name}", name=f"{finding.code.name} {finding.subject}", time="0"
    )
    return f"    <testcase{head}>{_outcome(finding, report)}</testcase>\n"


def _outcome(finding: Finding, report: Report) -> str:
    said = f"{_text(finding.cause)}{_text(f'; fix: {finding.remedy}' if finding.remedy else '')}"
    if finding.status is Status.SKIP:
        return f"<skipped{_attributes(message=finding.cause)}/>"
    if report.accepts(finding.status):
        return f"<system-out>{finding.status.value}: {said}</system-out>"
    element = _element(finding)
    head = _attributes(message=finding.cause, type=finding.code.name)
    return f"<{element}{head}>{said}\ndocs: {docs_url(finding.code.name)}</{element}>"


def _element(finding: Finding) -> str:
    return "error" if finding.status is Status.UNKNOWN else "failure"


def _counts(checks: tuple[CheckResult, ...], report: Report) -> dict[str, str]:
    findings = [finding for check in checks for finding in check.findings]
    bad = [_element(finding) for finding in findings if not report.accepts(finding.status)]
    skipped = sum(finding.status is Status.SKIP for finding in findings)
    return {
        "tests": str(len(findings)),
        "failures": str(bad.count("failure")),
        "errors": str(bad.count("error")),
        "skipped": str(skipped),
    }


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_text(value)}"' for name, value in values.items())


def _text(text: str) -> str:
    """XML 1.0 has no way to write control characters, so they are written out first."""
    text = printable(text)
    for char, entity in _ENTITIES:
        text = text.replace(char, entity)
    return text
