"""What is odd about a file that Go takes, copies, and hostile files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import codes, targets
from probe.report import Status
from tests.checks.timezone.helpers import (
    ALMATY,
    ETC,
    SHANGHAI,
    THERE,
    ZONES,
    check,
    link,
    look,
    looked_at,
    mounted,
    only,
    to,
)
from tests.support.sweeps import examples
from tests.support.worlds import DIRECTORY, Link, World
from tests.support.zonefiles import NEW_YORK, aged, fat, reference, v1, v2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (NEW_YORK[:-1], "lacks its last newline"),
        (NEW_YORK + b"\n", "has data after its last line"),
        (NEW_YORK + b"junk", "has data after its last line"),
    ],
)
def test_a_dropped_rule_fails_when_it_makes_the_time_wrong(root: Path, data: bytes, words: str) -> None:
    """Summer time all year: the day of the first wrong hour is named."""
    world: World = {f"{ZONES}/America/New_York": data, ETC: to("America/New_York")}
    finding = only(check(root, world), codes.TIMEZONE_RULE_DROPPED, Status.FAIL)
    assert finding.cause == (
        f"/etc/localtime {words}, so Go drops its rule: from 2025-11-02 on it shows EDT (-04:00)"
        " instead of EST (-05:00)"
    )
    (root / ZONES / "America/New_York").write_bytes(reference("America/New_York"))
    only(look(targets.at_root(str(root), {})), codes.TIMEZONE_OK, Status.PASS)


@pytest.mark.parametrize("data", [SHANGHAI[:-1], SHANGHAI + b"junk", fat("America/New_York")[:-1]])
def test_a_dropped_rule_that_changes_nothing_yet_is_a_warning(root: Path, data: bytes) -> None:
    """A zone without summer time, or a table up to 2037, does without."""
    findings = check(root, {"zone": data}, "/zone")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_RULE_DROPPED]
    assert findings[1].status is Status.WARN


def test_a_rule_that_go_cannot_read_is_dropped_too(root: Path) -> None:
    """It is between its newlines, but no rule to Go."""
    findings = check(root, {"zone": v2(b"\nnonsense\n")}, "/zone")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_RULE_DROPPED]
    assert "a rule that Go cannot read" in findings[1].cause


def test_a_missing_rule_fails_where_it_makes_the_expected_zone_wrong(root: Path) -> None:
    """A slim file whose footer was cut off stands still after its table."""
    cut = aged("America/New_York", 1173700000, b"")  # the last change is to summer time, in March 2007
    world = {f"{ZONES}/America/New_York": cut}
    findings = check(root, world, "America/New_York", expected="America/New_York")
    assert {finding.code for finding in findings} == {codes.TIMEZONE_RULE_MISSING}
    assert findings[0].status is Status.FAIL
    assert "since 2007-11-04 Go shows -04:00 instead of -05:00" in findings[0].cause


def test_a_file_without_footer_is_a_warning_while_its_table_lasts(root: Path) -> None:
    """Go is right until 2037; glibc takes such a file for UTC."""
    data = fat("America/New_York")
    findings = check(root, {"zone": data[: data.rindex(b"\n", 0, -1)]}, "/zone")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_RULE_MISSING]
    assert findings[1].status is Status.WARN


def test_a_file_of_the_oldest_form_is_a_warning(root: Path) -> None:
    """It has no rule for what comes after 2037."""
    findings = check(root, {"zone": v1()}, "/zone")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_V1_ONLY]
    assert findings[1].status is Status.WARN


def test_leap_seconds_are_a_warning(root: Path) -> None:
    """Go passes over them, so that all changes come late."""
    world = {**THERE, f"{ZONES}/right/Asia/Shanghai": v2(leaps=27), ETC: to("right/Asia/Shanghai")}
    findings = check(root, world)
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_LEAP_SECONDS]
    assert findings[1].remedy == "ENV TZ=Asia/Shanghai"


@pytest.mark.parametrize(("policy", "status"), [("warn", Status.WARN), ("fail", Status.FAIL)])
def test_a_copy_is_recognised_by_its_content(root: Path, policy: str, status: Status) -> None:
    """The usual name of the zone is found, and the link that would do."""
    findings = check(root, {**THERE, ETC: SHANGHAI}, copy=policy)
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_COPY]
    assert findings[1].status is status
    assert findings[1].evidence["content"][0] == "Asia/Shanghai"
    assert findings[1].remedy == "RUN " + link("Asia/Shanghai")


@pytest.mark.parametrize(
    ("world", "options", "content"),
    [
        ({ETC: reference("UTC")}, {}, "UTC"),
        ({ETC: reference("America/New_York")}, {}, "America/New_York"),
        ({ETC: SHANGHAI}, {"expected": "PRC"}, "PRC"),
        ({ETC: SHANGHAI, "etc/timezone": b"Asia/Harbin\n"}, {}, "Asia/Harbin"),
        ({ETC: SHANGHAI, "etc/timezone": b"Asia/Tokyo\n"}, {}, "Asia/Shanghai"),
        ({ETC: SHANGHAI, "etc/timezone": b"../../../etc/localtime"}, {}, "Asia/Shanghai"),
        ({ETC: aged("Asia/Shanghai", 1 << 40, b"\nCST-8\n")}, {}, "Asia/Shanghai"),  # a slim file
    ],
)
def test_a_copy_gets_the_likeliest_name(
    root: Path, world: World, options: dict[str, str], content: str
) -> None:
    """What is expected or written down is preferred, if it is true; other bytes of the same zone count."""
    finding = check(root, world, **options)[-1]
    assert finding.code is codes.TIMEZONE_COPY
    assert finding.evidence["content"][0] == content
    assert finding.remedy == "probe check --set timezone.copy=ignore"


def test_a_copy_of_no_zone_is_said_to_be_one(root: Path) -> None:
    """Nobody's zone is valid, too."""
    findings = check(root, {ETC: v2(b"\nXYZ-1:23\n")})
    assert [finding.code for finding in findings] == [codes.TIMEZONE_OK, codes.TIMEZONE_COPY]
    assert "of an unknown zone" in findings[1].cause


def test_a_mounted_file_is_mended_by_tz(root: Path) -> None:
    """A link in the image cannot replace what is mounted later."""
    looked = mounted(looked_at(root, {**THERE, ETC: SHANGHAI}), "/etc/localtime", "/etc/localtime")
    finding = look(looked)[1]
    assert finding.code is codes.TIMEZONE_COPY
    assert "is a mount of /etc/localtime" in finding.cause
    assert finding.remedy == "ENV TZ=Asia/Shanghai"


HOSTILE = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    st.lists(
        st.sampled_from(["..", "/", "etc", "localtime", "Asia", ":", "$(x)", "\n", "\x1b[31m", "\udc80"])
    ).map("".join),
    st.sampled_from(["a/" * 500_000, "x" * 1_000_000, "A" * 100_000 + "5"]),
)


FILES = st.dictionaries(
    st.sampled_from([ETC, f"{ZONES}/Asia/Shanghai", "etc/timezone", f"{ZONES}/tzdata.zi"]),
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [SHANGHAI, NEW_YORK[:-1], v1(), ALMATY, Link("/etc/localtime"), Link("\x1b]0;x"), DIRECTORY]
        ),
    ),
)


@pytest.mark.slow
@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES, st.none() | HOSTILE, st.sampled_from(["", "Asia/Shanghai", "Europe/London", "nonsense"]))
def test_whatever_a_container_holds_there_are_findings_that_can_be_printed(
    tmp_path_factory: pytest.TempPathFactory, world: World, tz: str | None, expected: str
) -> None:
    """Never an exception, never silence, never control characters or endless text."""
    findings = check(tmp_path_factory.mktemp("root"), world, tz, expected=expected)
    assert findings
    for finding in findings:
        assert (finding.cause + finding.remedy.replace("\n", "")).isprintable()
        assert len(finding.cause) < 1200
        assert "$(" not in finding.remedy
