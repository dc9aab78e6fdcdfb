"""TZ names what gives no zone."""

import io
import zipfile
from pathlib import Path

import pytest

from probe import codes, targets
from probe.codes import Code
from probe.report import Status
from tests.checks.timezone.helpers import (
    ALPINE,
    APT,
    BRING,
    DEBIAN,
    ETC,
    SHANGHAI,
    THERE,
    ZONES,
    check,
    look,
    only,
    to,
)
from tests.support.worlds import FIFO, Link, World, lay
from tests.support.zonefiles import reference

GUESS = "Set TZ to the name of a zone, such as TZ=Europe/Berlin"


@pytest.mark.parametrize(
    ("world", "tz", "code", "words", "remedy"),
    [
        (
            ALPINE,
            "Asia/Shanghai",
            codes.TIMEZONE_TZDATA_MISSING,
            "no zone data is installed",
            "RUN apk add --no-cache tzdata",
        ),
        ({}, "Asia/Shanghai", codes.TIMEZONE_TZDATA_MISSING, "no zone data", BRING),
        ({}, "EST5EDT", codes.TIMEZONE_TZDATA_MISSING, "libc takes it for a POSIX rule", BRING),
        ({**DEBIAN, **THERE}, "Asia/Kolkata", codes.TIMEZONE_NOT_INSTALLED, "not among those installed", APT),
        (
            {**DEBIAN, **THERE},
            "PRC",
            codes.TIMEZONE_NOT_INSTALLED,
            "Asia/Shanghai is the same zone",
            "ENV TZ=Asia/Shanghai",
        ),
        (
            THERE,
            "CST-8",
            codes.TIMEZONE_POSIX_STRING,
            "libc shows CST (+08:00), Go reads no rules",
            "ENV TZ=Etc/GMT-8",
        ),
        (
            {**THERE, f"{ZONES}/Etc/GMT-8": reference("Etc/GMT-8")},
            "<+08>-8",
            codes.TIMEZONE_POSIX_STRING,
            "libc shows +08",
            "ENV TZ=Etc/GMT-8",
        ),
        (THERE, "UTC+8", codes.TIMEZONE_POSIX_STRING, "libc shows UTC (-08:00)", "Etc/GMT-8"),
        (
            THERE,
            "EST5EDT,M3.2.0,M11.1.0",
            codes.TIMEZONE_POSIX_STRING,
            "libc shows",
            "ENV TZ=America/New_York",
        ),
        (
            THERE,
            "asia/shanghai",
            codes.TIMEZONE_NAME_CASE,
            'is spelled "Asia/Shanghai"',
            "ENV TZ=Asia/Shanghai",
        ),
        (THERE, "Asia/Shanghai ", codes.TIMEZONE_TZ_BLANK, 'TZ="Asia/Shanghai "', "ENV TZ=Asia/Shanghai"),
        (THERE, "Asia/Shanghai\n", codes.TIMEZONE_TZ_BLANK, 'TZ="Asia/Shanghai\\n"', "ENV TZ=Asia/Shanghai"),
        (THERE, " ", codes.TIMEZONE_TZ_BLANK, 'TZ=" "', GUESS),
        (THERE, '"Asia/Shanghai"', codes.TIMEZONE_TZ_QUOTED, "quotes", "ENV TZ=Asia/Shanghai"),
        (THERE, "'UTC'", codes.TIMEZONE_TZ_QUOTED, "quotes", "ENV TZ=UTC"),
        (THERE, "::Asia/Shanghai", codes.TIMEZONE_TZ_COLONS, "more than one colon", "ENV TZ=Asia/Shanghai"),
        (THERE, "Asia", codes.TIMEZONE_TZ_DIRECTORY, "the directory /usr/share/zoneinfo/Asia", GUESS),
        (
            THERE,
            "Asia/Beijing",
            codes.TIMEZONE_NAME_UNKNOWN,
            "did you mean Asia/Shanghai?",
            "ENV TZ=Asia/Shanghai",
        ),
        (
            THERE,
            "Shanghai",
            codes.TIMEZONE_NAME_UNKNOWN,
            "did you mean Asia/Shanghai?",
            "ENV TZ=Asia/Shanghai",
        ),
        (
            THERE,
            "Asia/Shangai",
            codes.TIMEZONE_NAME_UNKNOWN,
            "did you mean Asia/Shanghai?",
            "ENV TZ=Asia/Shanghai",
        ),
        (THERE, "Local", codes.TIMEZONE_NAME_UNKNOWN, "names no zone", GUESS),
        (THERE, "/nope", codes.TIMEZONE_FILE_MISSING, "/nope does not exist", GUESS),
        (
            THERE,
            "/usr/share/zoneinfo/Asia/Kolkata",
            codes.TIMEZONE_FILE_MISSING,
            "does not exist",
            "COPY --from=",
        ),
        (THERE, "/usr", codes.TIMEZONE_FILE_DIRECTORY, "/usr is a directory", GUESS),
        ({"f": FIFO}, "/f", codes.TIMEZONE_FILE_BLOCKS, "/f is a FIFO", GUESS),
        ({f"{ZONES}/X": FIFO}, "X", codes.TIMEZONE_FILE_BLOCKS, "zoneinfo/X is a FIFO", GUESS),
        ({f"{ZONES}/X": b"none"}, "X", codes.TIMEZONE_NOT_TZIF, "zoneinfo/X holds text", GUESS),
        (
            {f"{ZONES}/X": Link("/gone")},
            "X",
            codes.TIMEZONE_LINK_DANGLING,
            "a link to /gone",
            GUESS,
        ),
    ],
)
def test_a_tz_that_loads_nothing_is_told_apart(
    root: Path, world: World, tz: str, code: Code, words: str, remedy: str
) -> None:
    """Go makes UTC of each; the finding names what is wrong with the value or its file."""
    finding = only(check(root, world, tz), code, Status.FAIL)
    assert words in finding.cause
    assert finding.cause.startswith("TZ=")
    assert finding.subject == "TZ"
    assert remedy in finding.remedy


def test_zoneinfo_is_for_load_location(root: Path) -> None:
    """It is set in the belief that it helps time.Local, too."""
    looked = targets.at_root(str(root), {"TZ": "Asia/Shanghai", "ZONEINFO": "/zoneinfo.zip"})
    finding = only(look(looked), codes.TIMEZONE_TZDATA_MISSING, Status.FAIL)
    assert finding.cause.endswith("ZONEINFO is for LoadLocation, not for time.Local")


@pytest.mark.parametrize("tz", ["Asia/Kolkata", "CST-8", "nonsense", "Asia/Shanghai ", "/nope"])
def test_an_expected_zone_is_what_the_remedy_sets(root: Path, tz: str) -> None:
    """Whatever is wrong with TZ, the fix names the zone that the configuration wants."""
    finding = check(root, THERE, tz, expected="Asia/Tokyo")[0]
    assert finding.status is Status.FAIL
    assert "wanted Asia/Tokyo (+09:00)" in finding.cause
    assert finding.remedy == "ENV TZ=Asia/Tokyo" or tz == "Asia/Kolkata"


def test_go_does_not_fall_back_to_localtime(root: Path) -> None:
    """A good /etc/localtime behind a bad TZ helps nobody, and the finding says so."""
    finding = check(root, {**THERE, ETC: to("Asia/Tokyo")}, "CST-8")[0]
    assert finding.cause.endswith("Go does not fall back to /etc/localtime")


def archive(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr(name, SHANGHAI)
    return stream.getvalue()


def test_zone_data_in_the_go_tree_alone_is_a_warning(root: Path) -> None:
    """The official image of Go on Alpine: fine for what is built and run in it, for nothing else."""
    world = {**ALPINE, "usr/local/go/lib/time/zoneinfo.zip": archive("Asia/Shanghai")}
    finding = only(check(root, world, "Asia/Shanghai"), codes.TIMEZONE_ONLY_IN_GOROOT, Status.WARN)
    assert "without -trimpath" in finding.cause
    missed = check(root, world, "Asia/Shanghai", expected="Asia/Shanghai")
    only(missed, codes.TIMEZONE_ONLY_IN_GOROOT, Status.FAIL)
    lay(root, {"usr/share/zoneinfo/Asia/Shanghai": SHANGHAI})
    only(look(targets.at_root(str(root), {"TZ": "Asia/Shanghai"})), codes.TIMEZONE_OK, Status.PASS)
