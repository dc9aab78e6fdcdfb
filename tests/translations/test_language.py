"""Which language people are spoken to in, and what is never translated."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from probe.translations import ENGLISH, findings, language
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
        ({"LANG": "zh_CN.utf8@stroke"}, "zh"),
        ({"LANG": "zh_CN.GBK"}, ENGLISH),
        ({"LC_ALL": "zh_CN.GB18030", "LANG": "zh_CN.UTF-8"}, ENGLISH),
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


VERDICTS = (
    "unhealthy: A_CODE (2 of 4 checks failed) in 0.04 s",
    "unhealthy: A_CODE (1 of 1 check failed)",
    "unhealthy: A_CODE (1 fail, 1 unknown of 4 checks) in 0.04 s",
    "unhealthy: A_CODE (1 fail, 1 unknown, 2 warn of 4 checks; warnings count) in 0.04 s",
    "unhealthy: A_CODE (1 unknown of 1 check)",
    "unhealthy: A_CODE (1 warn of 1 check; warnings count) in 0.04 s",
    "healthy: 4 checks in 0.04 s, 1 warning",
    "healthy: 4 checks, no handshake (role ready) in 0.04 s, 2 warnings, 1 skipped check",
    "healthy: 1 check in 0.04 s, 1 unknown finding",
    "12 more (A_CODE x3, B_CODE, 2 other codes): --verbose shows all",
    "--verbose shows the rest",
)


@pytest.mark.parametrize("line", VERDICTS)
def test_the_reports_own_lines_are_told_whole(line: str) -> None:
    """Verdict and what was left out: status words, codes and numbers stay, and no other English word."""
    chinese = findings.speaker("zh")(line)
    kept = re.sub(
        r"\(A_CODE.*?\)|A_CODE|--verbose|\b(?:un)?healthy|fail|unknown|warn|\(?role ready|s\b", "", chinese
    )
    assert not re.search("[A-Za-z]", kept), chinese
    assert chinese.startswith(line.split()[0]) or not line.startswith(("healthy", "unhealthy"))
    numbers = re.compile(r"\d+")
    assert sorted(numbers.findall(chinese)) == sorted(numbers.findall(line))


def test_no_report_is_half_english(bare: tuple[str, ...]) -> None:
    """Beside codes, commands and values, every line of an unhealthy report is Chinese."""
    first = told(*bare, PROBE_LANG="zh").splitlines()[0]
    assert re.fullmatch(r"unhealthy: CA_BUNDLE_MISSING \(2 项检查中 2 项失败\)，用时 [\d.]+ s", first)


BUNDLE = "etc/ssl/certs/ca-certificates.crt"
FAULTS: dict[str, tuple[str, bytes | str, tuple[str, ...]]] = {  # what lies where (text: a link), and options
    "empty": (BUNDLE, b"", ()),
    "DER": (BUNDLE, b"\x30\x82\x01\x0a\x30\x82\x01\x02", ()),
    "HTML": (BUNDLE, b"<!DOCTYPE html><html>", ()),
    "UTF-16": (BUNDLE, "-----BEGIN CERTIFICATE-----\n".encode("utf-16"), ()),
    "key": (BUNDLE, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ()),
    "cut": (BUNDLE, b"-----BEGIN CERTIFICATE-----\nMIIB\n", ()),
    "dangling": (BUNDLE, "/nowhere/bundle.pem", ()),
    "loop": (BUNDLE, "/etc/ssl/certs/ca-certificates.crt", ()),
    "file": ("x", b"", ("--env", "SSL_CERT_FILE=/nowhere.pem")),
    "too few": ("x", b"", ("--set", "ca-bundle.min_roots=3")),
    "empty zone": ("etc/localtime", b"", ()),
    "no zone": ("etc/localtime", b"Asia/Shanghai\n", ()),
    "link": ("etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo", ()),
    "quotes": ("x", b"", ("--env", 'TZ="Asia/Shanghai"')),
    "blank": ("x", b"", ("--env", "TZ=Asia/Shanghai ")),
    "rule": ("x", b"", ("--env", "TZ=CST-8")),
    "city": ("x", b"", ("--env", "TZ=Asia/Beijing")),
    "case": ("x", b"", ("--env", "TZ=asia/shanghai")),
    "unset": ("x", b"", ("--env", "TZ=", "--set", "timezone.expected=Asia/Shanghai")),
    "proxy": ("x", b"", ("--env", "GOPROXY=off", "--env", "GOSUMDB=off", "--only", "go-env")),
    "flags": ("x", b"", ("--env", "GOFLAGS=-insecure", "--env", "GOINSECURE=*", "--only", "go-env")),
    "program": ("x", b"", ("--set", "go-version.binary=/app", "--only", "go-version,linkage")),
    "script": ("app", b"#!/bin/bash\n", ("--set", "linkage.binary=/app", "--only", "linkage")),
    "pinned": ("x", b"", ("--set", "pinned.version=1.27.3", "--only", "pinned")),
    "lines": ("etc/go-baseline.version", b"1.27.3\n1.27.4\n", ("--set", "pinned.version=1.27.3")),
    "offline": ("x", b"", ("--only", "offline", "--env", "GOPROXY=https://proxy.example")),
    "rights": ("x", b"", ("--only", "permissions", "--user", "4321")),
    "image": ("x", b"", ("--only", "image,limits", "--set", "image.max_layers=3")),
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", FAULTS)
def test_every_cause_is_told(name: str, tmp_path: Path) -> None:
    """Whole: of a sentence that has no translation not one word would be Chinese."""
    path, content, options = FAULTS[name]
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        (tmp_path / path).symlink_to(content)
    else:
        (tmp_path / path).write_bytes(content)
    printed = told("check", "--root", str(tmp_path), *options, PROBE_LANG="zh")
    causes = re.findall(r"^(?:fail|warn|unknown) [A-Z0-9_]+: (.*)$", printed, re.MULTILINE)
    assert causes, printed
    assert [cause for cause in causes if not _CHINESE.search(cause)] == []


def test_each_release_is_told_too(bare: tuple[str, ...]) -> None:
    """`--as-go all` as text; as JSON it stays as it was."""
    chinese = told(*bare, "--as-go", "all", PROBE_LANG="zh")
    assert "fail CA_BUNDLE_MISSING: Go 查找的 8 处位置都没有 CA 证书包\n" in chinese
    assert not _CHINESE.search(told(*bare, "--as-go", "all", "--format", "json", PROBE_LANG="zh"))


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
