"""A snapshot in the order in which somebody reads it: one row for each distinct verdict, worst first."""

from __future__ import annotations

from probe import codes
from probe.lightweight import Any, Iterator, Mapping, NamedTuple
from probe.node.bounded import TIMED_OUT
from probe.node.programs import DENIED
from probe.output.base import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import ScannedProgram, Snapshot

_SEVERITY = ("pass", "skip", "warn", "unknown", "fail")
_CODES = {TIMED_OUT: codes.CHECK_TIMED_OUT, DENIED: codes.TARGET_PERMISSION}
_ID_SHOWN = 12  # hexadecimal digits, as engines show them


class Row(NamedTuple):
    """One verdict, and the containers that share it."""

    containers: tuple[ScannedProgram, ...]
    program: str
    go: str  # "go1.27.3 (go 1.22, FIPS)"
    healthy: bool
    status: str
    code: str  # the worst finding's, "" where nothing is wrong
    fix: str
    more: int = 0  # other codes than that one, of warnings and worse


def rows(snapshot: Snapshot) -> list[Row]:
    """All of them; what could not be judged is unknown, and no pass."""
    groups: dict[tuple[object, ...], list[ScannedProgram]] = {}
    for one in snapshot.judged:
        groups.setdefault(_alike(one), []).append(one)
    found = [_row(tuple(sorted(group, key=name))) for group in groups.values()]
    return sorted(found, key=lambda row: (row.healthy, -_SEVERITY.index(row.status), name(row.containers[0])))


def name(one: ScannedProgram) -> str:
    """NAMESPACE/POD/CONTAINER; else the pod's uid and the container's id, or the process."""
    known = one.name
    if known.pod:
        return f"{known.namespace}/{known.pod}/{known.container}"
    if known.container:  # the target of a run on one
        return known.container
    if not one.program.container:
        return f"process {one.program.pid}"
    pod = f"pod {one.program.pod[:8]}/" if one.program.pod else ""
    return f"{pod}{one.program.container[:_ID_SHOWN]}"


def findings(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All findings of a report, the worst first."""
    found = [finding for check in report["checks"] for finding in check["findings"]]
    return sorted(found, key=lambda finding: -_SEVERITY.index(finding["status"]))


def wrong(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The findings that somebody should know of."""
    return (finding for finding in findings(report) if _SEVERITY.index(finding["status"]) > 1)


def _alike(one: ScannedProgram) -> tuple[object, ...]:
    verdict = one.verdict
    if not verdict:
        return (one.problem,)
    told = [(f["status"], f["code"], f["subject"], f["cause"]) for f in findings(verdict.report)]
    return (verdict.program, verdict.version, verdict.go_line, verdict.fips, *told)


def _row(group: tuple[ScannedProgram, ...]) -> Row:
    first = group[0]
    verdict = first.verdict
    if not verdict:
        code = _CODES.get(first.problem, codes.CHECK_CRASHED)
        fix = f"probe check --pid {first.program.pid}" if first.program.pid else ""
        return Row(group, printable(first.program.name), "", False, "unknown", code.name, fix)
    found = list(wrong(verdict.report))
    worst = found[0] if found else {"code": "", "remedy": ""}
    return Row(
        group,
        printable(verdict.program or first.program.name),
        _go(verdict.version, verdict.go_line, fips=verdict.fips),
        verdict.report["healthy"],
        verdict.report["status"],
        worst["code"],
        printable(worst["remedy"]),
        len({finding["code"] for finding in found} - {worst["code"]}),
    )


def _go(version: str, line: str, *, fips: bool) -> str:
    notes = [f"go {line}"] if line else []
    notes += ["FIPS"] if fips else []
    return printable(f"{version} ({', '.join(notes)})" if notes else version)
