"""What services annotate changes with: a place, a level and a text, of findings and of lint problems."""

import os
from collections.abc import Iterator

from probe.lightweight import NamedTuple
from probe.output.base import by_severity, printable, unicode_only
from probe.report import CheckResult, Finding, Report, Status

LEVELS = ("error", "warning", "note")


class Annotation(NamedTuple):
    """One thing to look at. `path` is relative, with slashes; `line` is 1-based."""

    level: str  # of LEVELS
    rule: str  # the name of a code or a rule
    meaning: str  # of the rule, one sentence
    text: str  # what is the case, in one line
    fix: str  # what to do, "" where nothing is known
    path: str
    line: int
    snippet: str = ""  # what tells this place from others, whatever line it moves to

    @property
    def told(self) -> str:
        """Text and fix in one line, of what prints."""
        return printable(unicode_only(f"{self.text}; fix: {self.fix}" if self.fix else self.text))


def of_report(report: Report) -> Iterator[Annotation]:
    """The findings that did not pass, the worst first, each at the file that it speaks of."""
    for check, finding in by_severity(report):
        if finding.status not in (Status.PASS, Status.SKIP):
            yield _of_finding(report, check, finding)


def _of_finding(report: Report, check: CheckResult, finding: Finding) -> Annotation:
    return Annotation(
        level="warning" if report.accepts(finding.status) else "error",
        rule=finding.code.name,
        meaning=finding.code.meaning,
        text=f"{report.target}: {check.name}: {finding.subject}: {finding.cause}",
        fix=finding.remedy,
        path=relative(_file(finding) or report.target),
        line=1,
        snippet=finding.subject,
    )


def _file(finding: Finding) -> str:
    """The file of the target that *finding* speaks of, "" for none."""
    places = (finding.subject, *(finding.evidence.get(key) for key in ("path", "file")))
    return next((place for place in places if isinstance(place, str) and place.startswith("/")), "")


def relative(path: str) -> str:
    """*path* as one below the checkout or the target, of what prints; "target" for what has no name."""
    return printable(unicode_only(os.path.normpath(path.lstrip("/") or "target")))


def fingerprint(one: Annotation) -> str:
    """What stays the same when lines move: rule, file and what the place holds."""
    from hashlib import sha256

    return sha256(
        "\0".join((one.rule, one.path, one.snippet or one.text)).encode("utf-8", "replace")
    ).hexdigest()
