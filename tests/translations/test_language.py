"""Which language people are spoken to in, and what is never translated."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from probe.translations import ENGLISH, language
from tests.support.commands import clean_environment
from tests.support.toolchains import Toolchain


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_CN", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ({"LC_ALL": "", "LANG": "zh_SG.UTF-8@pinyin"}, "zh"),
        ({"PROBE_LANG": "zh", "LC_ALL": "C"}, "zh"),
        ({"PROBE_LANG": "en", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ({"PROBE_LANG": "zh-Hans-CN"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, ENGLISH),
        ({"LANG": "tlh_XX"}, ENGLISH),
        ({"LANG": "../zh"}, ENGLISH),
        ({}, ENGLISH),
    ],
)
def test_the_first_variable_that_is_set_decides(environ: dict[str, str], found: str) -> None:
    """PROBE_LANG, then as POSIX orders them; a language that we do not speak is English."""
    assert language(environ) == found


def test_what_is_asked_for_wins() -> None:
    """--lang over all variables."""
    assert language({"PROBE_LANG": "en"}, "zh") == "zh"
    assert language({"LANG": "zh_CN.UTF-8"}, "fr") == ENGLISH


def told(*arguments: str, **env: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "probe", *arguments],
        env={**clean_environment(), "LC_ALL": "", **env},
        stdout=subprocess.PIPE,
        timeout=60,
        encoding="utf-8",
    ).stdout


@pytest.fixture
def bare(tmp_path: Path) -> tuple[str, ...]:
    """A root with nothing in it, whose zone is named."""
    return ("check", "--root", str(tmp_path), "--only", "timezone,ca-bundle", "--env", "TZ=Asia/Shanghai")


def test_causes_are_told_and_codes_and_commands_kept(bare: tuple[str, ...]) -> None:
    """The lines of the text format: same codes, same commands, a Chinese cause."""
    english, chinese = told(*bare, LANG="C"), told(*bare, LANG="zh_CN.UTF-8")
    assert "fail CA_BUNDLE_MISSING: Go 查找的 8 处位置都没有 CA 证书包\n" in chinese
    assert "  fix: COPY" in chinese
    ours = [line for line in english.splitlines() if line.strip().startswith("fix: COPY")]
    assert ours == [line for line in chinese.splitlines() if line.strip().startswith("fix: COPY")]


@pytest.mark.parametrize("name", ["json", "health+json", "junit", "tap", "nagios", "prometheus"])
def test_machine_formats_are_never_translated(name: str, bare: tuple[str, ...]) -> None:
    """No Chinese character in any of them."""
    printed = told(*bare, "--format", name, PROBE_LANG="zh")
    assert printed
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in printed)
    if name == "json":
        assert json.loads(printed)["healthy"] is False


def test_explain_speaks_the_language(go_newest: Toolchain) -> None:
    """--lang and the variables alike; an unknown one is English."""
    chinese = told("explain", "--lang", "zh", "TIMEZONE_NOT_EXPECTED")
    assert chinese.startswith("TIMEZONE_NOT_EXPECTED (timezone)\n")
    assert "\n修复：\n" in chinese
    assert "ENV TZ=Asia/Shanghai" in chinese
    assert told("explain", "TIMEZONE_NOT_EXPECTED", LC_ALL="zh_CN.UTF-8") == chinese
    assert told("explain", "--lang", "tlh", "TIMEZONE_NOT_EXPECTED") == told(
        "explain", "TIMEZONE_NOT_EXPECTED"
    )
