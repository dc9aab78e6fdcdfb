"""What /metrics tells: the last reports, how the runs went, and the agent itself."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from probe import __version__
from probe.agent import latest
from probe.agent.state import State
from probe.agent.workload import Workload
from probe.output.prometheus import Family, build_info, exposition, of_checks, of_samples

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def render(state: State, *, openmetrics: bool) -> str:
    """All of it; labels hold names of checks, roles, codes and configured endpoints only."""
    return exposition(_families(state), openmetrics=openmetrics)


def _families(state: State) -> Iterator[Family]:
    yield build_info(__version__)
    yield from _roles(state)
    if state.workload:
        yield from _beside(state.workload)
    yield from _checks(state)
    yield from of_samples(latest.samples(state.schedule))
    yield from _counts(state)
    yield from _own(state)


def _checks(state: State) -> Iterator[Family]:
    seen = latest.checks(state.schedule)
    if not seen:
        return
    report = state.schedule.newest_first()[0]
    yield from of_checks(report._replace(role="startup", checks=tuple(result for result, _ in seen.values())))
    yield Family(
        "probe_check_last_run_timestamp_seconds",
        "When the run that produced the figures of the check ended.",
        [({"check": name}, round(at, 3)) for name, (_, at) in seen.items()],
    )
    would = latest.would_start(state.schedule)
    if would is not None:
        yield Family(
            "probe_would_start",
            "Whether a program started now would pass the checks; one that runs may work although it is 0.",
            [({}, would)],
        )


def _roles(state: State) -> Iterator[Family]:
    now = time.monotonic()
    roles = state.schedule.roles.values()
    yield Family(
        "probe_role_healthy",
        "The agent's verdict for the role; 0 also while the report is too old.",
        [({"role": role.name}, role.view(now).healthy) for role in roles],
    )
    yield Family(
        "probe_role_report_age_seconds",
        "How long ago the last run for the role ended.",
        [({"role": role.name}, role.age_s(now)) for role in roles if role.checks],
    )
    yield Family(
        "probe_report_stale_after_seconds",
        "The age at which a report becomes stale: agent.stale_after_s.",
        [({}, state.plan.agent.stale_after_s)],
    )


def _beside(workload: Workload) -> Iterator[Family]:
    yield Family("probe_workload_up", "Whether the program beside the agent runs.", [({}, workload.alive())])
    yield Family(
        "probe_agent_restarts_total",
        "Restarts of the agent that runs beside the program.",
        [({}, workload.starts - 1)],
        "counter",
    )


def _counts(state: State) -> Iterator[Family]:
    runs = [({"run": run, "result": result}, n) for (run, result), n in sorted(state.schedule.runs.items())]
    checks = [({"check": name, "result": r}, n) for (name, r), n in sorted(state.schedule.checks.items())]
    yield Family("probe_runs_total", "Runs that have ended.", runs, "counter")
    yield Family(
        "probe_runs_lost_total",
        "Runs that ended without a report.",
        [({}, state.schedule.lost)],
        "counter",
    )
    yield Family("probe_check_runs_total", "Results of the check, run by run.", checks, "counter")
    yield Family(
        "probe_config_last_reload_successful",
        "0 while the agent uses an old configuration because the new one is invalid.",
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
    with suppress(OSError):  # no /proc, or not ours to read
        memory = _resident()
        yield Family("process_resident_memory_bytes", "Resident memory of the agent itself.", [({}, memory)])
    yield Family("process_start_time_seconds", "When the agent started.", [({}, round(state.started_at, 3))])


def _resident() -> int:
    with open("/proc/self/statm", "rb") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
