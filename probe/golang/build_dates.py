"""Moments that lie in the past of whatever runs here: a clock that shows less is wrong."""

from __future__ import annotations

import calendar

from probe.golang import release_dates
from probe.golang.binary import Binary, NoBinary
from probe.golang.command import toolchain
from probe.golang.command.toolchain import Toolchain
from probe.golang.timefmt import rfc3339
from probe.lightweight import Iterator, NamedTuple
from probe.targets import Target


class BuildDate(NamedTuple):
    """When something was made."""

    at: float  # seconds since the epoch
    what: str

    @property
    def text(self) -> str:
        return rfc3339(self.at)


def find(target: Target, found: Toolchain | None, program: Binary | NoBinary | None) -> Iterator[BuildDate]:
    """
    When the workload's commit was made, when the toolchain was, when the newest Go known to us appeared.

    *found* is the go command, *program* the workload's.
    No time of a file counts: archives and builds set them at will.
    """
    if isinstance(program, Binary) and (at := instant(program.settings.get("vcs.time", ""))):
        yield BuildDate(at, f"the commit that {program.path} is built from")
    if found and found.root and (at := instant(_time_in_version(target, found.root))):
        yield BuildDate(at, f"the toolchain in {found.root}")
    newest = release_dates.RELEASED[release_dates.NEWEST_KNOWN]
    if at := instant(f"{newest}T00:00:00Z"):
        yield BuildDate(at, f"the release of Go 1.{release_dates.NEWEST_KNOWN}, which this probe knows")


def _time_in_version(target: Target, root: str) -> str:
    """`time …` in GOROOT/VERSION, which is there since 1.21 (cmd/dist/build.go:findgoversion)."""
    lines = toolchain.version_file(target, root)
    return next((line.removeprefix("time ").strip() for line in lines if line.startswith("time ")), "")


def instant(text: str) -> float | None:
    """2026-11-01T10:00:00Z in seconds since the epoch; None for anything else."""
    parts = text[:-1].replace("T", "-").replace(":", "-").split("-")
    if len(text) != 20 or text[-1] != "Z" or len(parts) != 6 or not all(map(_digits, parts)):
        return None
    year, month, day, hour, minute, second = map(int, parts)
    if not (year >= 1970 and 1 <= month <= 12 and hour < 24 and minute < 60 and second <= 60):
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return float(calendar.timegm((year, month, day, hour, minute, second)))


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()
