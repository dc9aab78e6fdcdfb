"""The report for people, below its verdict: what is wrong and what fixes it, or all that was found."""

from __future__ import annotations

from itertools import chain

from probe.lightweight import Any, Callable, Sequence
from probe.output.base import by_severity, docs_url, printable
from probe.report import CheckResult, Finding, Report, Status
from probe.words import counted

_LENGTHS = (900, 400, 220)  # bytes that a cause or a remedy may take, tried in this order
_FIX = "  fix: "
_ALTERNATIVES = 3  # remedies of one finding that are shown, a `fix:` each
_NEEDS_ROOT = "RUN needs root: paste it above USER, or below USER root"
_CODES_LIMIT = 200  # bytes for the names of what is left out


def brief(report: Report, room: int, say: Callable[[str], str]) -> list[str]:
    """What fits into *room* bytes of the findings that are no passes, and how many there are more."""
    wanting = [finding for _, finding in by_severity(report) if finding.status.severity >= 2]
    few = wanting[: _LENGTHS[0] // 20]  # no block is shorter than 20 bytes
    for length in _LENGTHS:
        lines = list(chain.from_iterable(_block(finding, length) for finding in few))
        lines += map(say, _for_root(report, lines))
        lines += map(say, _left_out(wanting[len(few) :], cut=length < _LENGTHS[0]))
        if size(lines) <= room:
            return lines
    while size(lines) > room:  # comes to an end: one block of the least length fits beside all else
        few.pop()
        lines = list(chain.from_iterable(_block(finding, _LENGTHS[-1]) for finding in few))
        lines += map(say, _for_root(report, lines))
        lines += map(say, _left_out(wanting[len(few) :]))
    return lines


def _block(finding: Finding, length: int = 1 << 30) -> list[str]:
    """A finding in lines: no text in them takes more than *length* bytes, and no remedy is cut."""
    lines = [f"{finding.status.value} {finding.code.name}: {_cut(printable(finding.cause), length)}"]
    fitting = [remedy.text for remedy in finding.remedies if _fits(remedy.text, length)]
    if finding.remedies and not fitting:
        fitting = [f"probe explain {finding.code.name}"]
    # Short of room, the best one is enough.
    for text in fitting[: _ALTERNATIVES if length >= _LENGTHS[0] else 1]:
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
    while names and size([*listed, names[0]]) < _CODES_LIMIT:
        listed.append(names.pop(0))
    if names:
        listed.append(counted(len(names), "other code"))
    return [f"{len(findings)} more ({', '.join(listed)}): --verbose shows all"]


def everything(report: Report, say: Callable[[str], str]) -> list[str]:
    """The target, and every finding with its evidence, check by check."""
    lines = [f"target: {printable(report.target)}, role: {report.role}"]
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


def size(lines: Sequence[str]) -> int:
    """Bytes, line ends included."""
    return sum(len(line.encode()) + 1 for line in lines)
