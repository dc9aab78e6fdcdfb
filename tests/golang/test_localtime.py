"""Where Go looks for time.Local, in which order, and what becomes of each place."""

import errno
import os
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import targets
from probe.formats import tzif
from probe.formats.tzif import ZoneOffset, noon
from probe.golang import localtime, zonedata
from probe.golang.localtime import LocalTime
from probe.golang.release import NEWEST
from probe.targets import User
from tests.support.sweeps import examples
from tests.support.worlds import DIRECTORY, FIFO, Content, File, Link, World, lay, shut
from tests.support.zonefiles import NAMES, NEW_YORK, reference, v2

SHANGHAI = reference("Asia/Shanghai")
ZONES = "usr/share/zoneinfo"
CST = ZoneOffset("CST", 28800, is_dst=False)
EMBEDDED = NEWEST._replace(embedded_tzdata=True)


def load(root: Path, world: World, user: User | None = None, **env: str) -> LocalTime:
    lay(root, world)
    return localtime.load(targets.at_root(str(root), env, user=user), NEWEST)


def outcomes(local: LocalTime) -> list[tuple[str, str]]:
    return [(attempt.path, attempt.outcome) for attempt in local.tried]


def test_without_tz_only_localtime_is_read(root: Path) -> None:
    """Its name is "Local", whatever the link says."""
    world: World = {
        f"{ZONES}/Asia/Shanghai": SHANGHAI,
        "etc/localtime": Link("/usr/share/zoneinfo/Asia/Shanghai"),
    }
    local = load(root, world)
    assert (local.name, local.file, local.fallback) == ("Local", "/etc/localtime", False)
    assert local.at(noon(2026, 1)) == CST
    assert outcomes(local) == [("/etc/localtime", "loaded")]


def test_a_name_is_sought_in_four_directories_one_after_another(root: Path) -> None:
    """A bad file is passed over, the next one counts, and the rest is not looked at."""
    world = {f"{ZONES}/X": b"none", "usr/lib/locale/TZ/X": SHANGHAI, "etc/zoneinfo/X": NEW_YORK}
    local = load(root, world, TZ="X")
    assert (local.name, local.file) == ("X", "/usr/lib/locale/TZ/X")
    assert outcomes(local) == [
        ("/usr/share/zoneinfo/X", "not taken"),
        ("/usr/share/lib/zoneinfo/X", "missing"),
        ("/usr/lib/locale/TZ/X", "loaded"),
    ]
    fault = local.tried[0].fault
    assert fault
    assert fault.kind == tzif.NOT_TZIF


@pytest.mark.parametrize(
    ("value", "fallback"), [("", False), (":", False), ("UTC", False), ("nonsense", True)]
)
def test_utc_by_choice_is_told_from_utc_for_want_of_data(root: Path, value: str, fallback: bool) -> None:
    """Both are plain UTC; only the one was asked for."""
    local = load(root, {}, TZ=value)
    assert (local.name, local.zone, local.fallback) == ("UTC", None, fallback)
    assert local.at(0) == ZoneOffset("UTC", 0, is_dst=False)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (Link("/nowhere"), localtime.MISSING),
        (Link("localtime"), localtime.LOOP),
        (DIRECTORY, localtime.DIRECTORY),
        (File(SHANGHAI, 0), localtime.DENIED),
        (shut(FIFO), localtime.DENIED),
        (bytes((10 << 20) + 1), localtime.TOO_LARGE),
        (b"", localtime.REFUSED),
    ],
)  # fmt: skip
def test_what_became_of_a_file_is_kept(root: Path, content: Content, outcome: str) -> None:
    """Go forgets all of it; the diagnosis needs it."""
    local = load(root, {"etc/localtime": content}, User(65532, 65532))
    assert outcomes(local) == [("/etc/localtime", outcome)]
    assert local.fallback
    assert local.blocks_on is None


def test_a_file_where_a_directory_should_be(root: Path) -> None:
    """It is another error to Go than a missing one, with the same end."""
    local = load(root, {f"{ZONES}/UTC": SHANGHAI}, TZ="UTC/X")
    assert local.tried[0].outcome == localtime.NOT_A_DIRECTORY


def test_a_name_that_is_too_long_is_an_error_of_the_kernel(root: Path) -> None:
    """No file system is asked about a path of a megabyte."""
    local = load(root, {}, TZ="a/" * 500_000)
    assert {attempt.outcome for attempt in local.tried} == {localtime.ERROR}
    assert local.tried[0].detail == os.strerror(errno.ENAMETOOLONG)


def test_a_fifo_ends_the_search(root: Path) -> None:
    """Go never comes to the next source."""
    local = load(root, {f"{ZONES}/X": FIFO, "etc/zoneinfo/X": SHANGHAI}, TZ="X")
    assert local.blocks_on == "/usr/share/zoneinfo/X"
    assert len(local.tried) == 1


def test_data_in_the_program_comes_after_files_and_before_goroot(root: Path) -> None:
    """Only names that it holds are found, and only spelled exactly so."""
    looked = targets.at_root(str(root), {"TZ": "Asia/Shanghai", "GOROOT": "/go"})
    local = localtime.load(looked, EMBEDDED)
    assert (local.file, local.at(noon(2026, 1))) == ("time/tzdata", CST)
    for name in ("localtime", "./Asia/Shanghai", "Asia//Shanghai", "../zones", "zone.tab", "__init__.py"):
        assert localtime.load(looked._replace(env={"TZ": name}), EMBEDDED).fallback
    lay(root, {f"{ZONES}/Asia/Shanghai": NEW_YORK})
    assert localtime.load(looked, EMBEDDED).file == "/usr/share/zoneinfo/Asia/Shanghai"


def test_the_reference_data_holds_what_go_carries() -> None:
    """Every name is there, and is a zone."""
    assert zonedata.release() >= "2024a"
    assert zonedata.names() == frozenset(NAMES)
    assert {"Asia/Shanghai", "Europe/Berlin"} <= zonedata.usual_names() < zonedata.names()
    for name in ("UTC", "PRC", "Etc/GMT+8", "Factory"):
        assert isinstance(tzif.parse(zonedata.load(name) or b""), tzif.Zone)
    assert zonedata.load("asia/shanghai") is None


def test_what_go_works_out_on_loading_is_believed(root: Path) -> None:
    """In a file out of order the present is found another way than every other time."""
    kinds = [(0, False, 0), (3600, False, 4), (7200, False, 8)]
    out_of_order = v2(b"\n\n", [(4000, 0), (1000, 1), (3000, 2)], kinds, b"AAA\0BBB\0CCC\0")
    lay(root, {"etc/localtime": out_of_order})
    looked = targets.at_root(str(root), {})
    assert localtime.load(looked, NEWEST, now=1500).at(1500).abbreviation == "BBB"
    assert localtime.load(looked, NEWEST, now=5000).at(1500).abbreviation == "AAA"


CENTRAL, END, LOCAL_HEADER = b"PK\1\2", b"PK\5\6", b"PK\3\4"


def archive(
    name: bytes = b"X", data: bytes = SHANGHAI, *, size: int = 0, at: int = 0, entries: int = 1
) -> bytes:
    """A zip file with room for lies about its sizes."""
    head = LOCAL_HEADER + bytes(18) + struct.pack("<IHH", len(data), len(name), 0) + name + data
    entry = (
        CENTRAL + bytes(20) + struct.pack("<IHHH", size or len(data), len(name), 0, 0) + bytes(8)
        + struct.pack("<I", at) + name
    )  # fmt: skip
    end = END + bytes(6) + struct.pack("<HIIH", entries, len(entry), len(head), 0)
    return head + entry + end


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (archive(), localtime.LOADED),
        (archive(b"Y"), localtime.MISSING),
        (archive(entries=0), localtime.MISSING),
        (archive(size=1 << 31), localtime.TOO_LARGE),
        (archive(size=1 << 20), localtime.REFUSED),
        (archive(at=1 << 31), localtime.REFUSED),
        (archive() + b"x", localtime.REFUSED),
        (b"", localtime.REFUSED),
        (END + bytes(8) + b"\xff\xff\xff\xff" + bytes(6), localtime.TOO_LARGE),
    ],
)
def test_the_archive_of_goroot_is_read_within_bounds(root: Path, data: bytes, outcome: str) -> None:
    """What its sizes claim is not believed."""
    lay(root, {"go/lib/time/zoneinfo.zip": data})
    attempt, _ = localtime.read_zip(targets.at_root(str(root), {}), "/go/lib/time/zoneinfo.zip", "X")
    assert attempt.outcome == outcome


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 700), st.integers(0, 255), st.integers(0, 700))
def test_a_damaged_archive_gives_a_value(root: Path, at: int, byte: int, cut: int) -> None:
    """Bytes changed and lost: an outcome, never an exception."""
    data = bytearray(archive())
    data[at % len(data)] = byte
    (root / "zip").write_bytes(data[: len(data) - cut % 40])
    localtime.read_zip(targets.at_root(str(root), {}), "/zip", "X")
