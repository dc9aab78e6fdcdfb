"""The zone that Go has loaded, as findings: is it the one that was wanted, or that its name says?"""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import compare
from probe.checks.timezone.compare import window
from probe.checks.timezone.context import Context, abbreviation, date, offset, plain
from probe.formats import tzif
from probe.formats.tzif import Zone
from probe.golang import zonedata
from probe.golang.localtime import LOCALTIME
from probe.lightweight import Any, Iterator
from probe.report import Finding, Status


def diagnose(scene: Context, copy: str) -> Iterator[Finding]:
    """The zone itself, then what is odd about its file, and who else sees another zone."""
    odd = _oddities(scene, copy)
    # What Go drops makes another zone of it: one cause, one finding.
    if not any(found.code is codes.TIMEZONE_RULE_DROPPED and found.status is Status.FAIL for found in odd):
        yield _identity(scene)
    yield from odd


def _oddities(scene: Context, copy: str) -> list[Finding]:
    zone, path = scene.local.zone, scene.local.file
    suspect = zone and (zone.footer_fault or zone.version == 1 or zone.leap_seconds)
    copied = path == LOCALTIME and copy != "ignore" and not scene.is_link(LOCALTIME)
    found: list[Finding] = []
    if zone and (suspect or copied):
        from probe.checks.timezone import zone_warnings

        if path and suspect:
            found += zone_warnings.of_file(scene, zone, path)
        if copied:
            found.append(zone_warnings.copied(scene, zone, Status.FAIL if copy == "fail" else Status.WARN))
    if scene.value is not None and (not scene.expected or scene.met):
        from probe.checks.timezone import hidden_localtime

        found += hidden_localtime.findings(scene)
    return found


def _identity(scene: Context) -> Finding:
    zone, claimed = scene.local.zone, scene.claimed
    named = _reference(claimed)
    current = scene.wanted if scene.expected else named
    if current is None:  # a zone of somebody's own, with nothing to hold it against
        return _fine(scene, claimed)
    same = compare.agree(zone, current, *window(scene.now))
    if same and (not named or compare.agree(zone, named, *window(scene.now))):
        return _fine(scene, claimed)
    from probe.checks.timezone import other_zone

    if same:
        return other_zone.content(scene, claimed)  # the right time under a wrong name
    alias = claimed in ("", scene.expected) or (named and compare.same_zone(named, current, scene.now))
    parted = compare.outdated(zone, current, scene.now) if zone and alias else None
    if zone and parted:
        installed, ours = other_zone.release(scene), zonedata.release()
        if installed > ours:  # it is our own reference that is late
            return _fine(scene, claimed, installed=installed, reference=ours)
        return other_zone.late(scene, zone, parted, claimed or scene.expected, installed)
    if claimed == scene.expected or not scene.expected:
        return other_zone.content(scene, claimed)
    return other_zone.not_expected(scene, claimed)


def _reference(name: str) -> Zone | None:
    parsed = tzif.parse(zonedata.load(name) or b"")
    return parsed if isinstance(parsed, Zone) else None


def _fine(scene: Context, claimed: str, **evidence: Any) -> Finding:
    now = scene.local.at(scene.now)
    text = f"time.Local is {abbreviation(now)} ({offset(now)})"
    if claimed and claimed != abbreviation(now):
        text = f"time.Local is {plain(claimed)} ({abbreviation(now)}, {offset(now)})"
    evidence = {"zone": plain(claimed), **evidence}
    if not scene.expected or claimed in ("", scene.expected):
        return scene.finding(Status.PASS, codes.TIMEZONE_OK, text, **evidence)
    if compare.same_zone(scene.local.zone, scene.wanted, scene.now):
        text += f", the same zone as {scene.expected}"
        return scene.finding(Status.PASS, codes.TIMEZONE_OK, text, **evidence)
    start, end = window(scene.now)
    text += f": from {date(start)} to {date(end)} it shows what {scene.expected} shows, but is another zone"
    return scene.finding(
        Status.WARN, codes.TIMEZONE_OTHER_NAME, text, scene.set_zone(scene.expected), **evidence
    )
