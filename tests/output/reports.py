"""Reports to render: one that holds everything awkward, and small ones."""

from probe.codes import Code
from probe.remedies.actions import ask, run, ways
from probe.report import CheckResult, Finding, Report, Status

BEGIN = 1_795_000_000.25  # 2026-11-18T11:06:40.250Z

BROKEN = Code("EXAMPLE_BROKEN", "example", "An example that fails.")
UNREAD = Code("EXAMPLE_UNREAD", "example", "An example that nobody could look at.")
ODD = Code("EXAMPLE_ODD", "example", "An example that is odd.")
FINE = Code("EXAMPLE_OK", "example", "An example that is fine.")
LEFT_OUT = Code("EXAMPLE_SKIPPED", "example", "An example that was left out.")

ESCAPES = "\x1b[2J\x1b]0;owned\x07"  # clears a terminal and names its window
BYTES = "caf\udce9"  # b"caf\xe9": not UTF-8
MARKUP = '<b>&"quoted"\'</b> ]]> a,b;c|d #e \\ %'

AWKWARD = Report(
    version="1.2.3",
    target=f"/srv/root {MARKUP}",
    role="startup",
    started_at=BEGIN,
    duration_s=0.0423,
    strict=False,
    checks=(
        CheckResult(
            "go-version",
            (Finding(Status.PASS, FINE, "/usr/local/go/bin/go", "go1.27.3 is here"),),
            0.0123,
        ),
        CheckResult(
            "go-env",
            (
                Finding(Status.PASS, FINE, "CGO_ENABLED", "CGO_ENABLED is 0"),
                Finding(
                    Status.WARN,
                    ODD,
                    "GOPROXY",
                    f"GOPROXY is {MARKUP}",
                    ways(ask("export GOPROXY=https://proxy.example.com")),
                    {"value": MARKUP, "entries": ["a", "b\nc"], "empty": [], "none": None, "number": 1.5},
                ),
            ),
            0.002,
        ),
        CheckResult(
            "ca-bundle",
            (
                Finding(
                    Status.FAIL,
                    BROKEN,
                    f"/etc/ssl/{BYTES}",
                    f"line one\nline two\r\t{ESCAPES} and \u202edrawkcab\u2028 \x9b31m 中文 😀",
                    ways(run(f"echo '{ESCAPES}'")),
                    {"path": f"/etc/ssl/{BYTES}", "not ok": {ESCAPES: True}},
                ),
                Finding(
                    Status.FAIL,
                    BROKEN,
                    "long.example:443",
                    "x" * 3000,
                    ways(ask("y" * 2000)),
                    {"long": "z" * 50},
                ),
            ),
            0.0301,
        ),
        CheckResult(
            "timezone",
            (
                Finding(
                    Status.UNKNOWN, UNREAD, "/etc/localtime", "permission denied", ways(ask("run as root"))
                ),
                Finding(Status.SKIP, LEFT_OUT, "TZ", "the role does not ask"),
            ),
            0.0004,
        ),
    ),
)

STATUSES = (Status.PASS, Status.SKIP, Status.WARN, Status.UNKNOWN, Status.FAIL)


def report(*findings: Finding, strict: bool = False) -> Report:
    """A report of one check."""
    return Report(
        "1.2.3", "this container", "all", BEGIN, 0.0423, strict, (CheckResult("example", findings, 0.01),)
    )


def simple(status: Status, *, strict: bool = False) -> Report:
    """A report of one finding."""
    code = {Status.PASS: FINE, Status.SKIP: LEFT_OUT, Status.WARN: ODD, Status.UNKNOWN: UNREAD}.get(
        status, BROKEN
    )
    return report(Finding(status, code, "subject", "as found", ways(ask("fix it"))), strict=strict)
