"""Every form of an archive gives one view of the image."""

import gzip
import json
import os
import random
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from probe import codes, target_codes
from probe.targets import User
from probe.targets.image import of_image
from tests.support.images import (
    Entry,
    Image,
    file,
    folder,
    hard,
    link,
    sha,
    tarred,
    write_directory,
    write_tar,
)
from tests.targets.image.helpers import refusal, refused, single

FORMS: dict[str, Callable[[Image, Path], Path]] = {
    "layout": lambda image, path: write_directory(path, image.layout()),
    "layout.tar": lambda image, path: write_tar(path, image.layout()),
    "layout.tar.gz": lambda image, path: write_tar(path, image.layout(), packed=True),
    "saved.tar": lambda image, path: write_tar(path, image.saved()),
    "saved.tar.gz": lambda image, path: write_tar(path, image.saved(), packed=True),
    "saved-now.tar": lambda image, path: write_tar(path, image.saved_now()),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_view(tmp_path: Path, image: Image, form: str, packed: bool) -> None:
    """Whiteouts, opaque directories, links, owner and configuration, whatever the archive looks like."""
    image.packed = packed and form != "saved-now.tar"
    target = of_image(str(FORMS[form](image, tmp_path / form)))
    assert target.env == {"PATH": "/usr/bin:/", "TZ": "Europe/Paris", "HOME": "/home/app"}
    assert target.user == User(1000, 1001, (50,))
    assert target.cwd == "/home/app"
    assert target.executable == "/app"
    assert target.processes is None
    assert target.listdir("/etc") == ["alias", "group", "kept", "localtime", "new", "passwd"]
    assert target.listdir("/opt/hidden") == ["above"]
    assert target.read("/lib/libc.so") == b"libc"
    assert target.read("/etc/localtime") == b"TZif"
    assert target.resolve("/etc/localtime") == "/usr/share/zoneinfo/UTC"
    assert target.read("/etc/alias") == b"new"
    assert target.stat("/etc/alias").identity == target.stat("/etc/new").identity
    assert target.read("private") == b"mine"
    with pytest.raises(PermissionError):
        target.read("roots")
    with pytest.raises(FileNotFoundError):
        target.read("/etc/gone")
    assert "example/app:1.2" in target.name or form.startswith("x")


def test_options_override_the_configuration(tmp_path: Path, image: Image) -> None:
    """--env is laid over, --user and --cwd replace."""
    path = write_tar(tmp_path / "image.tar", image.layout())
    target = of_image(str(path), env={"TZ": "UTC", "X": "1"}, user="0", cwd="/")
    assert target.env == {"PATH": "/usr/bin:/", "TZ": "UTC", "X": "1", "HOME": "/root"}
    assert target.user.uid == 0
    assert target.read("/home/app/roots") == b"not mine"


def test_scratch_image(tmp_path: Path) -> None:
    """One binary, no configuration to speak of: root, engine defaults, and nothing else there."""
    target = single(tmp_path, [file("app", b"x", 0o755)], Cmd=["/app"])
    assert target.user == User(0, 0, (), override=True)
    assert target.env == {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
    assert (target.cwd, target.executable) == ("/", "/app")
    with pytest.raises(FileNotFoundError):
        target.read("/etc/ssl/certs/ca-certificates.crt")


@pytest.mark.parametrize(
    ("config", "executable"),
    [
        ({"Entrypoint": ["/bin/app"]}, "/bin/app"),
        ({"Cmd": ["app"]}, "/bin/app"),
        ({"Entrypoint": ["./app"], "WorkingDir": "/bin"}, "/bin/./app"),
        ({"Entrypoint": ["/bin/tini", "--", "/bin/app", "-x"]}, "/bin/app"),
        ({"Entrypoint": ["/bin/sh", "-c", "exec /bin/app --flag"]}, "/bin/app"),
        ({"Cmd": ["/bin/sh", "-c", "app 'half"]}, "/bin/sh"),
        ({"Cmd": ["plain"]}, "/bin/plain"),
        ({"Cmd": ["none"]}, "none"),
        ({"Cmd": ["/bin/none"]}, "/bin/none"),
        ({}, ""),
        ({"Entrypoint": "app", "Cmd": None}, "/bin/app"),
    ],
)
def test_entrypoint_is_found(tmp_path: Path, config: dict[str, Any], executable: str) -> None:
    """By path or PATH, through an init and a shell; what is not there is named all the same."""
    entries = [file(f"bin/{name}", b"x", 0o755) for name in ("app", "tini", "sh")] + [file("bin/plain", b"x")]
    assert single(tmp_path, entries, Env=["PATH=/usr/bin:/bin"], **config).executable == executable


def test_user_that_the_image_does_not_have(tmp_path: Path) -> None:
    """An engine would refuse to start it."""
    path = write_tar(tmp_path / "image.tar", Image([tarred([file("app")])], User="nobody").layout())
    assert target_codes.finding(refusal(path)).code is codes.TARGET_USER_UNKNOWN


@pytest.mark.parametrize(
    ("lower", "upper", "found"),
    [
        ([file("a", b"1")], [file("a", b"2")], {"a": b"2"}),
        ([file("a", b"1")], [folder("a"), file("a/b", b"2")], {"a/b": b"2"}),
        ([folder("a"), file("a/b", b"1")], [file("a", b"2")], {"a": b"2"}),
        ([file("d/a", b"1")], [file(".wh.d")], {}),
        ([file("d/a", b"1")], [file(".wh.d"), folder("d"), file("d/b", b"2")], {"d/a": b"1", "d/b": b"2"}),
        ([file("d/a", b"1")], [file("d/b", b"2"), file("d/.wh..wh..opq")], {"d/b": b"2"}),
        ([file("d/a", b"1")], [file(".wh..wh..opq"), file("b", b"2")], {"d/a": b"1", "b": b"2"}),  # overlayfs
        ([file("a", b"1")], [file(".wh.b"), file(".wh..wh.plnk"), file("b", b"2")], {"a": b"1", "b": b"2"}),
        ([link("l", "usr/l"), file("usr/l/a", b"1")], [file("l/b", b"2")], {"l/b": b"2", "usr/l/a": b"1"}),
        ([], [link("l", "usr/l"), file("usr/l/a", b"1"), file("l/b", b"2")], {"usr/l/b": b"2", "l/a": b"1"}),
        ([], [folder("deep"), link("x", "/deep"), file("x/er/b", b"2")], {"deep/er/b": b"2"}),
        ([], [file("a", b"1"), hard("b", "a")], {"a": b"1", "b": b"1"}),
        ([], [file("./a", b"1"), file("/b", b"2"), file("c/../d", b"3")], {"a": b"1", "b": b"2", "d": b"3"}),
        ([file("a", b"1")], [file("a", b""), folder(".")], {"a": b""}),
    ],
)  # fmt: skip
def test_layers_lie_over_each_other(
    tmp_path: Path, lower: list[Entry], upper: list[Entry], found: dict[str, bytes]
) -> None:
    """Replacing, hiding, links within a layer: as an overlay mount shows it."""
    path = write_tar(tmp_path / "image.tar", Image([tarred(lower), tarred(upper)]).layout())
    target = of_image(str(path))

    def walk(where: str) -> dict[str, bytes]:
        seen: dict[str, bytes] = {}
        for name in target.listdir(where or "/"):
            path = f"{where}/{name}"
            if target.stat(path, follow=False).is_dir:
                seen |= walk(path)
            elif target.stat(path, follow=False).is_file:
                seen[path] = target.read(path)
        return seen

    assert {target.resolve(f"/{name}"): target.read(f"/{name}") for name in found} == walk("")


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_of_any_length_and_bytes(tmp_path: Path, form: int) -> None:
    """Long names, long links and names that are not UTF-8, in every dialect of tar."""
    long = "directory/" * 9 + "file"
    if form != tarfile.USTAR_FORMAT:
        long = "directory/" * 30 + "f" * 200
    odd = os.fsdecode(b"\xff\xfe")
    entries = [file(long, b"1"), file(odd, b"2"), link("link", long if len(long) < 100 or form != 0 else "x")]
    image = Image([tarred(entries, form)])
    target = of_image(str(write_tar(tmp_path / "image.tar", image.layout())))
    assert target.read(f"/{long}") == b"1"
    assert target.read(f"/{odd}") == b"2"
    assert target.read("/link") == b"1"


def test_real_tar_is_understood(tmp_path: Path) -> None:
    """A layer as the tar program writes it: sparse files, long names, directories with their times."""
    tree = tmp_path / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/config").write_bytes(b"hello")
    (tree / ("x" * 150)).write_bytes(b"long")
    with (tree / "sparse").open("wb") as stream:
        stream.seek(1 << 22)
        stream.write(b"end")
    (tree / "after").write_bytes(b"after")
    forms = (
        ["--format=gnu"],
        ["--format=pax", "-S", "--sparse-version=1.0"],
        ["--format=pax", "-S", "--sparse-version=0.1"],
        ["--format=pax", "-S", "--sparse-version=0.0"],
        ["--format=ustar"],
        ["--format=gnu", "-S"],
    )
    for number, options in enumerate(forms):
        names = ["etc", "sparse", "after"] + (["x" * 150] if number < 4 else [])
        layer = subprocess.run(
            ["tar", "-C", tree, *options, "-cf", "-", *names], capture_output=True, check=True
        )
        image = Image([layer.stdout])
        archive = write_tar(tmp_path / f"{number}.tar", image.layout())
        if number == 5:  # archive/tar reads it, and neither dockerd nor containerd unpacks it
            refused(archive, codes.IMAGE_INVALID, "unknown kind b'S'")
            continue
        target = of_image(str(archive))
        assert target.read("/etc/config") == b"hello"
        assert target.stat("/sparse").size == (1 << 22) + 3
        assert target.read("/after") == b"after"
        if number < 4:
            assert target.read(f"/{'x' * 150}") == b"long"
        if 0 < number < 4:
            with pytest.raises(OSError, match="Input/output error"):
                target.read("/sparse")
        else:
            assert target.read("/sparse").endswith(b"\0end")


@pytest.mark.slow
def test_contents_are_read_anywhere(tmp_path: Path) -> None:
    """Seeking back and forth in a big file of a packed layer of a packed archive gives its bytes."""
    dice = random.Random(1)
    content = dice.randbytes(1 << 20) * 24
    image = Image([tarred([file("big", content), file("small", b"after")])])
    image.packed = True
    target = of_image(str(write_tar(tmp_path / "image.tar.gz", image.layout(), packed=True)))
    with target.open("/big") as stream:
        for _ in range(60):
            at, count = dice.randrange(len(content)), dice.randrange(1, 100_000)
            stream.seek(at)
            assert stream.read(count) == content[at : at + count]
        assert stream.seek(-5, os.SEEK_END) == len(content) - 5
        assert stream.read() == content[-5:]
        assert stream.read() == b""
    assert target.read("/small") == b"after"


def test_many_members_of_gzip(tmp_path: Path) -> None:
    """A layer packed as several streams one after the other; with zeros after them Go does not take it."""
    layer = tarred([file(str(number), bytes([number]) * 5000) for number in range(50)])
    pieces = [gzip.compress(layer[at : at + 3000]) for at in range(0, len(layer), 3000)]
    image = Image([layer])
    image.changes = {f"{0:064x}/layer.tar": b"".join(pieces)}
    target = of_image(str(write_tar(tmp_path / "image.tar", image.saved())))
    assert all(target.read(f"/{number}") == bytes([number]) * 5000 for number in (0, 49, 25))
    image.changes = {f"{0:064x}/layer.tar": b"".join(pieces) + bytes(600)}
    refused(write_tar(tmp_path / "image.tar", image.saved()), codes.IMAGE_INVALID, "damaged gzip")


def test_image_of_this_machine_is_chosen(tmp_path: Path) -> None:
    """Of an index for several architectures, ours counts; notes about images and absent ones do not."""
    files: dict[str, bytes] = {}
    descriptors = []
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    for architecture in ("s390x", machine, "mips", "unknown"):
        image = Image([tarred([file("which", architecture.encode())])])
        layout = image.layout()
        (descriptor,) = json.loads(layout["index.json"])["manifests"]
        descriptor["platform"] = {"architecture": architecture, "os": "linux"}
        if architecture == "unknown":
            descriptor["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
        if architecture != "mips":
            files |= layout
        descriptors.append(descriptor)
    index = json.dumps({"manifests": descriptors}).encode()
    files[f"blobs/sha256/{sha(index)}"] = index
    kind = "application/vnd.oci.image.index.v1+json"
    outer = {"mediaType": kind, "digest": f"sha256:{sha(index)}", "size": len(index)}
    files["index.json"] = json.dumps({"manifests": [outer]}).encode()
    assert of_image(str(write_tar(tmp_path / "image.tar", files))).read("/which") == machine.encode()


def test_several_images_are_ambiguous(tmp_path: Path) -> None:
    """docker save A B: which one is meant must be said."""
    one, two = Image([tarred([file("a")])]).saved(), Image([tarred([file("b")])]).saved()
    both = json.dumps(json.loads(one["manifest.json"]) + json.loads(two["manifest.json"])).encode()
    path = write_tar(tmp_path / "image.tar", one | two | {"manifest.json": both})
    refused(path, codes.TARGET_AMBIGUOUS, "2 images (example/app:1.2, example/app:1.2)")
    first, second = Image([tarred([file("a")])]).layout(), Image([tarred([file("b")])]).layout()
    manifests = [json.loads(each["index.json"])["manifests"][0] for each in (first, second)]
    path = write_tar(
        tmp_path / "layout.tar",
        first | second | {"index.json": json.dumps({"manifests": manifests}).encode()},
    )
    refused(path, codes.TARGET_AMBIGUOUS, "2 images (sha256:")


def test_layer_that_is_there_twice_may_be_a_link(tmp_path: Path) -> None:
    """docker save of old wrote a repeated layer as a symbolic link to the first."""
    layer = tarred([file("a", b"1")])
    files = Image([layer, layer]).saved()
    entries = [file(name, content) for name, content in files.items() if not name.startswith("0" * 63 + "1")]
    entries.append(link(f"{1:064x}/layer.tar", f"../{0:064x}/layer.tar"))
    (tmp_path / "image.tar").write_bytes(tarred(entries))
    assert of_image(str(tmp_path / "image.tar")).read("/a") == b"1"
