"""Commands of probe in remedies, as they are typed here: by the name that is found, for the same target."""

from __future__ import annotations

import sys

from probe import redact
from probe.cli import targets
from probe.lightweight import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from probe.cli.arguments import ParsedArgs
    from probe.report import CheckResult, Finding, Remedy, Report

_COMMAND = "probe check"
_KEPT = ("--root", "--pid", "--process", "--image", "--env-file", "--user", "--cwd", "--config")
_SHOWN = ("GO", "TZ", "ZONEINFO", "SSL_CERT_", "PATH")  # of --env: what decides here and is no secret


def in_place(report: Report, given: ParsedArgs) -> Report:
    """*report* of a run with the options *given*, whose commands are about the same target when pasted."""
    name, options = _program(), " ".join(_options(given))
    if name == "probe" and not options:
        return report
    return report._replace(checks=tuple(_check(check, name, options) for check in report.checks))


def _program() -> str:
    """What starts probe here: "probe" where PATH names its folder, else its path where that is known."""
    bundled = "bundle" in sys._xoptions
    link = sys._xoptions.get("called", sys.argv[0])  # bin/probe: by which link, as pipx makes one
    called = f"{sys.prefix}/bin/probe" if bundled else str(link)
    folder, _, last = called.rpartition("/")
    if last != "probe" or not called.startswith("/"):
        return "probe"
    # By its words alone: looking along PATH could hang, after the deadline, on a mount that does not answer.
    return "probe" if (folder or "/") in os.environment().get("PATH", "").split(":") else called


def _options(given: ParsedArgs) -> Iterator[str]:
    if targets.ours(given):
        return
    import shlex

    for flag in _KEPT:
        for value in given.many(flag):
            yield f"{flag} {shlex.quote(redact.text(value))}"
    for value in given.many("--env"):
        if value.startswith(_SHOWN):
            yield f"--env {shlex.quote(redact.text(value))}"


def _check(check: CheckResult, name: str, options: str) -> CheckResult:
    return check._replace(findings=tuple(_finding(finding, name, options) for finding in check.findings))


def _finding(finding: Finding, name: str, options: str) -> Finding:
    if not any(_COMMAND in one.text for one in finding.remedies):
        return finding
    return finding._replace(remedies=tuple(_remedy(one, name, options) for one in finding.remedies))


def _remedy(remedy: Remedy, name: str, options: str) -> Remedy:
    actions = tuple(
        action._replace(values={**action.values, "command": _line(action.values["command"], name, options)})
        if isinstance(action.values.get("command"), str)
        else action
        for action in remedy.actions
    )
    return remedy._replace(text=_lines(remedy.text, name, options), actions=actions)


def _lines(text: str, name: str, options: str) -> str:
    return "\n".join(_line(line, name, options) for line in text.split("\n"))


def _line(line: str, name: str, options: str) -> str:
    """*line*, where it is `probe check`, with the *options*, unless it names a target of its own."""
    if line != _COMMAND and not line.startswith(f"{_COMMAND} "):
        return line
    rest = line.removeprefix(_COMMAND)
    own = any(f" {flag} " in f"{rest} " for flag in ("--root", "--pid", "--process", "--image"))
    return f"{name} check{f' {options}' if options and not own else ''}{rest}"
