"""What people write into TZ: Go shows UTC for each, and what was meant for what is advised."""

import re
import subprocess
from pathlib import Path

import pytest

from probe.report import Status
from tests.checks.timezone.helpers import THERE, check
from tests.golang.builds import build, module
from tests.support.toolchains import install

GO = "1.27.3"
_SOURCE = """package main

import "time"

func main() {
	for _, month := range []time.Month{1, 7} {
		_, offset := time.Date(2026, month, 15, 12, 0, 0, 0, time.Local).Zone()
		println(offset / 60)
	}
}
"""
CHINA, INDIA, TOKYO = [480, 480], [330, 330], [540, 540]
NEW_YORK, BERLIN, SYDNEY = [-300, -240], [60, 120], [660, 600]
WAYS = {
    **dict.fromkeys(
        (
            *(
                "UTC+8",
                "GMT+8",
                "UTC+08:00",
                "GMT+0800",
                "UTC 8",
                "utc+8",
                "+08:00",
                "+0800",
                "+8",
                "Etc/UTC+8",
            ),
            *(
                "CST-8",
                "<+08>-8",
                "Etc/GMT-08",
                "asia/shanghai",
                "Asia/shanghai",
                "ASIA/SHANGHAI",
                "Shanghai",
            ),
            *("Asia\\Shanghai", "Asia/Shanghai ", " Asia/Shanghai", "Asia/Shanghai\n", "Asia/Shanghai\r"),
            *('"Asia/Shanghai"', "'Asia/Shanghai'", ' "Asia/Shanghai" ', "asia/shanghai ", "'Asia/Shanghai"),
            *("zoneinfo/Asia/Shanghai", "usr/share/zoneinfo/Asia/Shanghai", "Asia Shanghai", "Asia-Shanghai"),
            *("Asia.Shanghai", "Asia_Shanghai", "Asia/Shanghai/", "TZ=Asia/Shanghai", "Asia/Shanghai (CST)"),
            *("Beijing", "Asia/Bejing", "Asia/Shanghia", "China Standard Time", "Asia/Shanghai.UTF-8"),
            *(
                "(UTC+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
                "Asia%2FShanghai",
                "\u201cAsia/Shanghai\u201d",
            ),
            *(
                "Asia/Shanghai,",
                "Asia/Shanghai;",
                "[Asia/Shanghai]",
                "${TZ:-Asia/Shanghai}",
                "::Asia/Shanghai",
            ),
            *("Asia/Shanghai # China", '"UTC+8"', "Europe/Shanghai"),
        ),
        CHINA,
    ),
    **dict.fromkeys(("UTC+5:30", "GMT+0530", "+05:30", "+0530", "India Standard Time", "GMT+05:30"), INDIA),
    **dict.fromkeys(("JST", "JST-9", "Tokyo", "Tokyo Standard Time", "asia/tokyo", "UTC+9"), TOKYO),
    **dict.fromkeys(
        (
            *("New York", "America/New York", "America/NewYork", "EDT", "Eastern Standard Time"),
            *("EST5EDT,M3.2.0,M11.1.0", "new_york", "America\\New_York"),
        ),
        NEW_YORK,
    ),
    **dict.fromkeys(
        ("CEST", "W. Europe Standard Time", "CET-1CEST,M3.5.0,M10.5.0/3", "europe/berlin", "Berlin"), BERLIN
    ),
    **dict.fromkeys(("AEST", "AEST-10AEDT,M10.1.0,M4.1.0/3", "AUS Eastern Standard Time"), SYDNEY),
}


@pytest.fixture(scope="module")
def program() -> str:
    return str(build(GO, module(_SOURCE)))


def _shown(program: str, tz: str) -> list[int]:
    """The minutes east of UTC in January and July; zones that are not installed come from Go's tree."""
    env = {"TZ": tz, "GOROOT": str(install(GO).root)}
    done = subprocess.run([program], env=env, capture_output=True, text=True, timeout=20, check=True)
    return [int(line) for line in done.stderr.split()]


@pytest.mark.parametrize("tz", WAYS)
def test_go_shows_what_was_meant(program: str, root: Path, tz: str) -> None:
    assert _shown(program, tz) == [0, 0]
    (finding,) = check(root, THERE, tz)
    assert finding.status is Status.FAIL
    told = re.findall(r"ENV TZ=(\S+)", finding.remedies[0].text)
    assert told, finding.remedy
    assert _shown(program, told[-1]) == WAYS[tz]


@pytest.mark.parametrize(
    "tz", ["CST", "IST", "BST", "8", "none", "nonsense", "XYZ", "UTC+99", "$ZONE", "UTC8X"]
)
def test_nothing_is_guessed(root: Path, tz: str) -> None:
    """Several zones have these letters, and a bare number may be anything."""
    (finding,) = check(root, THERE, tz)
    assert finding.remedy.startswith("Set TZ to the name of a zone")


def test_both_readings_are_printed(program: str, root: Path) -> None:
    """To libc UTC+8 is west of Greenwich; people write it for what is east."""
    (finding,) = check(root, THERE, "UTC+8")
    told = [re.findall(r"ENV TZ=(\S+)", way.text)[-1] for way in finding.remedies]
    assert list(dict.fromkeys(told)) == ["Etc/GMT-8", "Etc/GMT+8"]
    assert [_shown(program, tz)[0] for tz in ("Etc/GMT-8", "Etc/GMT+8")] == [480, -480]


def test_what_is_meant_to_stay(root: Path) -> None:
    """TZ=Local is UTC to Go; /etc/localtime is named by its path."""
    (finding,) = check(root, {**THERE, "etc/localtime": THERE["usr/share/zoneinfo/Asia/Tokyo"]}, "Local")
    assert finding.remedy == "ENV TZ=/etc/localtime"
