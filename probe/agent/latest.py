"""What the last runs found, as one: the runs of several roles ask the same checks at different times."""

from collections.abc import Iterator

from probe.agent.roles import NO_CHECKS
from probe.agent.schedule import CheckSeen, Schedule
from probe.report import CheckResult, Finding
from probe.samples import METRICS, Sample


def checks(schedule: Schedule) -> dict[str, CheckSeen]:
    """
    Each check with the findings of every run that is still made, so that its status is the worst of them.

    A series that followed the newest run would go up and down while one role passes and another fails.
    """
    found: dict[str, CheckSeen] = {}
    for run in schedule.current:
        for name, seen in schedule.seen[run].items():
            found[name] = _both(found[name], seen) if name in found else seen
    return dict(sorted(found.items()))


def would_start(schedule: Schedule) -> bool | None:
    """Whether a program that started now would pass the checks; None before they were asked."""
    report = next(iter(schedule.newest_first()), None)
    results = [seen.result for name, seen in checks(schedule).items() if name not in NO_CHECKS]
    if not report or not results:
        return None
    return all(report._replace(role="startup").accepts(result.status) for result in results)


def samples(schedule: Schedule) -> Iterator[Sample]:
    """Of each metric those of the newest run that has any; what only connections tell outlasts its run."""
    current = schedule.current
    others = sorted(set(schedule.seen) - set(current), key=schedule.ended_at.__getitem__, reverse=True)
    for name, metric in METRICS.items():
        for run in (*current, *others) if metric.lasting else current:
            if found := [sample for sample in _of(schedule, run) if sample.name == name]:
                yield from found
                break


def _both(one: CheckSeen, other: CheckSeen) -> CheckSeen:
    known = {_key(finding) for finding in one.result.findings}
    more = tuple(finding for finding in other.result.findings if _key(finding) not in known)
    result = CheckResult(
        one.result.name, (*one.result.findings, *more), max(one.result.duration_s, other.result.duration_s)
    )
    return CheckSeen(result, max(one.ended_at, other.ended_at))


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.code.name, finding.status.value, finding.subject


def _of(schedule: Schedule, run: str) -> Iterator[Sample]:
    for seen in schedule.seen[run].values():
        for finding in seen.result.findings:
            yield from finding.samples
