"""The table that `probe node` prints for people."""

from __future__ import annotations

from probe.node.rows import Row, name, rows
from probe.output.base import printable
from probe.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import Snapshot

_HEAD = ("PROGRAM", "GO", "VERDICT", "CODE")
_FIRST = {"Go program": "CONTAINER", "image": "IMAGE", "target": "TARGET"}
_GAP = "  "
_OTHERS = 8  # names of others below an unhealthy row


def render(snapshot: Snapshot, noun: str = "Go program", more: str = "") -> str:
    """
    A line of counts, the rows, and under each unhealthy one its fix and who shares it.

    *noun*: what a row is about; *more* follows the counts.
    """
    found = rows(snapshot)
    lines = [_counts(snapshot, found, noun, more)]
    head = (_FIRST[noun], *_HEAD)
    cells = [_cells(row) for row in found]
    widths = [max(len(row[at]) for row in (head, *cells)) for at in range(len(head))]
    if cells:
        lines.append(_line(head, widths))
    for row, texts in zip(found, cells, strict=True):
        lines.append(_line(texts, widths))
        if row.fix:
            lines.append(f"{_GAP}fix: {row.fix}")
        if not row.healthy and len(row.containers) > 1:
            lines.append(f"{_GAP}also: {_others(row)}")
    return "".join(f"{line}\n" for line in lines)


def _others(row: Row) -> str:
    names = [printable(name(one)) for one in row.containers[1 : 1 + _OTHERS]]
    left = len(row.containers) - 1 - len(names)
    return ", ".join(names) + (f" and {left} more" if left else "")


def _counts(snapshot: Snapshot, found: list[Row], noun: str, more: str) -> str:
    bad = sum(len(row.containers) for row in found if not row.healthy)
    text = f"{bad} of {counted(len(snapshot.judged), noun)} unhealthy, {counted(len(found), 'verdict')}{more}"
    if snapshot.scanned:
        text += f"; {counted(snapshot.scanned, 'process', 'processes')} scanned"
    if snapshot.skipped:
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(snapshot.skipped.items()))
        text += f", skipped: {why}"
    return f"{text}; {snapshot.duration_s:.2f} s"


def _cells(row: Row) -> tuple[str, ...]:
    who = printable(name(row.containers[0]))
    if len(row.containers) > 1:
        who += f" x{len(row.containers)}"
    word = "healthy" if row.healthy else "unhealthy"
    code = f"{row.code} +{row.more}" if row.more else row.code
    return (who, row.program, row.go, f"{word} ({row.status})" if row.status != "pass" else word, code)


def _line(texts: tuple[str, ...], widths: list[int]) -> str:
    return _GAP.join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()
