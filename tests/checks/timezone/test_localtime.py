"""/etc/localtime is there and is no zone."""

from pathlib import Path
from typing import Any

import pytest

from probe import codes, targets
from probe.codes import Code
from probe.report import Status
from probe.targets import User
from tests.checks.timezone.helpers import (
    APT,
    BRING,
    DEBIAN,
    ETC,
    SHANGHAI,
    THERE,
    TOOLS,
    check,
    link,
    look,
    looked_at,
    mounted,
    only,
    to,
)
from tests.support.worlds import DIRECTORY, FIFO, NULL, ZERO, Content, File, Link, World, lay, shut
from tests.support.zonefiles import v1, v2


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
        (FIFO, codes.TIMEZONE_FILE_BLOCKS, "blocks on it for ever"),
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
        ({**THERE, ETC: to("Asia/Shangai")}, {}, f"RUN {link('Asia/Shanghai')}"),
        ({**THERE, ETC: to("asia/tokyo")}, {}, f"RUN {link('Asia/Tokyo')}"),
        ({**THERE, ETC: to("Asia/Shangai")}, {"expected": "Asia/Tokyo"}, f"RUN {link('Asia/Tokyo')}"),
        ({**THERE, ETC: to("Mars/Base")}, {}, f"RUN {link('Etc/UTC')}"),
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
