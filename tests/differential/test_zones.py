"""Zones that a program brings, finds in its Go tree or by ZONEINFO, held against real programs."""

import calendar
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from probe import targets
from probe.facts import Facts
from probe.golang import localtime
from probe.golang.localtime import LocalTime
from probe.targets import Target
from tests.differential.harness import need_root, same
from tests.golang.builds import build, module
from tests.support.toolchains import install
from tests.support.zonefiles import NAMES, reference

SOURCE = """package main

import (
	"encoding/json"
	"os"
	"time"
)

func clocks(zone *time.Location) []int {
	var found []int
	for year := 1970; year < 2041; year++ {
		for _, month := range []time.Month{1, 7} {
			_, offset := time.Date(year, month, 15, 12, 0, 0, 0, time.UTC).In(zone).Zone()
			found = append(found, offset)
		}
	}
	return found
}

func main() {
	answers := [][]int{clocks(time.Local)}
	for _, name := range os.Args[1:] {
		zone, err := time.LoadLocation(name)
		if err != nil {
			answers = append(answers, nil)
		} else {
			answers = append(answers, clocks(zone))
		}
	}
	json.NewEncoder(os.Stdout).Encode(answers)
}
"""
EMBEDDED = SOURCE.replace('"time"\n)', '"time"\n\t_ "time/tzdata"\n)')
ODD = [
    "",
    "UTC",
    "Local",
    "Mars/Base",
    "../UTC",
    "/usr/share/zoneinfo/UTC",
    "utc",
    "Asia",
    "Asia//Tokyo",
    "a..b",
]
INSTANTS = [calendar.timegm((year, month, 15, 12, 0, 0)) for year in range(1970, 2041) for month in (1, 7)]


def ours(target: Target, names: Sequence[str]) -> list[Any]:
    go = Facts(target).go()
    found: list[LocalTime | None] = [localtime.load(target, go)]
    for name in names:
        told = localtime.load_location(target, go, name)
        found.append(None if told.fallback else told)
    return [zone and [zone.at(when).offset_s for when in INSTANTS] for zone in found]


def compare(root: Path, program: Path, env: Mapping[str, str], names: Sequence[str]) -> list[Any]:
    """Both answers for time.Local and each name, which are the same."""
    need_root()
    shutil.copy(program, root / "app")
    target = targets.at_root(str(root), env)._replace(executable="/app")

    def enter() -> None:
        os.chroot(root)
        os.chdir("/")

    done = subprocess.run(["/app", *names], env=dict(env), preexec_fn=enter, capture_output=True, timeout=60)
    theirs = json.loads(done.stdout)
    answers = ours(target, names)
    for name, mine, real in zip(("TZ", *names), answers, theirs, strict=True):
        same(mine, real, f"{name} {env}")
    return answers


@pytest.mark.parametrize("trimmed", [False, True])
def test_every_zone_of_the_program_itself(go_version: str, root: Path, trimmed: bool) -> None:
    """The data of its own release, not ours: all zones of the reference data and odd names."""
    program = build(go_version, module(EMBEDDED), *(["-trimpath"] if trimmed else []))
    told = compare(root, program, {"TZ": "America/Winnipeg"}, [*NAMES, *ODD])
    assert sum(one is not None for one in told) > 500


@pytest.mark.sweep
def test_a_release_with_older_rules_shows_older_times(root: Path) -> None:
    """2023c does not know what 2024 brought to Almaty."""
    old = compare(root, build("1.21.13", module(EMBEDDED)), {"TZ": "Asia/Almaty"}, [])
    new = compare(root, build("1.27.3", module(EMBEDDED)), {"TZ": "Asia/Almaty"}, [])
    assert (old[0][-1], new[0][-1]) == (6 * 3600, 5 * 3600)


@pytest.mark.parametrize("trimmed", [False, True])
def test_the_go_tree_that_built_it(go_version: str, root: Path, trimmed: bool) -> None:
    """At its own place, at another one, and by GOROOT."""
    program = build(go_version, module(SOURCE), *(["-trimpath"] if trimmed else []))
    tree = install(go_version).root
    zipped = tree / "lib/time/zoneinfo.zip"
    for place, env in (
        (str(tree), {}),
        ("/usr/local/go", {}),
        ("/usr/local/go", {"GOROOT": "/usr/local/go"}),
    ):
        shutil.rmtree(root)
        (root / place.lstrip("/") / "lib/time").mkdir(parents=True)
        shutil.copy(zipped, root / place.lstrip("/") / "lib/time/zoneinfo.zip")
        told = compare(root, program, {"TZ": "Asia/Shanghai", **env}, ["Europe/Zurich", *ODD])
        seen = bool(env) or (place == str(tree) and not trimmed)
        assert (told[0][0] != 0) == (told[1] is not None) == seen


@pytest.mark.parametrize("zoneinfo", ["/z", "/z.zip", "/nope", "/bad.zip", ".zip", "z", "/z/"])
def test_zoneinfo(go_version: str, root: Path, zoneinfo: str) -> None:
    """A directory or an archive; where it has nothing, the usual places are next."""
    for name in ("z/Mars/Base", "z/Asia/Tokyo", "usr/share/zoneinfo/Asia/Tokyo", "usr/share/zoneinfo/UTC"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(reference("Asia/Shanghai" if name.startswith("z") else "Asia/Tokyo"))
    shutil.copy(install(go_version).root / "lib/time/zoneinfo.zip", root / "z.zip")
    (root / "bad.zip").write_bytes(b"PK")
    names = [*ODD, "Asia/Tokyo", "Asia/Shanghai", "Europe/Zurich"]
    compare(root, build(go_version, module(SOURCE), "-trimpath"), {"ZONEINFO": zoneinfo}, names)
