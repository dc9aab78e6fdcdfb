"""The zone that Go has loaded, as findings: is it the one that was wanted, or that its name says?"""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import compare
from probe.checks.timezone.compare import Difference, window
from probe.checks.timezone.context import Context, Ways, abbreviation, date, offset, plain
from probe.formats import tzif
from probe.formats.tzif import Zone
from probe.golang import localtime, zonedata
from probe.golang.localtime import LOCALTIME
from probe.lightweight import Any, Iterator
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge


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
    if not suspect and not copied and scene.value is None:
        return []
    from probe.checks.timezone import zone_warnings  # seldom needed

    found: list[Finding] = []
    if zone and path and suspect:
        found += zone_warnings.of_file(scene, zone, path)
    if zone and copied:
        found.append(zone_warnings.copied(scene, zone, Status.FAIL if copy == "fail" else Status.WARN))
    if scene.value is not None and (not scene.expected or scene.met):
        found += zone_warnings.hidden_localtime(scene)
    return found


def _identity(scene: Context) -> Finding:
    zone, claimed = scene.local.zone, scene.claimed
    named = _reference(claimed)
    current = scene.wanted if scene.expected else named
    if current is None:  # a zone of somebody's own, with nothing to hold it against
        return _fine(scene, claimed)
    if compare.agree(zone, current, *window(scene.now)):
        if named and not compare.agree(zone, named, *window(scene.now)):
            return _content_other(scene, claimed)  # the right time under a wrong name
        return _fine(scene, claimed)
    alias = claimed in ("", scene.expected) or (named and compare.same_zone(named, current, scene.now))
    parted = compare.outdated(zone, current, scene.now) if zone and alias else None
    if zone and parted:
        return _late(scene, zone, parted, claimed or scene.expected)
    if claimed == scene.expected or not scene.expected:
        return _content_other(scene, claimed)
    return _not_expected(scene, claimed)


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


def _late(scene: Context, zone: Zone, parted: Difference, name: str) -> Finding:
    """The right zone, without its latest changes."""
    release, current = _release(scene), zonedata.release()
    if release > current:  # it is our own reference that is late
        return _fine(scene, scene.claimed, installed=release, reference=current)
    path = scene.local.file or ""
    shows = f"Go shows {offset(parted.ours)} instead of {offset(parted.theirs)}"
    since = f"{'since' if parted.when <= scene.now else 'from'} {date(parted.when)}"
    wrong_now = scene.local.at(scene.now).offset_s != compare.clock(scene.wanted, scene.now).offset_s
    code, what = codes.TIMEZONE_RULES_OLD, f"are not those of tzdata {current}"
    if release:
        what = f"(tzdata {plain(release)}) are older than tzdata {current}"
    cause = f"the rules for {plain(name)} in {plain(path)} {what}: {since} {shows}"
    if not zone.rule and (not zone.times or parted.when >= zone.times[-1]):
        code = codes.TIMEZONE_RULE_MISSING
        cause = f"{plain(path)} says nothing about the time after its table: {since} {shows}"
    ways = scene.install(name, upgrade=path != localtime.EMBEDDED)
    if path == LOCALTIME and not scene.is_link(path):
        ways = scene.repair(path, name)
    return scene.finding(
        Status.FAIL if scene.expected and wrong_now else Status.WARN,
        code,
        cause,
        ways,
        zone=plain(name),
        installed=plain(release),
        reference=current,
        differs_from=date(parted.when),
    )


def _content_other(scene: Context, claimed: str) -> Finding:
    """A mount onto a link writes through it, onto the file of an innocent zone."""
    path = scene.local.file or ""
    end, zone = _resolved(scene, path), scene.local.zone
    names = compare.recognised(zone, scene.now) if zone else []
    mount = scene.target.mount_over(end)
    cause = f"{plain(end)} holds {f'{names[0]}' if names else 'another zone'} instead of {plain(claimed)}"
    if mount:
        through = f" through the link {plain(path)}" if end != path else ""
        cause += f", for {plain(mount.root)} is mounted on it{through}"
    ways = scene.set_zone(names[0]) if names else scene.install(claimed, upgrade=True)
    if scene.expected and not scene.met:
        ways = _without_mount() if mount else scene.install(claimed, upgrade=True)
    named = scene.value is not None and scene.local.name != "Local"  # by TZ itself, not by a link
    return scene.finding(
        Status.FAIL if (not scene.met if scene.expected else named) else Status.WARN,
        codes.TIMEZONE_CONTENT_OTHER,
        f"{cause}: {scene.effect()}",
        ways,
        zone=plain(claimed),
        content=names[:3],
        path=plain(end),
        mount=plain(mount.root) if mount else None,
    )


def _without_mount() -> Ways:
    from probe.remedies import actions

    return (actions.remedy(actions.ask("Remove the mount", actions.POD)),)


def _not_expected(scene: Context, claimed: str) -> Finding:
    by = scene.tz
    if scene.value is None:
        by = f"{LOCALTIME} ({plain(claimed)})" if claimed else LOCALTIME
    cause = f"{by} decides: {scene.effect()}"
    if scene.value is not None:
        hidden = scene.without_tz().local.zone
        if hidden and compare.agree(hidden, scene.wanted, *window(scene.now)):
            cause += f"; without TZ {LOCALTIME} would be right"
    ways = scene.set_zone(scene.expected)
    return scene.finding(Status.FAIL, codes.TIMEZONE_NOT_EXPECTED, cause, ways, zone=plain(claimed))


def _resolved(scene: Context, path: str) -> str:
    try:
        return scene.target.resolve(path)
    except OSError:
        return path


def _release(scene: Context) -> str:
    """The release of the zone data that the file belongs to, "" when nothing says so."""
    base, found, _ = _resolved(scene, scene.local.file or "").rpartition("/zoneinfo/")
    if not found:
        return ""
    for name, prefix in (("tzdata.zi", "# version "), ("+VERSION", "")):
        try:
            with scene.target.open(f"{base}/zoneinfo/{name}") as stream:
                line = stream.read(64).decode("ascii", "replace").partition("\n")[0]
        except (OSError, NotRegular, TooLarge):
            continue
        if line.startswith(prefix):
            return line.removeprefix(prefix).strip()
    return ""
