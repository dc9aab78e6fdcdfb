"""The snapshot as metrics: about three series a container, and never more than thirteen."""

from __future__ import annotations

from probe.lightweight import Iterator, Mapping
from probe.node.rows import wrong
from probe.output.prometheus import Family, build_info, exposition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import ScannedProgram, Snapshot

    Labels = Mapping[str, str]

_CODES = 10  # of one container; the others are told as MORE


def render(snapshot: Snapshot | None, version: str, *, openmetrics: bool = False) -> str:
    """Labels name pods, releases and codes: no path, digest, process or host."""
    return exposition(families(snapshot, version), openmetrics=openmetrics)


def families(snapshot: Snapshot | None, version: str) -> Iterator[Family]:
    """All of them; without a snapshot only what needs none."""
    yield build_info(version)
    if not snapshot:
        return
    groups = _by_container(snapshot)
    yield Family(
        "probe_container_healthy",
        "Whether every Go program of the container would start and work now.",
        [(labels, _healthy(group)) for labels, group in groups],
    )
    yield Family(
        "probe_container_go_info",
        "The Go that built the container's oldest Go program.",
        [(_go(labels, group[0]), 1) for labels, group in groups if group[0].verdict],
        "info",
    )
    yield Family(
        "probe_container_finding",
        "Findings other than a pass, by code; MORE for those above ten.",
        [({**labels, "code": code}, number) for labels, group in groups for code, number in _codes(group)],
    )
    yield Family("probe_node_processes_scanned", "Processes scanned.", [({}, snapshot.scanned)])
    yield Family(
        "probe_node_skipped",
        "Processes and containers that could not be judged.",
        [({"reason": reason.replace(" ", "_")}, number) for reason, number in snapshot.skipped.items()],
    )
    yield Family("probe_node_scan_duration_seconds", "How long it took.", [({}, snapshot.duration_s)])
    yield Family("probe_node_distinct_verdicts", "Different verdicts.", [({}, snapshot.distinct)])
    yield Family("probe_node_last_scan_timestamp_seconds", "When it ended.", [({}, round(snapshot.at, 3))])


def _by_container(snapshot: Snapshot) -> list[tuple[Labels, list[ScannedProgram]]]:
    """By their labels: two series may not have the same, as two host programs of one name would."""
    groups: dict[tuple[str, ...], list[ScannedProgram]] = {}
    for one in snapshot.judged:
        groups.setdefault(tuple(_labels(one).values()), []).append(one)
    return [(_labels(group[0]), group) for group in groups.values()]


def _labels(one: ScannedProgram) -> Labels:
    name = one.name
    if name.pod:
        return {"namespace": name.namespace, "pod": name.pod, "container": name.container}
    known = f"pod-{one.program.pod}" if one.program.pod else ""
    return {"namespace": "", "pod": known, "container": one.program.container[:12] or one.program.name}


def _healthy(group: list[ScannedProgram]) -> bool:
    return all(one.verdict is not None and one.verdict.report["healthy"] for one in group)


def _go(labels: Labels, one: ScannedProgram) -> Labels:
    verdict = one.verdict
    if not verdict:
        return labels
    more = {"version": verdict.version, "go_line": verdict.go_line, "fips": str(verdict.fips).lower()}
    return {**labels, **more}


def _codes(group: list[ScannedProgram]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in group:
        for finding in wrong(one.verdict.report) if one.verdict else ():
            counts[finding["code"]] = counts.get(finding["code"], 0) + 1
    told = list(counts.items())
    if len(told) <= _CODES:
        return told
    return [*told[:_CODES], ("MORE", sum(number for _, number in told[_CODES:]))]
