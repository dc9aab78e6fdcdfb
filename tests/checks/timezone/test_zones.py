"""Zones that pass, UTC by default, and TZ against /etc/localtime."""

import struct
import subprocess
from pathlib import Path

import pytest

from probe import codes, targets
from probe.checks.timezone import TimeZone
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.report import Status
from probe.targets import at_root
from tests.checks.timezone.helpers import (
    ALPINE,
    APT,
    BRING,
    DEBIAN,
    ETC,
    SHANGHAI,
    THERE,
    TOOLS,
    ZONES,
    check,
    link,
    look,
    looked_at,
    only,
    to,
)
from tests.golang.builds import without_section_headers
from tests.support.toolchains import Toolchain
from tests.support.worlds import Content, Link, World, lay
from tests.support.zonefiles import reference, v2

IN_SHANGHAI = "time.Local is Asia/Shanghai (CST, +08:00)"


IN_TOKYO = "time.Local is Asia/Tokyo (JST, +09:00)"


@pytest.mark.parametrize(
    ("world", "tz", "options", "cause"),
    [
        ({**THERE, ETC: to("Asia/Shanghai")}, None, {}, IN_SHANGHAI),
        ({**THERE, ETC: Link(f"../{ZONES}/Asia/Shanghai")}, None, {}, IN_SHANGHAI),
        ({**THERE, ETC: to("Etc/UTC")}, None, {}, "time.Local is Etc/UTC (UTC, +00:00)"),
        ({**THERE, ETC: to("Asia/Tokyo")}, None, {"expected": "Asia/Tokyo"}, IN_TOKYO),
        (
            {
                "etc/zoneinfo/Asia/Shanghai": SHANGHAI,
                ETC: Link("zoneinfo/Asia/Shanghai"),
            },  # Alpine's setup-timezone
            None,
            {},
            IN_SHANGHAI,
        ),
        (
            {f"{ZONES}/posix/Asia/Tokyo": reference("Asia/Tokyo"), ETC: to("posix/Asia/Tokyo")},
            None,
            {},
            IN_TOKYO,
        ),
        (THERE, "Asia/Shanghai", {}, IN_SHANGHAI),
        (THERE, ":Asia/Shanghai", {}, IN_SHANGHAI),
        (THERE, "/usr/share/zoneinfo/Asia/Shanghai", {}, IN_SHANGHAI),
        ({**THERE, ETC: to("Asia/Tokyo")}, ":/etc/localtime", {}, IN_TOKYO),
        ({}, "UTC", {}, "time.Local is UTC (+00:00)"),
        ({}, "", {}, "time.Local is UTC (+00:00)"),
        ({}, "UTC", {"expected": "Etc/UTC"}, "time.Local is UTC (+00:00), the same zone as Etc/UTC"),
        (
            {},
            None,
            {"expected": "UTC"},
            "there is no /etc/localtime and no TZ, so time.Local is UTC, as expected",
        ),
        ({f"{ZONES}/PRC": SHANGHAI}, "PRC", {"expected": "Asia/Shanghai"}, "the same zone as Asia/Shanghai"),
        ({f"{ZONES}/Mars/Base": v2(b"\nMST-1:23:45\n")}, "Mars/Base", {}, "Mars/Base (MST, +01:23:45)"),
        ({ETC: SHANGHAI}, None, {"copy": "ignore"}, "time.Local is CST (+08:00)"),
        (
            {ETC: SHANGHAI},
            None,
            {"copy": "ignore", "expected": "Asia/Shanghai"},
            "time.Local is CST (+08:00)",
        ),
    ],
)
def test_a_valid_zone_passes_and_is_named(
    root: Path, world: World, tz: str | None, options: dict[str, str], cause: str
) -> None:
    """Whatever way it is found, there is one finding and nothing to fix."""
    finding = only(check(root, world, tz, **options), codes.TIMEZONE_OK, Status.PASS)
    assert finding.cause.endswith(cause)
    assert finding.remedy == ""


def test_the_evidence_says_what_go_sees(root: Path) -> None:
    """Name, file, abbreviation and offset stand in every finding."""
    finding = check(root, {**THERE, ETC: to("Asia/Shanghai")})[0]
    assert finding.evidence == {
        "tz": None,
        "name": "Local",
        "file": "/etc/localtime",
        "abbreviation": "CST",
        "offset_s": 28800,
        "zone": "Asia/Shanghai",
    }


def test_data_in_the_program_needs_no_files(root: Path) -> None:
    """A program with time/tzdata finds the zone without any file."""
    looked = looked_at(root, {}, "Asia/Shanghai")
    embedded = look(looked, go=NEWEST._replace(embedded_tzdata=True))
    finding = only(embedded, codes.TIMEZONE_OK, Status.PASS)
    assert finding.evidence["file"] == "time/tzdata"
    assert only(look(looked), codes.TIMEZONE_TZDATA_MISSING, Status.FAIL).evidence["file"] is None


def test_the_name_that_debian_writes_down_is_told(root: Path) -> None:
    """/etc/timezone alone decides nothing for Go."""
    finding = only(check(root, {"etc/timezone": b"Asia/Tokyo\n"}), codes.TIMEZONE_UTC_BY_DEFAULT, Status.WARN)
    assert "(/etc/timezone says Asia/Tokyo, but Go never reads it)" in finding.cause
    assert "TZ=Asia/Tokyo" in finding.remedy


def packed(root: Path) -> Go:
    """A program that says nothing about itself."""
    (root / "app").write_bytes(
        without_section_headers(struct.pack("<4sBBBB8x", b"\x7fELF", 2, 1, 1, 0) + bytes(112) + b"UPX!")
    )
    return Facts(at_root(str(root), {}), program="/app").go()


def test_what_a_packed_program_holds_is_unknown(root: Path) -> None:
    """It may bring the zone itself; data in the image is found first."""
    looked, go = looked_at(root, {}, "Asia/Shanghai"), packed(root)
    only(look(looked, go=go), codes.TIMEZONE_DATA_HIDDEN, Status.UNKNOWN)
    only(look(looked, TimeZone("Asia/Shanghai"), go=go), codes.TIMEZONE_DATA_HIDDEN, Status.UNKNOWN)
    told = look(looked._replace(env={"TZ": "UTC"}), TimeZone(zones=("Asia/Tokyo",)), go=go)
    assert [(one.code, one.status) for one in told][1:] == [(codes.TIMEZONE_LOCATION_MISSING, Status.UNKNOWN)]
    lay(root, {f"{ZONES}/Asia/Shanghai": SHANGHAI})
    only(look(looked, go=go), codes.TIMEZONE_OK, Status.PASS)


@pytest.mark.parametrize(
    ("name", "env", "words"),
    [
        ("Asia/Tokyo", {}, ""),
        ("UTC", {}, ""),
        ("Local", {}, ""),
        ("Mars/Base", {"ZONEINFO": "/z"}, ""),
        ("Mars/Base", {}, "there is no zone of that name"),
        ("Europe/Zurich", {}, "the zone is not found here"),
        ("Europe/Zurch", {}, "did you mean Europe/Zurich?"),
        ("/usr/share/zoneinfo/Asia/Tokyo", {}, "it takes no path"),
        ("Asia/../Asia/Tokyo", {}, 'it takes no path and no ".."'),
    ],
)
def test_the_zones_that_must_be_found(root: Path, name: str, env: dict[str, str], words: str) -> None:
    """LoadLocation takes names only, and asks ZONEINFO before all else."""
    lay(root, {**TOOLS, **THERE, "z/Mars/Base": SHANGHAI})
    target = targets.at_root(str(root), {"TZ": "UTC", **env})
    *_, finding = look(target, TimeZone(zones=(name,)))
    if words:
        assert (finding.code, finding.status) == (codes.TIMEZONE_LOCATION_MISSING, Status.FAIL)
        assert words in finding.cause
    else:
        assert (finding.code, finding.status) == (codes.TIMEZONE_LOCATIONS_FOUND, Status.PASS)


@pytest.mark.parametrize(
    ("policy", "status"), [("warn", Status.WARN), ("fail", Status.FAIL), ("ignore", Status.PASS)]
)
def test_utc_by_default_is_worth_what_the_policy_says(root: Path, policy: str, status: Status) -> None:
    """Nobody asked for a zone: UTC, said aloud."""
    finding = only(check(root, {}, missing=policy), codes.TIMEZONE_UTC_BY_DEFAULT, status)
    assert finding.cause == "there is no /etc/localtime and no TZ: time.Local is UTC (+00:00)"
    assert finding.remedy == "ENV TZ=UTC"


@pytest.mark.parametrize(
    ("base", "remedy"),
    [
        ({}, f"{BRING}\nENV TZ=Asia/Shanghai"),
        (DEBIAN, f"{APT} && " + link("Asia/Shanghai")),
        (ALPINE, "RUN apk add --no-cache tzdata && " + link("Asia/Shanghai")),
        ({"usr/bin/microdnf": b""}, "RUN microdnf install -y tzdata && " + link("Asia/Shanghai")),
        (THERE, "ENV TZ=Asia/Shanghai"),
    ],
)
def test_a_missing_localtime_is_mended_by_the_image_s_own_means(root: Path, base: World, remedy: str) -> None:
    """The expected zone is named with its offset, and the line fits the base image."""
    finding = only(
        check(root, {"etc/hostname": b"", **base}, expected="Asia/Shanghai", missing="ignore"),
        codes.TIMEZONE_LOCALTIME_MISSING,
        Status.FAIL,
    )
    assert finding.cause.endswith("time.Local is UTC (+00:00), wanted Asia/Shanghai (+08:00)")
    assert finding.remedy == remedy


def test_tz_over_the_utc_of_a_base_image_passes_and_is_said(root: Path) -> None:
    """That is how images are given a zone."""
    findings = check(root, {**THERE, ETC: to("Etc/UTC")}, "Asia/Shanghai")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_TZ_OVERRIDES]
    assert findings[1].status is Status.PASS


def test_two_zones_in_one_container_are_a_warning(root: Path) -> None:
    """Nobody said which one is wanted; who sees which is told."""
    findings = check(root, {**THERE, ETC: to("Asia/Tokyo")}, "Asia/Shanghai")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_TZ_DISAGREES]
    assert findings[1].status is Status.WARN
    assert findings[1].cause == (
        'TZ="Asia/Shanghai" wins over /etc/localtime (Asia/Tokyo, +09:00) for Go and libc;'
        " programs without TZ, such as cron, use the latter"
    )
    assert findings[1].remedy == "RUN " + link("Asia/Shanghai")
    wanted = look(targets.at_root(str(root), {"TZ": "Asia/Shanghai"}), TimeZone("Asia/Shanghai"))
    assert [finding.code for finding in wanted] == [codes.TIMEZONE_OK, codes.TIMEZONE_TZ_OVERRIDES]


@pytest.mark.parametrize("tz", ["", ":"])
def test_an_empty_tz_that_hides_a_zone_is_a_warning(root: Path, tz: str) -> None:
    """`TZ=${TZ}` in a compose file makes it so."""
    findings = check(root, {**THERE, ETC: to("Asia/Shanghai")}, tz)
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_TZ_EMPTY]
    assert findings[1].status is Status.WARN
    assert findings[1].remedy == "ENV TZ=Asia/Shanghai"


@pytest.mark.parametrize("content", [to("Asia/Shanghai"), to("Asia/Kolkata"), b"junk"])
def test_a_localtime_that_agrees_or_is_no_zone_is_passed_over(root: Path, content: Content) -> None:
    """TZ decides, and nothing contradicts it."""
    only(check(root, {**THERE, ETC: content}, "Asia/Shanghai"), codes.TIMEZONE_OK, Status.PASS)


NAMES_OF_UTC = [
    *("Etc/UTC", "GMT", "UTC0", "utc", "Zulu", "Etc/Universal", ":UTC", "Etc/GMT+0", "Z", "posix/UTC"),
    *("UTC-0", "UTC+00:00", "<UTC>0", "WET0", "/usr/share/zoneinfo/UTC", ":/usr/share/zoneinfo/Etc/UTC"),
]
NO_NAMES_OF_UTC = [
    "UTC+1",
    "GMT-0:30",
    "WET0WEST",
    "UTC-0x",
    "/nowhere/UTC",
    "Africa/Abidjan",
    "UTC/",
    "UTC 0",
]


TELL = """package main

import (
	"fmt"
	"time"
)

func main() {
	_, offset := time.Now().Zone()
	fmt.Println(offset)
}
"""


@pytest.mark.root("chroot")
@pytest.mark.parametrize("tz", NAMES_OF_UTC)
def test_utc_by_another_name_is_utc(go_newest: Toolchain, root: Path, tz: str) -> None:
    """Without zone data a real program shows UTC, which is what was asked for."""
    (root.parent / "main.go").write_text(TELL)
    go_newest.build(root.parent / "main.go", root / "app", "-trimpath")
    done = subprocess.run(
        ["chroot", root, "/app"], env={"PATH": "/usr/sbin:/usr/bin", "TZ": tz}, capture_output=True
    )
    assert done.stdout == b"0\n", done.stderr
    only(check(root, {}, tz), codes.TIMEZONE_OK, Status.PASS)
    for finding in check(root, {}, tz, expected="Asia/Shanghai"):
        assert finding.status is Status.FAIL


@pytest.mark.parametrize("tz", NO_NAMES_OF_UTC)
def test_what_is_no_name_of_utc_and_shows_utc_fails(root: Path, tz: str) -> None:
    assert [finding.status for finding in check(root, {}, tz)] == [Status.FAIL]
