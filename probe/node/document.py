"""The snapshot as JSON: one report for each distinct verdict, and the containers that share it."""

from __future__ import annotations

from probe.lightweight import Any
from probe.node.rows import rows
from probe.output.base import SCHEMA_VERSION, timestamp, unicode_only

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.node.scan import ScannedProgram, Snapshot


def render(snapshot: Snapshot) -> str:
    """One object on one line; `report` is that of `probe check --format json`, or null."""
    import json

    return json.dumps(unicode_only(as_json(snapshot))) + "\n"


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "at": timestamp(snapshot.at),
        "duration_s": round(snapshot.duration_s, 6),
        "processes": snapshot.scanned,
        "skipped": dict(snapshot.skipped),
        "verdicts": [
            {
                "healthy": row.healthy,
                "status": row.status,
                "code": row.code,
                "program": row.program,
                "go": row.go,
                "containers": [_container(one) for one in row.containers],
                "problem": row.containers[0].problem,
                "report": row.containers[0].verdict.report if row.containers[0].verdict else None,
            }
            for row in rows(snapshot)
        ],
    }


def _container(one: ScannedProgram) -> dict[str, Any]:
    return {
        "namespace": one.name.namespace,
        "pod": one.name.pod,
        "container": one.name.container,
        "pod_uid": one.program.pod,
        "id": one.program.container,
        "pid": one.program.pid,
    }
