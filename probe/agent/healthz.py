"""
A verdict in the words of kube-apiserver, byte for byte but for the status code.

Source: k8s.io/apiserver, pkg/server/healthz/healthz.go: handleRootHealth, adaptCheckToHandler.
"""

from collections.abc import Collection, Sequence

from probe.lightweight import NamedTuple
from probe.output.base import by_severity, printable
from probe.report import CheckResult, Report, Status

ALWAYS = "agent"  # cannot be left out: without it an old report would pass for a good one


class HealthzAnswer(NamedTuple):
    """What is answered: whether all is well, and the text."""

    well: bool
    text: str


def every(
    name: str, report: Report, excluded: Sequence[str], *, verbose: bool, details: bool
) -> HealthzAnswer:
    """The answer for /NAME: "ok" alone when all is well and nobody asks for more."""
    lines, well = [], True
    for check in report.checks:
        if check.name in excluded and check.name != ALWAYS:
            lines.append(f"[+]{check.name} excluded: ok\n")
        elif check.status is Status.SKIP:
            lines.append(f"[+]{check.name} skipped: not checked\n")
        elif report.accepts(check.status):
            lines.append(f"[+]{check.name} ok\n")
        else:
            well = False
            lines.append(
                f"[-]{check.name} failed: {_reason(report, check) if details else 'reason withheld'}\n"
            )
    if unknown := _unknown(excluded, {check.name for check in report.checks} - {ALWAYS}):
        lines.append(f"warn: some health checks cannot be excluded: no matches for {unknown}\n")
    if well and not verbose:
        return HealthzAnswer(well, "ok")
    return HealthzAnswer(well, f"{''.join(lines)}{name} check {'passed' if well else 'failed'}\n")


def one(report: Report, check: CheckResult, *, details: bool) -> HealthzAnswer:
    """The answer for /NAME/CHECK; of a check that is skipped nothing is known, which is not healthy."""
    if check.status is Status.SKIP:
        return HealthzAnswer(False, f"{check.name} is skipped: not checked\n")
    if report.accepts(check.status):
        return HealthzAnswer(True, "ok")
    return HealthzAnswer(
        False, f"internal server error: {_reason(report, check) if details else 'reason withheld'}\n"
    )


def _reason(report: Report, check: CheckResult) -> str:
    _, worst = next(by_severity(report._replace(checks=(check,))))
    return printable(f"{worst.code.name}: {worst.cause}")


def _unknown(excluded: Sequence[str], known: Collection[str]) -> str:
    """Those that name no check, as Go's %q writes them, sorted."""
    from json import dumps

    return ",".join(dumps(printable(name)) for name in sorted({*excluded} - {*known}))
