"""The report for people: the verdict first, then what is wrong and what fixes it."""

from __future__ import annotations

from itertools import chain

from probe import codes
from probe.lightweight import Any, Callable, Sequence
from probe.output.base import by_severity, docs_url, failed, printable
from probe.report import CheckResult, Finding, Report, Status
from probe.words import counted

# Kubernetes keeps 1024 characters of an event, its own words included; Docker keeps 4096 bytes.
LIMIT = 900  # bytes
_LENGTHS = (LIMIT, 400, 220)  # bytes that a cause or a remedy may take, tried in this order
_FIX = "  fix: "
_ALTERNATIVES = 3  # remedies of one finding that are shown, a `fix:` each
_NEEDS_ROOT = "RUN needs root: paste it above USER, or below USER root"
_CODES_LIMIT = 200  # bytes for the names of what is left out
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
    lines = _everything(report, head, say) if verbose else _brief(report, head, limit, say)
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


def _brief(report: Report, head: str, limit: int, say: Callable[[str], str]) -> list[str]:
    room = limit - _size([head])
    wanting = [finding for _, finding in by_severity(report) if finding.status.severity >= 2]
    few = wanting[: LIMIT // 20]  # no block is shorter than 20 bytes
    for length in _LENGTHS:
        lines = list(chain.from_iterable(_block(finding, length) for finding in few))
        lines += map(say, _for_root(report, lines))
        lines += map(say, _left_out(wanting[len(few) :], cut=length < LIMIT))
        if _size(lines) <= room:
            return [head, *lines]
    while _size(lines) > room:  # comes to an end: one block of the least length fits beside all else
        few.pop()
        lines = list(chain.from_iterable(_block(finding, _LENGTHS[-1]) for finding in few))
        lines += map(say, _for_root(report, lines))
        lines += map(say, _left_out(wanting[len(few) :]))
    return [head, *lines]


def _block(finding: Finding, length: int = 1 << 30) -> list[str]:
    """A finding in lines: no text in them takes more than *length* bytes, and no remedy is cut."""
    lines = [f"{finding.status.value} {finding.code.name}: {_cut(printable(finding.cause), length)}"]
    fitting = [remedy.text for remedy in finding.remedies if _fits(remedy.text, length)]
    if finding.remedies and not fitting:
        fitting = [f"probe explain {finding.code.name}"]
    # Short of room, the best one is enough.
    for text in fitting[: _ALTERNATIVES if length >= LIMIT else 1]:
        first, *more = text.split("\n")
        if first:
            lines += [f"{_FIX}{printable(first)}", *(" " * len(_FIX) + printable(line) for line in more)]
    return lines


def _for_root(report: Report, lines: Sequence[str]) -> list[str]:
    """Who runs the commands of an image, where the target has another user and any of *lines* is one."""
    told = any(line[len(_FIX) :].startswith("RUN ") for line in lines)
    return [_NEEDS_ROOT] if report.uid and told else []


def _fits(text: str, length: int) -> bool:
    return len(text.encode(errors="replace")) <= length


def _cut(text: str, length: int) -> str:
    return text if _fits(text, length) else text.encode()[: length - 3].decode(errors="ignore") + "..."


def _left_out(findings: Sequence[Finding], *, cut: bool = False) -> list[str]:
    """The last line: how many findings are not shown, and their codes."""
    if not findings:
        return ["--verbose shows the rest"] if cut else []
    from collections import Counter

    counts = Counter(finding.code.name for finding in findings)
    names = [name if number == 1 else f"{name} x{number}" for name, number in counts.items()]
    listed: list[str] = []
    while names and _size([*listed, names[0]]) < _CODES_LIMIT:
        listed.append(names.pop(0))
    if names:
        listed.append(counted(len(names), "other code"))
    return [f"{len(findings)} more ({', '.join(listed)}): --verbose shows all"]


def _everything(report: Report, head: str, say: Callable[[str], str]) -> list[str]:
    lines = [head, f"target: {printable(report.target)}, role: {report.role}"]
    for check in report.checks:
        lines += _whole_check(check)
    return [*lines, *map(say, _for_root(report, [line.removeprefix("  ") for line in lines]))]


def _whole_check(check: CheckResult) -> list[str]:
    lines = [f"{check.name}: {check.status.value} in {check.duration_s:.3f} s"]
    for finding in sorted(check.findings, key=lambda finding: -finding.status.severity):
        first, *rest = _block(finding)
        lines += [f"  {line}" for line in (first, f"  subject: {printable(finding.subject)}", *rest)]
        if finding.status.severity >= Status.WARN.severity:
            lines.append(f"    docs: {docs_url(finding.code.name)}")
        for key, value in finding.evidence.items():
            lines += [f"    {line}" for line in _evidence(key, value)]
    return lines


def _evidence(key: str, value: Any) -> list[str]:
    if isinstance(value, list | tuple) and value:
        return [f"{printable(key)}:", *(f"  {_value(item)}" for item in value)]
    return [f"{printable(key)}: {_value(value)}"]


def _value(value: Any) -> str:
    from json import dumps  # only --verbose needs it

    return printable(value if isinstance(value, str) else dumps(value, ensure_ascii=False))


def _size(lines: Sequence[str]) -> int:
    """Bytes, line ends included."""
    return sum(len(line.encode()) + 1 for line in lines)


def painted(line: str) -> str:
    """*line* of a report with its first word in the colour that it has on a terminal."""
    indent = len(line) - len(line.lstrip(" "))
    word = line[indent:].partition(" ")[0].rstrip(":")
    if colour := _COLOURS.get(word):
        return f"{line[:indent]}\x1b[{colour}m{word}\x1b[0m{line[indent + len(word) :]}"
    return f"{line[:indent]}\x1b[1mfix:\x1b[0m{line[indent + 4 :]}" if word == "fix" else line
