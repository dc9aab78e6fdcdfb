"""/etc/localtime beside a TZ that wins over it."""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import compare
from probe.checks.timezone.compare import window
from probe.checks.timezone.context import Context, Ways, abbreviation, offset, plain
from probe.golang import zonedata
from probe.golang.localtime import LOCALTIME
from probe.lightweight import Any, Iterator
from probe.report import Finding, Status


def findings(scene: Context) -> Iterator[Finding]:
    """Go and libc follow TZ alone; what runs without it sees another time."""
    without = scene.without_tz()
    zone, shows = without.local.zone, without.local.at(scene.now)
    if zone is None or compare.agree(zone, scene.local.zone, *window(scene.now)):
        return
    theirs = f"{LOCALTIME} ({plain(without.claimed) or abbreviation(shows)}, {offset(shows)})"
    evidence: dict[str, Any] = {"localtime": plain(without.claimed)}
    if (scene.value or "").strip(":") == "" and not scene.expected:
        cause = f"{scene.tz} is set but empty: Go uses UTC and ignores {theirs}"
        ways = scene.set_zone(without.claimed) if without.claimed in zonedata.names() else _unset_tz()
        yield scene.finding(Status.WARN, codes.TIMEZONE_TZ_EMPTY, cause, ways, **evidence)
        return
    cause = (
        f"{scene.tz} wins over {theirs} for Go and libc; programs without TZ, such as cron, use the latter"
    )
    if scene.expected or compare.agree(zone, None, *window(scene.now)):
        yield scene.finding(Status.PASS, codes.TIMEZONE_TZ_OVERRIDES, cause, **evidence)
        return
    name = scene.claimed
    ways = _unset_tz()
    if name in zonedata.names():
        from probe.remedies import zones

        ways = (zones.link(scene.target, name), *ways)
    yield scene.finding(Status.WARN, codes.TIMEZONE_TZ_DISAGREES, cause, ways, **evidence)


def _unset_tz() -> Ways:
    from probe.remedies import actions

    return (actions.remedy(actions.unset_env("TZ")),)
