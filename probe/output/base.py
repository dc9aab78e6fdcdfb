"""What the formats share: texts from a target must neither steer a terminal nor break a format."""

from __future__ import annotations

import time

from probe import __documentation__
from probe.lightweight import Any, Iterator
from probe.report import CheckResult, Finding, Report

SCHEMA_VERSION = 1  # of the JSON report; raised when a key changes its meaning or goes
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def docs_url(code: str) -> str:
    """Where the code is explained: its anchor in docs/codes.md."""
    return f"{__documentation__}/codes.md#{code.lower()}"


def printable(text: str) -> str:
    """
    *text* on one line, with everything that does not print written out as in Python's literals.

    That is: control characters and escape sequences, marks that turn the direction of
    writing, separators of lines, and bytes that are not UTF-8 (as \\xNN).
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _written_out(char) for char in text)


def _written_out(char: str) -> str:
    number = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= number <= 0xDCFF:  # how Python holds a byte that is not UTF-8
        number -= 0xDC00
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def unicode_only(value: Any) -> Any:
    """A JSON value whose texts hold no surrogates: each becomes U+FFFD, as Go writes them."""
    if isinstance(value, str):
        return value if value.isascii() else value.translate(_Surrogates())
    if isinstance(value, dict):
        return {unicode_only(key): unicode_only(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unicode_only(item) for item in value]
    return value


class _Surrogates:
    """A table for str.translate."""

    def __getitem__(self, number: int) -> str:
        if 0xD800 <= number <= 0xDFFF:
            return "\ufffd"
        raise LookupError


def timestamp(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, to the millisecond."""
    milliseconds = round(seconds * 1000)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000))
    return f"{whole}.{milliseconds % 1000:03d}Z"


def by_severity(report: Report) -> Iterator[tuple[CheckResult, Finding]]:
    """All findings, the worst first; equal ones in the order in which they were made."""
    pairs = [(check, finding) for check in report.checks for finding in check.findings]
    return iter(sorted(pairs, key=lambda pair: -pair[1].status.severity))


def failed(report: Report) -> list[CheckResult]:
    """The checks that make the run unhealthy."""
    return [check for check in report.checks if not report.accepts(check.status)]
