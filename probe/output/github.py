"""Workflow commands of GitHub Actions: a runner that reads them in a log annotates the lines of a change."""

from collections.abc import Iterable

from probe.output.annotations import Annotation, of_report
from probe.report import Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
# actions/toolkit:packages/core/src/command.ts
_IN_TEXT = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_TEXT, (":", "%3A"), (",", "%2C"))


def render(report: Report) -> str:
    """One command for each finding that did not pass, and the verdict as a line of the log."""
    from probe.output.text import verdict

    return f"{commands(of_report(report))}{verdict(report)}\n"


def commands(annotations: Iterable[Annotation]) -> str:
    """A line for each of *annotations*."""
    return "".join(_command(one) for one in annotations)


def _command(one: Annotation) -> str:
    properties = {"file": one.path, "line": str(one.line), "title": one.rule}
    told = ",".join(f"{name}={_escaped(value, _IN_PROPERTY)}" for name, value in properties.items())
    return f"::{_COMMANDS[one.level]} {told}::{_escaped(one.told, _IN_TEXT)}\n"


def _escaped(text: str, table: Iterable[tuple[str, str]]) -> str:
    for char, written in table:
        text = text.replace(char, written)
    return text
