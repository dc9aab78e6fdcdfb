"""Archives that are damaged, hostile or too large."""

import gzip
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import codes, target_codes
from probe.codes import Code
from probe.targets import NotRegular
from probe.targets.errors import TargetUnavailable
from probe.targets.image import of_image
from tests.support.fixes import fixes
from tests.support.images import (
    Entry,
    Image,
    file,
    hard,
    link,
    other,
    tarred,
    write_tar,
)
from tests.support.sweeps import examples
from tests.targets.image.helpers import BASE, TOP, big, refusal, refused, single

NOISE = random.Random(1).randbytes(5000)


OCI = file("oci-layout", b"{}")


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A path that cannot be read is named."""
    problem = refusal(tmp_path / "none.tar")
    assert target_codes.finding(problem).code is codes.TARGET_NOT_FOUND
    assert "No such file" in str(problem)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", codes.IMAGE_INVALID, "holds no file"),
        (b"hello" * 1000, codes.IMAGE_INVALID, "no tar archive"),
        (b"short", codes.IMAGE_INVALID, "no tar archive"),
        (gzip.compress(b"x" * 5000), codes.IMAGE_INVALID, "no tar archive"),
        (gzip.compress(tarred([file("a", NOISE)]))[:-2000], codes.IMAGE_TRUNCATED, "cut off"),
        (b"\x1f\x8b" + bytes(100), codes.IMAGE_INVALID, "damaged gzip"),
        (b"\xfd7zXZ\0" + bytes(100), codes.IMAGE_COMPRESSION, "xz"),
        (b"PK\3\4" + bytes(100), codes.IMAGE_COMPRESSION, "zip"),
        (tarred([file("a")]), codes.IMAGE_INVALID, "it is no image"),
        (tarred([OCI, file("index.json", b"{")]), codes.IMAGE_INVALID, "index.json is not JSON"),
        (tarred([OCI, file("index.json", b"[" * 99999)]), codes.IMAGE_INVALID, "index.json is not JSON"),
        (tarred([OCI, file("index.json", b"[]")]), codes.IMAGE_INVALID, "lists no image"),
        (tarred([file("manifest.json", b"{}")]), codes.IMAGE_INVALID, "lists no image"),
        (tarred([file("manifest.json", b"[{}]")]), codes.IMAGE_INVALID, "has no Config"),
        (tarred([file("manifest.json", b'[{"Config": "x"}]')]), codes.IMAGE_INVALID, "not in the archive: x"),
        (tarred([file("manifest.json", b'[{"Config": "../x"}]')]), codes.IMAGE_UNSAFE_ENTRY, "leads out"),
        (tarred([file("../../etc/passwd", b"x")]), codes.IMAGE_UNSAFE_ENTRY, "'../../etc/passwd' leads out"),
        (tarred([link("manifest.json", "/etc/passwd")]), codes.IMAGE_UNSAFE_ENTRY, "leads out"),
        (tarred([link("manifest.json", "../../x")]), codes.IMAGE_UNSAFE_ENTRY, "leads out"),
        (tarred([other("x", tarfile.CHRTYPE, device=(1, 5))]), codes.IMAGE_UNSAFE_ENTRY, "device"),
        (tarred([other("manifest.json", tarfile.FIFOTYPE)]), codes.IMAGE_UNSAFE_ENTRY, "device or FIFO"),
        (tarred([file("x"), link("manifest.json", "manifest.json")]), codes.IMAGE_INVALID, "it is no image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_archive_that_is_none(tmp_path: Path, content: bytes, code: Code, words: str) -> None:
    """Each kind of damage has its code and one line; nothing is written anywhere."""
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    before = sorted(tmp_path.iterdir())
    refused(path, code, words)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.sweep
@pytest.mark.slow
def test_archive_of_too_many_files(tmp_path: Path) -> None:
    """No image consists of that many."""
    block, _ = file("same")
    (tmp_path / "image.tar").write_bytes(block.tobuf() * 20_001)
    refused(tmp_path / "image.tar", codes.IMAGE_TOO_LARGE, "more than 20000 entries")


@pytest.mark.parametrize(
    ("entries", "code", "words"),
    [
        ([file("../../etc/passwd", b"x")], codes.IMAGE_UNSAFE_ENTRY, "1 of 1: the entry '../../etc/passwd'"),
        ([file("a/../../b", b"x")], codes.IMAGE_UNSAFE_ENTRY, "leads out"),
        ([hard("a", "../../../etc/shadow")], codes.IMAGE_UNSAFE_ENTRY, "leads out"),
        ([hard("a", "nowhere")], codes.IMAGE_INVALID, "leads to 'nowhere', which is not there"),
        ([hard("a", "a")], codes.IMAGE_INVALID, "which is not there"),
        ([other("sda", tarfile.BLKTYPE, device=(8, 0))], codes.IMAGE_UNSAFE_ENTRY, "outside /dev"),
        ([other("etc/zero", tarfile.CHRTYPE, device=(1, 5))], codes.IMAGE_UNSAFE_ENTRY, "outside /dev"),
        ([file(".wh...")], codes.IMAGE_UNSAFE_ENTRY, "takes away its own directory"),
        ([file("x/.wh.")], codes.IMAGE_UNSAFE_ENTRY, "takes away its own directory"),
        ([file("a"), file("a/b")], codes.IMAGE_INVALID, "no directory"),
        ([link("a", "a"), file("a/b")], codes.IMAGE_INVALID, "no directory"),
        ([file("d/" * 2500 + "f")], codes.IMAGE_INVALID, "longer than any system allows"),
        ([other("odd", b"V")], codes.IMAGE_INVALID, "unknown kind"),
    ],
)  # fmt: skip
def test_layer_with_a_hostile_entry(tmp_path: Path, entries: list[Entry], code: Code, words: str) -> None:
    """Entries that would reach out of the root, or that no engine could make."""
    path = write_tar(tmp_path / "image.tar", Image([tarred(entries)]).layout())
    refused(path, code, words)


def test_links_that_point_out_stay_inside(tmp_path: Path) -> None:
    """A symbolic link may say anything; it means the image."""
    (tmp_path / "secret").write_bytes(b"the machine's")
    target = single(
        tmp_path,
        [
            link("a", "/etc/hostname"),
            link("b", "../../../../../etc/hostname"),
            link("c", str(tmp_path / "secret")),
            link("d", "../.."),
            file("d/etc/hostname", b"inside"),
        ],
    )
    assert target.read("/a") == b"inside"
    assert target.read("/b") == b"inside"
    with pytest.raises(FileNotFoundError):
        target.read("/c")


def test_devices_below_dev_are_what_they_are(tmp_path: Path) -> None:
    """Old base images have some; they are not opened, and /dev/null is empty."""
    target = single(
        tmp_path,
        [
            other("dev/zero", tarfile.CHRTYPE, device=(1, 5)),
            other("dev/null", tarfile.CHRTYPE, device=(1, 3)),
            other("etc/fifo", tarfile.FIFOTYPE),
        ],
    )
    assert target.read("/dev/null") == b""
    for path in ("/dev/zero", "/etc/fifo"):
        with pytest.raises(NotRegular):
            target.open(path)


@pytest.mark.parametrize("cut", [1, 512, 700, 1024, 5000, 10_000])
def test_truncated_archive(tmp_path: Path, image: Image, cut: int) -> None:
    """Wherever the file ends, it is told as cut off, or as incomplete."""
    whole = write_tar(tmp_path / "image.tar", image.layout()).read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole.rstrip(b"\0")[:-cut])
    problem = refusal(tmp_path / "cut.tar")
    assert target_codes.finding(problem).code in (codes.IMAGE_TRUNCATED, codes.IMAGE_INVALID)


def test_truncated_layer(tmp_path: Path) -> None:
    """A layer that ends early, its digest as promised, is told as such."""
    layer = tarred([file("a", b"x" * 5000)])[:3000]
    refused(
        write_tar(tmp_path / "image.tar", Image([layer]).layout()),
        codes.IMAGE_TRUNCATED,
        "layer 1 of 1: it ends within 'a'",
    )


def test_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    """What comes after a broken header must not vanish silently."""
    layer = bytearray(tarred([file("a", b"1"), file("b", b"2")]))
    layer[1024 + 10] ^= 1
    refused(
        write_tar(tmp_path / "image.tar", Image([bytes(layer)]).layout()),
        codes.IMAGE_INVALID,
        "layer 1 of 1: a header's checksum is wrong",
    )


def test_manifest_and_configuration_must_agree(tmp_path: Path, image: Image) -> None:
    """As many layers here as there."""
    image.config["rootfs"]["diff_ids"].pop()
    refused(
        write_tar(tmp_path / "image.tar", image.layout()),
        codes.IMAGE_INVALID,
        "the manifest lists 2 layers, the configuration 1",
    )


def test_packed_layer_that_is_not_supported(tmp_path: Path, image: Image) -> None:
    """xz is named, with the command that converts."""
    name = f"{1:064x}/layer.tar"
    image.changes = {name: b"\xfd7zXZ\0" + bytes(100)}
    path = write_tar(tmp_path / "image.tar", image.saved())
    refused(path, codes.IMAGE_COMPRESSION, "layer 2 of 2: it is packed with xz")
    assert "skopeo copy" in fixes(target_codes.finding(refusal(path)))


BOMB = """
import sys, time
from probe.targets import image
from probe import target_codes
from probe.targets.errors import TargetUnavailable
image.MAX_BYTES = 256 << 20
begin = time.monotonic()
try:
    image.of_image(sys.argv[1])
except TargetUnavailable as problem:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(target_codes.finding(problem).code.name, time.monotonic() - begin, status["VmHWM"].split()[0])
"""


def many_files() -> bytes:
    names = (f"{number:06d}/{'d/' * 30}x" for number in range(20_000))
    return gzip.compress(b"".join(file(name)[0].tobuf(tarfile.USTAR_FORMAT) for name in names))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [lambda: big(tarfile.REGTYPE, 1 << 30), many_files, lambda: big(b"x", 1 << 29)],
    ids=["bytes", "files", "headers"],
)
def test_bombs_are_bounded(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """What unpacks to gigabytes, or to more than a million directories, is refused in bounded memory."""
    image = Image([b""])
    image.changes = {f"{0:064x}/layer.tar": make()}
    path = write_tar(tmp_path / "image.tar", image.saved())
    assert path.stat().st_size < 4 << 20
    command = [sys.executable, "-c", BOMB, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    code, seconds, kilobytes = done.stdout.split()
    assert code == "IMAGE_TOO_LARGE"
    assert float(seconds) < 30
    assert int(kilobytes) < 300_000


@pytest.mark.slow
def test_bomb_around_the_archive(tmp_path: Path) -> None:
    """An archive whose own gzip unpacks for ever ends with the time that is given, not with the stream."""
    (tmp_path / "image.tar.gz").write_bytes(big(tarfile.REGTYPE, 16 << 30))
    script = BOMB.replace("image.MAX_BYTES = 256 << 20", "image.MAX_SECONDS = 1.0")
    command = [sys.executable, "-c", script, str(tmp_path / "image.tar.gz")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    code, seconds, _ = done.stdout.split()
    assert code == "IMAGE_TOO_LARGE"
    assert float(seconds) < 5


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_is_told_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes changed at random: a target or a refusal comes out, never another exception."""
    image = Image([tarred(BASE), tarred(TOP)], User="app", Entrypoint=["app"])
    image.packed = data.draw(st.booleans())
    form = data.draw(st.sampled_from([image.layout, image.saved]))
    blob = bytearray(write_tar(tmp_path / "image.tar", form()).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    del blob[data.draw(st.integers(len(blob) // 2, len(blob))) :]
    (tmp_path / "image.tar").write_bytes(blob)
    with suppress(TargetUnavailable):
        of_image(str(tmp_path / "image.tar"))
