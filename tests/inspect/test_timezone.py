"""`probe inspect timezone`: a shape that other programs read."""

import json
from pathlib import Path
from typing import Any

import pytest

from probe import targets
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.inspect.timezone import inspect
from tests.support.commands import RunProbe
from tests.support.worlds import FIFO, Link, World, lay
from tests.support.zonefiles import reference, v2

UTC = {"abbreviation": "UTC", "offset_s": 0}
CST = {"abbreviation": "CST", "offset_s": 28800}
SHANGHAI = reference("Asia/Shanghai")
NOTHING = {"file": None, "january": UTC, "july": UTC, "blocks_on": None}


@pytest.mark.parametrize(
    ("world", "env", "answer"),
    [
        ({}, {}, {**NOTHING, "name": "UTC", "fallback": True}),
        ({}, {"TZ": ""}, {**NOTHING, "name": "UTC", "fallback": False}),
        ({}, {"TZ": "Asia/Shanghai"}, {**NOTHING, "name": "UTC", "fallback": True}),
        (
            {"etc/localtime": SHANGHAI}, {},
            {
                "name": "Local",
                "file": "/etc/localtime",
                "january": CST,
                "july": CST,
                "fallback": False,
                "blocks_on": None,
            },
        ),
        (
            {"usr/share/zoneinfo/Europe/London": reference("Europe/London")}, {"TZ": ":Europe/London"},
            {
                "name": "Europe/London",
                "file": "/usr/share/zoneinfo/Europe/London",
                "january": {"abbreviation": "GMT", "offset_s": 0},
                "july": {"abbreviation": "BST", "offset_s": 3600},
                "fallback": False,
                "blocks_on": None,
            },
        ),
        (
            {"etc/localtime": FIFO}, {},
            {**NOTHING, "name": "UTC", "fallback": True, "blocks_on": "/etc/localtime"},
        ),
    ],
)  # fmt: skip
def test_the_answer_has_exactly_these_keys(
    root: Path, world: World, env: dict[str, str], answer: dict[str, Any]
) -> None:
    """Names, types and values as they are published."""
    lay(root, world)
    found = inspect(Facts(targets.at_root(str(root), env), go=NEWEST), 2026)
    assert list(found) == ["go", "go_source", "name", "file", "january", "july", "fallback", "blocks_on"]
    assert found == {"go": "go1.27.3", "go_source": "default", **answer}


def test_data_in_the_program_is_no_file(root: Path) -> None:
    """The zone is there, the path is null."""
    looked = targets.at_root(str(root), {"TZ": "Asia/Shanghai"})
    found = inspect(Facts(looked, go=NEWEST._replace(embedded_tzdata=True)), 2026)
    assert (found["name"], found["file"], found["july"]) == ("Asia/Shanghai", None, CST)


def test_bytes_that_are_not_text_are_replaced_as_go_replaces_them(root: Path) -> None:
    """One U+FFFD for each, in names as in abbreviations."""
    lay(root, {"usr/share/zoneinfo/z\udc80": v2(b"\n<\xff\xc3\xa9>-8\n", clocks=[(0, False, 0)])})
    found = inspect(Facts(targets.at_root(str(root), {"TZ": "z\udc80"}), go=NEWEST), 2026)
    assert found["name"] == "z\ufffd"
    assert found["january"] == {"abbreviation": "\ufffdé", "offset_s": 28800}
    json.dumps(found, ensure_ascii=False).encode()


def test_the_command_prints_it(root: Path, run_probe: RunProbe) -> None:
    """For a directory, another environment and another year."""
    lay(root, {"usr/share/zoneinfo/PRC": SHANGHAI, "etc/localtime": Link("../usr/share/zoneinfo/PRC")})
    done = run_probe("inspect", "timezone", "--root", str(root), "--env", "TZ=PRC", "--year", "1987")
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["name"] == "PRC"
    assert answer["july"] == {"abbreviation": "CDT", "offset_s": 32400}
