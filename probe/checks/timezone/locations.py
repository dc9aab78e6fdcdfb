"""Whether time.LoadLocation finds the zones that the configuration names."""

from __future__ import annotations

from probe import codes
from probe.checks.timezone.context import Context, plain
from probe.checks.timezone.guess import nearest
from probe.golang import localtime, zonedata
from probe.golang.localtime import LocalTime
from probe.lightweight import Iterator
from probe.report import Finding, Status


def diagnose(scene: Context, names: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each zone that is not found, or one for all."""
    told = {name: localtime.load_location(scene.target, scene.go, name) for name in names}
    for name, found in told.items():
        if found.fallback:
            yield _missing(scene, name, found)
    if not any(found.fallback for found in told.values()):
        text = f"time.LoadLocation finds {', '.join(map(plain, names))}"
        files = sorted({plain(found.file) for found in told.values() if found.file})
        yield scene.finding(
            Status.PASS, codes.TIMEZONE_LOCATIONS_FOUND, text, (), "timezone.zones", files=files
        )


def _missing(scene: Context, name: str, found: LocalTime) -> Finding:
    tried = [f"{plain(attempt.path)}: {attempt.outcome}" for attempt in found.tried]
    what, status, ways = plain(name), Status.FAIL, scene.install(name)
    if found.blocks_on:
        cause = f'time.LoadLocation("{what}") blocks for ever: {plain(found.blocks_on)} is a FIFO'
    elif found.unsure:
        status = Status.UNKNOWN
        cause = (
            f"{what} is in no file here, and whether {plain(scene.go.program)} holds it cannot be determined"
        )
    elif found.tried[0].outcome == localtime.INVALID:
        cause, ways = f'time.LoadLocation("{what}") returns an error: it takes no path and no ".."', ()
    elif name in zonedata.names():
        cause = f'time.LoadLocation("{what}") returns an error: the zone is not found here'
    else:
        near = nearest(name)
        hint = f"; did you mean {near}?" if near else ""
        cause, ways = f'time.LoadLocation("{what}") returns an error: there is no zone of that name{hint}', ()
    return scene.finding(
        status, codes.TIMEZONE_LOCATION_MISSING, cause, ways, "timezone.zones", zone=what, tried=tried
    )
