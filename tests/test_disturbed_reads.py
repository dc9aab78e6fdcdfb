"""Looks at files disturbed, one after another: an error, a short read, another state of all of them."""

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import certifi
import pytest

from tests.support import images
from tests.support.commands import clean_environment
from tests.support.zonefiles import reference

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
SOURCE = Path(__file__).parent / "support/disturb.c"
BUNDLE, ZONE = "etc/ssl/certs/ca-certificates.crt", "usr/share/zoneinfo/Asia/Shanghai"
GOENV = "root/.config/go/env"
SAMPLES, SWEPT = 4, 24  # so many looks of a run are disturbed; by --sweep
GOOD = {"ca.crt": Path(certifi.where()).read_bytes(), "zone": reference("Asia/Shanghai")}
BAD = {"ca.crt": b"-----BEGIN CERTIFICATE-----\nMIIB", "zone": b"TZif"}
CHECKS = ("ca-bundle", "timezone", "go-env")


class Answer(NamedTuple):
    """What a run says: its exit code, and each finding that is not a pass."""

    code: int
    findings: tuple[str, ...]


class Disturbed:
    """A command with the shim; *below*: where its looks are counted."""

    def __init__(self, shim: Path, below: Path, *line: str) -> None:
        self._line, self._below, self._shim = [sys.executable, "-m", "probe", *line], below, shim

    def __call__(self, **how: Any) -> Answer:
        settings = {f"FAULT_{name.upper()}": str(value) for name, value in how.items()}
        env = {**clean_environment(), "TZ": "UTC", "LD_PRELOAD": str(self._shim)}
        settings["FAULT_BELOW"] = str(self._below)
        done = subprocess.run(
            self._line, env={**env, **settings}, capture_output=True, text=True, timeout=60, check=False
        )
        told = done.stdout + done.stderr
        for word in ("Traceback", "internal error", "CHECK_CRASHED"):
            assert word not in told, (how, told)
        if done.returncode == 78:
            return Answer(78, (done.stderr.replace(str(self._below), "")[:60],))
        assert done.returncode in (0, 1), (how, told)
        report = json.loads(done.stdout)
        findings = [found for one in report["checks"] for found in one["findings"]]
        bad = sorted(f"{found['status']} {found['code']}" for found in findings if found["status"] != "pass")
        assert report["healthy"] is (done.returncode == 0)
        return Answer(done.returncode, tuple(bad))

    def looks(self, log: Path) -> int:
        self(log=log)
        count = len(log.read_text().splitlines())
        log.unlink()
        return count


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shim") / "disturb.so"
    line = ["gcc", "-shared", "-fPIC", "-w", "-o", str(made), str(SOURCE), "-ldl"]
    subprocess.run(line, check=True, timeout=60)
    return made


def lay(root: Path, *, linked: bool = False) -> Path:
    """A tree in which all is well; *linked*: the bundle and the zone lie in a volume."""
    for name in (BUNDLE, ZONE, GOENV):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / GOENV).write_text("GOPROXY=https://a.test\n")
    (root / "etc/localtime").symlink_to(f"/{ZONE}")
    for name, content in GOOD.items():
        place = root / {"ca.crt": BUNDLE, "zone": ZONE}[name]
        place.symlink_to(f"/volume/{name}") if linked else place.write_bytes(content)
    return root


def check(root: Path, only: str) -> list[str]:
    line = ["check", "--root", str(root), "--env", "HOME=/root", "--only", only, "--format", "json"]
    return [*line, "--set", "timezone.expected=Asia/Shanghai"]


def steps(count: int, request: pytest.FixtureRequest) -> range:
    """The looks that are disturbed, over all of the run."""
    assert count > 1  # else the shim sees nothing
    return range(1, count + 1, max(1, count // (SWEPT if request.config.getoption("--sweep") else SAMPLES)))


@pytest.mark.parametrize("only", CHECKS)
def test_an_error_is_no_crash_and_a_short_read_nothing(
    shim: Path, tmp_path: Path, only: str, request: pytest.FixtureRequest
) -> None:
    """EIO and ESTALE at any look end in a report; seven bytes at a time and EINTR change nothing."""
    root = lay(tmp_path / "root")
    run = Disturbed(shim, root, *check(root, only))
    before = run()
    assert before.code == 0
    assert run(mode="short") == before
    for number in steps(run.looks(tmp_path / "log"), request):
        assert run(mode="fail", n=number, errno=errno.EINTR).code in (0, 1)
        for name in (errno.EIO, errno.ESTALE):
            found = run(mode="fail", n=number, errno=name)
            assert found.code in (0, 1)
            assert not any("DANGLING" in one or "MISSING" in one for one in found.findings), (number, found)


def volume(folder: Path, one: dict[str, bytes], two: dict[str, bytes]) -> None:
    """As the kubelet keeps a ConfigMap: the names lead through the link `..data` to one of two states."""
    for name, files in {"..one": one, "..two": two}.items():
        (folder / name).mkdir(parents=True)
        for file, content in files.items():
            (folder / name / file).write_bytes(content)
    for file in one:
        (folder / file).symlink_to(f"..data/{file}")
    renewed(folder)


def renewed(folder: Path) -> dict[str, str]:
    """`..data` leads to the first state, and the link that will take its place lies ready."""
    for name, to in (("..data", "..one"), ("..next", "..two")):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(to)
    return {"from": str(folder / "..next"), "to": str(folder / "..data")}


def exchanged(run: Disturbed, folder: Path, log: Path, request: pytest.FixtureRequest) -> None:
    """
    At whatever look the volume is replaced, the verdict is that of one of its two states.

    A pass is the whole answer of the state that passes. Of a failure the cause is looked for in a second
    reading, and may be that of the other state.
    """
    before, count = run(), run.looks(log)
    (folder / "..next").rename(folder / "..data")
    after = run()
    assert before != after
    for number in steps(count, request):
        found = run(mode="swap", n=number, **renewed(folder))
        assert found.code in (before.code, after.code), number
        assert found.code or found in (before, after), number


@pytest.mark.parametrize("only", ["ca-bundle", "timezone"])
@pytest.mark.parametrize("order", [(GOOD, BAD), (BAD, GOOD)], ids=["good first", "bad first"])
def test_a_volume_that_is_exchanged_is_never_two_states(
    shim: Path,
    tmp_path: Path,
    only: str,
    order: tuple[dict[str, bytes], dict[str, bytes]],
    request: pytest.FixtureRequest,
) -> None:
    """The kubelet's exchange between any two looks of a run."""
    root = lay(tmp_path / "root", linked=True)
    volume(root / "volume", *order)
    exchanged(Disturbed(shim, root, *check(root, only)), root / "volume", tmp_path / "log", request)


FILES = {
    "--config": (b'[timezone]\nexpected = "UTC"\n', b'[timezone]\nexpected = "Asia/Shanghai"\n'),
    "--baseline": (
        b'format = 1\n[timezone]\nname = "UTC"\n',
        b'format = 1\n[timezone]\nname = "Asia/Tokyo"\n',
    ),
}


@pytest.mark.parametrize("flag", [*FILES, "--image"])
def test_a_file_of_ours_that_is_exchanged_is_one_state(
    shim: Path, tmp_path: Path, flag: str, request: pytest.FixtureRequest
) -> None:
    one, two = FILES.get(flag) or [archive(tmp_path / name) for name in ("Asia/Shanghai", "Asia/Tokyo")]
    folder = tmp_path / "volume"
    volume(folder, {"file": one}, {"file": two})
    line = [
        "check",
        "--only",
        "timezone,baseline" if flag == "--baseline" else "timezone",
        "--format",
        "json",
    ]
    line += ["--set", "timezone.expected=Asia/Shanghai"] if flag == "--image" else []
    run = Disturbed(shim, folder, *line, flag, str(folder / "file"))
    exchanged(run, folder, tmp_path / "log", request)


def archive(path: Path) -> bytes:
    """An image in the zone that the path is named after."""
    name = "/".join(path.parts[-2:])
    path.parent.mkdir(exist_ok=True)
    entries = [
        images.file(f"usr/share/zoneinfo/{name}", reference(name)),
        images.link("etc/localtime", f"/usr/share/zoneinfo/{name}"),
    ]
    saved = images.Image([images.tarred(entries)]).saved()
    return images.write_tar(path.with_suffix(".tar"), saved).read_bytes()
