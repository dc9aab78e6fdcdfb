"""Another zone than the expected one, contents that belie the name, and old rules."""

from pathlib import Path

import pytest

from probe import codes, targets
from probe.checks.timezone import TimeZone
from probe.formats.tzif import noon
from probe.golang import zonedata
from probe.report import Status, worst
from tests.checks.timezone.helpers import (
    ALMATY,
    ALPINE,
    BRING,
    ETC,
    SHANGHAI,
    THERE,
    ZONES,
    check,
    look,
    looked_at,
    mounted,
    only,
    to,
)
from tests.support.worlds import World, lay
from tests.support.zonefiles import reference


@pytest.mark.parametrize(
    ("world", "tz", "expected", "cause"),
    [
        (
            {**THERE, ETC: to("Asia/Tokyo")},
            None,
            "Asia/Shanghai",
            "/etc/localtime (Asia/Tokyo) decides: time.Local is JST (+09:00), wanted Asia/Shanghai (+08:00)",
        ),
        (
            {**THERE, ETC: to("Asia/Shanghai")},
            "Asia/Tokyo",
            "Asia/Shanghai",
            (
                'TZ="Asia/Tokyo" decides: time.Local is JST (+09:00), wanted Asia/Shanghai (+08:00);'
                " without TZ /etc/localtime would be right"
            ),
        ),
        (
            {**THERE, ETC: to("Asia/Shanghai")},
            "",
            "Asia/Shanghai",
            (
                'TZ="" decides: time.Local is UTC (+00:00), wanted Asia/Shanghai (+08:00);'
                " without TZ /etc/localtime would be right"
            ),
        ),
        (
            {**THERE, ETC: to("Etc/UTC")},
            None,
            "Europe/London",
            (
                "/etc/localtime (Etc/UTC) decides: time.Local is UTC (+00:00), wanted Europe/London (+00:00)"
                " and from 2027-03-28 on +01:00 instead of +00:00"
            ),
        ),
    ],
)
def test_another_zone_than_the_expected_fails(
    root: Path, world: World, tz: str | None, expected: str, cause: str
) -> None:
    """Both are named with their offsets, and so is who decides."""
    finding = only(check(root, world, tz, expected=expected), codes.TIMEZONE_NOT_EXPECTED, Status.FAIL)
    assert finding.cause == cause
    assert finding.remedy == f"ENV TZ={expected}"


def test_a_copy_of_another_zone_is_not_the_expected_one(root: Path) -> None:
    """Without a name the content decides."""
    findings = check(root, {**THERE, ETC: SHANGHAI}, expected="Asia/Tokyo", copy="ignore")
    only(findings, codes.TIMEZONE_NOT_EXPECTED, Status.FAIL)


def test_another_zone_with_the_same_time_is_a_warning(root: Path) -> None:
    """Manila and Shanghai agree these years, but only these years."""
    findings = check(
        root, {f"{ZONES}/Asia/Manila": reference("Asia/Manila")}, "Asia/Manila", expected="Asia/Shanghai"
    )
    finding = only(findings, codes.TIMEZONE_OTHER_NAME, Status.WARN)
    assert "shows what Asia/Shanghai shows, but is another zone" in finding.cause


def test_an_expected_zone_that_does_not_exist_is_a_mistake_of_the_configuration(root: Path) -> None:
    """Nobody can say whether it is met; the rest is judged as if nothing were expected."""
    findings = check(root, {**THERE, ETC: to("Asia/Shanghai")}, expected="Asia/Shangai")
    assert [finding.code for finding in findings] == [codes.TIMEZONE_EXPECTED_UNKNOWN, codes.TIMEZONE_OK]
    assert worst(finding.status for finding in findings) is Status.UNKNOWN
    assert findings[0].remedy == "probe check --set timezone.expected=Asia/Shanghai"


def test_a_mount_that_went_through_the_link_is_found_out(root: Path) -> None:
    """The host's zone was mounted on /etc/localtime and lies on Etc/UTC's file instead."""
    world = {**THERE, f"{ZONES}/Etc/UTC": SHANGHAI, ETC: to("Etc/UTC")}
    looked = mounted(looked_at(root, world), f"/{ZONES}/Asia/Shanghai", f"/{ZONES}/Etc/UTC")
    finding = only(look(looked), codes.TIMEZONE_CONTENT_OTHER, Status.WARN)
    assert finding.cause == (
        "/usr/share/zoneinfo/Etc/UTC holds Asia/Shanghai instead of Etc/UTC, for"
        " /usr/share/zoneinfo/Asia/Shanghai is mounted on it through the link /etc/localtime:"
        " time.Local is CST (+08:00)"
    )
    assert finding.evidence["content"][0] == "Asia/Shanghai"
    assert finding.remedy == "ENV TZ=Asia/Shanghai"
    only(look(looked, TimeZone("Asia/Shanghai")), codes.TIMEZONE_CONTENT_OTHER, Status.WARN)
    only(look(looked, TimeZone("Etc/UTC")), codes.TIMEZONE_CONTENT_OTHER, Status.FAIL)


def test_a_zone_file_with_another_zone_s_data_is_found_out(root: Path) -> None:
    """It need not be a mount."""
    world = {f"{ZONES}/Asia/Tokyo": reference("America/New_York")}
    finding = only(check(root, world, "Asia/Tokyo"), codes.TIMEZONE_CONTENT_OTHER, Status.FAIL)
    assert finding.evidence["content"] == ["America/New_York", "EST5EDT", "US/Eastern"]


OLD: World = {f"{ZONES}/Asia/Almaty": ALMATY, f"{ZONES}/tzdata.zi": b"# version 2023c\n# more\n"}


def test_rules_older_than_the_reference_are_a_warning(root: Path) -> None:
    """The day from which the time is wrong is named, and so are both releases."""
    finding = only(check(root, {**ALPINE, **OLD}, "Asia/Almaty"), codes.TIMEZONE_RULES_OLD, Status.WARN)
    assert finding.cause == (
        "the rules for Asia/Almaty in /usr/share/zoneinfo/Asia/Almaty (tzdata 2023c) are older than tzdata"
        f" {zonedata.release()}: since 2024-02-29 Go shows +06:00 instead of +05:00"
    )
    assert finding.remedy == "RUN apk add --no-cache --upgrade tzdata"


def test_old_rules_fail_where_they_make_the_expected_zone_wrong_today(root: Path) -> None:
    """Before the change they were right, and a warning."""
    lay(root, OLD)
    looked = targets.at_root(str(root), {"TZ": "Asia/Almaty"})
    only(look(looked, TimeZone("Asia/Almaty")), codes.TIMEZONE_RULES_OLD, Status.FAIL)
    early = look(looked, TimeZone("Asia/Almaty"), now=noon(2023, 1))
    assert "from 2024-02-29 Go shows" in only(early, codes.TIMEZONE_RULES_OLD, Status.WARN).cause
    only(look(looked, now=noon(2015, 1)), codes.TIMEZONE_OK, Status.PASS)


def test_an_old_copy_is_copied_again(root: Path) -> None:
    """A copy does not say of which release it is, and no package renews it."""
    findings = check(root, {ETC: ALMATY}, expected="Asia/Almaty", copy="ignore")
    finding = only(findings, codes.TIMEZONE_RULES_OLD, Status.FAIL)
    assert f"are not those of tzdata {zonedata.release()}: since 2024-02-29" in finding.cause
    assert finding.remedy == f"{BRING}\nENV TZ=Asia/Almaty"


def test_rules_newer_than_the_reference_are_believed(root: Path) -> None:
    """It is our own data that is late then."""
    world = {**OLD, f"{ZONES}/tzdata.zi": b"# version 2999a\n"}
    only(check(root, world, "Asia/Almaty"), codes.TIMEZONE_OK, Status.PASS)
