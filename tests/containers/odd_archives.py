"""Archives of images with something odd about them, each made by a seed: layers, documents, bytes."""

import gzip
import io
import json
import random
import struct
import tarfile
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.images import Entry, Image, file, folder, hard, link, other, sha, tarred

# Few names, so that entries meet.
NAMES = ("f", "g", "d", "d/f", "d/e", "d/e/f", "etc/a", "etc/b", "dir/x", "dir", "ln", "ln/x", "keep")
TARGETS = (
    "f",
    "d",
    "d/f",
    "/d",
    "../keep",
    "../../../keep",
    "etc/a",
    "/etc/a",
    "dir",
    "nowhere",
    "ln",
    "ln/x",
    ".",
    "",
)
PLACES = (0, 10, 100, 106, 108, 116, 124, 130, 136, 148, 156, 157, 257, 263, 329, 345)  # in a header
MODES = (0o644, 0o755, 0o000, 0o4755, 0o2755, 0o1777, 0o7777, 0o600)
OWNERS = (0, 1000, 65534, 2_000_000, 2**31 - 1)


def packed_list(*entries: tuple[int, int]) -> str:
    """An access list, of tags and bits, as an attribute has it (no byte of it above 127)."""
    return "\2\0\0\0" + "".join(
        struct.pack("<HHI", tag, bits, 100 if tag in (2, 8) else 0).decode("latin-1") for tag, bits in entries
    )


RECORDS = (
    {"path": "p/q"},
    {"path": "f"},
    {"path": "d/"},
    {"path": ""},
    {"path": "./f"},
    {"linkpath": "etc/a"},
    {"linkpath": "nowhere"},
    {"size": "1"},
    {"size": "0"},
    {"size": "99999"},
    {"size": "-1"},
    {"size": "1x"},
    {"uid": "1000"},
    {"uid": "-5"},
    {"gid": "x"},
    {"mtime": "1.5"},
    {"mtime": "-1.25"},
    {"mtime": "abc"},
    {"atime": "7"},
    {"uname": "root"},
    {"comment": "c"},
    {"hdrcharset": "BINARY"},
    {"hdrcharset": "ISO-IR 10646 2000 UTF-8"},
    {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s", "GNU.sparse.realsize": "0"},
    {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1", "GNU.sparse.numblocks": "1"},
    {"GNU.sparse.map": "0,9", "GNU.sparse.size": "1"},
    {"SCHILY.xattr.user.note": "hello"},
    {"SCHILY.xattr.security.capability": "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0"},
    {"SCHILY.xattr.": "x"},
    {"SCHILY.xattr.user.": "x"},
    {"SCHILY.xattr.other.space": "x"},
    {"SCHILY.xattr.user." + "n" * 250: "x"},
    {"SCHILY.xattr.user." + "n" * 251: "x"},
    {"SCHILY.xattr.user.empty": ""},
    {"SCHILY.xattr.system.posix_acl_access": "no list"},
    {"SCHILY.xattr.system.posix_acl_access": packed_list((1, 7), (4, 5), (32, 5))},
    {"SCHILY.xattr.system.posix_acl_access": packed_list((1, 7), (2, 5), (4, 5), (32, 5))},
    {"SCHILY.xattr.system.posix_acl_access": packed_list((1, 7), (2, 5), (4, 5), (16, 5), (32, 5))},
    {"SCHILY.xattr.system.posix_acl_access": packed_list((4, 5), (1, 7), (32, 5))},
    {"SCHILY.xattr.system.posix_acl_access": packed_list((1, 7), (4, 9), (32, 5))},
    {"SCHILY.xattr.system.posix_acl_access": packed_list()},
    {"SCHILY.xattr.system.posix_acl_default": packed_list((1, 7), (4, 5), (32, 5))},
    {"SCHILY.xattr.security.capability": "\1\0\0\2"},
    {"path": "a\0b"},
    {"a\0b": "c"},
    {"GNU.sparse.map": "0,600", "GNU.sparse.size": "700", "GNU.sparse.numblocks": "1"},
    {"GNU.sparse.major": "2", "GNU.sparse.minor": "0", "GNU.sparse.name": "s"},
    {"VENDOR.key": "x"},
)


class Odd:
    """One archive by *seed*: `files` of the outer tar, `packed`, and `what` it is, for messages."""

    def __init__(self, seed: int, base: Sequence[Entry], tag: str) -> None:
        self._chance = random.Random(seed)
        self.what: list[str] = []
        count = self._chance.choice((1, 1, 2, 3))
        # No engine has the first one already, which it would not read again.
        layers = [
            tarred([*base, file("seed", b"%d" % seed)]),
            *(self._layer(last=not left) for left in reversed(range(count))),
        ]
        self.image = Image(layers, Cmd=["/keep"])
        self.image.tags = [tag]
        self.image.packed = self._one_in(4)
        form = self._chance.choice((self.image.saved, self.image.saved, self.image.saved_now))
        self.files = form()
        if self._one_in(3):
            change = self._chance.choice(CHANGES)
            self.what.append(change.__name__)
            self.files = change(self._chance, self.image, self.files)
            self.what.append(self.image.note)

    def archive(self) -> bytes:
        """The outer tar; in one of eight it is damaged or packed."""
        data = tarred([file(name, content) for name, content in self.files.items()])
        kind = self._chance.randrange(24)
        if kind == 0:
            self.what.append("packed")
            return gzip.compress(data, 1)
        if kind == 1:
            self.what.append("packed and cut")
            packed = gzip.compress(data, 1)
            return packed[: -self._chance.randrange(1, 40)]
        if kind == 2:
            self.what.append("cut")
            return data[: self._chance.randrange(len(data))]
        if kind == 3:
            self.what.append("the outer names twice")
            doubled = [*self.files.items(), *self._chance.sample(list(self.files.items()), 1)]
            return tarred([file(name, content) for name, content in doubled])
        return data

    def _one_in(self, number: int) -> bool:
        return not self._chance.randrange(number)

    def _layer(self, *, last: bool) -> bytes:
        entries = [self._entry(last=last) for _ in range(self._chance.randrange(1, 7))]
        form = self._chance.choice((tarfile.PAX_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
        data = tarred(entries, form)
        self.what.append("; ".join(map(told, entries)))
        if self._one_in(12):
            data = self._damaged(data)
        if self._one_in(12):
            data = self._sparse() + data
        return data

    def _entry(self, *, last: bool) -> Entry:
        """
        Directories of another mode and owner come in the *last* layer alone.

        A later layer with an entry below, and none for the directory, sets them back in dockerd and not
        in containerd, and we go by containerd.
        """
        chance, name = self._chance, self._name()
        which = chance.randrange(16)
        if which < 5:
            info, content = file(name, bytes(chance.choices(b"abc\n", k=chance.choice((0, 1, 5, 600)))))
        elif which < 8:
            info, content = folder(name)
        elif which < 10:
            info, content = link(name, chance.choice(TARGETS))
        elif which < 12:
            info, content = hard(name, chance.choice([one for one in TARGETS if ".." not in one]))
        elif which == 12:
            info, content = other(name, tarfile.FIFOTYPE)
        else:
            above, _, own = name.rpartition("/")
            wanted = chance.choice((".wh." + own, ".wh..wh..opq", ".wh..wh.plnk", ".wh.nothing"))
            info, content = file(f"{above}/{wanted}".lstrip("/"))
        if last or not info.isdir():
            info.mode = chance.choice(MODES) if self._one_in(3) else info.mode
            info.uid = info.gid = chance.choice(OWNERS) if self._one_in(4) else 0
        if self._one_in(7):
            info.pax_headers = dict(chance.choice(RECORDS))
        return info, content

    def _name(self) -> str:
        name = self._chance.choice(NAMES)
        form = self._chance.randrange(16)
        forms = {0: f"./{name}", 1: f"/{name}", 2: f"d/../{name}", 3: f"{name}/", 4: f"new/{name}"}
        forms |= {5: name + "é", 6: name + "n" * 120, 7: f".//{name}"}
        return forms.get(form, name)

    def _damaged(self, data: bytes) -> bytes:
        """A byte of a header changed, with its sum put right or not, or the end cut or changed."""
        kind = self._chance.randrange(4)
        if kind == 0:
            self.what.append("cut layer")
            return data[: self._chance.randrange(len(data))]
        if kind == 1:
            self.what.append("layer without an end")
            return data.rstrip(b"\0") + bytes(-len(data.rstrip(b"\0")) % 512)
        block = bytearray(data[:512])
        at = self._chance.choice(
            (0, 10, 100, 106, 108, 116, 124, 130, 136, 148, 156, 157, 257, 263, 329, 345)
        )
        block[at] = self._chance.choice(b"\x000178x \x80\xff-")
        self.what.append(f"byte {at} is {block[at]:#x}")
        if kind == 3:
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block) + data[512:]

    def _sparse(self) -> bytes:
        """An old GNU sparse file of one piece, or of one that is not where it may be."""
        where, size, real = self._chance.choice(((0, 5, 5), (512, 5, 517), (0, 5, 4), (3, 5, 20)))
        info = tarfile.TarInfo("sparse")
        info.size = size
        block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
        block[156:157] = b"S"
        block[386:410] = b"%011o\0%011o\0" % (where, size)
        block[483:495] = b"%011o\0" % real
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        self.what.append(f"sparse {where} {size} {real}")
        return bytes(block) + b"hello".ljust(512, b"\0")


def told(entry: Entry) -> str:
    info, content = entry
    more = f" {dict(info.pax_headers)}" if info.pax_headers else ""
    kind = info.type.decode("latin-1")
    to = f" -> {info.linkname}" if info.linkname else ""
    return f"{info.name}[{kind} {info.mode:o} {info.uid} {len(content)}]{to}{more}"


Files = dict[str, bytes]
Change = Callable[[random.Random, Image, Files], Files]
VALUES: tuple[Any, ...] = (None, 0, 7, 1.5, True, "", "word", [], [None], ["a"], {}, {"a": {}}, [[]], -1)


def _paths(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _paths(inner, (*way, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += _paths(inner, (*way, number))
    return found


def _changed(chance: random.Random, value: Any) -> Any:
    """A JSON value with one place of it replaced, taken away, doubled or spelt in capitals."""
    *way, last = chance.choice(_paths(value))
    inner = value
    for key in way:
        inner = inner[key]
    kind = chance.randrange(4)
    if kind == 0:
        del inner[last]
    elif kind == 1 and isinstance(inner, list):
        inner.append(inner[last])
    elif kind == 2 and isinstance(inner, dict):
        inner[last.upper()] = inner.pop(last)
    else:
        inner[last] = chance.choice(VALUES)
    return value


def _renamed(files: Files, old: str, data: bytes) -> Files:
    """The document *old* is *data* now, and whoever names it by its digest goes by the new one."""
    new = old.replace(sha(files[old]), sha(data))
    replaced = {name: content for name, content in files.items() if name != old}
    replaced[new] = data
    return {
        name: content.replace(sha(files[old]).encode(), sha(data).encode())
        if name in ("manifest.json", "index.json")
        else content
        for name, content in replaced.items()
    }


def _config_name(files: Files) -> str:
    return str(json.loads(files["manifest.json"])[0]["Config"])


def configuration(chance: random.Random, image: Image, _: Files) -> Files:
    image.config = _changed(
        chance,
        image.config
        | {
            "created": "2026-01-02T03:04:05Z",
            "history": [{"created_by": "x", "empty_layer": False}],
            "config": {"Cmd": ["/keep"], "Env": ["A=1", "B"], "User": "0", "Labels": {"a": "b"}}
            | {"Volumes": {"/v": {}}, "ExposedPorts": {"80/tcp": {}}, "WorkingDir": "/", "StopTimeout": 3}
            | {"Healthcheck": {"Test": ["NONE"], "Interval": 1000000}},
        },
    )
    return chance.choice((image.saved, image.saved_now))()


def list_of_images(chance: random.Random, _: Image, files: Files) -> Files:
    value = _changed(chance, json.loads(files["manifest.json"]))
    return files | {"manifest.json": json.dumps(value).encode()}


def index(chance: random.Random, image: Image, _: Files) -> Files:
    files = image.saved_now()
    value = _changed(chance, json.loads(files["index.json"]))
    return files | {"index.json": json.dumps(value).encode()}


def text(chance: random.Random, _: Image, files: Files) -> Files:
    """A byte of a document changed, whatever comes of it."""
    name = chance.choice(("manifest.json", _config_name(files)))
    data = bytearray(files[name])
    data[chance.randrange(len(data))] = chance.choice(b'"{}[]:,\\nt0 \xff\x00')
    return _renamed(files, name, bytes(data))


def a_file_is_gone(chance: random.Random, _: Image, files: Files) -> Files:
    gone = chance.choice(list(files))
    return {name: content for name, content in files.items() if name != gone}


_DOCUMENTS = ("manifest.json", "index.json", "oci-layout")


def other_bytes(chance: random.Random, image: Image, files: Files) -> Files:
    """A file is not what its name or its digest says."""
    config = sha(json.dumps(image.config).encode())  # whose digest we verify, and dockerd does not
    name = chance.choice([one for one in files if config not in one and one not in _DOCUMENTS])
    data = bytearray(files[name])
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return files | {name: bytes(data)}


def odd_gzip(chance: random.Random, image: Image, _: Files) -> Files:
    """A layer packed in members, with rubbish after it, cut, or with a wrong sum."""
    image.packed = True
    files = image.saved()
    name = chance.choice([one for one in files if one.endswith("layer.tar")])
    plain, packed = gzip.decompress(files[name]), files[name]
    half = len(plain) // 2
    wrong = packed[:-8] + struct.pack("<I", 7) + packed[-4:]
    with io.BytesIO() as out:
        with gzip.GzipFile("a name", "wb", fileobj=out, mtime=0) as stream:
            stream.write(plain)
        named = out.getvalue()
    forms = {
        "members": gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
        "rubbish": packed + b"rubbish",
        "more rubbish": packed + b"rubbish" * 3,
        "zeros": packed + bytes(512),
        "a zero": packed + bytes(1),
        "cut": packed[: chance.randrange(1, len(packed))],
        "cut in its trailer": packed[:-3],
        "wrong sum": wrong,
        "wrong size": packed[:-4] + b"\7\7\7\7",
        "named": named,
    }
    form = chance.choice(list(forms))
    image.note = form
    return files | {name: forms[form]}


def doubled(chance: random.Random, _: Image, files: Files) -> Files:
    """Two images, or one named twice."""
    value = json.loads(files["manifest.json"]) * 2
    return files | {"manifest.json": json.dumps(value).encode()}


CHANGES: tuple[Change, ...] = (
    configuration,
    configuration,
    list_of_images,
    index,
    text,
    a_file_is_gone,
    other_bytes,
    odd_gzip,
    doubled,
)
