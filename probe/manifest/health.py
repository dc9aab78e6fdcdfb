"""What HEALTHCHECK and compose's healthcheck have in common: both become the same settings of Docker."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from probe.lightweight import NamedTuple
from probe.manifest import duration, exec_form, other_programs, timings
from probe.manifest.command_line import Interpret, ProbeCall, arguments, judged, of_step, shell_line, steps
from probe.manifest.rules import LintProblem, refused
from probe.manifest.shell import traps

DEFAULT_TIMEOUT_S = 30.0  # moby's daemon/health.go
_MOST_CALLS = 20  # of one shell's line; each has its settings worked out


class Time(NamedTuple):
    """A duration as it was written, and where."""

    line: int
    text: str


class Health(NamedTuple):
    """One health check. `words` is what is executed, `shell` the line that a shell gets instead."""

    line: int
    words: Sequence[str]
    shell: str
    times: Mapping[str, Time]  # "interval" "timeout" "start-period" "start-interval"
    env: Mapping[str, str]
    shell_missing: str = ""  # which image has no shell
    variables: bool = False  # whether what reads the file puts them in


def problems(health: Health, interpret: Interpret) -> Iterator[LintProblem]:
    """Problems in *health*."""
    yield from _times(health.times)
    if health.shell and exec_form.is_list(health.shell):
        yield exec_form.broken_list(health.line, health.shell)
        return
    if wrong := list(exec_form.problems(health.line, health.words)):
        yield from wrong
        return
    line = health.shell or shell_line(health.words)
    if line and health.shell_missing:
        form = "the shell form needs /bin/sh" if health.shell else f"{health.words[0]} is started"
        yield LintProblem(
            health.line,
            "SHELL_MISSING",
            f"{form}, which {health.shell_missing} does not hold",
            'write the exec form: ["CMD", "probe", …], in a Dockerfile CMD ["probe", …]',
        )
    if line:
        yield from traps(health.line, line, docker=True, options=health.words)
    calls = list(_calls(health, line))
    for given in calls:
        mark = "$" if line or health.variables else "\0"  # nobody puts any in otherwise
        if call := judged(interpret, given, health.env, mark):
            yield from _call(health, call)
    if not calls and (health.words or health.shell):
        yield from _other(health)


def _other(health: Health) -> Iterator[LintProblem]:
    at = health.times.get("timeout")
    limit_s = duration.seconds(at.text) if at else None
    if at and not limit_s:
        return  # a variable, or nonsense that is told already
    yield from other_programs.problems(
        at.line if at else health.line,
        health.words or ["sh", "-c", health.shell],
        caller="Docker",
        default_s=DEFAULT_TIMEOUT_S,
        limit_s=limit_s,
        fix="a timeout of {}s",
    )


def _calls(health: Health, line: str | None) -> Iterator[list[str]]:
    if not line:
        if (given := arguments(health.words)) is not None:
            yield given
        return
    found = (of_step(step) for step in steps(line))
    yield from islice((given for given in found if given is not None), _MOST_CALLS)


def _call(health: Health, call: ProbeCall) -> Iterator[LintProblem]:
    if call.problem:
        yield refused(health.line, call.problem)
        return
    at = health.times.get("timeout")
    limit_s = duration.seconds(at.text) if at else DEFAULT_TIMEOUT_S
    if limit_s == 0:
        limit_s = DEFAULT_TIMEOUT_S  # moby's daemon/health.go: zero is the default
    if call.command in ("check", "status") and limit_s is not None and limit_s <= call.timeout_s:
        yield LintProblem(
            at.line if at else health.line,
            "TIMEOUT_UNDER_DEADLINE",
            f"Docker kills probe after {limit_s:g} s, its own deadline is {call.timeout_s:g} s",
            f"write a timeout of {timings.caller(call.timeout_s)}s, or a shorter probe --timeout",
        )

    if call.command in ("check", "status") and call.role == "live" and not call.live_checks:
        yield LintProblem(
            health.line,
            "ALWAYS_WELL",
            "the role live has no checks: the container is healthy without a CA bundle or its zone",
            "write --role ready",
        )


def is_count(value: object) -> bool:
    """A whole number; what is put in for a variable is not known here."""
    return isinstance(value, str) and ((value.isascii() and value.isdecimal()) or "$" in value)


def no_count(line: int, text: str) -> LintProblem:
    """The problem with retries that are no whole number."""
    return LintProblem(
        line, "DURATION_INVALID", f'retries "{text[:60]}" is not a whole number', "write such as 3"
    )


def _times(times: Mapping[str, Time]) -> Iterator[LintProblem]:
    for key, time in times.items():
        if "$" not in time.text and duration.seconds(time.text) is None:
            yield LintProblem(
                time.line,
                "DURATION_INVALID",
                f'{key} "{time.text[:60]}" is not a duration',
                "write such as 6s",
            )
    begin, often = times.get("start-period"), times.get("start-interval")
    if often and (not begin or duration.seconds(begin.text) == 0):
        yield LintProblem(
            often.line,
            "START_INTERVAL_WITHOUT_START_PERIOD",
            f"the start interval of {often.text[:60]} has no effect, because there is no start period",
            "write a start period too, such as 20s",
        )
