"""The check `timezone`: what time.Local will be, against what was wanted."""

from __future__ import annotations

from probe import codes
from probe.checks.base import Run
from probe.checks.timezone import findings
from probe.checks.timezone.context import Context, zone_named
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding, Status
from probe.targets import Target

_POLICIES = ("fail", "warn", "ignore")
_STATUS = {"fail": Status.FAIL, "warn": Status.WARN, "ignore": Status.PASS}


class _Settings(NamedTuple):
    expected: str = option(
        "", "string", 'The expected zone, such as "Asia/Shanghai"; empty: any valid one is accepted.'
    )
    copy: str = option(
        "warn", "choice", "What a copy instead of a link at /etc/localtime counts as.", _POLICIES
    )
    missing: str = option(
        "warn", "choice", "What it counts as if nothing names a zone: UTC by default.", _POLICIES
    )
    zones: tuple[str, ...] = option(
        (), "strings", 'Zones that time.LoadLocation must find here, such as "Europe/Zurich".'
    )


class TimeZone(_Settings):
    """The zone that Go programs see is valid, and the one that was wanted."""

    __slots__ = ()
    name = "timezone"
    by_release = True
    can_be_repeated = False
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what decides first, then what is odd beside it."""
        scene = Context(target, run.facts.go(), run.facts.local_time(), int(run.now))
        found = list(self._findings(scene))
        if any(finding.remedies for finding in found):
            from probe.remedies import trial

            within = trial.allowed(run.deadline)
            found = trial.proven(
                found, target, lambda changed: list(self._findings(scene.on(changed))), allowance=within
            )
        yield from found

    def _findings(self, scene: Context) -> Iterator[Finding]:
        target = scene.target
        if self.expected:
            wanted = zone_named(target, self.expected)
            if wanted is None:
                yield _expected_unknown(scene, self.expected)
            else:
                scene = scene._replace(expected=self.expected, wanted=wanted)
        if scene.local.fallback:
            yield self._silent(scene)
        else:
            yield from findings.diagnose(scene, self.copy)
        if self.zones:
            from probe.checks.timezone import locations

            yield from locations.diagnose(scene, self.zones)

    def _silent(self, scene: Context) -> Finding:
        from probe.checks.timezone import file_errors, utc_fallback  # on the way of a failure only

        if scene.local.blocks_on:
            return file_errors.blocks(scene)
        return utc_fallback.diagnose(scene, _STATUS[self.missing])


def _expected_unknown(scene: Context, name: str) -> Finding:
    from probe.checks.timezone.guess import nearest

    near = nearest(name)
    cause = f'the configuration expects the zone "{name}", which does not exist' + (
        f"; did you mean {near}?" if near else ""
    )
    from probe.remedies import actions

    way = actions.ask("Write timezone.expected like Europe/Berlin", actions.PROBE)
    if near:
        way = actions.configure("timezone.expected", near)
    ways = (actions.remedy(way),)
    return scene.finding(Status.UNKNOWN, codes.TIMEZONE_EXPECTED_UNKNOWN, cause, ways, "timezone.expected")
