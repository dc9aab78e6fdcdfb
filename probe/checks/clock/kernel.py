"""What the kernel says about its clock."""

from probe import codes, samples
from probe.errors import reason
from probe.report import Finding, Status
from probe.targets import kernel_clock
from probe.targets.kernel_clock import KernelClock

_DISCIPLINE = "timedatectl set-ntp true   # on the node, whose clock is that of all its containers"


def judge(policy: str) -> Finding:
    """*policy* ("fail" or "warn") is what an undisciplined clock is worth, and the most that silence is."""
    try:
        found = kernel_clock.read()
    except OSError as problem:
        why = reason(problem)
        cause = f"whether the system clock is synchronised cannot be determined: adjtimex: {why}"
        remedy = '{"names": ["adjtimex"], "action": "SCMP_ACT_ALLOW"}'
        status = Status.UNKNOWN if policy == "fail" else Status.WARN
        return Finding(status, codes.CLOCK_KERNEL_SILENT, "kernel clock", cause, remedy)
    return told(found, policy)


def told(found: KernelClock, policy: str) -> Finding:
    """What is to be said about a clock that is known."""
    evidence = {
        "synchronised": found.synchronised,
        "state": found.state,
        "offset_s": found.offset_s,
        "estimated_error_s": found.estimated_error_s,
        "max_error_s": found.max_error_s,
    }
    number = (samples.CLOCK_ERROR.sample(found.estimated_error_s),)
    if found.synchronised:
        cause = f"the system clock is synchronised, to {found.estimated_error_s * 1e3:.3g} ms by its estimate"
        return Finding(
            Status.PASS, codes.CLOCK_SYNCHRONISED_OK, "kernel clock", cause, "", evidence, samples=number
        )
    cause = "the system clock is not synchronised (STA_UNSYNC), so its error is unknown"
    status = Status.FAIL if policy == "fail" else Status.WARN
    return Finding(
        status, codes.CLOCK_UNSYNCHRONISED, "kernel clock", cause, _DISCIPLINE, evidence, samples=number
    )
