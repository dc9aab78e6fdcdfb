"""The JSON Schema of the JSON report, as `probe config --schema report` prints it."""

from typing import Any

from probe.codes import CODES
from probe.output.base import SCHEMA_VERSION
from probe.remedies.actions import AUDIENCES, KINDS
from probe.report import STATUSES
from probe.samples import METRICS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> dict[str, Any]:
    """All keys are always there. A newer probe may know more codes and evidence, never fewer keys."""
    status = {"enum": [status.value for status in STATUSES]}
    seconds = {"type": "number", "minimum": 0}
    tried = {
        "type": "boolean",
        "description": "the remedy was tried on a view of the target, where the finding disappeared",
    }
    action = {
        "type": "object",
        "properties": {
            "kind": {"enum": list(KINDS)},
            "audience": {"enum": list(AUDIENCES), "description": "who acts"},
        },
        "required": ["kind", "audience"],
        "additionalProperties": {"type": "string"},
    }
    sample = _object(
        name={"enum": sorted(METRICS), "description": "the metric's name without its prefix probe_"},
        labels={"type": "object", "additionalProperties": {"type": "string"}},
        value={"type": "number"},
        unit={"type": "string", "description": "a base unit such as seconds; empty for a count or a fact"},
    )
    finding = _object(
        status=status,
        code={"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$", "examples": sorted(CODES)},
        docs_url={"type": "string", "format": "uri", "description": "where the code is explained"},
        subject={"type": "string", "description": "a path, a variable, a host:port"},
        cause={"type": "string", "description": "one sentence that names what was found"},
        remedy={
            "type": "string",
            "description": "the best remedy, a line for each instruction; empty when nothing is to be done",
        },
        tried=tried,
        actions={"type": "array", "items": action, "description": "what the remedy consists of"},
        alternatives={
            "type": "array",
            "items": _object(
                remedy={"type": "string"},
                tried=tried,
                actions={"type": "array", "items": action},
            ),
        },
        evidence={"type": "object", "description": "values behind the finding"},
        samples={"type": "array", "items": sample, "description": "numbers for metrics"},
    )
    check = _object(
        name={"type": "string"},
        status=status,
        duration_s=seconds,
        findings={"type": "array", "items": finding, "minItems": 1},
    )
    report = _object(
        schema_version={"const": SCHEMA_VERSION},
        version={"type": "string", "description": "of probe"},
        healthy={"type": "boolean", "description": "the verdict; the exit code follows from it"},
        status={**status, "description": "the worst of all findings"},
        strict={"type": "boolean", "description": "a warning counts as unhealthy"},
        target={"type": "string"},
        role={"type": "string"},
        started_at={"type": "string", "format": "date-time"},
        duration_s=seconds,
        checks={"type": "array", "items": check, "minItems": 1},
    )
    return {"$schema": DIALECT, "title": "report of probe check --format json", **report}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
