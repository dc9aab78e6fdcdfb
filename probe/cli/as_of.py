"""The options that decide by which Go and at what time things are judged."""

from probe.cli.arguments import Command, Flag, ParsedArgs, wrong

AS_GO = Flag("--as-go", "judge as this release of Go, such as 1.24", "VERSION")
ALL = "all"
AT = Flag("--at", "judge every date as of TIME: RFC 3339 or seconds since the epoch", "TIME")
FLAGS = (AS_GO, AT)
FLAGS_WITH_ALL = (
    Flag(
        "--as-go",
        "judge as this release of Go, such as 1.24; all: as each, and which setting bridges a difference",
        "VERSION",
    ),
    AT,
)


def as_go(command: Command, given: ParsedArgs) -> str:
    """The value of --as-go, "" when nobody asks for a release."""
    from probe.golang import version
    from probe.golang.release import OLDEST, PREVIEW

    text = given.one("--as-go") or ""
    if text == ALL and command.name == "check":
        return ""
    release = version.read(f"go{text.removeprefix('go')}").release if text else (1, 0, 0)
    if not release or release[0] != 1:
        wrong(command, f"--as-go {text}: write a release of Go such as 1.24 or 1.24.3")
    if text and not OLDEST <= release[1] <= PREVIEW:
        wrong(command, f"--as-go {text}: probe knows the rules of Go 1.{OLDEST} to 1.{PREVIEW}")
    return text


def named(target: str, as_go: str) -> str:
    """The name of *target* in a report; a release that is not out yet is said to be a preview."""
    from probe.golang import version
    from probe.golang.release import PREVIEW

    release = version.read(f"go{as_go.removeprefix('go')}").release if as_go else None
    return f"{target}, as Go 1.{PREVIEW} (a preview)" if release and release[1] == PREVIEW else target


def moment(command: Command, given: ParsedArgs) -> float:
    """The time of --at, else now; seconds since the epoch."""
    import time

    text = given.one("--at")
    if text is None:
        return time.time()
    try:
        return float(text) if text.lstrip("-").isdecimal() else _rfc3339(text)
    except (ValueError, OverflowError):
        wrong(command, f"--at {text}: write a time such as 2027-01-01T00:00:00Z")


def _rfc3339(text: str) -> float:
    from datetime import datetime

    found = datetime.fromisoformat(text)
    if not found.tzinfo or len(text) < len("2027-01-01T00:00:00Z"):
        raise ValueError
    return found.timestamp()
