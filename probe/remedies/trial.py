"""
Remedies are tried before they are told: laid over the target in memory, and the question asked again.

What would leave the finding as it is, make something else worse or take a root away is
left out. What cannot be tried (somebody else's server, a pod's field) is kept, after
what has proved itself.
"""

from __future__ import annotations

import math
import sys
import time

from probe.deadline import Deadline
from probe.golang.x509 import trust
from probe.lightweight import Any, Callable, Iterable, Iterator, Mapping, Sequence
from probe.remedies import actions, audience, distribution, effects, overlay, packages, places
from probe.remedies.effects import UnknownEffect
from probe.remedies.lower_files import Allowance, LowerFiles, TrialTooLong, as_root
from probe.report import Action, Finding, Remedy, Status
from probe.targets import NotRegular, Target, TooLarge

# The findings on another target; None where it has lost what the target had and needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    Ask = Callable[[Target], Sequence[Finding] | None]

# What can as well be done before a file is copied,
_OUTSIDE = ("convert", "chmod", "chmod-to", "remove", "move", "sign")
_MOUNTED = ("convert",)  # and before it is put into a volume
_WRITTEN_BY = {  # effect → the place that such a command fills, which a mount may cover
    "update-ca-certificates": trust.FILES[0],
    "install-roots": trust.FILES[0],
    "reinstall-roots": trust.FILES[0],
    "zones": packages.ZONEINFO,
}
LIMIT_S = 0.03  # of our own CPU for one finding: after it no trial begins,
_GIVEN_UP = 2  # and after so many times as long what is being tried is given up, and told untried
_NEXT = 0.5  # of what a trial took, the next one is sure to take: most of what it asks is known by then
TOTAL_S = 0.3  # and for all of a check: what is being tried then is given up, and told untried
_SHARE = 0.5  # of the run's time that is left; the rest: to report
_BYTES = 32 << 20  # that are read for all of them
_BAD = (Status.FAIL, Status.UNKNOWN, Status.WARN)


def proven(
    found: Sequence[Finding],
    target: Target,
    ask: Ask,
    before: Sequence[Finding] | None = None,
    allowance: Allowance | None = None,
) -> list[Finding]:
    """
    *found*, each finding with those of its remedies that can be carried out and were not seen to fail.

    *ask* gives the findings elsewhere; *before* are those of the target itself as *ask* gives them, where
    that is not what was *found*: a check that starts programs or asks servers does not find the same on a
    view, and of what it does not find there nothing can be said.
    """
    within = allowance or allowed()
    known = found if before is None else before
    return _all(found, known, target, ask, LowerFiles(target, within))


def _all(
    found: Sequence[Finding], before: Sequence[Finding], target: Target, ask: Ask, lower: LowerFiles
) -> list[Finding]:
    return [
        _proven(finding, before, target, ask, lower) if finding.remedies else finding for finding in found
    ]


def allowed(deadline: Deadline | None = None) -> Allowance:
    """
    What all trials of a check may take together, where a run has until *deadline*.

    No bound where Python was started with `-X trials=all`: then what is told depends on no clock.
    """
    if sys._xoptions.get("trials") == "all":
        return Allowance(math.inf, math.inf, math.inf)
    return Allowance(TOTAL_S, deadline.remaining() * _SHARE if deadline else math.inf, _BYTES, LIMIT_S)


def of_check(
    found: Sequence[Finding], target: Target, ask: Ask, deadline: Deadline | None = None
) -> list[Finding]:
    """The same for a check as a whole; what it has tried itself is left as it is."""
    lower = LowerFiles(target, allowed(deadline))
    triable = any(_is_open(finding) and any(map(_can_be_tried, finding.remedies)) for finding in found)
    try:
        before = (ask(overlay.over(target, lower)[0]) or ()) if triable else ()
    except TrialTooLong:
        before = ()  # so nothing is tried
    open_ones = [finding for finding in found if _is_open(finding)]
    tried = iter(_all(open_ones, before, target, ask, lower))
    return [next(tried) if _is_open(finding) else finding for finding in found]


def _is_open(finding: Finding) -> bool:
    return bool(finding.remedies) and not any(way.tried for way in finding.remedies)


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.subject, finding.status


def _can_be_tried(way: Remedy) -> bool:
    return all(
        action.kind in ("set-env", "unset-env") or action.values.get("effect") or action.values.get("content")
        for action in way.actions
    )


def _proven(
    finding: Finding, before: Sequence[Finding], target: Target, ask: Ask, lower: LowerFiles
) -> Finding:
    lower.begin(_GIVEN_UP * lower.each_s)
    until, took = time.thread_time() + lower.each_s, 0.0
    seen = finding.status in _BAD and _identity(finding) in map(_identity, before)
    kept: list[Remedy] = []
    for way in _feasible_ones(finding.remedies, target, lower.each_s):
        if any(one.tried and set(map(_key, one.actions)) <= set(map(_key, way.actions)) for one in kept):
            continue  # less is enough
        begin = time.thread_time()
        tries = seen and _can_be_tried(way) and begin + took * _NEXT <= until and not lower.spent()
        outcome = _outcome(way, finding, before, target, ask, lower) if tries else None
        took = time.thread_time() - begin if tries else took
        if outcome is not False:
            kept.append(way._replace(tried=bool(outcome)))
    if any(
        one.tried for one in kept
    ):  # what is sure comes before what is not, but for what others have to do
        kept = [one for one in kept if one.tried or _of_others(one)]
        kept.sort(key=lambda one: not one.tried)
    if not kept:
        kept = [actions.remedy(actions.probe(f"probe explain {finding.code.name}"))]
    return finding._replace(remedies=tuple(kept))


def _key(action: Action) -> str:
    return actions.text((action,))


def feasible(remedies: Iterable[Remedy], target: Target) -> list[Remedy]:
    """
    Those that can be carried out: by programs that are there, by somebody who may, and not below a mount.

    What the image has no program for is done where it is built, before the file is copied. Bounded in time.
    """
    return list(_feasible_ones(remedies, target))


def _feasible_ones(remedies: Iterable[Remedy], target: Target, within_s: float = LIMIT_S) -> Iterator[Remedy]:
    """The same one by one; of more than *within_s* of our own for all of them the rest is not asked about."""
    told: set[str] = set()
    spent, begin = 0.0, time.thread_time()
    for way in (way for remedy in remedies for way in audience.suited(remedy, target)):
        if told and spent + time.thread_time() - begin > within_s:
            return
        found = _feasible(way, target)
        if found and found.text not in told:
            told.add(found.text)
            spent += time.thread_time() - begin
            yield found
            begin = time.thread_time()  # a trial in between has its own limit


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
            if lacking and not mounted and (owned := _copied(action)):
                made += owned
                continue
            if (mounted or lacking) and not (path and values["effect"].partition(":")[0] in outside):
                return None
            if mounted or lacking:
                action = actions.before_build(action, "" if mounted else target.directory)
                if to := "" if mounted or target.directory else _made_anew(action, made):
                    made.append(action)
                    action = actions.copy(to.rpartition("/")[2], to, content="converted")
        elif action.kind == "shell" and target.directory and values.get("path"):
            action = actions.before_build(action, target.directory)  # or it would change this machine's own
        elif action.kind == "look" and target.directory:
            action = actions.below(action, target.directory)  # or it would show this machine's own
        elif action.kind == "from" and distribution.base(target) == "alpine":
            action = _on_alpine(action)
        made.append(action)
    return actions.remedy(*made)


def _made_anew(action: Action, before: Sequence[Action]) -> str:
    """The file that a conversion makes beside another one, and no Dockerfile copies yet; "" for none."""
    converts = action.values["effect"].startswith("convert")
    in_its_place = any(one.values.get("path") == action.values.get("to") for one in before)
    return "" if in_its_place or not converts else str(action.values.get("to", ""))


def _on_alpine(action: Action) -> Action:
    """An image of Go with what else is of Alpine in this one: `apk` above all."""
    name, _, tag = str(action.values["image"]).partition(":")
    plain = name == "golang" and tag and tag.replace(".", "").isdigit()
    return actions.from_image(f"{name}:{tag}-alpine") if plain else action


def _copied(action: Action) -> list[Action]:
    """What gives files their owner in an image without programs: COPY does."""
    values = action.values
    paths = {"chown": (values.get("path", ""),), "make": values.get("paths", ())}.get(values["effect"], ())
    return [actions.copy_owned(path, values["owner"], values.get("mode", "")) for path in paths]


def _can_run(target: Target, values: Mapping[str, Any]) -> bool:
    """Whether the image can; what is for another stage, such as the one that builds, needs nothing of it."""
    if values["needs"] is None:
        return True
    target = target._replace(files=as_root(target))  # whoever builds it sees what its user may not
    needs = list(values["needs"])
    rehashes = "update-ca-certificates" in needs or values["effect"] == "reinstall-roots"
    if rehashes and distribution.base(target) == "debian":
        needs.append("openssl")  # without which the script ends at `openssl rehash`
    return distribution.has_shell(target) and all(distribution.has_program(target, name) for name in needs)


def _outcome(
    remedy: Remedy,
    finding: Finding,
    found: Sequence[Finding],
    target: Target,
    ask: Ask,
    lower: LowerFiles,
) -> bool | None:
    """Whether the finding is gone after *remedy* and nothing is worse; None where that cannot be said."""
    view = overlay.over(target, lower)[0]
    try:
        after = ask(effects.applied(view, remedy.actions))
    except (UnknownEffect, TrialTooLong):
        return None
    except (OSError, NotRegular, TooLarge):
        return None if overlay.is_blind(view) else False
    helps = after is not None and _helps(after, finding, found)
    return None if not helps and overlay.is_blind(view) else helps


def _helps(after: Sequence[Finding], finding: Finding, found: Sequence[Finding]) -> bool:
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
