"""Image archives that are made to cost: small files, for which memory and time stay bounded, and odd JSON."""

import hashlib
import json
import random
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from probe import codes, target_codes
from probe.codes import Code
from probe.formats import acl
from probe.targets.access import ACCESS
from probe.targets.errors import TargetUnavailable
from probe.targets.image import of_image
from tests.support.images import (
    Image,
    file,
    folder,
    hard,
    link,
    other,
    sha,
    tarred,
    write_directory,
    write_tar,
)

pytestmark = pytest.mark.slow
PEAK_MB = 128
END = bytes(1024)

MEASURED = """
import sys
from probe.targets import image
from probe import target_codes
from probe.targets.errors import TargetUnavailable
try:
    image.of_image(sys.argv[1])
    told = "READ"
except TargetUnavailable as problem:
    told = target_codes.finding(problem).code.name
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(told, status["VmHWM"].split()[0])
"""


@cache
def blank(kind: bytes, link: str, size: int) -> tuple[bytes, int]:
    """The part of a header after the name, with no sum yet, and what its bytes add up to."""
    info = tarfile.TarInfo("")
    info.type, info.linkname, info.size = kind, link, size
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[:100], block[148:156] = bytes(100), b" " * 8
    return bytes(block[100:]), sum(block)


def head(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> bytes:
    rest, total = blank(kind, link, size)
    raw = name.encode()
    return raw.ljust(100, b"\0") + rest[:48] + b"%06o\0 " % (total + sum(raw)) + rest[56:]


def pax(records: dict[str, bytes], kind: bytes = b"x") -> bytes:
    data = b""
    for key, value in records.items():
        rest = b" " + key.encode() + b"=" + value + b"\n"
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        data += str(length).encode() + rest
    return head("pax", kind, size=len(data)) + data + bytes(-len(data) % 512)


def pax_values(kind: bytes = b"x") -> Iterator[bytes]:
    value = bytes((1 << 20) - 100)
    for number in range(150):
        yield pax({f"k{number}": value}, kind)


def pax_keys() -> Iterator[bytes]:
    for number in range(4):
        yield pax({f"k{number}.{key}": b"" for key in range(50_000)})


def attributes() -> Iterator[bytes]:
    users = [
        acl.AclEntry(acl.USER, 4, 1000 + number) for number in range(7000)
    ]  # 64 KB are an attribute's most
    others = [acl.AclEntry(kind, 4) for kind in (acl.GROUP_OBJ, acl.MASK, acl.OTHER)]
    value = acl.pack([acl.AclEntry(acl.USER_OBJ, 6), *users, *others])
    for number in range(1000):
        yield pax({f"SCHILY.xattr.{ACCESS}": value}) + head(f"{number}")


def long_names() -> Iterator[bytes]:
    for number in range(8_000):
        name = b"%07d" % number + b"/\xff" * 2000
        yield pax({"path": name, "linkpath": b"\xfe" * 4000}) + head("x", tarfile.SYMTYPE, "y")


def whiteouts() -> Iterator[bytes]:
    for number in range(100_000):
        yield head(f"d/.wh.{number}")


def hard_links() -> Iterator[bytes]:
    yield head("f")
    for number in range(100_000):
        yield head(f"d/{number}", tarfile.LNKTYPE, "f")


def small_files() -> Iterator[bytes]:
    for number in range(100_000):
        yield head(f"d{number % 1000}/{number}")


def directories() -> Iterator[bytes]:
    for number in range(90_000):
        yield head(f"{number}/", tarfile.DIRTYPE)


def deep() -> Iterator[bytes]:
    for number in range(3000):
        yield pax({"path": b"%d/" % number + b"a/" * 2000 + b"x"}) + head("x")


def links_on_the_way() -> Iterator[bytes]:
    yield head("l", tarfile.SYMTYPE, "./" * 49)
    for number in range(3000):
        yield pax({"path": b"l/" * 39 + b"%d" % number}) + head("x")


def replaced() -> Iterator[bytes]:
    """The same file again and again is one file; its entries still are entries."""
    for _ in range(100_000):
        yield head("x")


LAYERS: tuple[Callable[[], Iterator[bytes]], ...] = (
    pax_values,
    lambda: pax_values(b"g"),
    pax_keys,
    attributes,
    long_names,
    whiteouts,
    hard_links,
    small_files,
    directories,
    deep,
    links_on_the_way,
    replaced,
)
NAMES = "values,global values,keys,attributes,long names,whiteouts,hard links,small files,directories,deep"
NAMES += ",links,replaced"
QUICK = ("values",)  # the others need seconds each


def packed(pieces: Iterator[bytes]) -> tuple[bytes, str]:
    """gzip of a whole tar, and the digest of what is in it."""
    squeeze, digest, out = zlib.compressobj(6, wbits=31), hashlib.sha256(), []
    for piece in (*pieces, END):
        digest.update(piece)
        out.append(squeeze.compress(piece))
    return b"".join((*out, squeeze.flush())), f"sha256:{digest.hexdigest()}"


def measured(path: Path) -> tuple[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, timeout=200, check=True
    )
    told, kilobytes = done.stdout.split()
    return told, int(kilobytes) / 1024


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(pieces, id=name, marks=() if name in QUICK else pytest.mark.sweep)
        for pieces, name in zip(LAYERS, NAMES.split(","), strict=True)
    ],
)
def test_layers_are_bounded_in_memory(tmp_path: Path, pieces: Callable[[], Iterator[bytes]]) -> None:
    """Whatever the entries are: read, or refused as too large, in 128 MB."""
    layer, diff_id = packed(pieces())
    assert len(layer) < 12 << 20
    image = Image([b""])
    image.config["rootfs"]["diff_ids"] = [diff_id]
    image.changes = {f"{0:064x}/layer.tar": layer}
    told, megabytes = measured(write_tar(tmp_path / "image.tar", image.saved()))
    assert told in (("IMAGE_INVALID",) if pieces is replaced else ("READ", "IMAGE_TOO_LARGE"))
    assert megabytes <= PEAK_MB


@pytest.mark.sweep
def test_many_layers_are_bounded_in_memory(tmp_path: Path) -> None:
    """What is kept to go back in packed layers does not add up."""
    layer, diff_id = packed(iter([head("zeros", size=40 << 20), bytes(40 << 20)]))
    image = Image([b""] * 40)
    image.config["rootfs"]["diff_ids"] = [diff_id] * 40
    image.changes = {f"{number:064x}/layer.tar": layer for number in range(40)}
    told, megabytes = measured(write_tar(tmp_path / "image.tar", image.saved()))
    assert told in ("READ", "IMAGE_TOO_LARGE")
    assert megabytes <= PEAK_MB


def indexes(fan_out: int, annotations: str = "") -> dict[str, bytes]:
    """Indexes, each of which lists the next one *fan_out* times."""
    files = Image([tarred([file("a")])]).layout()
    listed = json.loads(files["index.json"])["manifests"]
    for _ in range(3):
        for one in listed:
            one["annotations"] = {"note": annotations}
        data = json.dumps({"manifests": listed * fan_out}).encode()
        files[f"blobs/sha256/{sha(data)}"] = data
        kind = "application/vnd.oci.image.index.v1+json"
        listed = [{"mediaType": kind, "digest": f"sha256:{sha(data)}", "size": len(data)}]
    return files | {"index.json": json.dumps({"manifests": listed * fan_out}).encode()}


def settings(value: Any) -> dict[str, bytes]:
    return Image([tarred([file("a")])], Labels=value).layout()


@pytest.mark.sweep
@pytest.mark.parametrize(
    "make",
    [
        lambda: indexes(200),
        lambda: indexes(1, "x" * (3 << 20)),
        lambda: settings([{} for _ in range(2_000_000)]),
        lambda: settings([{"": 0}] * 250_000),
        lambda: settings(["x" * 9] * 150_000),
        lambda: {"manifest.json": b"[" * 5_000_000},
        lambda: {"manifest.json": b"[" + b"{}," * 600_000 + b"{}]"},
    ],
    ids=["indexes", "annotations", "maps", "small maps", "strings", "depth", "images"],
)
def test_json_is_bounded_in_memory(tmp_path: Path, make: Callable[[], dict[str, bytes]]) -> None:
    path = write_tar(tmp_path / "image.tar", make())
    assert path.stat().st_size < 12 << 20
    told, megabytes = measured(path)
    assert told in ("READ", "IMAGE_TOO_LARGE", "IMAGE_INVALID", "TARGET_AMBIGUOUS")
    assert megabytes <= PEAK_MB


def refused(path: Path, code: Code, words: str) -> None:
    with pytest.raises(TargetUnavailable, match=words) as problem:
        of_image(str(path))
    assert target_codes.finding(problem.value).code is code


@pytest.mark.parametrize("attribute", ["trusted.overlay.opaque", "user.overlay.redirect"])
def test_attributes_that_overlayfs_obeys_are_refused(tmp_path: Path, attribute: str) -> None:
    """dockerd writes them as they stand, containerd drops some: what a container sees is not known."""
    layer = pax({f"SCHILY.xattr.{attribute}": b"y"}) + head("etc/", tarfile.DIRTYPE) + END
    refused(write_tar(tmp_path / "image.tar", Image([layer]).layout()), codes.IMAGE_UNSAFE_ENTRY, attribute)


def test_access_lists_of_a_layer_count(tmp_path: Path) -> None:
    """Engines keep them: a group's bits in the mode are the mask of the list then."""
    entries = [acl.AclEntry(acl.USER_OBJ, 6), acl.AclEntry(acl.USER, 4, 1000), acl.AclEntry(acl.GROUP_OBJ, 0)]
    entries += [acl.AclEntry(acl.MASK, 4), acl.AclEntry(acl.OTHER, 0)]
    secret = tarfile.TarInfo("secret")
    secret.mode = 0o640
    layer = pax({f"SCHILY.xattr.{ACCESS}": acl.pack(entries)}) + secret.tobuf() + END
    path = write_tar(tmp_path / "image.tar", Image([layer]).layout())
    of_image(str(path), user="1000").files.open("/secret").close()
    with pytest.raises(PermissionError):
        of_image(str(path), user="1001").files.open("/secret")
    assert of_image(str(path)).files.acl("/secret", ACCESS) == acl.pack(entries)


def test_two_manifests_that_differ_are_told(tmp_path: Path) -> None:
    """`docker load` takes what manifest.json names; that index.json names another is said."""
    one, two = Image([tarred([file("a")])]), Image([tarred([file("b")])], User="7")
    path = write_tar(tmp_path / "image.tar", one.layout() | two.saved())
    target = of_image(str(path))
    assert target.user.uid == 7
    assert "index.json names another image" in target.name
    assert "index.json" not in of_image(str(write_tar(path, one.saved_now()))).name


BASE = [folder("etc"), file("etc/passwd", b"app:x:5:5::/:/\n"), file("app", b"x", 0o755)]
TOP = [link("l", "etc"), hard("h", "app"), file("etc/.wh.passwd"), other("f", tarfile.FIFOTYPE)]
ODD: tuple[Any, ...] = (None, -1, 1e308, "x", "\ud800", "\0", [], [None], {"": None}, "../..")


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in a document."""
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*way, key))


def replaced_at(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    if not way:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = replaced_at(value[way[0]], way[1:], new)
    return copy


def test_anything_may_stand_anywhere_in_the_json(tmp_path: Path) -> None:
    """Each value of index, manifest and configuration replaced by each odd one: a target or a refusal."""
    image = Image([tarred(BASE), tarred(TOP)], User="app", Entrypoint=["app"], Env=["A=b"], WorkingDir="/")
    count = 0
    for files in (image.layout(), image.saved(), image.saved_now()):
        for name, data in files.items():
            document = parsed(data)
            for way in places(document) if document is not None else ():
                for new in ODD:
                    count += 1
                    read_or_refused(tmp_path, with_changed(files, name, replaced_at(document, way, new)))
    assert count > 1000


def parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def with_changed(files: dict[str, bytes], name: str, document: Any) -> dict[str, bytes]:
    """With *document* in place of *name*, and the digests on the way to it made right again."""
    data = json.dumps(document).encode()
    changed = {**files, name: data}
    new = f"blobs/sha256/{sha(data)}" if name.startswith("blobs/") else name
    if new == name:
        return changed
    del changed[name]
    old_digest, new_digest = name.rpartition("/")[2], sha(data)
    old_size = len(files[name])
    changed[new] = data
    for other_name, other_data in files.items():
        if other_name != name and old_digest.encode() in other_data:
            fixed = other_data.replace(old_digest.encode(), new_digest.encode())
            fixed = fixed.replace(b'"size": %d' % old_size, b'"size": %d' % len(data))
            changed.pop(other_name)
            changed |= with_changed({**changed, other_name: other_data}, other_name, json.loads(fixed))
    return changed


def read_or_refused(folder: Path, files: dict[str, bytes]) -> None:
    place = folder / "layout"
    for old in sorted(place.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    write_directory(place, files)
    with suppress(TargetUnavailable):
        of_image(str(place))


@pytest.mark.parametrize("seed", range(4))
def test_whole_archives_survive_mutation(tmp_path: Path, seed: int) -> None:
    """Pieces cut out, doubled, swapped, headers changed with their sums made right: no other exception."""
    chance = random.Random(seed)
    image = Image([tarred(BASE), tarred(TOP)], User="app", Entrypoint=["app"])
    seeds = [write_tar(tmp_path / "seed", files).read_bytes() for files in (image.layout(), image.saved())]
    seeds.append(write_tar(tmp_path / "seed", image.saved_now(), packed=True).read_bytes())
    seeds += [b"".join([pax({"path": b"a"}), head("x"), pax({"size": b"9" * 15}), head("y"), END])]
    path = tmp_path / "image"
    for _ in range(250):
        blob = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 5)):
            mutate(blob, chance, seeds)
        path.write_bytes(blob)
        with suppress(TargetUnavailable):
            of_image(str(path))


def mutate(blob: bytearray, chance: random.Random, seeds: list[bytes]) -> None:
    start = chance.randrange(max(1, len(blob) // 512)) * 512
    what = chance.randrange(5)
    if what == 0 and blob:
        blob[chance.randrange(len(blob))] = chance.randrange(256)
    elif what == 1:
        del blob[start : start + 512 * chance.randrange(1, 4)]
    elif what == 2:
        blob[start:start] = blob[start : start + 512]
    elif what == 3:
        other_one = chance.choice(seeds)
        blob[start : start + 512] = other_one[:512]
    elif len(blob) >= start + 512:
        block = blob[start : start + 512]
        for _ in range(3):
            block[chance.choice((*range(8), *range(100, 160), *range(257, 265), 345, 482, 504))] = (
                chance.choice(b"\0 0179xgLKS12345678\x80\xff./")
            )
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        blob[start : start + 512] = block


@pytest.mark.parametrize("skipped", [b"", b"\x50\x2a\x4d\x18\5\0\0\0index", b"\x5f\x2a\x4d\x18\0\0\0\0"])
@pytest.mark.parametrize("frames", [1, 5])
def test_layers_of_zstd_are_read_anywhere(tmp_path: Path, frames: int, skipped: bytes) -> None:
    """One frame or many, forwards and back, as buildkit, docker 29 and zstd:chunked write them."""
    zstandard = pytest.importorskip("zstandard")
    content = random.Random(1).randbytes(300_000)
    layer = tarred([file("a", content), file("b", b"b" * 2_000_000), file("c", b"c")])
    step = -(-len(layer) // frames)
    squeeze = zstandard.ZstdCompressor().compress
    data = b"".join(skipped + squeeze(layer[at : at + step]) for at in range(0, len(layer), step)) + skipped
    image = Image([layer, tarred([file("d", b"d")])])
    image.changes = {f"{0:064x}/layer.tar": data}
    files = of_image(str(write_tar(tmp_path / "image.tar", image.saved()))).files
    for name, wanted in (("c", b"c"), ("a", content), ("d", b"d"), ("b", b"b" * 2_000_000), ("a", content)):
        with files.open(f"/{name}") as stream:
            assert stream.read() == wanted
    image.changes = {f"{0:064x}/layer.tar": data[: len(data) // 2]}
    with pytest.raises(TargetUnavailable):
        of_image(str(write_tar(tmp_path / "cut.tar", image.saved())))
    at = len(skipped) + 6
    image.changes = {f"{0:064x}/layer.tar": data[:at] + b"\xff" * 500 + data[at + 500 :]}
    refused(write_tar(tmp_path / "bad.tar", image.saved()), codes.IMAGE_INVALID, "damaged zstd")


@pytest.mark.sweep
def test_zstd_is_bounded_in_memory(tmp_path: Path) -> None:
    """A bomb of runs, and a window that is too long."""
    zstandard = pytest.importorskip("zstandard")
    layer, diff_id = packed(iter([head("zeros", size=300 << 20), bytes(300 << 20)]))
    plain = zlib.decompress(layer, 31)
    wide = zstandard.ZstdCompressionParameters(window_log=27, compression_level=3)
    for number, parameters in enumerate((None, wide)):
        squeeze = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        image = Image([b""])
        image.config["rootfs"]["diff_ids"] = [diff_id]
        image.changes = {f"{0:064x}/layer.tar": squeeze.compress(plain) + squeeze.flush()}
        told, megabytes = measured(write_tar(tmp_path / f"{number}.tar", image.saved()))
        assert told == ("READ", "IMAGE_INVALID")[number]
        assert megabytes <= PEAK_MB
