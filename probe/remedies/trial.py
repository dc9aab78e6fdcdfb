"""
Remedies are tried before they are told: laid over the target in memory, and the question asked again.

What would leave the finding as it is, make something else worse or take a root away is
left out. What cannot be tried (somebody else's server, a pod's field) is kept, after
what has proved itself.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from probe.golang.x509 import trust
from probe.remedies import actions, distribution, effects, notation, overlay, packages, places
from probe.remedies.effects import UnknownEffect
from probe.report import Action, Finding, Remedy, Status
from probe.targets import NotRegular, Target, TooLarge

# The findings on another target; None where it has lost what the target had and needs.
Ask = Callable[[Target], Sequence[Finding] | None]

# What can as well be done before a file is copied,
_OUTSIDE = ("convert", "chmod", "chmod-to", "remove", "move")
_MOUNTED = ("convert",)  # and before it is put into a volume
_WRITTEN_BY = {  # effect → the place that such a command fills, which a mount may cover
    "update-ca-certificates": trust.FILES[0],
    "install-roots": trust.FILES[0],
    "reinstall-roots": trust.FILES[0],
    "zones": packages.ZONEINFO,
}
LIMIT_S = 0.03  # of our own CPU, for one finding
TOTAL_S = 0.3  # and for all findings of a check: after that their remedies are told untried
_BAD = (Status.FAIL, Status.UNKNOWN, Status.WARN)


def proven(found: Sequence[Finding], target: Target, ask: Ask) -> list[Finding]:
    """*found*, each finding with those of its remedies that help; *ask* gives the findings elsewhere."""
    ends = time.thread_time() + TOTAL_S
    return [_proven(finding, found, target, ask, ends) if finding.remedies else finding for finding in found]


def of_check(found: Sequence[Finding], target: Target, ask: Ask) -> list[Finding]:
    """
    The findings of one check, their remedies as values, and tried where *ask* can find the same on a view.

    A check that starts programs or asks servers does not find the same there: of its remedies nothing can
    be said, and all are kept.
    """
    with_ways = [
        finding
        if finding.remedies or not finding.remedy
        else finding._replace(remedies=notation.ways(finding.remedy))
        for finding in found
    ]
    known: list[Sequence[Finding]] = []
    ends = time.thread_time() + TOTAL_S

    def unchanged() -> Sequence[Finding]:
        if not known:
            known.append(ask(overlay.over(target)[0]) or ())
        return known[0]

    return [
        actions.put(finding, *_helpful(finding, target, ask, unchanged, ends))
        if finding.remedies
        else finding
        for finding in with_ways
    ]


def _helpful(
    finding: Finding, target: Target, ask: Ask, unchanged: Callable[[], Sequence[Finding]], ends: float
) -> tuple[Remedy, ...]:
    """The remedies of *finding*, those that were seen to help first, without those that were seen not to."""
    if finding.status not in _BAD or any(way.tried for way in finding.remedies):
        return finding.remedies
    ways = feasible(finding.remedies, target)
    if not any(_can_be_tried(way) for way in ways) or time.thread_time() > ends:
        return finding.remedies
    before = unchanged()
    if _identity(finding) not in [_identity(one) for one in before]:
        return finding.remedies
    until, helps, open_ = min(time.thread_time() + LIMIT_S, ends), [], []
    for way in ways:
        late = time.thread_time() > until
        outcome = None if late or not _can_be_tried(way) else _outcome(way, finding, before, target, ask)
        if outcome:
            helps.append(way._replace(tried=True))
        elif outcome is None:
            open_.append(way)
    if helps or open_:
        return (*helps, *open_)
    return (actions.remedy(actions.ask(f"probe explain {finding.code.name}", actions.PROBE)),)


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.subject, finding.status


def _can_be_tried(way: Remedy) -> bool:
    return all(
        action.kind in ("set-env", "unset-env") or action.values.get("effect") or action.values.get("content")
        for action in way.actions
    )


def _proven(finding: Finding, found: Sequence[Finding], target: Target, ask: Ask, ends: float) -> Finding:
    until = min(time.thread_time() + LIMIT_S, ends)
    kept: list[Remedy] = []
    for remedy in feasible(finding.remedies, target):
        if any(one.tried and set(map(_key, one.actions)) <= set(map(_key, remedy.actions)) for one in kept):
            continue  # less is enough
        late = time.thread_time() > until
        outcome = None if late else _outcome(remedy, finding, found, target, ask)
        if outcome is not False:
            kept.append(remedy._replace(tried=bool(outcome)))
    if any(
        one.tried for one in kept
    ):  # what is sure comes before what is not, but for what others have to do
        kept = [one for one in kept if one.tried or _of_others(one)]
    if not kept:
        way = actions.ask(f"probe explain {finding.code.name}", actions.PROBE)
        return actions.put(finding, actions.remedy(way))
    return actions.put(finding, *kept)


def _key(action: Action) -> str:
    return actions.text((action,))


def feasible(remedies: Iterable[Remedy], target: Target) -> list[Remedy]:
    """
    Those that can be carried out: by programs that the image has, and not where something is mounted.

    What the image has no program for is done where it is built, before the file is copied.
    """
    return [one for remedy in remedies if (one := _feasible(remedy, target))]


def _feasible(remedy: Remedy, target: Target) -> Remedy | None:
    made: list[Action] = []
    for action in remedy.actions:
        values = action.values
        if action.kind == "copy" and not places.in_image(target, values["destination"]):
            return None
        if action.kind == "run":
            path = values.get("path", "")
            own = _WRITTEN_BY.get(values["effect"].partition(":")[0])
            written = [one for one in (path, values.get("to"), own) if one]
            mounted = not all(places.in_image(target, one) for one in written)
            lacking = not _can_run(target, values)
            outside = _MOUNTED if mounted else _OUTSIDE
            if (mounted or lacking) and not (path and values["effect"].partition(":")[0] in outside):
                return None
            if mounted or lacking:
                action = actions.before_build(action, "" if mounted else target.directory)
        made.append(action)
    return actions.remedy(*made)


def _can_run(target: Target, values: Mapping[str, Any]) -> bool:
    return distribution.has_shell(target) and all(
        distribution.has_program(target, name) for name in values["needs"]
    )


def _outcome(
    remedy: Remedy, finding: Finding, found: Sequence[Finding], target: Target, ask: Ask
) -> bool | None:
    """Whether the finding is gone after *remedy* and nothing is worse; None where that cannot be said."""
    try:
        after = ask(effects.applied(target, remedy.actions))
    except UnknownEffect:
        return None
    except (OSError, NotRegular, TooLarge):
        return False
    if after is None:
        return False
    same = [one for one in after if (one.code, one.subject) == (finding.code, finding.subject)]
    if any(one.status.severity >= finding.status.severity for one in same):
        return False
    return not _worse(found, after, finding)


def _worse(before: Sequence[Finding], after: Sequence[Finding], finding: Finding) -> bool:
    """Whether something is bad now that was not, and is not less bad than what has gone."""
    known = {(one.code, one.subject): one.status.severity for one in before if one.status in _BAD}
    return any(
        one.status in _BAD
        and one.status.severity > known.get((one.code, one.subject), Status.SKIP.severity)
        and one.status.severity >= finding.status.severity
        for one in after
    )


def _of_others(remedy: Remedy) -> bool:
    return any(action.audience not in (actions.IMAGE, actions.BUILD) for action in remedy.actions)
