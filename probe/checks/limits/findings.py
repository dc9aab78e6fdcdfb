"""GOMEMLIMIT and GOMAXPROCS against the limits of the container, as findings."""

from __future__ import annotations

import os

from probe import codes, samples
from probe.errors import reason
from probe.golang import godebug
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.codes import Code
    from probe.golang.release import Go
    from probe.report import Action
    from probe.targets import Target
    from probe.targets.cgroup import CgroupLimits

_MIB = 1 << 20
_GROUP_BYTES = 4096  # of a file of the control group
_FOLLOWS_QUOTA = (1, 25, 0)
_LEAST_BY_QUOTA = 2  # a quota below two processors counts as two (runtime.adjustCgroupGOMAXPROCS)


def look(target: Target, run: Run, headroom: float) -> Iterator[Finding]:
    """Yield a warning for each number that does not fit, else what fits."""
    proc = target.proc if target.processes or target.proc != "/proc/self" else ""
    if not proc:
        cause = "the limits of a container are known for a process only, not for files"
        from probe.remedies import actions

        yield _unknown(cause, actions.probe("probe check --pid 1 --only limits"))
        return
    run.phase("reading the cgroup")
    try:
        found = cgroup.limits(proc, lambda path: target.read(path, _GROUP_BYTES))
    except OSError as problem:
        cause = f"the cgroup cannot be read: {reason(problem)}"
        from probe.remedies import actions

        yield _unknown(cause, actions.shell("mount -t proc proc /proc", option="proc", path="/proc"))
        return
    faults = [*_memory(target, found, headroom), *_cpus(target, found, run.facts.go())]
    yield from faults or [_fine(target, found, run.facts.go())]


def _unknown(cause: str, way: Action) -> Finding:
    from probe.remedies import actions

    return Finding(Status.UNKNOWN, codes.LIMITS_UNKNOWN, "limits", cause, actions.ways(way))


def _memory(target: Target, found: CgroupLimits, headroom: float) -> Iterator[Finding]:
    text = target.env.get("GOMEMLIMIT", "")
    limit = godebug.memory_limit(text)
    if limit is None or found.memory is None or limit <= found.memory * (1 - headroom / 100):
        return
    above = limit > found.memory
    how = "is above" if above else f"leaves less than {headroom:g} % of"
    cause = (
        f"GOMEMLIMIT={text} {how} the container's limit of {found.memory // _MIB} MiB: the kernel kills "
        "the program before the garbage collector reacts"
    )
    fitting = int(found.memory * min(0.9, 1 - headroom / 100)) // _MIB
    code = codes.LIMITS_GOMEMLIMIT_ABOVE if above else codes.LIMITS_GOMEMLIMIT_NEAR
    yield _warn(code, "GOMEMLIMIT", cause, f"{fitting}MiB", _numbers(target, found, None))


def _cpus(target: Target, found: CgroupLimits, go: Go) -> Iterator[Finding]:
    if found.cpus is None:
        return
    number, why = processors(target, found, go)
    fitting = max(-int(-found.cpus // 1), 1)
    if number <= max(fitting, _LEAST_BY_QUOTA):
        return
    cause = (
        f"the program runs on {number} processors at once ({why}), but the container's CPU quota is "
        f"{found.cpus:g}: it is throttled"
    )
    yield _warn(
        codes.LIMITS_GOMAXPROCS_ABOVE,
        "GOMAXPROCS",
        cause,
        str(fitting),
        _numbers(target, found, go),
    )


def processors(target: Target, found: CgroupLimits, go: Go, here: int | None = None) -> tuple[int, str]:
    """GOMAXPROCS as the runtime of *go* sets it, and by what; *here*: the processors of the machine."""
    if chosen := godebug.gomaxprocs(target.env.get("GOMAXPROCS", "")):
        return chosen, f"GOMAXPROCS={chosen}"
    here = here or _machine()
    follows = go.release >= _FOLLOWS_QUOTA and go.godebug.get("containermaxprocs") != "0"
    if follows and found.cpus is not None:
        return min(here, max(-int(-found.cpus // 1), _LEAST_BY_QUOTA)), "by the quota"
    version = "{}.{}".format(*go.release)
    return here, f"all that the machine has: Go {version} ignores the quota"


def _machine() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except OSError:
        return os.cpu_count() or 1


def _numbers(target: Target, found: CgroupLimits, go: Go | None) -> dict[str, float | int | None]:
    return {
        "memory_max": found.memory,
        "gomemlimit": godebug.memory_limit(target.env.get("GOMEMLIMIT", "")),
        "cpu_quota": found.cpus,
        "gomaxprocs": processors(target, found, go)[0] if go else None,
    }


def _samples(numbers: dict[str, float | int | None]) -> tuple[samples.Sample, ...]:
    metrics = {
        "memory_max": samples.MEMORY_LIMIT,
        "gomemlimit": samples.GOMEMLIMIT,
        "cpu_quota": samples.CPU_QUOTA,
        "gomaxprocs": samples.GOMAXPROCS,
    }
    return tuple(metrics[name].sample(value) for name, value in numbers.items() if value is not None)


def _warn(
    code: Code, variable: str, cause: str, fitting: str, numbers: dict[str, float | int | None]
) -> Finding:
    from probe.remedies import actions

    fit = actions.ways(actions.set_env(variable, fitting))
    return Finding(Status.WARN, code, variable, cause, fit, numbers, samples=_samples(numbers))


def _fine(target: Target, found: CgroupLimits, go: Go) -> Finding:
    numbers = _numbers(target, found, go)
    memory = f"memory.max {found.memory // _MIB} MiB" if found.memory is not None else "no limit of memory"
    cpus = f"a CPU quota of {found.cpus:g}" if found.cpus is not None else "no CPU quota"
    limit = target.env.get("GOMEMLIMIT") or "not set"
    cause = f"{memory}, GOMEMLIMIT {limit}; {cpus}, GOMAXPROCS {numbers['gomaxprocs']}"
    return Finding(Status.PASS, codes.LIMITS_OK, "limits", cause, (), numbers, samples=_samples(numbers))
