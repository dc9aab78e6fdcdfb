"""What `docker load` refuses is refused, and what it loads is seen as in a container."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.containers.engine import Engine
from tests.containers.loaded import BASE, difference, tag
from tests.support.images import Entry, Image, file, folder, hard, link, other, sha, tarred, write_tar

END = bytes(1024)


def odd(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE) -> Entry:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(content), kind
    return info, content


def with_records(name: str, **records: str) -> Entry:
    info, content = file(name, b"1")
    info.pax_headers = records
    return info, content


def body(*entries: Entry) -> bytes:
    """The entries of a tar without its end."""
    return b"".join(
        info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)
        for info, data in entries
    )


LAYERS: dict[str, bytes] = {
    "a single block of zeros": body(file("f1", b"1")) + bytes(512) + body(file("f2", b"2")) + END,
    "no end": body(file("f1", b"1")),
    "bytes after the end": tarred([file("f1", b"1")]) + b"junk" * 256,
    "cut in a header": body(file("f1", b"1")) + body(file("f2", b"2"))[:300],
    "cut in a file": body(file("f1", b"1" * 2000))[:1000],
    "a wrong sum": body(file("f1", b"1")) + b"x" + body(file("f2", b"2"))[1:] + END,
    "a file with a slash": tarred([odd("f1/", b"1")]),
    "names that are not tidy": tarred(
        [file("./f1", b"1"), file("/f2", b"2"), file("a/../f3", b"3"), file(".//f4", b"4")]
    ),
    "a name that leads out": tarred([file("../f1", b"1")]),
    "an old kind": tarred([odd("f1", b"1", b"7"), odd("f2", b"2", b"\0")]),
    "an unknown kind": tarred([odd("f1", b"1", b"Z")]),
    "a hard link before its file": tarred([hard("h", "z"), file("z", b"1")]),
    "a hard link to itself": tarred([hard("h", "h")]),
    "a hard link to a layer below": tarred([hard("h", "etc/a")]),
    "a hard link to a link": tarred([link("s", "etc/a"), hard("h", "s")]),
    "a hard link to a directory": tarred([hard("h", "etc")]),
    "a hard link through a link": tarred([hard("h", "ln/x")]),
    "a hard link that leads out": tarred([hard("h", "../keep")]),
    "below a link": tarred([folder("real"), link("l", "real"), file("l/f", b"1")]),
    "below a link of a layer below": tarred([file("ln/f", b"1")]),
    "below an absolute link": tarred([folder("real"), link("l", "/real"), file("l/f", b"1")]),
    "below a link that leads out": tarred([link("l", "../../etc"), file("l/f", b"1")]),
    "below a link to nothing": tarred([link("l", "nowhere"), file("l/f", b"1")]),
    "below a file": tarred([file("q", b"1"), file("q/f", b"1")]),
    "a directory over a link": tarred([folder("ln"), file("ln/y", b"1")]),
    "a link over a directory": tarred([link("dir", "etc")]),
    "a file over a directory": tarred([file("dir", b"1")]),
    "a directory over a file": tarred([folder("keep"), file("keep/z", b"1")]),
    "a file twice": tarred([file("f", b"1"), file("f", b"22")]),
    "a directory, then a file": tarred([folder("q"), file("q/z", b"1"), file("q", b"2")]),
    "a file, then a directory": tarred([file("q", b"2"), folder("q"), file("q/z", b"1")]),
    "a whiteout": tarred([file("etc/.wh.a")]),
    "a whiteout of a directory": tarred([file(".wh.dir")]),
    "a whiteout of a directory, then the directory": tarred(
        [file(".wh.dir"), folder("dir"), file("dir/y", b"1")]
    ),
    "a whiteout of a directory, then below it": tarred([file(".wh.dir"), file("dir/y", b"1")]),
    "opaque at the root": tarred([file(".wh..wh..opq"), file("y", b"1")]),
    "a hard link of another mode": tarred([file("y", b"1"), other("h", tarfile.LNKTYPE, "y", 0o4711)]),
    "the same by a path from the root": tarred([folder("q"), file("/q", b"1")]),
    "a whiteout, then the file": tarred([file("etc/.wh.a"), file("etc/a", b"new")]),
    "a file, then its whiteout": tarred([file("etc/a", b"new"), file("etc/.wh.a")]),
    "a new file, then its whiteout": tarred([file("etc/n", b"new"), file("etc/.wh.n")]),
    "opaque at last": tarred([folder("etc"), file("etc/c", b"C"), file("etc/.wh..wh..opq")]),
    "opaque at first": tarred([folder("etc"), file("etc/.wh..wh..opq"), file("etc/c", b"C")]),
    "opaque without its directory": tarred([file("etc/.wh..wh..opq")]),
    "a whiteout below a link": tarred([file("ln/.wh.x")]),
    "opaque below a link": tarred([file("ln/.wh..wh..opq")]),
    "notes of aufs": tarred([folder(".wh..wh.plnk"), file(".wh..wh.aufs")]),
    "a whiteout that is a directory": tarred([folder("etc/.wh.a")]),
    "below a whiteout": tarred([file(".wh.etc/zz", b"1")]),
    "a whiteout of its directory": tarred([file("etc/.wh..")]),
    "a whiteout of nothing": tarred([file("etc/.wh.")]),
    "an empty path in pax": tarred([with_records("f1", path="")]),
    "a name of 300 bytes": tarred([file("n" * 300, b"1")]),
    "mode of the root": tarred([folder("./", 0o700)]),
    "empty": END,
    "nothing": b"",
    "a FIFO": tarred([other("p", tarfile.FIFOTYPE)]),
    "a device in /dev": tarred([other("dev/null", tarfile.CHRTYPE, device=(1, 3))]),
    "no tar": b"this is no tar archive" * 100,
}


Change = Callable[[Image, dict[str, bytes]], dict[str, bytes]]


def setting(**values: Any) -> Change:
    """Of the part `config` of the configuration."""

    def change(image: Image, _: dict[str, bytes]) -> dict[str, bytes]:
        image.config["config"] = {"Cmd": ["/keep"], **values}
        return image.saved()

    return change


def configured(**values: Any) -> Change:
    def change(image: Image, _: dict[str, bytes]) -> dict[str, bytes]:
        image.config.update(values)
        return image.saved()

    return change


def listed(**values: Any) -> Change:
    """In manifest.json."""

    def change(_: Image, files: dict[str, bytes]) -> dict[str, bytes]:
        entry = json.loads(files["manifest.json"])[0]
        return files | {"manifest.json": json.dumps([entry | values]).encode()}

    return change


def spelt(old: bytes, new: bytes) -> Change:
    """In the text of all JSON; the name of the configuration follows."""

    def change(image: Image, files: dict[str, bytes]) -> dict[str, bytes]:
        name = next(name for name in files if name.endswith(".json") and name != "manifest.json")
        config = files.pop(name).replace(old, new)
        manifest = (
            files.pop("manifest.json").replace(old, new).replace(name[:64].encode(), sha(config).encode())
        )
        return files | {f"{sha(config)}.json": config, "manifest.json": manifest}

    return change


def ends(files: dict[str, bytes], name: str, more: bytes) -> dict[str, bytes]:
    return files | {name: files[name] + more}


def swapped(image: Image, files: dict[str, bytes]) -> dict[str, bytes]:
    first, second = (name for name in files if name.endswith("layer.tar"))
    return files | {first: files[second], second: files[first]}


ARCHIVES: dict[str, Change] = {
    "as it is": lambda _, files: files,
    "as it is now": lambda image, _: image.saved_now(),
    "config: null": configured(config=None),
    "rootfs: null": configured(rootfs=None),
    "diff_ids: null": configured(rootfs={"type": "layers", "diff_ids": None}),
    "a diff_id too many": configured(rootfs={"type": "layers", "diff_ids": [f"sha256:{0:064}"] * 3}),
    "a wrong diff_id": configured(rootfs={"type": "layers", "diff_ids": [f"sha256:{0:064}"] * 2}),
    "history: null": configured(history=None),
    "created: a word": configured(created="yesterday"),
    "os: windows": configured(os="windows"),
    "os: nothing": configured(os=""),
    "a number for os": configured(os=7),
    "Env: null": setting(Env=None),
    "Env: a word": setting(Env="A=1"),
    "Env: odd": setting(Env=["A=1", "B", "=c", "A=2", ""]),
    "Env: null in it": setting(Env=["A=1", None]),
    "Env: a number in it": setting(Env=["A=1", 2]),
    "Cmd: a word": setting(Cmd="/keep"),
    "Cmd: a number": setting(Cmd=7),
    "Entrypoint: a word": setting(Entrypoint="/keep"),
    "User: null": setting(User=None),
    "User: a number": setting(User=1000),
    "Volumes: null": setting(Volumes=None),
    "Volumes: a list": setting(Volumes=["/v"]),
    "Labels: a number in it": setting(Labels={"a": 1}),
    "unknown keys": setting(Unknown={"a": [None]}),
    "Layers: null": listed(Layers=None),
    "Layers: a word": listed(Layers="a"),
    "Layers: null in it": listed(Layers=[None, None]),
    "Layers: missing": listed(Layers=["no/layer.tar", "no/layer.tar"]),
    "Layers: leading out": listed(Layers=["../a", "../b"]),
    "Config: missing": listed(Config="no.json"),
    "Config: null": listed(Config=None),
    "RepoTags: a word": listed(RepoTags="a:1"),
    "keys in capitals": spelt(b'"config"', b'"CONFIG"'),
    "keys in small": spelt(b'"Layers"', b'"layers"'),
    "other keys in capitals": spelt(b'"Cmd"', b'"cMD"'),
    "bytes that are no text": spelt(b'"amd64"', b'"amd\xff64"'),
    "half a surrogate": spelt(b'"amd64"', b'"amd\\ud80064"'),
    "NaN": spelt(b'"amd64"', b'"amd64", "x": NaN'),
    "a mark of byte order": lambda _, files: (
        files | {"manifest.json": b"\xef\xbb\xbf" + files["manifest.json"]}
    ),
    "more after manifest.json": lambda _, files: ends(files, "manifest.json", b" junk"),
    "manifest.json: null": lambda _, files: files | {"manifest.json": b"null"},
    "manifest.json: a map": lambda _, files: files | {"manifest.json": b"{}"},
    "manifest.json: empty": lambda _, files: files | {"manifest.json": b""},
    "layers swapped": swapped,
}
# We refuse these and the engine does not: what is unsafe, and what an image of this machine cannot be.
STRICTER = {"a name that leads out"}


def odd_image(engine: Engine, *layers: bytes) -> Image:
    image = Image(layers, Cmd=["/keep"])
    image.tags = [tag(engine)]
    return image


def test_archives(engine: Engine, tmp_path: Path) -> None:
    """Each odd JSON about the same layers."""
    told = {}
    for name, change in ARCHIVES.items():
        image = odd_image(engine, BASE, tarred([file("more", b"m")]))
        told[name] = difference(engine, write_tar(tmp_path / "image.tar", change(image, image.saved())))
    assert {name: what for name, what in told.items() if what} == {}


def test_layers(engine: Engine, tmp_path: Path) -> None:
    """Each odd layer over the same base."""
    told = {}
    for name, layer in LAYERS.items():
        archive = write_tar(tmp_path / "image.tar", odd_image(engine, BASE, layer).saved())
        told[name] = difference(engine, archive)
    assert {name for name, what in told.items() if what} == STRICTER, told
