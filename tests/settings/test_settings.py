"""A bounded sweep: what once differed, and cases drawn from all (`python -m tests.settings` runs all)."""

import random
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.harness import same
from tests.settings import compare, modules, values
from tests.support.toolchains import install

RELEASES = ("1.21.13", "1.22.10", "1.23.9", "1.24.11", "1.25.5", "1.26.6", "1.27.3")
DRAWN = 60  # of each release
MODULES = 80
SLOW = ("GOAMD64", "GOCACHEPROG")  # the runtime is compiled anew for each value, or nothing ever ends

# Cases in which probe and Go differed.
FOUND = [
    {"CC": "''"},
    {"GOAMD64": "v1 "},
    {"GOCACHE": "/proc/x"},
    {"GOCACHE": "/sys/x"},
    {"GOCACHEPROG": "/bin/true"},
    {"GOCACHEPROG": "'open"},
    {"GOCACHEPROG": "/etc/hostname"},
    {"GOFLAGS": "-p=99999999999999999999"},
    {"GOFLAGS": "-p=010"},
    {"GOFLAGS": "-buildvcs"},
    {"GOFLAGS": "-buildmode=c-shared"},
    {"GOFLAGS": "-buildmode=plugin"},
    {"GOFLAGS": "-buildmode=archive"},
    {"GOFLAGS": "-compiler=gccgo"},
    {"GOFLAGS": "-ldflags=-nosuch"},
    {"GOFLAGS": "-ldflags=-bindnow"},
    {"GOFLAGS": "-gcflags=-nosuch"},
    {"GOFLAGS": "-toolexec=/bin/true"},
    {"GOFLAGS": "-toolexec='"},
    {"GOFLAGS": "-toolexec=env"},
    {"GOFLAGS": "-overlay=/dev/null"},
    {"GOFLAGS": "-overlay=/etc/hostname"},
    {"GOFLAGS": "-pgo=/etc/hostname"},
    {"GOFLAGS": "-pgo="},
    {"GOFLAGS": "-linkshared"},
    {"GOFLAGS": "-debug-trace=/gone/x"},
    {"GOOS": "android"},
    {"GOOS": "ios"},
    {"GOTMPDIR": "/proc"},
    {"GOTOOLCHAIN": "go1.21.0+path"},
    {"GOWORK": "@oldwork"},
    {"GOWORK": "@work"},
    {"TMPDIR": "/gone"},
]


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """The go command makes the directories that a variable names, for root in / too."""
    yield
    for path in ("/gone", "/gone-cache"):
        shutil.rmtree(path, ignore_errors=True)


def held(here: compare.World, case: dict[str, str]) -> None:
    env = here.surroundings(**case)
    where = compare.directory(here, case)
    theirs = compare.works(here, where, env)
    if compare.NEEDS_DOWNLOAD in theirs:
        return
    ours = compare.judged(where, env)
    same(not ours, not theirs, f"Go {here.go.version} {case}\n{ours}\n{theirs[-500:]}")


@pytest.mark.parametrize("version", ["1.21.13", "1.27.3"])
@pytest.mark.sweep
def test_what_once_differed(version: str, tmp_path: Path) -> None:
    here = compare.world(install(version), tmp_path)
    for case in FOUND:
        held(here, case)


@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.sweep
def test_any_setting(version: str, tmp_path: Path) -> None:
    """The same for each run, other cases for each release."""
    here = compare.world(install(version), tmp_path)
    draw = random.Random(zlib.crc32(version.encode()))
    cases = [case for case in values.cases(here.go, here.surroundings()) if not set(SLOW) & set(case)]
    for case in draw.sample(cases, DRAWN):
        held(here, case)


@pytest.mark.parametrize("version", ["1.21.13", "1.24.11", "1.27.3"])
@pytest.mark.sweep
def test_any_module(version: str, tmp_path: Path) -> None:
    """go.mod and go.work in the working directory, with what decides what they come to."""
    here = compare.world(install(version), tmp_path)
    draw = random.Random(zlib.crc32(version.encode()))
    for _ in range(MODULES):
        case = modules.draw(here, draw)
        env = here.surroundings(**modules.lay(case, here.library))
        theirs = compare.works(here, here.library, env)
        if compare.NEEDS_DOWNLOAD in theirs and case["GOPROXY"] != "off":
            continue
        ours = compare.judged(here.library, env)
        same(not ours, not theirs, f"Go {version} {dict(case)}\n{ours}\n{theirs[-500:]}")
