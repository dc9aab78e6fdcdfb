"""Image archives as targets: every form gives the same view, and what is wrong is told, not unpacked."""

import gzip
import json
import os
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe import codes, target_codes
from probe.codes import Code
from probe.report import Status
from probe.targets import NotRegular, Target, User
from probe.targets.errors import TargetUnavailable
from probe.targets.image import of_image
from tests.support.commands import RunProbe
from tests.support.images import (
    Entry,
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
from tests.support.sweeps import examples

BASE = [
    folder("etc"),
    file("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n"),
    file("etc/group", b"staff:x:50:app\n"),
    file("etc/gone", b"old"),
    file("etc/kept", b"kept"),
    folder("opt/hidden"),
    file("opt/hidden/below", b"below"),
    link("lib", "usr/lib"),
    file("usr/lib/libc.so", b"libc"),
]
NOISE = random.Random(1).randbytes(5000)
OCI = file("oci-layout", b"{}")
TOP = [
    file("etc/.wh.gone"),
    file("etc/new", b"new"),
    folder("opt/hidden"),
    file("opt/hidden/.wh..wh..opq"),
    file("opt/hidden/above", b"above"),
    file("app", b"\x7fELF...", 0o755),
    file("home/app/private", b"mine", 0o600, 1000, 1001),
    file("home/app/roots", b"not mine", 0o600),
    link("etc/localtime", "/usr/share/zoneinfo/UTC"),
    file("usr/share/zoneinfo/UTC", b"TZif"),
    hard("etc/alias", "etc/new"),
]


@pytest.fixture
def image() -> Image:
    return Image(
        [tarred(BASE), tarred(TOP)],
        Env=["PATH=/usr/bin:/", "TZ=Asia/Tokyo", "TZ=Europe/Paris"],
        User="app",
        WorkingDir="/home/app",
        Entrypoint=["app"],
        Cmd=["--serve"],
    )


def refusal(path: Path | str) -> TargetUnavailable:
    with pytest.raises(TargetUnavailable) as caught:
        of_image(str(path))
    return caught.value


def refused(path: Path, code: Code, words: str) -> None:
    problem = refusal(path)
    assert target_codes.finding(problem).code is code, str(problem)
    assert words in target_codes.finding(problem).cause
    assert target_codes.finding(problem).status is Status.FAIL
    assert "\n" not in str(problem)


def single(path: Path, entries: list[Entry], **config: Any) -> Target:
    return of_image(str(write_tar(path / "image.tar", Image([tarred(entries)], **config).layout())))


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
        ([file("d/a", b"1")], [file(".wh.d"), file("d/b", b"2")], {"d/b": b"2"}),
        ([file("d/a", b"1")], [file("d/b", b"2"), file("d/.wh..wh..opq")], {"d/b": b"2"}),
        ([file("d/a", b"1")], [file(".wh..wh..opq"), file("b", b"2")], {"b": b"2"}),
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
    for number, options in enumerate((["--format=gnu", "-S"], ["--format=pax", "-S"], ["--format=ustar"])):
        names = ["etc", "sparse", "after"] + (["x" * 150] if number < 2 else [])
        layer = subprocess.run(
            ["tar", "-C", tree, *options, "-cf", "-", *names], capture_output=True, check=True
        )
        image = Image([layer.stdout])
        target = of_image(str(write_tar(tmp_path / f"{number}.tar", image.layout())))
        assert target.read("/etc/config") == b"hello"
        assert target.read("/after") == b"after"
        if number < 2:
            assert target.read(f"/{'x' * 150}") == b"long"
            with pytest.raises(OSError, match="Input/output error"):
                target.read("/sparse")
        else:
            assert target.read("/sparse").endswith(b"\0end")


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
    """A layer packed as several streams one after the other, with zeros behind."""
    layer = tarred([file(str(number), bytes([number]) * 5000) for number in range(50)])
    pieces = [gzip.compress(layer[at : at + 3000]) for at in range(0, len(layer), 3000)]
    image = Image([layer])
    image.changes = {f"{0:064x}/layer.tar": b"".join(pieces) + bytes(600)}
    target = of_image(str(write_tar(tmp_path / "image.tar", image.saved())))
    assert all(target.read(f"/{number}") == bytes([number]) * 5000 for number in (0, 49, 25))


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


# --- digests ----------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("which", ["layer", "config", "manifest"])
def test_changed_blob_is_told_as_a_registry_would(
    tmp_path: Path, image: Image, which: str, packed: bool
) -> None:
    """One byte of a blob is another one: unexpected digest, with both values."""
    image.packed = packed
    files = image.layout()
    manifest = json.loads(files["index.json"])["manifests"][0]["digest"]
    inner = json.loads(files[f"blobs/sha256/{manifest[7:]}"])
    digest = {
        "layer": inner["layers"][1]["digest"],
        "config": inner["config"]["digest"],
        "manifest": manifest,
    }[which]
    name = f"blobs/sha256/{digest[7:]}"
    data = bytearray(files[name])
    data[len(data) // 2] ^= 1
    files[name] = bytes(data)
    what = {"layer": "layer 2 of 2", "config": "the configuration", "manifest": "the manifest"}[which]
    refused(
        write_tar(tmp_path / "image.tar", files),
        codes.IMAGE_DIGEST_MISMATCH,
        f"unexpected digest for {what}: got sha256:{sha(bytes(data))}, expected {digest}",
    )


@pytest.mark.parametrize("packed", [False, True])
def test_changed_layer_of_docker_save(tmp_path: Path, image: Image, packed: bool) -> None:
    """There the digest of what is unpacked is all that is known of a layer, its name of the configuration."""
    files = image.saved()
    name = f"{1:064x}/layer.tar"
    changed = tarred([*TOP, file("etc/extra")])
    files[name] = gzip.compress(changed) if packed else changed
    refused(
        write_tar(tmp_path / "image.tar", files),
        codes.IMAGE_DIGEST_MISMATCH,
        f"digest for layer 2 of 2, unpacked: got sha256:{sha(changed)}, expected sha256:{sha(tarred(TOP))}",
    )
    files = image.saved()
    (name,) = [name for name in files if name.endswith(".json") and name != "manifest.json"]
    files[name] = files[name].replace(b"Tokyo", b"Kyoto")
    refused(
        write_tar(tmp_path / "other.tar", files), codes.IMAGE_DIGEST_MISMATCH, f"expected sha256:{name[:-5]}"
    )


def test_the_command_over_an_archive(tmp_path: Path, image: Image, run_probe: RunProbe) -> None:
    """From the archive to the exit code: as it is, and with one byte changed."""
    files = image.saved()
    done = run_probe("check", "--image", str(write_tar(tmp_path / "good.tar", files)), "--only", "timezone")
    assert (done.code, done.err) == (1, "")
    assert "Europe/Paris" in done.out
    files[f"{0:064x}/layer.tar"] = files[f"{0:064x}/layer.tar"].replace(b"below", b"BELOW")
    done = run_probe("check", "--image", str(write_tar(tmp_path / "bad.tar", files)), "--only", "timezone")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("unhealthy: IMAGE_DIGEST_MISMATCH")
    assert "unexpected digest for layer 1 of 2, unpacked: got sha256:" in done.out


# --- what is wrong, and hostile ----------------------------------------------------------


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
    assert "skopeo copy" in target_codes.finding(refusal(path)).remedy


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


def big(kind: bytes, size: int) -> bytes:
    """An entry of that kind and of zeros, packed."""
    head, _ = other("big", kind)
    head.size = size
    zeros = gzip.compress(bytes(1 << 20), mtime=0)
    return gzip.compress(head.tobuf()) + zeros * (size >> 20)


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
