"""Faults of the time zone in real roots."""

import io
import os
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.remedies.scenes import Scene, made, put, removed, then
from tests.support.zonefiles import aged, fat, reference, v1, v2

TOKYO, SHANGHAI = "Asia/Tokyo", "Asia/Shanghai"
NEW_YORK, ALMATY = "America/New_York", "Asia/Almaty"
ZONES, LOCALTIME = "usr/share/zoneinfo", "etc/localtime"


def _link(text: str) -> Callable[[Path], None]:
    return made(LOCALTIME, lambda path: path.symlink_to(text))


_WRITTEN = put("/etc/timezone", f'"{TOKYO}"\r\n'.encode())
_AT_HOME = put("/root/tokyo", reference(TOKYO))
_MOVED = then(removed(ZONES), put(f"/opt/z/{TOKYO}", reference(TOKYO)))
_ONE_MOVED = then(removed(f"{ZONES}/{TOKYO}"), put(f"/opt/z/{TOKYO}", reference(TOKYO)))
_AT_THE_ROOT = then(removed(ZONES), put(f"/zoneinfo/{TOKYO}", reference(TOKYO)))
_LARGE = reference(TOKYO) + bytes(10 << 20)
_NO_CLOCK = v1(clocks=())
_OLD = put(f"{ZONES}/{ALMATY}", aged(ALMATY, 1709000000, b"\n<+06>-6\n"))  # before its change of 2024


def _zero(path: Path) -> None:
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))


def zones() -> list[Scene]:
    """Everything that can be wrong with the time zone."""
    expected = (f"timezone.expected={TOKYO}",)
    plain: list[tuple[str, str, Callable[[Path], object], Mapping[str, str], tuple[str, ...], str]] = [
        ("no data", "TIMEZONE_TZDATA_MISSING", removed(ZONES), {"TZ": TOKYO}, (), TOKYO),
        ("one is missing", "TIMEZONE_NOT_INSTALLED", removed(f"{ZONES}/{TOKYO}"), {"TZ": TOKYO}, (), TOKYO),
        ("quotes", "TIMEZONE_TZ_QUOTED", lambda _: None, {"TZ": f'"{TOKYO}"'}, (), TOKYO),
        ("a newline", "TIMEZONE_TZ_BLANK", lambda _: None, {"TZ": f"{TOKYO}\r\n"}, (), TOKYO),
        ("colons", "TIMEZONE_TZ_COLONS", lambda _: None, {"TZ": f"::{TOKYO}"}, (), TOKYO),
        ("its case", "TIMEZONE_NAME_CASE", lambda _: None, {"TZ": "asia/tokyo"}, (), TOKYO),
        ("a slip", "TIMEZONE_NAME_UNKNOWN", lambda _: None, {"TZ": "Asia/Tokyoo"}, (), TOKYO),
        ("a variable", "TIMEZONE_NAME_UNKNOWN", lambda _: None, {"TZ": "${ZONE}", "ZONE": TOKYO}, (), TOKYO),
        ("a default", "TIMEZONE_NAME_UNKNOWN", lambda _: None, {"TZ": f"${{Z:-{TOKYO}}}"}, (), TOKYO),
        ("a command", "TIMEZONE_NAME_UNKNOWN", _WRITTEN, {"TZ": "$(cat /etc/timezone)"}, (), TOKYO),
        ("a home", "TIMEZONE_NAME_UNKNOWN", _AT_HOME, {"TZ": "~/tokyo", "HOME": "/root"}, (), TOKYO),
        ("of Windows", "TIMEZONE_NAME_UNKNOWN", lambda _: None, {"TZ": "Tokyo Standard Time"}, (), TOKYO),
        ("TZDIR", "TIMEZONE_TZDATA_MISSING", _MOVED, {"TZ": TOKYO, "TZDIR": '"/opt/z"'}, (), TOKYO),
        ("one elsewhere", "TIMEZONE_NOT_INSTALLED", _ONE_MOVED, {"TZ": TOKYO, "TZDIR": "/opt/z"}, (), TOKYO),
        ("a place of its own", "TIMEZONE_TZDATA_MISSING", _AT_THE_ROOT, {"TZ": TOKYO}, (), TOKYO),
        ("a link from elsewhere", "TIMEZONE_LINK_DANGLING", _link(f"{ZONES}/{TOKYO}"), {}, expected, TOKYO),
        ("a rule", "TIMEZONE_POSIX_STRING", lambda _: None, {"TZ": "JST-9"}, expected, TOKYO),
        ("TZ is a directory", "TIMEZONE_TZ_DIRECTORY", lambda _: None, {"TZ": "Asia"}, expected, TOKYO),
        ("set and empty", "TIMEZONE_TZ_EMPTY", _link(f"/{ZONES}/{TOKYO}"), {"TZ": ""}, (), TOKYO),
        ("not the wanted one", "TIMEZONE_NOT_EXPECTED", lambda _: None, {"TZ": "UTC"}, expected, TOKYO),
        ("nobody says", "TIMEZONE_UTC_BY_DEFAULT", removed(LOCALTIME), {}, (), "UTC"),
        ("wanted, and no file", "TIMEZONE_LOCALTIME_MISSING", removed(LOCALTIME), {}, expected, TOKYO),
        ("a link to nothing", "TIMEZONE_LINK_DANGLING", _link("/gone"), {}, expected, TOKYO),
        ("a loop", "TIMEZONE_LINK_LOOP", _link("/etc/localtime"), {}, expected, TOKYO),
        ("empty file", "TIMEZONE_FILE_EMPTY", put(LOCALTIME, b""), {}, expected, TOKYO),
        ("its name in it", "TIMEZONE_NOT_TZIF", put(LOCALTIME, b"Asia/Tokyo\n"), {}, (), TOKYO),
        ("cut short", "TIMEZONE_TRUNCATED", put(LOCALTIME, reference(TOKYO)[:60]), {}, expected, TOKYO),
        ("a FIFO", "TIMEZONE_FILE_BLOCKS", made(LOCALTIME, os.mkfifo), {}, expected, TOKYO),
        ("a directory", "TIMEZONE_FILE_DIRECTORY", made(LOCALTIME, os.mkdir), {}, expected, TOKYO),
        ("a path to nothing", "TIMEZONE_FILE_MISSING", lambda _: None, {"TZ": "/nope"}, expected, TOKYO),
        ("too large", "TIMEZONE_FILE_TOO_LARGE", put(LOCALTIME, _LARGE), {}, expected, TOKYO),
        ("no clock in it", "TIMEZONE_CORRUPT", put(LOCALTIME, _NO_CLOCK), {}, expected, TOKYO),
        ("a device", "TIMEZONE_FILE_SPECIAL", made(LOCALTIME, _zero), {}, expected, TOKYO),
        ("a copy", "TIMEZONE_COPY", put(LOCALTIME, reference(TOKYO)), {}, (), TOKYO),
        ("leap seconds", "TIMEZONE_LEAP_SECONDS", _counting_leap_seconds, {}, (), TOKYO),
        ("the same time", "TIMEZONE_OTHER_NAME", _seoul, {"TZ": "Asia/Seoul"}, expected, TOKYO),
        ("its content", "TIMEZONE_CONTENT_OTHER", _shanghai_in_tokyo, {"TZ": TOKYO}, (), SHANGHAI),
    ]
    found = [
        Scene(f"zone: {name}", code, act, env, settings, zone=zone)
        for name, code, act, env, settings, zone in plain
    ]
    found.append(
        Scene(
            "zone: another zone than TZ",
            "TIMEZONE_TZ_DISAGREES",
            _link(f"/{ZONES}/{TOKYO}"),
            {"TZ": "Etc/UTC"},
            zone="UTC",
            bases=("debian", "alpine"),
        )
    )
    found.append(
        Scene(
            "zone: unreadable",
            "TIMEZONE_FILE_UNREADABLE",
            then(_link(f"/{ZONES}/{TOKYO}"), lambda root: (root / ZONES / TOKYO).chmod(0)),
            user="65532",
            zone=TOKYO,
        )
    )
    found.append(
        Scene(
            "zone: TZ over another",
            "TIMEZONE_TZ_OVERRIDES",
            then(_put_zone(SHANGHAI, SHANGHAI), _link(f"/{ZONES}/Etc/UTC")),
            {"TZ": SHANGHAI},
            zone=SHANGHAI,
            bases=("debian", "alpine"),
        )
    )
    return [*found, *_without_data(expected), *_of_package(expected)]


def _without_data(expected: tuple[str, ...]) -> list[Scene]:
    """The same faults of /etc/localtime where there is nothing that it could lead to."""
    faults: tuple[tuple[str, Callable[[Path], object], Mapping[str, str]], ...] = (
        ("TIMEZONE_LOCALTIME_MISSING", removed(LOCALTIME), {}),
        ("TIMEZONE_LINK_DANGLING", _link(f"/{ZONES}/{TOKYO}"), {}),
        ("TIMEZONE_TRUNCATED", put(LOCALTIME, reference(TOKYO)[:60]), {}),
        ("TIMEZONE_CORRUPT", put(LOCALTIME, _NO_CLOCK), {}),
        ("TIMEZONE_FILE_MISSING", lambda _: None, {"TZ": "/nope"}),
    )
    return [
        Scene(f"zone: no data, {code}", code, then(removed(ZONES), act), env, expected, zone=TOKYO)._replace(
            bases=("alpine", "scratch")
        )
        for code, act, env in faults
    ]


def _of_package(expected: tuple[str, ...]) -> list[Scene]:
    """What the package brings, or brings anew: carried out where a repository lies beside the root."""
    cut = fat(NEW_YORK)[: fat(NEW_YORK).rindex(b"\n", 0, -1)]
    only_go = then(removed(ZONES), put("usr/local/go/lib/time/zoneinfo.zip", _archive(TOKYO)))
    without_rule, of_new_york = put(f"{ZONES}/{NEW_YORK}", cut), (f"timezone.expected={NEW_YORK}",)
    plain: list[tuple[str, str, Callable[[Path], object], Mapping[str, str], tuple[str, ...], str]] = [
        ("old rules", "TIMEZONE_RULES_OLD", _OLD, {"TZ": ALMATY}, (), ALMATY),
        ("no rule", "TIMEZONE_RULE_MISSING", without_rule, {"TZ": NEW_YORK}, of_new_york, NEW_YORK),
        ("in the Go tree", "TIMEZONE_ONLY_IN_GOROOT", only_go, {"TZ": TOKYO}, expected, TOKYO),
        ("another's", "TIMEZONE_CONTENT_OTHER", _put_zone(TOKYO, SHANGHAI), {"TZ": TOKYO}, expected, TOKYO),
    ]
    found = [
        Scene(f"zone: {name}", code, act, env, settings, zone=zone, bases=("alpine",))
        for name, code, act, env, settings, zone in plain
    ]
    by_name = Scene(
        "zone: not found by its name",
        "TIMEZONE_LOCATION_MISSING",
        removed(f"{ZONES}/{TOKYO}"),
        {"TZ": "UTC"},
        (f'timezone.zones=["{TOKYO}"]',),
        zone="UTC",
        location=TOKYO,
        bases=("alpine",),
    )
    return [*found, by_name]


def _put_zone(name: str, content: str) -> Callable[[Path], None]:
    return put(f"{ZONES}/{name}", reference(content))


def _shanghai_in_tokyo(root: Path) -> None:
    for name in (SHANGHAI, TOKYO):
        _put_zone(name, SHANGHAI)(root)


def _seoul(root: Path) -> None:
    _put_zone("Asia/Seoul", "Asia/Seoul")(root)


def _counting_leap_seconds(root: Path) -> None:
    data = v2(b"\nJST-9\n", clocks=((9 * 3600, False, 0),), names=b"JST\0", leaps=27)
    put(f"{ZONES}/right/{TOKYO}", data)(root)
    _link(f"/{ZONES}/right/{TOKYO}")(root)


def _archive(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, reference(name))
    return stream.getvalue()
