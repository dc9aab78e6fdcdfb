"""Another zone than the one that was wanted, or than its name says."""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import compare
from probe.checks.timezone.compare import Difference, window
from probe.checks.timezone.context import Context, Ways, date, offset, plain
from probe.formats.tzif import Zone
from probe.golang import localtime, zonedata
from probe.golang.localtime import LOCALTIME
from probe.report import Finding, Status
from probe.targets import NotRegular, TooLarge


def late(scene: Context, zone: Zone, parted: Difference, name: str, release: str) -> Finding:
    """The right zone, without its latest changes; *release*: of its data, "" where nothing says so."""
    current, path = zonedata.release(), scene.local.file or ""
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


def content(scene: Context, claimed: str) -> Finding:
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


def not_expected(scene: Context, claimed: str) -> Finding:
    """A zone of its own right, where another one is configured."""
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


def release(scene: Context) -> str:
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
