"""What the tests of the time zone share: a container by its files, and the check over it."""

from pathlib import Path
from typing import Any

from probe import targets
from probe.checks.base import Run
from probe.checks.timezone import TimeZone
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.formats.tzif import noon
from probe.golang.release import NEWEST, Go
from probe.report import Finding, Status
from probe.targets import Mount, Target
from tests.support.worlds import Link, World, lay
from tests.support.zonefiles import aged, reference

NOW = noon(2026, 11)


ANY = TimeZone()


ETC, ZONES = "etc/localtime", "usr/share/zoneinfo"


SHANGHAI = reference("Asia/Shanghai")


NAMES = ["Asia/Shanghai", "Asia/Tokyo", "Etc/UTC", "Europe/London", "America/New_York"]


THERE: World = {f"{ZONES}/{name}": reference(name) for name in NAMES}


BRING = "COPY --from=gcr.io/distroless/static-debian13 /usr/share/zoneinfo /usr/share/zoneinfo"


TOOLS: World = {f"bin/{name}": b"" for name in ("sh", "ln", "mv", "chmod", "rm", "rmdir")}


DEBIAN: World = {"usr/bin/apt-get": b""}


ALPINE: World = {"sbin/apk": b""}


APT = "RUN apt-get update && apt-get install -y --no-install-recommends tzdata"


def to(name: str) -> Link:
    """A link to an installed zone."""
    return Link(f"/{ZONES}/{name}")


def link(name: str) -> str:
    return f"ln -snf /usr/share/zoneinfo/{name} /etc/localtime"


def look(looked: Target, wanted: TimeZone = ANY, *, go: Go = NEWEST, now: float = NOW) -> list[Finding]:
    run = Run(Deadline(10), "all", now, Facts(looked, now=now, go=go), lambda phase: None)
    return list(wanted.run(looked, run))


def check(root: Path, world: World, tz: str | None = None, **options: Any) -> list[Finding]:
    """The findings about a world, with TZ set to *tz* or not at all."""
    return look(looked_at(root, world, tz), TimeZone(**options))


def looked_at(root: Path, world: World, tz: str | None = None) -> Target:
    lay(root, {**TOOLS, **world})
    return targets.at_root(str(root), {} if tz is None else {"TZ": tz})


def mounted(looked: Target, source: str, point: str) -> Target:
    """The same target, where *source* of the machine is said to be mounted on *point*."""
    mount = Mount(point, "ext4", "/dev/sda1", source, read_only=True, options=("ro",))
    return looked._replace(mounts=(mount,))


def only(findings: list[Finding], code: Code, status: Status) -> Finding:
    """The one finding there is; it has this code and this status."""
    assert [(finding.code.name, finding.status) for finding in findings] == [(code.name, status)]
    return findings[0]


ALMATY = aged("Asia/Almaty", 1709000000, b"\n<+06>-6\n")  # Kazakhstan went to +05 on 2024-03-01
