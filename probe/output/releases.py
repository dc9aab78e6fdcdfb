"""A run under each release of Go: for people the differences alone, for programs all of it."""

from __future__ import annotations

from probe.lightweight import Any, Callable, Iterator, Sequence
from probe.output.base import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.releases import ReleaseComparison, ReleaseVerdict
    from probe.report import Finding


def render(found: ReleaseComparison, *, colour: bool = False, language: str = "") -> str:
    """
    The report of the Go that is here, then a row for each release or row of releases that say the same.

    *language*: of `probe.translations`.
    """
    from probe.output import text

    say: Callable[[str], str] = str
    verdicts = found.verdicts
    if language:
        from probe.translations import findings

        say = findings.speaker(language)
        verdicts = tuple(_translated(one, language) for one in found.verdicts)
    lines = [
        text.render(found.report, colour=colour, language=language),
        f"{'as Go':14}{'verdict':11}{say(_beside(found))}",
    ]
    for same in _alike(verdicts):
        lines += _rows(same, say("the same"))
    return "\n".join(lines) + "\n"


def _beside(found: ReleaseComparison) -> str:
    return f"beside {found.go}, {'assumed: no Go is here' if found.assumed else 'which is here'}"


def _translated(one: ReleaseVerdict, language: str) -> ReleaseVerdict:
    from probe.translations import findings

    return one._replace(findings=tuple(findings.finding_in(found, language) for found in one.findings))


def as_document(found: ReleaseComparison) -> str:
    """The report of the Go that is here as ever, and of each release its verdict and its differences."""
    import json

    from probe.output.base import unicode_only
    from probe.output.json import as_json

    whole = {
        "go": found.go,
        "go_source": found.source,
        "healthy": found.healthy,
        "report": as_json(found.report),
        "releases": [_release(one) for one in found.verdicts],
    }
    return json.dumps(unicode_only(whole), indent=2) + "\n"


def _alike(verdicts: Sequence[ReleaseVerdict]) -> Iterator[list[ReleaseVerdict]]:
    """Neighbours that say the same, together; a preview stands alone."""
    together: list[ReleaseVerdict] = []
    for one in verdicts:
        if together and (one.preview or _says(one) != _says(together[0])):
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def _says(one: ReleaseVerdict) -> object:
    return (
        one.healthy,
        [(finding.code, finding.subject, finding.status) for finding in one.findings],
        [(finding.code, finding.subject) for finding in one.gone],
        one.bridges,
    )


def _rows(same: Sequence[ReleaseVerdict], alike: str) -> Iterator[str]:
    first, last = same[0], same[-1]
    name = first.name if first is last else f"{first.name}-{last.name}"
    head = f"{name + ' preview' * first.preview:14}{'healthy' if first.healthy else 'unhealthy':11}"
    if not first.differs:
        yield f"{head}{alike}"
        return
    for finding in first.findings:
        yield f"{head}{finding.status.value} {finding.code.name}: {printable(finding.cause)}"
        yield f"{'':25}{_bridge(first, finding)}"
        head = " " * 25
    for finding in first.gone:
        yield f"{head}without {finding.code.name}: {printable(finding.subject)}"
        head = " " * 25


def _bridge(verdict: ReleaseVerdict, finding: Finding) -> str:
    """How to go on with that release: the setting that was tried, else the remedy of the finding."""
    setting = verdict.bridges.get((finding.code.name, finding.subject))
    if setting:
        return f"bridge: ENV GODEBUG={setting}"
    fix = finding.remedy
    return f"fix: {printable(fix.partition(chr(10))[0]) or f'probe explain {finding.code.name}'}"


def _release(one: ReleaseVerdict) -> dict[str, Any]:
    from probe.output.json import finding_json

    return {
        "release": one.name,
        "preview": one.preview,
        "healthy": one.healthy,
        "findings": [{**finding_json(found), "bridge": _godebug(one, found)} for found in one.findings],
        "gone": [{"code": found.code.name, "subject": found.subject} for found in one.gone],
    }


def _godebug(one: ReleaseVerdict, finding: Finding) -> str | None:
    """The variable that has to be set; None where no setting bridges the difference."""
    setting = one.bridges.get((finding.code.name, finding.subject))
    return setting and f"GODEBUG={setting}"
