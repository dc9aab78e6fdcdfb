"""GitLab's code quality report: the part of Code Climate's format that its merge requests show."""

import json
from collections.abc import Iterable

from probe.output.annotations import Annotation, fingerprint, of_report
from probe.report import Report

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report) -> str:
    """One issue for each finding that did not pass; an empty list when all did."""
    return issues(of_report(report))


def issues(annotations: Iterable[Annotation]) -> str:
    """A list of the *annotations*; of those that nothing tells apart, GitLab would show one only."""
    seen: dict[str, int] = {}
    found = []
    for one in annotations:
        mark = fingerprint(one)
        seen[mark] = count = seen.get(mark, 0) + 1
        found.append(
            {
                "description": one.told or "no description",
                "check_name": one.rule,
                "fingerprint": mark if count == 1 else fingerprint(one._replace(rule=f"{one.rule} {count}")),
                "severity": _SEVERITIES[one.level],
                "location": {"path": one.path, "lines": {"begin": one.line}},
            }
        )
    return json.dumps(found, indent=2) + "\n"
