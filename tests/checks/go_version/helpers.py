"""What the tests of the version share: a container with a go command, and the check over it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from probe.checks.base import Run
from probe.checks.go_version import GoVersion
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import Target, access, mounts
from probe.targets.host_fs import HostFiles
from probe.targets.processes import Processes

NOW = datetime(2026, 11, 21, tzinfo=UTC).timestamp()


def here(env: Mapping[str, str], processes: Processes | None = None, executable: str = "") -> Target:
    table = mounts.parse(Path("/proc/self/mountinfo").read_bytes())
    return Target(
        "here", HostFiles(), env, "/", access.ourselves(), table, executable, processes, proc="/proc/self"
    )


def findings(
    target: Target, check: GoVersion | None = None, *, seconds: float = 10, now: float = NOW
) -> list[Finding]:
    run = Run(Deadline(seconds), "all", now, Facts(target, go=NEWEST), lambda _: None)
    return list((check or GoVersion()).run(target, run))


def told(target: Target, check: GoVersion | None = None, **more: float) -> list[tuple[Status, Code]]:
    return [(finding.status, finding.code) for finding in findings(target, check, **more)]


def first(target: Target, check: GoVersion | None = None, **more: float) -> Finding:
    return findings(target, check, **more)[0]


def go(directory: Path, content: bytes | str, mode: int = 0o755) -> dict[str, str]:
    """A go command of that content, and the environment that leads to it."""
    directory.mkdir(exist_ok=True)
    file = directory / "go"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    file.chmod(mode)
    return {"PATH": f"{directory}:/usr/bin:/bin", "HOME": str(directory)}
