"""What is odd about the file of a zone that Go takes: damage, its version, a copy in place of a link."""

from __future__ import annotations

from probe import codes
from probe.checks.timezone import compare
from probe.checks.timezone.compare import window
from probe.checks.timezone.context import (
    Context,
    Ways,
    abbreviation,
    date,
    offset,
    plain,
    zone_name,
    zone_named,
)
from probe.formats import tzif
from probe.formats.tzif import Zone
from probe.golang.localtime import LOCALTIME
from probe.lightweight import Iterator
from probe.report import Finding, Status

_FOOTER = {
    tzif.UNTERMINATED: "lacks its last newline",
    tzif.JUNK: "has data after its last line",
    tzif.UNREADABLE: "ends with a rule that Go cannot read",
}


def of_file(scene: Context, zone: Zone, path: str) -> Iterator[Finding]:
    """Damage that Go overlooks without a word."""
    fault, file, ways = zone.footer_fault, plain(path), scene.install(zone_name(path), upgrade=True)
    if path == LOCALTIME and not scene.is_link(path):
        names = _names(scene, zone)
        ways = scene.repair(path, names[0]) if names else _asked(f"Replace {path} by a complete zone file")
    if fault in _FOOTER:
        yield _dropped(scene, zone, f"{file} {_FOOTER[fault]}, so Go drops its rule", ways)
    elif fault == tzif.ABSENT:
        cause = f"{file} has no rule after its table: Go keeps its last clock for ever, glibc shows UTC"
        yield scene.finding(Status.WARN, codes.TIMEZONE_RULE_MISSING, cause, ways)
    if zone.version == 1:
        cause = f"{file} is of version 1: it ends in 2037 with no rule for later, and musl does not read it"
        yield scene.finding(Status.WARN, codes.TIMEZONE_V1_ONLY, cause, ways)
    if zone.leap_seconds:
        cause = (
            f"{file} counts leap seconds (it comes from right/) and Go does not: changes come seconds late"
        )
        ways = scene.set_zone(scene.expected or scene.claimed or "UTC")
        yield scene.finding(Status.WARN, codes.TIMEZONE_LEAP_SECONDS, cause, ways)


def _dropped(scene: Context, zone: Zone, cause: str, ways: Ways) -> Finding:
    footer = plain(zone.tail[:100].decode("utf-8", "replace"))
    parted = compare.differ(zone, zone.as_meant(), *window(scene.now))
    if not parted:
        cause += ", which makes no difference in the current years"
        return scene.finding(Status.WARN, codes.TIMEZONE_RULE_DROPPED, cause, ways, footer=footer)
    cause += (
        f": from {date(parted.when)} on it shows {abbreviation(parted.ours)} ({offset(parted.ours)})"
        f" instead of {abbreviation(parted.theirs)} ({offset(parted.theirs)})"
    )
    return scene.finding(
        Status.FAIL,
        codes.TIMEZONE_RULE_DROPPED,
        cause,
        ways,
        footer=footer,
        differs_from=date(parted.when),
    )


def copied(scene: Context, zone: Zone, status: Status) -> Finding:
    """A file without a name is recognised by what is in it."""
    names = _names(scene, zone)
    mount = scene.target.mount_over(LOCALTIME)
    of = f" of {names[0]}" if names else " of an unknown zone"
    how = f"is a mount of {plain(mount.root)}, a copy" if mount else "is a copy"
    cause = f"{LOCALTIME} {how}{of} and not a link: nothing says its name, and tzdata updates do not reach it"
    from probe.remedies import actions

    meant = actions.remedy(actions.configure("timezone.copy", "ignore"))
    ways: Ways = (meant,)
    if names and scene.target.exists(f"/usr/share/zoneinfo/{names[0]}"):
        ways = (*scene.repair(LOCALTIME, names[0]), meant)
    return scene.finding(
        status,
        codes.TIMEZONE_COPY,
        cause,
        ways,
        LOCALTIME,
        content=names[:3],
        mount=plain(mount.root) if mount else None,
    )


def _names(scene: Context, zone: Zone) -> list[str]:
    """The names of a copy; the likely ones are tried first, for to know all takes 600 files."""
    for name in (scene.expected, scene.written_name()):
        guess = zone_named(scene.target, name)
        if guess and compare.same_zone(zone, guess, scene.now):
            return [name]
    return compare.recognised(zone, scene.now)


def _asked(text: str) -> Ways:
    from probe.remedies import actions

    return (actions.remedy(actions.ask(text, actions.IMAGE)),)
