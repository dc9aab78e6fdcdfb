"""What is seen of an archive by `docker load` and by us."""

import json
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from probe.targets.errors import TargetUnavailable
from probe.targets.image import of_image
from probe.targets.memory_fs import Inode
from tests.containers.engine import Engine, docker
from tests.support.images import file, folder, link, sha, tarred

ENTRIES = [
    file("keep", b"k"),
    folder("etc"),
    file("etc/a", b"A"),
    file("etc/b", b"B"),
    folder("dir"),
    file("dir/x", b"X"),
    link("ln", "dir"),
]
BASE = tarred(ENTRIES)
# What an engine makes in each container by itself.
OWN = ("/dev", "/proc", "/sys", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv")


def difference(engine: Engine, archive: Path) -> str:
    """What one sees otherwise than the other; "" for nothing."""
    loaded, seen = by_engine(engine, archive), by_us(archive)
    if loaded == seen:
        return ""
    if isinstance(loaded, str) or isinstance(seen, str):
        return f"engine: {str(loaded)[:150]}; probe: {str(seen)[:150]}"
    return f"engine: {sorted(loaded.items() - seen.items())}; probe: {sorted(seen.items() - loaded.items())}"


def tag(engine: Engine) -> str:
    """The name that an archive gives its image: of this process alone: others load theirs meanwhile."""
    return engine.tag(f"odd-{os.getpid()}:1")


def by_engine(engine: Engine, archive: Path) -> dict[str, str] | str:
    """Path → kind, size and mode in a container of the image; "" where the engine refuses it."""
    name = tag(engine)
    docker("rmi", "--force", name, check=False)
    if docker("load", "--quiet", "--input", archive, check=False).code:
        return ""
    made = docker("create", *engine.labelled(), name, "/keep", check=False)
    if made.code:
        return ""
    engine.adopt(identity := made.out.strip())
    docker("export", "--output", archive.with_suffix(".exported"), identity)
    docker("rm", identity)
    config = json.loads(docker("image", "inspect", name).out)[0]["Config"] or {}
    given = [item.partition("=") for item in config.get("Env") or ()]
    env = {name: value for name, equals, value in given if name and equals}  # runc: the last one counts
    return dict(entries(archive.with_suffix(".exported"))) | {"Env": repr(sorted(env.items()))}


def entries(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path, errors="surrogateescape") as archive:
        for one in archive:
            name = "/" + one.name.removeprefix("./").strip("/")
            if not name.startswith(OWN) and name != "/":
                yield name, described(archive, one)


def described(archive: tarfile.TarFile, one: tarfile.TarInfo) -> str:
    if one.islnk():
        one = archive.getmember(one.linkname)
    mode = f"{stat.S_IMODE(one.mode):o} of {one.uid}:{one.gid}"
    if one.isdir():
        return f"directory {mode}"
    if one.issym():
        return f"link to {one.linkname} of {one.uid}:{one.gid}"
    if not one.isreg():
        return f"other {mode}"
    content = archive.extractfile(one)
    assert content
    return f"file of {one.size} {mode} {sha(content.read())[:9]}"


def by_us(archive: Path) -> dict[str, str] | str:
    """The same as we see it."""
    try:
        target = of_image(str(archive))
    except TargetUnavailable:
        return ""
    seen = {name: what for name, what in tree(target.files._root) if not name.startswith(OWN)}  # type: ignore[attr-defined]
    env = {name: value for name, value in target.env.items() if name not in ("PATH", "HOME")}
    return seen | {"Env": repr(sorted(env.items()))}


def tree(node: Inode, path: str = "") -> Iterator[tuple[str, str]]:
    for name, child in node.children.items():
        yield f"{path}/{name}", node_described(child)
        yield from tree(child, f"{path}/{name}")


def node_described(node: Inode) -> str:
    mode = f"{stat.S_IMODE(node.mode):o} of {node.uid}:{node.gid}"
    if node.is_dir:
        return f"directory {mode}"
    if node.is_link:
        return f"link to {node.link} of {node.uid}:{node.gid}"
    if not stat.S_ISREG(node.mode):
        return f"other {mode}"
    content = node.content.read_at(0, node.size) if node.content and node.size else b""
    return f"file of {node.size} {mode} {sha(content)[:9]}"
