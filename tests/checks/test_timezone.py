"""The check of the time zone: every cause by its own code, and what is said about it."""

import io
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import codes, targets
from probe.checks.base import Run
from probe.checks.timezone import TimeZone
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.formats.tzif import noon
from probe.golang import zonedata
from probe.golang.release import NEWEST, Go
from probe.report import Finding, Status, worst
from probe.targets import Mount, Target, User
from tests.golang.builds import without_section_headers
from tests.support.sweeps import examples
from tests.support.toolchains import Toolchain
from tests.support.worlds import DIRECTORY, FIFO, NULL, ZERO, Content, File, Link, World, lay, shut
from tests.support.zonefiles import NEW_YORK, aged, fat, reference, v1, v2

NOW = noon(2026, 11)
ANY = TimeZone()
ETC, ZONES = "etc/localtime", "usr/share/zoneinfo"
SHANGHAI = reference("Asia/Shanghai")
NAMES = ["Asia/Shanghai", "Asia/Tokyo", "Etc/UTC", "Europe/London", "America/New_York"]
THERE: World = {f"{ZONES}/{name}": reference(name) for name in NAMES}
BRING = "COPY --from=gcr.io/distroless/static-debian13 /usr/share/zoneinfo /usr/share/zoneinfo"
GUESS = "Set TZ to the name of a zone, such as TZ=Europe/Berlin"
TOOLS: World = {f"bin/{name}": b"" for name in ("sh", "ln", "mv", "chmod", "rm", "rmdir")}
DEBIAN: World = {"usr/bin/apt-get": b""}
ALPINE: World = {"sbin/apk": b""}
APT = "RUN apt-get update && apt-get install -y --no-install-recommends tzdata"


def to(name: str) -> Link:
    """A link to an installed zone."""
    return Link(f"/{ZONES}/{name}")


def link(name: str) -> str:
    return f"ln -snf /usr/share/zoneinfo/{name} /etc/localtime"


def look(looked: Target, wanted: TimeZone = ANY, *, go: Go = NEWEST, now: float = NOW) -> list[Finding]:
    run = Run(Deadline(10), "all", now, Facts(looked, now=now, go=go), lambda phase: None)
    return list(wanted.run(looked, run))


def check(root: Path, world: World, tz: str | None = None, **options: Any) -> list[Finding]:
    """The findings about a world, with TZ set to *tz* or not at all."""
    return look(looked_at(root, world, tz), TimeZone(**options))


def looked_at(root: Path, world: World, tz: str | None = None) -> Target:
    lay(root, {**TOOLS, **world})
    return targets.at_root(str(root), {} if tz is None else {"TZ": tz})


def mounted(looked: Target, source: str, point: str) -> Target:
    """The same target, where *source* of the machine is said to be mounted on *point*."""
    mount = Mount(point, "ext4", "/dev/sda1", source, read_only=True, options=("ro",))
    return looked._replace(mounts=(mount,))


def only(findings: list[Finding], code: Code, status: Status) -> Finding:
    """The one finding there is; it has this code and this status."""
    assert [(finding.code.name, finding.status) for finding in findings] == [(code.name, status)]
    return findings[0]


IN_SHANGHAI = "time.Local is Asia/Shanghai (CST, +08:00)"
IN_TOKYO = "time.Local is Asia/Tokyo (JST, +09:00)"


# --- what is well ---------------------------------------------------------------------


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
            "there is no /etc/localtime and no TZ, so time.Local is UTC, as wanted",
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
    return NEWEST._replace(program="/app")


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


# --- nothing says which zone ----------------------------------------------------------


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
        check(root, base, expected="Asia/Shanghai", missing="ignore"),
        codes.TIMEZONE_LOCALTIME_MISSING,
        Status.FAIL,
    )
    assert finding.cause.endswith("time.Local is UTC (+00:00), wanted Asia/Shanghai (+08:00)")
    assert finding.remedy == remedy


# --- /etc/localtime is there but no zone ----------------------------------------------


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (
            to("Asia/Shanghai"),
            codes.TIMEZONE_LINK_DANGLING,
            "a link to /usr/share/zoneinfo/Asia/Shanghai, but",
        ),
        (
            Link("../nowhere"),
            codes.TIMEZONE_LINK_DANGLING,
            "a link to ../nowhere, but /nowhere does not exist",
        ),
        (Link("localtime"), codes.TIMEZONE_LINK_LOOP, "leads back to itself"),
        (DIRECTORY, codes.TIMEZONE_FILE_DIRECTORY, "is a directory"),
        (FIFO, codes.TIMEZONE_FILE_BLOCKS, "waits on it for ever"),
        (b"", codes.TIMEZONE_FILE_EMPTY, "is empty"),
        (SHANGHAI + bytes(10 << 20), codes.TIMEZONE_FILE_TOO_LARGE, "more than the 10 MiB"),
        (b"<!DOCTYPE html>\n<html>", codes.TIMEZONE_NOT_TZIF, "holds an HTML page"),
        (b"Asia/Shanghai\n", codes.TIMEZONE_NOT_TZIF, 'holds the name "Asia/Shanghai"'),
        (b"CST-8\n", codes.TIMEZONE_NOT_TZIF, 'holds the POSIX rule "CST-8"'),
        (b"404: Not Found", codes.TIMEZONE_NOT_TZIF, "holds text"),
        ("Asia/Shanghai".encode("utf-16"), codes.TIMEZONE_NOT_TZIF, "holds UTF-16 text"),
        (b"\x1f\x8b\x08", codes.TIMEZONE_NOT_TZIF, "holds gzip data"),
        (b"\xef\xbb\xbf" + SHANGHAI, codes.TIMEZONE_NOT_TZIF, "byte order mark"),
        (bytes(100), codes.TIMEZONE_NOT_TZIF, "nothing but zero bytes"),
        (bytes(range(128, 256)), codes.TIMEZONE_NOT_TZIF, "holds binary data"),
        (SHANGHAI[:100], codes.TIMEZONE_TRUNCATED, "ends after 100 bytes"),
        (v2(version=b"4"), codes.TIMEZONE_VERSION, "version is 4"),
        (v1(clocks=()), codes.TIMEZONE_CORRUPT, "no clock"),
    ],
)
def test_what_is_wrong_with_localtime_is_told_apart(
    root: Path, content: Content, code: Code, words: str
) -> None:
    """Go makes UTC of all of it without a word; each has its code and its own sentence."""
    finding = only(check(root, {ETC: content}), code, Status.FAIL)
    assert words in finding.cause
    assert finding.subject == "/etc/localtime"
    assert finding.evidence["path"] == "/etc/localtime"
    assert finding.remedy


@pytest.mark.root("mknod")
@pytest.mark.parametrize(
    ("device", "code"), [(ZERO, codes.TIMEZONE_FILE_SPECIAL), (NULL, codes.TIMEZONE_FILE_EMPTY)]
)
def test_a_device_is_no_zone(root: Path, device: Any, code: Code) -> None:
    """/dev/null reads as empty, other devices are not read at all."""
    only(check(root, {ETC: device}), code, Status.FAIL)


@pytest.mark.root("a remedy is tried on files that the user may not read")
@pytest.mark.parametrize(
    ("world", "refused", "words", "remedy"),
    [
        (
            {ETC: File(SHANGHAI, 0)},
            "/etc/localtime",
            "may not read /etc/localtime (mode 0000",
            "RUN chmod a+r /etc/localtime",
        ),
        (
            {"etc": shut(DIRECTORY), "etc/localtime": SHANGHAI},
            "/etc",
            "may not enter /etc (mode 0000",
            "RUN chmod a+rx /etc",
        ),
        (
            {"secret": shut(DIRECTORY), "secret/zone": SHANGHAI, ETC: Link("/secret/zone")},
            "/secret",
            "may not enter /secret",
            "RUN chmod a+rx /secret",
        ),
    ],
)
def test_an_unreadable_file_names_who_refuses_whom(
    root: Path, world: World, refused: str, words: str, remedy: str
) -> None:
    """Mode, owner and user are said, and the directory on the way is found."""
    lay(root, {**TOOLS, **world})
    user = User(65532, 65532)
    finding = only(
        look(targets.at_root(str(root), {}, user=user)), codes.TIMEZONE_FILE_UNREADABLE, Status.FAIL
    )
    assert f"user 65532 {words}" in finding.cause
    assert (finding.evidence["refused_at"], finding.evidence["user"]) == (refused, 65532)
    assert finding.remedy == remedy


def test_damage_that_changes_nothing_is_a_warning(root: Path) -> None:
    """Where UTC is wanted, a broken link still gives it."""
    only(check(root, {ETC: to("Etc/UTC")}, expected="UTC"), codes.TIMEZONE_LINK_DANGLING, Status.WARN)


@pytest.mark.parametrize(
    ("world", "options", "remedy"),
    [
        ({**DEBIAN, ETC: to("Asia/Shanghai")}, {}, APT),
        ({ETC: to("Asia/Shanghai")}, {}, BRING),
        ({ETC: to("Mars/Base")}, {}, "ENV TZ=UTC"),
        ({**THERE, ETC: to("Mars/Base")}, {"expected": "Asia/Tokyo"}, f"RUN {link('Asia/Tokyo')}"),
        ({**THERE, ETC: b"Asia/Tokyo\n"}, {}, f"RUN {link('Asia/Tokyo')}"),
        ({**THERE, ETC: b"", "etc/timezone": b"Asia/Tokyo\n"}, {}, f"RUN {link('Asia/Tokyo')}"),
        ({**THERE, ETC: DIRECTORY}, {}, f"RUN rmdir /etc/localtime && {link('Etc/UTC')}"),
        ({ETC: b""}, {}, "ENV TZ=UTC"),
    ],
)
def test_a_broken_localtime_is_mended_with_what_is_known(
    root: Path, world: World, options: dict[str, str], remedy: str
) -> None:
    """The expected zone first, then what the file or /etc/timezone name, UTC at last."""
    assert check(root, world, **options)[0].remedy == remedy


def test_a_mounted_directory_is_told_from_one_in_the_image(root: Path) -> None:
    """Docker makes a directory where the source of a mount is missing; only TZ fixes that."""
    looked = mounted(looked_at(root, {**THERE, ETC: DIRECTORY}), "/etc/localtime", "/etc/localtime")
    finding = only(look(looked), codes.TIMEZONE_FILE_DIRECTORY, Status.FAIL)
    assert "(mounted from /etc/localtime)" in finding.cause
    assert finding.remedy == "ENV TZ=Etc/UTC"


# --- TZ gives nothing -----------------------------------------------------------------


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
        (THERE, "UTC+8", codes.TIMEZONE_POSIX_STRING, "libc shows UTC (-08:00)", "Etc/GMT+8"),
        (THERE, "EST5EDT,M3.2.0,M11.1.0", codes.TIMEZONE_POSIX_STRING, "libc shows", GUESS),
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


# --- another zone than wanted ---------------------------------------------------------


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


# --- the content is not what the name says --------------------------------------------


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


# --- old rules ------------------------------------------------------------------------

ALMATY = aged("Asia/Almaty", 1709000000, b"\n<+06>-6\n")  # Kazakhstan went to +05 on 2024-03-01
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


# --- what is odd about a file that Go takes -------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (NEW_YORK[:-1], "lacks its last newline"),
        (NEW_YORK + b"\n", "has something behind its last line"),
        (NEW_YORK + b"junk", "has something behind its last line"),
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


# --- copies ---------------------------------------------------------------------------


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
    assert "of no zone that we know" in findings[1].cause


def test_a_mounted_file_is_mended_by_tz(root: Path) -> None:
    """A link in the image cannot replace what is mounted later."""
    looked = mounted(looked_at(root, {**THERE, ETC: SHANGHAI}), "/etc/localtime", "/etc/localtime")
    finding = look(looked)[1]
    assert finding.code is codes.TIMEZONE_COPY
    assert "is a mount of /etc/localtime" in finding.cause
    assert finding.remedy == "ENV TZ=Asia/Shanghai"


# --- TZ against /etc/localtime --------------------------------------------------------


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
        " what runs without TZ, such as cron, shows the latter"
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


# --- nothing gets out of hand ---------------------------------------------------------

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


NAMES_OF_UTC = ["Etc/UTC", "GMT", "UTC0", "utc", "Zulu", "Etc/Universal", ":UTC", "Etc/GMT+0"]
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
