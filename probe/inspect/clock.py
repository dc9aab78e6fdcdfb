"""`probe inspect clock`: what this clock shows, what the kernel knows of it, and what lies in its past."""

from __future__ import annotations

from probe.errors import reason
from probe.facts import Facts
from probe.golang import build_dates
from probe.golang.quoting import json_text
from probe.golang.timefmt import rfc3339
from probe.lightweight import Any
from probe.targets import kernel_clock


def inspect(facts: Facts, now: float) -> dict[str, Any]:
    """
    The answer as JSON values, in the published shape.

    `kernel` is null where adjtimex(2) is denied, and `why_not` then says how. No server is asked.
    """
    try:
        kernel, why_not = kernel_clock.read()._asdict(), None
    except OSError as problem:
        kernel, why_not = None, reason(problem)
    path = facts.target.executable
    program = facts.binary(path) if path else None
    dates = build_dates.find(facts.target, facts.toolchain(), program)
    roots = [root.certificate for root in facts.roots().roots]
    newest = max(roots, key=lambda one: one.not_before, default=None)
    return {
        "now": rfc3339(now),
        "kernel": kernel,
        "why_not": why_not,
        "built": [{"at": date.text, "what": json_text(date.what)} for date in dates],
        "newest_root": newest and {"subject": newest.subject, "not_before": rfc3339(newest.not_before)},
    }
