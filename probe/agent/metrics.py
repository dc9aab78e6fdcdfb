"""What /metrics tells: the last reports, how the runs went, and the agent itself."""

import os
import time
from collections.abc import Iterator, Mapping

from probe import __version__, codes
from probe.agent import handshakes
from probe.agent.handshakes import instant
from probe.agent.state import State
from probe.agent.workload import Workload
from probe.output.prometheus import Family, build_info, exposition, of_checks
from probe.report import CheckResult, Finding

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_SKIPPED = (codes.CA_BUNDLE_SKIPPED_BLOCKS, codes.CA_BUNDLE_TRUNCATED, codes.CA_BUNDLE_BYTE_ORDER_MARK)
_UNUSABLE = (codes.CA_ROOTS_EXPIRED, codes.CA_ROOTS_NOT_YET_VALID, codes.CA_ROOTS_UNUSABLE)

_Samples = list[tuple[Mapping[str, str], float]]


def render(state: State, *, openmetrics: bool) -> str:
    """All of it; labels hold names of checks, roles, codes and configured endpoints only."""
    return exposition(_families(state), openmetrics=openmetrics)


def _families(state: State) -> Iterator[Family]:
    yield build_info(__version__)
    yield from _roles(state)
    if state.workload:
        yield from _beside(state.workload)
    latest = _latest(state)
    if latest:
        checks = tuple(check for check, _ in latest.values())
        report = next(iter(state.schedule.last.values()))
        yield from of_checks(report._replace(checks=checks))
        yield Family(
            "probe_check_last_run_timestamp_seconds",
            "When the run ended that the figures of the check are from.",
            [({"check": name}, round(at, 3)) for name, (_, at) in latest.items()],
        )
        yield from _bundle(latest)
        yield from _go(latest)
        yield from _zone(latest)
        yield from _clock(state, latest)
    yield from _handshakes(state)
    yield from _counts(state)
    yield from _own(state)


def _roles(state: State) -> Iterator[Family]:
    now = time.monotonic()
    roles = state.schedule.roles.values()
    yield Family(
        "probe_role_healthy",
        "What the agent answers for the role now; 0 too for a report that is too old.",
        [({"role": role.name}, role.view(now).healthy) for role in roles],
    )
    yield Family(
        "probe_role_report_age_seconds",
        "How long ago the last run for the role ended.",
        [({"role": role.name}, role.age_s(now)) for role in roles],
    )


def _beside(workload: Workload) -> Iterator[Family]:
    yield Family("probe_workload_up", "Whether the program beside the agent runs.", [({}, workload.alive())])
    yield Family(
        "probe_agent_restarts_total",
        "How often the agent beside the program was lost and replaced.",
        [({}, workload.starts - 1)],
        "counter",
    )


def _latest(state: State) -> dict[str, tuple[CheckResult, float]]:
    """Each check as the last run that asked it found it, and when that run ended."""
    found = {}
    for name in sorted(state.schedule.last, key=state.schedule.ended_at.__getitem__):
        for check in state.schedule.last[name].checks:
            found[check.name] = check, state.schedule.ended_at[name]
    return found


def _findings(latest: Mapping[str, tuple[CheckResult, float]], name: str) -> tuple[Finding, ...]:
    return latest[name][0].findings if name in latest else ()


def _bundle(latest: Mapping[str, tuple[CheckResult, float]]) -> Iterator[Family]:
    findings = _findings(latest, "ca-bundle")
    loaded = next((f.evidence["roots"] for f in findings if isinstance(f.evidence.get("roots"), int)), None)
    if loaded is not None:
        usable = loaded - _count(findings, _UNUSABLE)
        yield Family("probe_ca_bundle_roots", "Roots that Go loads here.", [({}, loaded)])
        yield Family("probe_ca_bundle_roots_usable", "Those that can verify something now.", [({}, usable)])
    if findings:
        skipped = _count(findings, _SKIPPED)
        help_ = "Certificates in the bundle that Go passes over without a word."
        yield Family("probe_ca_bundle_blocks_skipped", help_, [({}, skipped)])


def _count(findings: tuple[Finding, ...], kinds: tuple[codes.Code, ...]) -> int:
    return sum(f.evidence.get("count", 1) for f in findings if f.code in kinds)


def _go(latest: Mapping[str, tuple[CheckResult, float]]) -> Iterator[Family]:
    versions: _Samples = []
    ends: _Samples = []
    for finding in _findings(latest, "go-version"):
        facts = finding.evidence
        source = str(facts.get("source", ""))
        if facts.get("version") and not any(labels["source"] == source for labels, _ in versions):
            versions.append(({"version": str(facts["version"]), "source": source}, 1))
            if (until := instant(facts.get("supported_until"))) is not None:
                ends.append(({"source": source}, until))
    yield Family("probe_go_version_info", "The Go that was judged.", versions, "info")
    yield Family("probe_go_end_of_support_timestamp_seconds", "When security fixes for it end.", ends)


def _zone(latest: Mapping[str, tuple[CheckResult, float]]) -> Iterator[Family]:
    for finding in _findings(latest, "timezone"):
        facts = finding.evidence
        if "name" in facts:
            zone = str(facts.get("zone") or facts["name"])
            abbreviation = str(facts.get("abbreviation", ""))
            labels = {"zone": zone, "abbreviation": abbreviation}
            yield Family("probe_timezone_info", "What time.Local is here.", [(labels, 1)], "info")
            return


def _clock(state: State, latest: Mapping[str, tuple[CheckResult, float]]) -> Iterator[Family]:
    errors: _Samples = [
        ({}, finding.evidence["estimated_error_s"])
        for finding in _findings(latest, "clock")
        if "estimated_error_s" in finding.evidence
    ]
    skews: _Samples = [
        ({"endpoint": finding.subject}, finding.evidence["skew_s"]) for finding in _last_with(state, "skew_s")
    ]
    yield Family("probe_clock_estimated_error_seconds", "How wrong the kernel takes its clock to be.", errors)
    yield Family(
        "probe_clock_skew_seconds", "How far the clock is ahead of a server's; negative: behind.", skews
    )


def _handshakes(state: State) -> Iterator[Family]:
    durations: _Samples = []
    expiries: _Samples = []
    for one in handshakes.last(state):
        labels = {"endpoint": one.endpoint}
        if one.duration_s is not None:
            durations.append((labels, one.duration_s))
        expiries += [({**labels, "chain": chain}, end) for chain, end in one.ends.items()]
    yield Family("probe_tls_handshake_duration_seconds", "How long the handshake alone took.", durations)
    yield Family(
        "probe_tls_chain_not_after_timestamp_seconds",
        "When the first certificate ends, of the chain that was sent and of the one that Go verifies.",
        expiries,
    )


def _last_with(state: State, key: str) -> list[Finding]:
    """The findings that tell *key*, each subject once, of the last run in which any did."""
    for name in sorted(state.schedule.last, key=state.schedule.ended_at.__getitem__, reverse=True):
        found = {
            finding.subject: finding
            for check in state.schedule.last[name].checks
            for finding in check.findings
            if key in finding.evidence
        }
        if found:
            return list(found.values())
    return []


def _counts(state: State) -> Iterator[Family]:
    runs = [({"run": run, "result": result}, n) for (run, result), n in sorted(state.schedule.runs.items())]
    checks = [({"check": name, "result": r}, n) for (name, r), n in sorted(state.schedule.checks.items())]
    yield Family("probe_runs_total", "Runs that have ended.", runs, "counter")
    yield Family("probe_check_runs_total", "How the check has come out, run by run.", checks, "counter")
    yield Family(
        "probe_config_last_reload_successful",
        "0 while the agent goes by an old configuration because the new one was refused.",
        [({}, state.reloaded_well)],
    )


def _own(state: State) -> Iterator[Family]:
    """The names that every exporter gives to these."""
    times = os.times()
    yield Family(
        "process_cpu_seconds_total",
        "CPU time of the agent, and of its runs that have ended.",
        [({}, times.user + times.system + times.children_user + times.children_system)],
        "counter",
    )
    yield Family("process_resident_memory_bytes", "Resident memory of the agent itself.", [({}, _resident())])
    yield Family("process_start_time_seconds", "When the agent started.", [({}, round(state.started_at, 3))])


def _resident() -> int:
    with open("/proc/self/statm", "rb") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
