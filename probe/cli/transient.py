"""Which failures may go away by themselves: for who restarts on one exit code and gives up on another."""

from __future__ import annotations

from probe.cli.arguments import Command, ParsedArgs, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.report import Report

FLAG = "--exit-code-transient"
# Why another try may end better → the codes that say so. All others are permanent: a missing file, a wrong
# setting, an untrusted certificate stay until somebody changes the image, the pod or the server.
TRANSIENT = {
    "time was up": (
        "CHECK_TIMED_OUT",
        "GO_HUNG",
        "GO_ENV_HUNG",
        "PINNED_UNFINISHED",
        "TLS_CONNECT_TIMEOUT",
        "TLS_HANDSHAKE_TIMEOUT",
        "TLS_PROXY_TIMEOUT",
    ),
    "names are not resolved yet": ("TLS_HOST_NOT_FOUND", "TLS_RESOLVER_FAILED", "TLS_RESOLVER_TIMEOUT"),
    "no server answers yet": (
        "TLS_CONNECTION_REFUSED",
        "TLS_UNREACHABLE",
        "TLS_CONNECTION_RESET",
        "TLS_CLOSED",
        "TLS_PROXY_UNREACHABLE",
        "CLOCK_SERVER_UNREACHABLE",
        "DOWNLOADS_UNREACHABLE",
    ),
    "a server has an error": ("DOWNLOADS_SERVER_ERROR", "DOWNLOADS_RATE_LIMITED"),
    "processes or threads ran out": ("GO_START_FAILED", "THREADS_LIMITED"),
    "the machine has just started": ("CLOCK_UNSYNCHRONISED",),
    "something was being replaced": ("PINNED_FILE_CHANGED", "TARGET_GONE"),
}
_TAKEN = (64, 70, 78)  # usage, an error of ours, configuration
_LEAST, _MOST = 3, 125  # 1 is permanent, Docker reserves 2, shells what is above


def exit_code(command: Command, given: ParsedArgs) -> int | None:
    """The number that was asked for, None without one; UsageError for one that means something else."""
    text = given.one(FLAG)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if not _LEAST <= number <= _MOST or number in _TAKEN:
        wrong(command, f"{FLAG} {text}: write a number from {_LEAST} to {_MOST}, not 64, 70 or 78")
    return number


def only(report: Report) -> bool:
    """Whether *report* is unhealthy, and every finding that makes it so may pass by itself."""
    codes = {name for names in TRANSIENT.values() for name in names}
    bad = [
        finding for check in report.checks for finding in check.findings if not report.accepts(finding.status)
    ]
    return bool(bad) and all(finding.code.name in codes for finding in bad)
