"""time.Local in every world of files and variables, held against real Go."""

import base64
import io
import json
import os
import random
import shutil
import subprocess
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import codes, targets
from probe.checks.base import Run
from probe.checks.timezone import TimeZone
from probe.deadline import Deadline
from probe.facts import Facts
from probe.formats import tzif
from probe.formats.tzif import Zone
from probe.golang.release import NEWEST, Go
from probe.inspect.timezone import inspect
from probe.targets import User
from probe.targets.process import of_process
from tests.differential.harness import PATIENCE_S, Blocks, ask, need_root, oracle, run, same
from tests.support.leftovers import wait_until
from tests.support.sweeps import examples
from tests.support.worlds import DIRECTORY, FIFO, NULL, ZERO, Content, File, Link, World, lay, shut
from tests.support.zonefiles import NAMES, NEW_YORK, block, reference, v1, v2

SHANGHAI = reference("Asia/Shanghai")
ZONES = "usr/share/zoneinfo"


def archive(name: str, data: bytes, method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """A zip file as GOROOT/lib/time has one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as zipped:
        zipped.writestr("UTC", reference("UTC"))
        zipped.writestr(name, data)
        zipped.comment = comment
    return stream.getvalue()


def compare(
    version: str,
    root: Path,
    world: World,
    env: Mapping[str, str],
    *,
    cwd: str = "",
    uid: int | None = None,
    patience_s: float = PATIENCE_S,
) -> dict[str, Any]:
    """Let both look at the same world; the common answer."""
    need_root()
    lay(root, world)
    user = None if uid is None else User(uid, uid)
    looked = targets.at_root(str(root), env, cwd=cwd or "/", user=user)
    release = tuple(map(int, version.split(".")))
    assert len(release) == 3
    ours = inspect(Facts(looked, go=Go(release, "as-go")), 2026)
    request = {"year": 2026}
    theirs = ask(version, "timezone", request, root=root, env=env, cwd=cwd, uid=uid, patience_s=patience_s)
    if isinstance(theirs, Blocks):
        assert ours["blocks_on"], f"Go waits for ever: {env} {sorted(world)}"
        same(True, True)
        return ours
    same({key: ours[key] for key in theirs}, theirs, f"{env} {sorted(world)}")
    assert not ours["blocks_on"]
    return ours


ETC = "etc/localtime"
THERE = {f"{ZONES}/Asia/Shanghai": SHANGHAI, f"{ZONES}/America/New_York": reference("America/New_York")}
ABSOLUTE = Link("/usr/share/zoneinfo/Asia/Shanghai")
SLIM = NEW_YORK
EXACT = SHANGHAI + b"x" * ((10 << 20) - len(SHANGHAI) - 1) + b"\n"

# name of the row: the world, what /etc/localtime makes of time.Local: (name, January's offset)
LOCALTIME: dict[str, tuple[World, tuple[str, int]]] = {
    "nothing at all": ({}, ("UTC", 0)),
    "a link": ({**THERE, ETC: ABSOLUTE}, ("Local", 28800)),
    "a relative link": ({**THERE, ETC: Link("../usr/share/zoneinfo/Asia/Shanghai")}, ("Local", 28800)),
    "a link by way of another": (
        {**THERE, "etc/zoneinfo": Link("/usr/share/zoneinfo"), ETC: Link("zoneinfo/Asia/Shanghai")},
        ("Local", 28800),
    ),
    "a link out of the root": ({**THERE, ETC: Link("../.." + ABSOLUTE.text)}, ("Local", 28800)),
    "a copy": ({ETC: SHANGHAI}, ("Local", 28800)),
    "dangling": ({ETC: ABSOLUTE}, ("UTC", 0)),
    "a loop": ({ETC: Link("localtime")}, ("UTC", 0)),
    "a link through a file": ({"etc/file": b"", ETC: Link("file/zone")}, ("UTC", 0)),
    "a directory": ({ETC: DIRECTORY}, ("UTC", 0)),
    "empty": ({ETC: b""}, ("UTC", 0)),
    "text": ({ETC: b"<html><body>404</body></html>\n"}, ("UTC", 0)),
    "a name": ({**THERE, ETC: b"Asia/Shanghai\n"}, ("UTC", 0)),
    "a rule": ({ETC: b"CST-8\n"}, ("UTC", 0)),
    "the null device": ({ETC: NULL}, ("UTC", 0)),
    "the zero device": ({ETC: ZERO}, ("UTC", 0)),
    "10 MiB": ({ETC: EXACT}, ("Local", 28800)),
    "10 MiB and a byte": ({ETC: EXACT + b"\n"}, ("UTC", 0)),
    "version 1": ({ETC: v1()}, ("Local", 28800)),
    "version 1 with a footer": ({ETC: v1() + b"\nXYZ-9\n"}, ("Local", 32400)),
    "version 3": ({ETC: v2(version=b"3")}, ("Local", 28800)),
    "version 4": ({ETC: v2(version=b"4")}, ("UTC", 0)),
    "version 5": ({ETC: v2(version=b"5")}, ("UTC", 0)),
    "version byte 1": ({ETC: v2(version=b"1")}, ("UTC", 0)),
    "cut in the header": ({ETC: SHANGHAI[:30]}, ("UTC", 0)),
    "cut in the first block": ({ETC: SHANGHAI[:100]}, ("UTC", 0)),
    "cut in the second header": ({ETC: SLIM[:60]}, ("UTC", 0)),
    "cut in the second block": ({ETC: SLIM[:110]}, ("UTC", 0)),
    "no footer": ({ETC: v2(b"")}, ("Local", 28800)),
    "a slim file": ({ETC: SLIM}, ("Local", -18000)),
    "a slim file, no last newline": ({ETC: SLIM[:-1]}, ("Local", -14400)),
    "a slim file, one newline more": ({ETC: SLIM + b"\n"}, ("Local", -14400)),
    "a slim file, junk behind": ({ETC: SLIM + b"junk"}, ("Local", -14400)),
    "a slim file, a line behind": ({ETC: SLIM + b"junk\n"}, ("Local", -14400)),
    "a line behind a fixed rule": ({ETC: v2(b"\nCST-8\njunk\n")}, ("Local", 28800)),
    "no clock": ({ETC: v1(clocks=())}, ("UTC", 0)),
    "a transition to nowhere": ({ETC: v1([(0, 7)])}, ("UTC", 0)),
    "a name outside": ({ETC: v1(clocks=[(0, False, 99)])}, ("UTC", 0)),
    "leap seconds": ({ETC: v2(leaps=27)}, ("Local", 28800)),
    "an odd abbreviation": ({ETC: v2(b"\n<\xff\xc3\xa9>-8\n")}, ("Local", 28800)),
    "unsorted": ({ETC: v2(b"\n\n", [(4 << 30, 0), (0, 1)], [(0, False, 0), (9, False, 0)])}, ("Local", 9)),
    "rules long past": ({ETC: v2(b"", [(0, 0)])}, ("Local", 28800)),
}  # fmt: skip


@pytest.mark.parametrize("row", LOCALTIME)
def test_localtime(row: str, go_version: str, root: Path) -> None:
    """Without TZ the file decides, never its name."""
    world, (name, offset) = LOCALTIME[row]
    answer = compare(go_version, root, world, {})
    assert (answer["name"], answer["january"]["offset_s"]) == (name, offset)
    assert answer["fallback"] == (name == "UTC")


BAD = {f"{ZONES}/Asia/Shanghai": b"not a zone"}
SPARE = {"etc/zoneinfo/Asia/Shanghai": SHANGHAI}
LOCAL = {ETC: reference("Asia/Tokyo")}
DOTS = "./" * 2000

# name of the row: the world, TZ, the Location's name, January's offset
BY_NAME: dict[str, tuple[World, str, str, int]] = {
    "a name": (THERE, "Asia/Shanghai", "Asia/Shanghai", 28800),
    "a colon": (THERE, ":Asia/Shanghai", "Asia/Shanghai", 28800),
    "two colons": (THERE, "::Asia/Shanghai", "UTC", 0),
    "a colon alone": (LOCAL, ":", "UTC", 0),
    "empty": (LOCAL, "", "UTC", 0),
    "UTC": (LOCAL, "UTC", "UTC", 0),
    ":UTC": (LOCAL, ":UTC", "UTC", 0),
    "utc": ({f"{ZONES}/UTC": reference("UTC")}, "utc", "UTC", 0),
    "Etc/UTC": ({f"{ZONES}/Etc/UTC": reference("UTC")}, "Etc/UTC", "Etc/UTC", 0),
    "a path": (THERE, "/usr/share/zoneinfo/Asia/Shanghai", "/usr/share/zoneinfo/Asia/Shanghai", 28800),
    "a colon and a path": ({"z": SHANGHAI}, ":/z", "/z", 28800),
    "localtime by its path": (LOCAL, "/etc/localtime", "Local", 32400),
    "localtime by a colon": (LOCAL, ":/etc/localtime", "Local", 32400),
    "localtime with two slashes": (LOCAL, "//etc/localtime", "//etc/localtime", 32400),
    "a path that is missing": (LOCAL, "/nope", "UTC", 0),
    "a path to a directory": (THERE, "/usr", "UTC", 0),
    "a path with a slash behind": ({"z": SHANGHAI}, "/z/", "UTC", 0),
    "not installed": (LOCAL, "Asia/Shanghai", "UTC", 0),
    "a rule": (LOCAL, "CST-8", "UTC", 0),
    "a rule in brackets": (LOCAL, "<+08>-8", "UTC", 0),
    "a rule with summer time": (THERE, "EST5EDT,M3.2.0,M11.1.0", "UTC", 0),
    "a rule that is a file": ({f"{ZONES}/EST5EDT": reference("EST5EDT")}, "EST5EDT", "EST5EDT", -18000),
    "UTC+8": (THERE, "UTC+8", "UTC", 0),
    "Etc/GMT+8": ({f"{ZONES}/Etc/GMT+8": reference("Etc/GMT+8")}, "Etc/GMT+8", "Etc/GMT+8", -28800),
    "wrong case": (THERE, "asia/shanghai", "UTC", 0),
    "a blank behind": (THERE, "Asia/Shanghai ", "UTC", 0),
    "a blank before": (THERE, " Asia/Shanghai", "UTC", 0),
    "a newline behind": (THERE, "Asia/Shanghai\n", "UTC", 0),
    "quotes": (THERE, '"Asia/Shanghai"', "UTC", 0),
    "a directory": (THERE, "Asia", "UTC", 0),
    "a directory with a slash": (THERE, "Asia/", "UTC", 0),
    "Local": (LOCAL, "Local", "UTC", 0),
    "localtime": ({**LOCAL, f"{ZONES}/localtime": Link("/etc/localtime")}, "localtime", "localtime", 32400),
    "up and down": ({**THERE, **LOCAL}, "../../../etc/localtime", "../../../etc/localtime", 32400),
    "a dot before": (THERE, "./Asia/Shanghai", "./Asia/Shanghai", 28800),
    "two slashes within": (THERE, "Asia//Shanghai", "Asia//Shanghai", 28800),
    "the second source": ({"usr/share/lib/zoneinfo/X": SHANGHAI}, "X", "X", 28800),
    "the third source": ({"usr/lib/locale/TZ/X": SHANGHAI}, "X", "X", 28800),
    "the fourth source": (SPARE, "Asia/Shanghai", "Asia/Shanghai", 28800),
    "no source of Go's": ({"share/zoneinfo/X": SHANGHAI, "usr/lib/zoneinfo/X": SHANGHAI}, "X", "UTC", 0),
    "a bad file, then a good one": ({**BAD, **SPARE}, "Asia/Shanghai", "Asia/Shanghai", 28800),
    "two that differ": (
        {**THERE, "etc/zoneinfo/Asia/Shanghai": reference("Asia/Tokyo")},
        "Asia/Shanghai", "Asia/Shanghai", 28800,
    ),
    "a link in the zone data": ({**THERE, f"{ZONES}/PRC": Link("Asia/Shanghai")}, "PRC", "PRC", 28800),
    "a name not in ASCII": ({f"{ZONES}/Zürich": SHANGHAI}, "Zürich", "Zürich", 28800),
    "a very long name": (THERE, "x" * 300, "UTC", 0),
    "a path too long": (THERE, "Asia/" + "./" * 2100 + "Shanghai", "UTC", 0),
    "a path just short enough": (THERE, f"Asia/{DOTS}Shanghai", f"Asia/{DOTS}Shanghai", 28800),
}  # fmt: skip


@pytest.mark.parametrize("row", BY_NAME)
def test_tz(row: str, go_version: str, root: Path) -> None:
    """TZ is a name, a path or nothing; never a rule, and never repaired."""
    world, value, name, offset = BY_NAME[row]
    answer = compare(go_version, root, world, {"TZ": value})
    assert (answer["name"], answer["january"]["offset_s"]) == (name, offset)
    assert answer["fallback"] == (name == "UTC" and value not in ("", ":", "UTC", ":UTC"))


ZIP = "go/lib/time/zoneinfo.zip"
X = {"TZ": "X", "GOROOT": "/go"}
OTHERS: dict[str, tuple[World, dict[str, str], int]] = {
    "ZONEINFO is for LoadLocation": ({"z/PRC": SHANGHAI}, {"TZ": "PRC", "ZONEINFO": "/z"}, 0),
    "TZDIR is for libc": ({"z/PRC": SHANGHAI}, {"TZ": "PRC", "TZDIR": "/z"}, 0),
    "/etc/timezone is for Debian": ({**THERE, "etc/timezone": b"Asia/Shanghai\n"}, {}, 0),
    "/etc/TZ is for uClibc": ({**THERE, "etc/TZ": b"CST-8\n"}, {}, 0),
    "GOROOT's archive": ({ZIP: archive("X", SHANGHAI)}, X, 28800),
    "GOROOT's archive comes last": ({ZIP: archive("X", SLIM), f"{ZONES}/X": SHANGHAI}, X, 28800),
    "GOROOT's archive for localtime": ({ZIP: archive("localtime", SHANGHAI)}, {"GOROOT": "/go"}, 28800),
    "GOROOT's archive for a path": ({ZIP: archive("/x", SHANGHAI)}, {"TZ": "/x", "GOROOT": "/go"}, 28800),
    "GOROOT empty": ({"lib/time/zoneinfo.zip": archive("X", SHANGHAI)}, {"TZ": "X", "GOROOT": ""}, 0),
    "GOROOT is /": ({"lib/time/zoneinfo.zip": archive("X", SHANGHAI)}, {"TZ": "X", "GOROOT": "/"}, 28800),
    "GOROOT relative": ({ZIP: archive("X", SHANGHAI)}, {"TZ": "X", "GOROOT": "go"}, 28800),
    "a compressed entry": ({ZIP: archive("X", SHANGHAI, zipfile.ZIP_DEFLATED)}, X, 0),
    "an archive with a comment": ({ZIP: archive("X", SHANGHAI, comment=b"hi")}, X, 0),
    "an archive that is cut": ({ZIP: archive("X", SHANGHAI)[:-9]}, X, 0),
    "an archive that lacks its head": ({ZIP: archive("X", SHANGHAI)[9:]}, X, 0),
    "an archive of nothing": ({ZIP: b""}, X, 0),
    "an archive without it": ({ZIP: archive("Y", SHANGHAI)}, X, 0),
    "an archive with a bad file": ({ZIP: archive("X", b"none")}, X, 0),
    "a directory for an archive": ({f"{ZIP}/X": SHANGHAI}, X, 0),
}  # fmt: skip


@pytest.mark.parametrize("row", OTHERS)
def test_other_sources(row: str, go_version: str, root: Path) -> None:
    """Of all that others follow Go follows GOROOT alone, after everything else."""
    world, env, offset = OTHERS[row]
    answer = compare(go_version, root, world, env)
    assert answer["january"]["offset_s"] == offset


@pytest.mark.parametrize(
    ("world", "env"),
    [
        ({"etc/localtime": FIFO}, {}),
        ({f"{ZONES}/X": FIFO, "etc/zoneinfo/X": SHANGHAI}, {"TZ": "X"}),
        ({"f": FIFO}, {"TZ": "/f"}),
        ({"f": FIFO, "l": Link("f")}, {"TZ": "/l"}),
        ({ZIP: FIFO}, {"TZ": "X", "GOROOT": "/go"}),
    ],
)
def test_a_fifo_blocks_go_and_is_named(
    world: World, env: dict[str, str], go_version: str, root: Path
) -> None:
    """Go waits for a writer; we name the path instead."""
    path = compare(go_version, root, world, env, patience_s=0.5)["blocks_on"]
    assert world.get(os.readlink(root / "l") if path == "/l" else path.lstrip("/")) == FIFO


@pytest.mark.parametrize(
    ("world", "env", "offset"),
    [
        ({ETC: File(SHANGHAI, 0)}, {}, 0),
        ({"etc": shut(DIRECTORY), ETC: SHANGHAI}, {}, 0),
        ({ETC: shut(FIFO)}, {}, 0),
        ({f"{ZONES}/X": File(SHANGHAI, 0), "etc/zoneinfo/X": SHANGHAI}, {"TZ": "X"}, 28800),
        ({ZIP: File(SHANGHAI, 0)}, {"TZ": "X", "GOROOT": "/go"}, 0),
        ({ETC: SHANGHAI}, {}, 28800),
    ],
)
def test_another_user_sees_what_his_permissions_let_him(
    world: World, env: dict[str, str], offset: int, go_version: str, root: Path
) -> None:
    """What cannot be read is passed over, and does not block."""
    root.parent.chmod(0o755)
    answer = compare(go_version, root, world, env, uid=65532)
    assert answer["january"]["offset_s"] == offset


def test_a_relative_goroot_starts_from_the_working_directory(go_version: str, root: Path) -> None:
    """It is joined to where the program runs."""
    world: World = {"srv/" + ZIP: archive("X", SHANGHAI)}
    assert compare(go_version, root, world, {"TZ": "X", "GOROOT": "go"}, cwd="/srv")["name"] == "X"


def test_every_zone_by_name(go_version: str, root: Path) -> None:
    """The archive of real Go, entry by entry."""
    need_root()
    for name in random.Random(7).sample(NAMES, 12):
        shutil.rmtree(root / "usr", ignore_errors=True)
        compare(go_version, root, {f"{ZONES}/{name}": reference(name)}, {"TZ": name})


@pytest.mark.needs("mounts")
def test_a_mount_through_the_link_changes_another_zone(root: Path) -> None:
    """The node's zone, mounted on a link, lies on the file of UTC: Go and the check see it in the process."""
    lay(root, {**THERE, f"{ZONES}/Etc/UTC": reference("Etc/UTC"), ETC: Link(f"../{ZONES}/Etc/UTC")})
    (root.parent / "node").write_bytes(SHANGHAI)
    shutil.copy(oracle("1.27.3"), root / "oracle")
    mount = 'mount --bind "$1" "$2/etc/localtime" && exec chroot "$2" /oracle timezone'
    command = ["unshare", "--mount", "sh", "-c", mount, "sh", str(root.parent / "node"), str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("/oracle"))
            looked = of_process(process.pid)
            ours = inspect(Facts(looked, go=NEWEST), 2026)
            told = Run(Deadline(5), "all", tzif.noon(2026, 7), Facts(looked, go=NEWEST), lambda phase: None)
            findings = list(TimeZone().run(looked, told))
            theirs = json.loads(process.communicate('[{"year": 2026}]', timeout=10)[0])[0]
        finally:
            process.kill()
    same({key: ours[key] for key in theirs}, theirs)
    assert theirs["july"] == {"abbreviation": "CST", "offset_s": 28800}
    assert [finding.code for finding in findings] == [codes.TIMEZONE_CONTENT_OTHER]
    assert "is mounted on it through the link /etc/localtime: time.Local is CST (+08:00)" in findings[0].cause


# --- files, many at a time ------------------------------------------------------------


def both(version: str, files: list[tuple[bytes, list[int]]]) -> None:
    """Let both read the same files, and ask for the same instants."""
    requests = [{"data": base64.b64encode(data).decode(), "at": at} for data, at in files]
    answers = run(version, "tzdata", requests, patience_s=60)
    assert isinstance(answers, list)
    now = int(time.time())
    for (data, instants), answer in zip(files, answers, strict=True):
        zone = tzif.parse(data)
        ours = None
        if isinstance(zone, Zone):
            remembered = zone.remembered(now)
            clocks = [
                remembered.clock
                if remembered and remembered.start <= at < remembered.end
                else zone.lookup(at).clock
                for at in instants
            ]
            ours = [{"abbreviation": clock.abbreviation, "offset_s": clock.offset_s} for clock in clocks]
        same({"clocks": ours}, answer, base64.b64encode(data).decode())


def instants(data: bytes) -> list[int]:
    """Moments at which a file's clocks are likely to change, and some far from everything."""
    zone = tzif.parse(data)
    found = [-1, 0, -(1 << 40), 1 << 40, *(tzif.noon(year, 7) for year in range(1700, 2600, 53))]
    if isinstance(zone, Zone):
        found += [when + step for when in zone.times[-6:] if abs(when) < 1 << 50 for step in (-1, 0)]
        rule = zone.rule
        for year in (2023, 2024, 2027) if rule else ():
            start = tzif.noon(year, 1) - 43200
            turns = rule.turns(year) if rule else ()
            found += [start + turn + step for turn in (0, *turns, 365 * 86400) for step in (-1, 0)]
    return found


def test_every_zone(go_version: str) -> None:
    """All zones of the reference data, as they are."""
    both(go_version, [(reference(name), instants(reference(name))) for name in NAMES])


RULES = [
    "CST-8", "EST5EDT", "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30<+0430>,J79/24,J263/24",
    "AEST-10AEDT,M10.1.0,M4.1.0/3", "EST5EDT4;M3.2.0,M11.1.0", "EST5EDT;M3.2.0,M11.1.0", "EST5,x", "A5",
    "<>5", "<A>5<B>4,0,365", "IST-1GMT0,M10.5.0,M3.5.0/1", "AAA5:30:15BBB,59/-167,J60/167:59:59",
    "XXX-168", "XXX169", "CST-8\njunk", "CST-8\n", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "EST5EDT4,M13.1.0,M1.1.0", "EST5EDT,0/0,J365/25", "EST5:EDT", "EST+-5", "EST5EDT,M3.2.0/2,M11.1.0/2 ",
    "EST5EDT,M2.5.0,M2.5.6", "XXX3EDT4,0/0,J365/23", "WGT3WGST,M3.5.0/-2,M10.5.0/-1", "EST5EDT,365,J60",
    "EST5EDT,J60,J59", "EST 5", "é5", "ééé5", "EST05:00:00", "EST0005", "EST5EDT,M03.02.00,M011.1.0",
    "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,,", "EST5EDT,M3.2.0", "EST5EDT,J0,1",
    "EST5EDT,M1.1.0/-167,M12.5.6/167", "EST+5EDT+4,M3.2.0/+2,M11.1.0/+2", "-5", "5", "",
]  # fmt: skip


def test_rules(go_version: str) -> None:
    """Every kind of rule, at the end of a file without a table."""
    files = [v2(b"\n" + rule.encode() + b"\n", [(86400, 0)], [(123, True, 0)]) for rule in RULES]
    both(go_version, [(data, instants(data)) for data in files])


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 32))
def test_damaged_files(go_version: str, seed: int) -> None:
    """Bits flipped, bytes lost and added, counts and footers changed: 100 files each time."""
    chance = random.Random(seed)
    files = [damaged(chance) for _ in range(100)]
    both(go_version, [(data, instants(data)) for data in files])


def damaged(chance: random.Random) -> bytes:
    clocks = [
        (chance.randrange(-50000, 50000), chance.random() < 0.5, chance.choice((0, 4))) for _ in range(3)
    ]
    transitions = [
        (chance.randrange(-(1 << 31), 1 << 32), chance.randrange(3)) for _ in range(chance.choice((0, 1, 3)))
    ]
    if chance.random() < 0.8:
        transitions.sort()
    small = v2(
        b"\n" + rule(chance) + b"\n", transitions, clocks, b"AAA\0BBB\0", version=chance.choice((b"2", b"3"))
    )
    data = bytearray(chance.choice([small, small, reference(chance.choice(NAMES)), v1()]))
    for _ in range(chance.choice((0, 1, 1, 2))):
        damage(chance, data)
    return bytes(data)


def damage(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    match chance.randrange(6):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:]
        case 2:
            data += chance.choice((b"\n", b"x", b"\0", b"\n\n", b"junk\n"))
        case 3 if len(data) > 44:
            data[chance.randrange(20, 44)] = chance.choice((0, 1, 3, 255))
        case 4 if len(data) > 4:
            data[4] = chance.choice(b"\x001234")
        case _:
            data[at:at] = chance.randbytes(3)


def rule(chance: random.Random) -> bytes:
    text = bytearray(chance.choice(RULES), "utf-8")
    for _ in range(chance.choice((0, 0, 1, 2))):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(2)] = bytes([chance.choice(b"0123456789,;:/.MJ-+<>AB")])
    return bytes(text)


# --- worlds, at random ----------------------------------------------------------------

PLACES = [ETC, f"{ZONES}/Asia/Shanghai", f"{ZONES}/PRC", "etc/zoneinfo/PRC", "z", ZIP]
CONTENT: st.SearchStrategy[Content] = st.one_of(
    st.sampled_from([SHANGHAI, SLIM, SLIM[:-1], v1(), v2(version=b"4"), b"", b"PRC\n", block()]),
    st.sampled_from([DIRECTORY, NULL, archive("PRC", SHANGHAI), archive("z", SLIM)]),
    st.just(archive("PRC", SLIM, zipfile.ZIP_DEFLATED)),
    st.sampled_from(["/z", "z", "../z", "/" + ETC, f"../{ZONES}/PRC", "Asia/Shanghai", "/"]).map(Link),
)
TZ = st.one_of(
    st.none(),
    st.sampled_from(
        ["", ":", "UTC", "PRC", ":PRC", "Asia/Shanghai", "/z", ":/z", "../../../z", "/etc/localtime"]
    ),
    st.lists(st.sampled_from([":", "/", "..", "PRC", "Asia", "Shanghai", "z", " ", "etc", "localtime"])).map(
        "".join
    ),
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(PLACES), CONTENT), TZ, st.sampled_from(["", "/go", "go", "/"]))
def test_any_world(
    go_version: str, root: Path, world: dict[str, Content], value: str | None, goroot: str
) -> None:
    """Files, links and variables in any combination."""
    shutil.rmtree(root)
    root.mkdir()
    env = {"GOROOT": goroot} if value is None else {"TZ": value, "GOROOT": goroot}
    compare(go_version, root, world, env)
