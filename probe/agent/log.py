"""One line of JSON on stderr for each change of state; never one per request."""

from __future__ import annotations

import json
import os
import select
import time
from contextlib import suppress

from probe import syscalls
from probe.lightweight import Any
from probe.output.base import timestamp, unicode_only
from probe.report import Report

_LIMIT = 3000  # bytes of a text; with all else a line stays below the 4096 that a pipe takes at once


def tell(level: str, event: str, **more: Any) -> None:
    """
    Write the line, or drop it: a full pipe or disk must not hold the agent.

    *level* is info, warn or error; *event* says in a few words what has changed.
    """
    line = {"time": timestamp(time.time()), "level": level, "event": event}
    line |= {key: value[:_LIMIT] if isinstance(value, str) else value for key, value in more.items()}
    data = f"{json.dumps(unicode_only(line))}\n".encode()
    ready = syscalls.poll()
    ready.register(2, select.POLLOUT)
    with suppress(OSError):
        if ready.poll(0):
            os.write(2, data)


def reason(report: Report) -> dict[str, str]:
    """The worst finding of *report*, for a line."""
    from probe.output.base import by_severity

    _, worst = next(by_severity(report))
    return {"code": worst.code.name, "cause": worst.cause, "remedy": worst.remedy}
