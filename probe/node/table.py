"""The table that `probe node` prints for people."""

from __future__ import annotations

from probe.node.rows import Row, name, rows
from probe.output.base import plural, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import Snapshot

_HEAD = ("CONTAINER", "PROGRAM", "GO", "VERDICT", "CODE")
_GAP = "  "


def render(snapshot: Snapshot) -> str:
    """A line of counts, the rows, and under each unhealthy one its fix."""
    found = rows(snapshot)
    lines = [_counts(snapshot, found)]
    cells = [_cells(row) for row in found]
    widths = [max(len(row[at]) for row in (_HEAD, *cells)) for at in range(len(_HEAD))]
    if cells:
        lines.append(_line(_HEAD, widths))
    for row, texts in zip(found, cells, strict=True):
        lines.append(_line(texts, widths))
        if row.fix:
            lines.append(f"{_GAP}fix: {row.fix}")
    return "".join(f"{line}\n" for line in lines)


def _counts(snapshot: Snapshot, found: list[Row]) -> str:
    bad = sum(len(row.containers) for row in found if not row.healthy)
    text = f"{bad} of {plural(len(snapshot.judged), 'Go program')} unhealthy, {plural(len(found), 'verdict')}"
    text += f"; {plural(snapshot.scanned, 'process').replace('processs', 'processes')} scanned"
    if snapshot.skipped:
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(snapshot.skipped.items()))
        text += f", skipped: {why}"
    return f"{text}; {snapshot.duration_s:.2f} s"


def _cells(row: Row) -> tuple[str, ...]:
    who = printable(name(row.containers[0]))
    if len(row.containers) > 1:
        who += f" x{len(row.containers)}"
    word = "healthy" if row.healthy else "unhealthy"
    return (who, row.program, row.go, f"{word} ({row.status})" if row.status != "pass" else word, row.code)


def _line(texts: tuple[str, ...], widths: list[int]) -> str:
    return _GAP.join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip()
