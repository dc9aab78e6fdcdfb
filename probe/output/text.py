"""The report for people: the verdict first, then what is wrong and what fixes it."""

from __future__ import annotations

from probe import codes
from probe.lightweight import Callable
from probe.output.base import by_severity, docs_url, failed
from probe.report import Report, Status
from probe.words import counted

# Kubernetes keeps 1024 characters of an event, its own words included; Docker keeps 4096 bytes.
LIMIT = 900  # bytes
_COLOURS = {"fail": "31", "unhealthy": "31", "unknown": "35", "warn": "33", "healthy": "32", "pass": "32"}


def render(
    report: Report,
    *,
    verbose: bool = False,
    colour: bool = False,
    limit: int = LIMIT,
    timed: bool = True,
    docs: bool = False,
    language: str = "",
) -> str:
    """
    At most *limit* bytes, colours and the link not counted, unless *verbose* asks for everything.

    *timed*: the verdict says how long the run took. *docs*: the last line links to the page of the code
    in the verdict; *verbose* links every finding that did not pass. *language*: of `probe.translations`.

    What does not fit is left out from the least severe end; the last line then says how
    much it was and names its codes.
    """
    say: Callable[[str], str] = str
    if language:
        from probe.translations import findings

        report, say = findings.report(report, language), findings.speaker(language)
    head = say(verdict(report) if timed else verdict_words(report))
    lines = [head]
    if verbose or any(finding.status.severity >= 2 for _, finding in by_severity(report)):
        from probe.output import text_findings

        if verbose:
            lines += text_findings.everything(report, say)
        else:
            lines += text_findings.brief(report, limit - text_findings.size(lines), say)
    if docs and not verbose and not report.healthy:
        lines.append(f"docs: {docs_url(_code(report))}")
    return "".join(f"{painted(line) if colour else line}\n" for line in lines)


def verdict(report: Report) -> str:
    """The first line: `unhealthy: CODE (2 of 4 checks failed) in 0.04 s` or `healthy: 4 checks in 0.04 s`."""
    return verdict_words(report, f" in {report.duration_s:.2f} s")


def verdict_words(report: Report, took: str = "") -> str:
    """The verdict, with *took*, which says how long the run took."""
    if report.healthy:
        return ", ".join([f"healthy: {_asked(report)}{took}", *_notes(report)])
    return f"unhealthy: {_code(report)} ({_failures(report)}){took}"


def _code(report: Report) -> str:
    """The code that the verdict names."""
    return next((finding.code.name for _, finding in by_severity(report)), codes.NOTHING_CHECKED.name)


def _asked(report: Report) -> str:
    """How much was asked: `4 checks`, `4 checks, no handshake (role ready)`."""
    findings = {finding.code: finding for check in report.checks for finding in check.findings}
    if codes.ROLE_WITHOUT_CHECKS in findings:
        return findings[codes.ROLE_WITHOUT_CHECKS].cause
    shorter = f", no handshake (role {report.role})" if codes.TLS_NOT_ASKED in findings else ""
    return f"{counted(len(report.checks), 'check')}{shorter}"


def _notes(report: Report) -> list[str]:
    """What a healthy report holds beside passes."""
    statuses = [finding.status for check in report.checks for finding in check.findings]
    numbers = (
        ("warning", statuses.count(Status.WARN)),
        ("unknown finding", statuses.count(Status.UNKNOWN)),
        ("skipped check", sum(check.status is Status.SKIP for check in report.checks)),
    )
    return [counted(number, noun) for noun, number in numbers if number]


def _failures(report: Report) -> str:
    """How many checks are unhealthy: `2 of 4 checks failed`, `1 fail, 1 unknown of 4 checks`."""
    statuses = [check.status for check in failed(report)]
    checks = counted(len(report.checks), "check")
    if statuses.count(Status.FAIL) == len(statuses):
        return f"{len(statuses)} of {checks} failed"
    counts = (
        f"{number} {status.value}"
        for status in (Status.FAIL, Status.UNKNOWN, Status.WARN)
        if (number := statuses.count(status))
    )
    strict = "; warnings count" if Status.WARN in statuses else ""
    return f"{', '.join(counts)} of {checks}{strict}"


def painted(line: str) -> str:
    """*line* of a report with its first word in the colour that it has on a terminal."""
    indent = len(line) - len(line.lstrip(" "))
    word = line[indent:].partition(" ")[0].rstrip(":")
    if colour := _COLOURS.get(word):
        return f"{line[:indent]}\x1b[{colour}m{word}\x1b[0m{line[indent + len(word) :]}"
    return f"{line[:indent]}\x1b[1mfix:\x1b[0m{line[indent + 4 :]}" if word == "fix" else line
