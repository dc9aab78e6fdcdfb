"""Durations as Docker writes them."""

import re

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(ns|us|µs|ms|s|m|h)", re.ASCII)


def seconds(text: str) -> float | None:
    """`1m30s`, `500ms`, `1.5h` (time.ParseDuration in Go's time/format.go); None for what is none."""
    if text in ("0", "+0"):
        return 0.0
    at, total = 1 if text[:1] == "+" else 0, 0.0
    if at == len(text):
        return None
    while at < len(text):
        if not (part := _PART.match(text, at)):
            return None
        total += float(part[1]) * _UNITS[part[2]]
        at = part.end()
    return total
