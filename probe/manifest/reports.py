"""What was found in files, as JSON and as annotations."""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from probe import __version__
from probe.lightweight import NamedTuple
from probe.manifest.rules import NOTES, RULES, LintProblem, hurts
from probe.output.annotations import Annotation, relative
from probe.output.base import SCHEMA_VERSION, unicode_only


class JudgedFile(NamedTuple):
    """A file by the name that was given, and its problems."""

    name: str
    problems: tuple[LintProblem, ...]

    def annotations(self) -> Iterator[Annotation]:
        """One for each problem, in the order of the file; the path is that below the working directory."""
        path = _below_here(self.name)
        for one in sorted(set(self.problems)):
            level = "note" if one.name in NOTES else "error"
            yield Annotation(level, one.name, RULES[one.name], one.what, one.fix, path, one.line, one.what)


def _below_here(name: str) -> str:
    if name == "-":
        return "stdin"
    here = os.getcwd()
    return relative(os.path.relpath(name, here) if name.startswith(f"{here}/") else name)


def render(form: str, files: Iterable[JudgedFile]) -> str:
    """The *files* in the format *form*, json, sarif, github or gitlab."""
    files = list(files)
    if form == "json":
        return as_json(files)
    annotations = (one for file in files for one in file.annotations())
    if form == "sarif":
        from probe.output import sarif

        return sarif.log(annotations)
    if form == "gitlab":
        from probe.output import gitlab

        return gitlab.issues(annotations)
    from probe.output import github

    return github.commands(annotations)


def as_json(files: Iterable[JudgedFile]) -> str:
    """One object, in the shape of *schema*; ASCII only."""
    whole = {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "files": [
            {
                "file": file.name,
                "accepted": not hurts(file.problems),
                "problems": [_problem(one) for one in sorted(set(file.problems))],
            }
            for file in files
        ],
    }
    return json.dumps(unicode_only(whole), indent=2) + "\n"


def _problem(one: LintProblem) -> dict[str, Any]:
    level = "note" if one.name in NOTES else "error"
    return {"line": one.line, "level": level, "rule": one.name, "what": one.what, "fix": one.fix}


def schema() -> dict[str, Any]:
    """What *as_json* keeps to."""
    text = {"type": "string"}
    problem = {
        "line": {"type": "integer", "minimum": 1},
        "level": {"enum": ["error", "note"]},
        "rule": {"enum": list(RULES)},
        "what": text,
        "fix": text,
    }
    file = {"file": text, "accepted": {"type": "boolean"}, "problems": _list(problem)}
    whole = {"schema_version": {"const": SCHEMA_VERSION}, "version": text, "files": _list(file)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What probe manifest --lint --format json prints",
        **_object(whole),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    closed = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": properties, **closed}


def _list(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}
