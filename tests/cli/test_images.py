"""`probe check --image` of many archives: each as if it were alone, layers read once, one table."""

import io
import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import certifi
import pytest

from probe.targets.image import of_image
from probe.targets.shared_layers import SharedLayers
from tests.entrypoint.helpers import CHECKOUT
from tests.support.commands import RunProbe, clean_environment
from tests.support.images import Image, file, folder, link, sha, tarred, write_directory, write_tar
from tests.support.leftovers import children_of, wait_until
from tests.support.sweeps import examples

ROOTS = Path(certifi.where()).read_bytes()
BASE = tarred([folder("etc"), file("etc/ssl/certs/ca-certificates.crt", ROOTS), folder("opt"), file("opt/x")])
OTHER = tarred([folder("etc"), file("etc/os-release", b"ID=alpine\n")])
CHECK = ("check", "--only", "ca-bundle,timezone")


def image(*layers: bytes, number: int = 0, **config: Any) -> Image:
    made = Image([*layers, tarred([file("app", b"%d" % number)])], Entrypoint=["/app"], **config)
    made.tags = [f"example/app{number}:1"]
    return made


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Five of which two share the base that has no roots; and what is no image beside them."""
    place = tmp_path / "images"
    place.mkdir()
    write_tar(place / "a.tar", image(BASE, number=1).layout())
    write_tar(place / "b.tar", image(BASE, number=2).saved_now())
    write_tar(place / "c-no-ending", image(OTHER, number=3).saved_now())
    write_directory(place / "d", image(OTHER, number=4).layout())
    write_tar(place / "e.tar.gz", image(BASE, number=5).layout(), packed=True)
    (place / "SHA256SUMS").write_text("0 a.tar\n")
    (place / "notes").mkdir()
    os.mkfifo(place / "pipe")
    return place


def test_one_table_of_a_directory(images: Path, run_probe: RunProbe) -> None:
    """The worst first with its fix and who shares it; shared layers once, with how many are unhealthy."""
    done = run_probe(*CHECK, "--image", str(images))
    lines = done.out.splitlines()
    assert (done.code, done.err) == (1, "")
    assert lines[0].startswith("2 of 5 images unhealthy, 2 verdicts; 10 layers, 7 distinct, 7 read; ")
    assert lines[1].split() == ["IMAGE", "PROGRAM", "GO", "VERDICT", "CODE"]
    assert f"{images}/c-no-ending (example/app3:1) x2" in lines[2]
    assert "unhealthy (fail)" in lines[2]
    assert "CA_BUNDLE_MISSING" in lines[2]
    assert lines[3].startswith("  fix: ")
    assert lines[4] == f"  also: {images}/d (example/app4:1)"
    assert f"{images}/a.tar (example/app1:1) x3" in lines[5]
    assert lines[-3].startswith("SHARED LAYER")
    assert [line.split()[3:] for line in lines[-2:]] == [["3", "0"], ["2", "2"]]


def test_words_directories_and_standard_input_together(images: Path, tmp_path: Path) -> None:
    """As a shell expands a pattern, and with an archive from a pipe between them."""
    lone = write_tar(tmp_path / "lone.tar", image(OTHER, number=9).saved_now())
    words = ["--image", str(images / "a.tar"), "-", str(lone), str(images / "d")]
    command = [sys.executable, "-m", "probe", *CHECK, *words]
    with (images / "b.tar").open("rb") as piped:
        done = subprocess.run(
            command, stdin=piped, capture_output=True, text=True, cwd=CHECKOUT, env=clean_environment()
        )
    assert done.stderr == ""
    assert done.stdout.startswith("2 of 4 images unhealthy")
    with (images / "b.tar").open("rb") as piped:
        reports = subprocess.run(
            [*command, "--format", "json"],
            stdin=piped,
            capture_output=True,
            cwd=CHECKOUT,
            env=clean_environment(),
        )
    named = [json.loads(line)["target"] for line in reports.stdout.splitlines()]
    assert named == [
        f"image {images}/a.tar (example/app1:1)",
        "image - (example/app2:1)",
        f"image {lone} (example/app9:1)",
        f"image {images}/d (example/app4:1)",
    ]


def findings(report: dict[str, Any]) -> Any:
    """What a report says, without times and the target's name."""
    checks = [{**check, "duration_s": 0} for check in report["checks"]]
    return report["healthy"], report["status"], report["role"], checks


def alone(path: Path, run_probe: RunProbe, *more: str) -> Any:
    return findings(json.loads(run_probe(*CHECK, *more, "--image", str(path), "--format", "json").out))


def test_each_is_judged_as_if_it_were_alone(images: Path, run_probe: RunProbe) -> None:
    """A report a line, equal to that of a run on the one archive; merge makes the same table of them."""
    done = run_probe(*CHECK, "--image", str(images), "--format", "json")
    reports = [json.loads(line) for line in done.out.splitlines()]
    names = ["a.tar", "b.tar", "c-no-ending", "d", "e.tar.gz"]
    assert [report["target"].split()[1] for report in reports] == [str(images / name) for name in names]
    for name, report in zip(names, reports, strict=True):
        assert findings(report) == alone(images / name, run_probe)


def test_shards_are_the_whole(images: Path, tmp_path: Path, run_probe: RunProbe) -> None:
    """Each image in one of them; merged, they are the run on all."""
    shards = []
    for part in range(3):
        done = run_probe(*CHECK, "--image", str(images), "--shard", f"{part}/3", "--format", "json")
        assert done.code == (0 if part == 1 else 1)
        (path := tmp_path / f"shard-{part}.jsonl").write_text(done.out)
        shards.append(path)
    whole = run_probe(*CHECK, "--image", str(images), "--format", "json").out
    (tmp_path / "whole.jsonl").write_text(whole)
    split = sorted(line for path in shards for line in path.read_text().splitlines())
    assert [findings(json.loads(line)) for line in split] == [
        findings(json.loads(line)) for line in sorted(whole.splitlines())
    ]
    merged = run_probe("merge", *map(str, shards))
    assert merged.out == run_probe("merge", str(tmp_path / "whole.jsonl")).out
    assert merged.code == 1
    assert merged.out.startswith("2 of 5 targets unhealthy, 2 verdicts;")
    empty = run_probe(*CHECK, "--image", str(images), "--shard", "7/9")
    assert (empty.code, empty.out.partition(",")[0]) == (0, "0 of 0 images unhealthy")


def broken(seed: int, data: bytes) -> bytes:
    """*data* cut, or with a byte changed, or as it is."""
    choice = random.Random(seed)
    at = choice.randrange(len(data))
    return choice.choice([data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :], data])


@pytest.mark.parametrize("seed", range(examples(25)))
def test_no_verdict_is_lost_by_sharing(seed: int, tmp_path: Path) -> None:
    """Random images of few layers, some of them damaged: what is seen, or why not, is as without sharing."""
    choice = random.Random(seed)
    layers = [
        tarred(
            [
                folder("etc"),
                folder(f"d{choice.randrange(3)}"),
                file(f"d{choice.randrange(3)}/f{number}", choice.randbytes(choice.randrange(3000))),
                choice.choice(
                    [
                        file("etc/.wh.gone"),
                        file("etc/gone", b"there"),
                        file(f"d{choice.randrange(3)}/.wh..wh..opq"),
                        link("ln", f"/d{choice.randrange(3)}"),
                    ]
                ),
            ]
        )
        for number in range(4)
    ]
    shared = SharedLayers()
    for number in range(12):
        made = Image(choice.choices(layers, k=choice.randrange(1, 4)), Env=["TZ=UTC"])
        made.packed = choice.random() < 0.3
        form = choice.choice(("layout", "saved_now" if not made.packed else "layout", "saved"))
        files = dict(getattr(made, form)())
        for name in files:
            if choice.random() < 0.15:
                files[name] = broken(choice.randrange(1 << 30), files[name])
        if choice.random() < 0.3:
            path = write_directory(tmp_path / f"{number}", files)
        else:
            path = write_tar(tmp_path / f"{number}.tar", files, packed=choice.random() < 0.2)
        assert seen(path, shared) == seen(path, None)


def seen(path: Path, shared: SharedLayers | None) -> Any:
    """All that can be read of an image, or why it cannot be."""
    try:
        target = of_image(str(path), shared=shared)
    except Exception as problem:  # noqa: BLE001 - whatever it is, it has to be the same
        return type(problem).__name__, str(problem)

    def walk(folder: str) -> Any:
        for name in target.listdir(folder):
            place = f"{folder.rstrip('/')}/{name}"
            found = target.stat(place)._replace(identity=(0, 0)) if name != "ln" else None
            yield place, found, (target.read(place) if target.is_file(place) else None)
            if name != "ln" and target.is_dir(place):
                yield from walk(place)

    return target.name, target.env, target.user, target.layers, list(walk("/"))


def test_what_grows_is_the_number_of_distinct_layers(tmp_path: Path) -> None:
    """Thirty images of two bases: two bases are read; of a base that differs in a byte, each."""
    shared = SharedLayers()
    for number in range(30):
        path = write_tar(
            tmp_path / f"{number}.tar", image((BASE, OTHER)[number % 2], number=number).saved_now()
        )
        of_image(str(path), shared=shared)
    digests = {f"sha256:{sha(BASE)}", f"sha256:{sha(OTHER)}"}
    bases = [layer for layer in shared.listed if layer.digest in digests]
    assert sum(layer.read for layer in bases) == 2
    assert len(bases) == 30


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    """Of hundreds of layers no more files stay open than are kept, and the oldest go first."""
    before = len(os.listdir("/proc/self/fd"))
    shared = SharedLayers()
    for number in range(200):
        path = write_tar(tmp_path / f"{number}.tar", image(number=number).saved_now())
        of_image(str(path), shared=shared)
    assert len(os.listdir("/proc/self/fd")) - before <= 128


def test_none_holds_up_the_others(images: Path, run_probe: RunProbe) -> None:
    """An empty file, a cut one and a link to nothing have rows of their own, with code and fix."""
    (images / "f.tar").write_bytes(b"")
    (images / "g.tar").write_bytes((images / "a.tar").read_bytes()[:3000])
    (images / "h.tar").symlink_to("/nowhere")
    done = run_probe(*CHECK, "--image", str(images))
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("5 of 8 images unhealthy, 5 verdicts")
    for name in ("f.tar", "g.tar", "h.tar"):
        assert f"{images}/{name}" in done.out
    assert "IMAGE_TRUNCATED" in done.out


def test_a_directory_without_images_is_unhealthy(tmp_path: Path, run_probe: RunProbe) -> None:
    """As an archive that is none."""
    done = run_probe(*CHECK, "--image", str(tmp_path))
    assert done.code == 1
    assert "IMAGE_INVALID" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["--image", "a", "b", "--format", "junit"],
            "--format junit is for one image; of several: text, json, github",
        ),
        (["--image", "a", "b", "--fix", "dockerfile"], "--fix is for one image"),
        (["--image", "a", "b", "--as-go", "all"], "--as-go all is for one image"),
        (["--image", "-", "-"], "--image -: standard input holds one archive"),
        (["--image", "a", "--shard", "4/4"], "--shard 4/4: write I/N, I from 0 to N-1"),
        (["--image", "a", "--shard", "x"], "--shard x: write I/N, I from 0 to N-1"),
        (["--shard", "0/4"], "--shard needs --image"),
        (["x.tar"], "unexpected argument x.tar"),
        (["--image", "a", "b", "--pid", "1"], "--pid and --image exclude each other"),
        (["--image", "a", "b", "--env", "x"], "--env x: write K=V"),
        (["--image", "a", "b", "--cwd", "x"], "--cwd x: write an absolute path"),
    ],
)
def test_what_does_not_fit_is_refused(words: Sequence[str], said: str, run_probe: RunProbe) -> None:
    """In one line, with exit code 64."""
    done = run_probe("check", *words)
    assert (done.code, done.out) == (64, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_other_commands_take_one(run_probe: RunProbe) -> None:
    """And say who takes several."""
    done = run_probe("inspect", "roots", "--image", "a", "--image", "b")
    assert done.code == 64
    assert "--image: one archive at a time; probe check takes several" in done.err


def test_a_terminal_shows_how_far_it_is(images: Path) -> None:
    """A line that names the image, replaced by the next, gone before the table."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "probe", *CHECK, "--image", str(images)]
    env = {**clean_environment(), "TERM": "xterm"}
    done = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, cwd=CHECKOUT, env=env
    )
    os.close(theirs)
    out, _ = done.communicate(timeout=60)
    said = io.BytesIO()
    try:
        while piece := os.read(ours, 4096):
            said.write(piece)
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    shown = said.getvalue().decode()
    for number, name in enumerate(("a.tar", "b.tar", "c-no-ending", "d", "e.tar.gz"), 1):
        assert f"image {number} of 5: {images}/{name}"[:79] in shown
    assert shown.rstrip("\r\n").endswith("\x1b[A\r\x1b[K")
    assert out.startswith(b"2 of 5 images unhealthy")


def test_quiet_and_verbose(images: Path, run_probe: RunProbe) -> None:
    """Nothing when healthy, else the counts; or each report before the table."""
    good = [str(images / "a.tar"), str(images / "b.tar")]
    assert run_probe(*CHECK, "--quiet", "--image", *good)[:2] == (0, "")
    done = run_probe(*CHECK, "--quiet", "--image", str(images))
    assert done.code == 1
    assert done.out.count("\n") == 1
    done = run_probe(*CHECK, "--verbose", "--image", *good)
    assert done.out.count("healthy: ") >= 2 or done.out.count("example/app") >= 4


def examiner(parent: int) -> int:
    """
    The child that reads archives; 0 while there is none.

    Beside a test that has a dead mount, a process that only waits is between (`cli.in_time`): it hands on
    what the child writes into a pipe of its own.
    """
    child = next(iter(children_of(parent)), 0)
    if not child or os.readlink(f"/proc/{child}/fd/1") == os.readlink(f"/proc/{parent}/fd/1"):
        return child
    return examiner(child)


def test_a_child_that_dies_costs_only_its_image(images: Path) -> None:
    """Killed while it waits for standard input; the images after it are examined by another."""
    words = ["--image", "-", str(images / "a.tar")]
    command = [sys.executable, "-m", "probe", *CHECK, *words]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
        env=clean_environment(),
        text=True,
    ) as probe:
        wait_until(lambda: examiner(probe.pid) > 0, 30)
        time.sleep(0.1)  # a child that has just been forked has its parent's stdout
        os.kill(examiner(probe.pid), signal.SIGKILL)
        out, _ = probe.communicate(timeout=60)
    assert probe.returncode == 1
    assert out.startswith("1 of 2 images unhealthy, 2 verdicts")
    assert "CHECK_CRASHED" in out.splitlines()[2]
    assert f"{images}/a.tar (example/app1:1)" in out
