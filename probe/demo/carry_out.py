"""Does what `probe check` prints as a fix, to the demo's own root and nothing else."""

import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from probe.demo.rootfs import AUTHORITY, BUNDLE, TOOLCHAIN, Rootfs, public_roots, put_toolchain, put_zones
from probe.demo.toolchain import goroot, release


class CannotBeDone(Exception):
    """The demo has not got what the line needs; the text says what."""


def carry_out(world: Rootfs, text: str) -> Rootfs:
    """The world after the lines of *text*, as a build or a start of the container would carry them out."""
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word not in _WAYS:
            raise CannotBeDone(f"{word} needs more than this root has")
        world = _WAYS[word](world, shlex.split(rest))
    return world


def _env(world: Rootfs, words: list[str]) -> Rootfs:
    return world._replace(env={**world.env, **dict(word.split("=", 1) for word in words)})


def _copy(world: Rootfs, words: list[str]) -> Rootfs:
    stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
    source, destination = words
    if destination.endswith("/"):
        destination += source.rpartition("/")[2]
    target = _inside(world, destination)
    target.parent.mkdir(parents=True, exist_ok=True)
    _bring(world, stage, source, target)
    return world


def _inside(world: Rootfs, path: str) -> Path:
    """Where *path* is in the root; a link there may lead to a file of this machine."""
    target = world.path(path.lstrip("/"))
    if not target.resolve().is_relative_to(world.root.resolve()):
        raise CannotBeDone(f"{path} leads out of the root")
    return target


def _bring(world: Rootfs, stage: str, source: str, target: Path) -> None:
    """Nothing is pulled: what the image *stage* has there, Python's packages have too."""
    if target.is_file():
        target.unlink()  # a file of the toolchain is a hard link to this machine's own
    if not stage and source == AUTHORITY:
        shutil.copy(world.folder / AUTHORITY, target)
    elif stage == "alpine" and source == f"/{BUNDLE}":
        target.write_bytes(public_roots())
    elif stage.startswith("gcr.io/distroless/") and source == "/usr/share/zoneinfo":
        put_zones(target)
    else:
        raise CannotBeDone(f"{source} of {stage or 'the build'} is not here")


def _from(world: Rootfs, words: list[str]) -> Rootfs:
    """Of an image golang the toolchain is what matters here, and ours is that of one release."""
    ours = ".".join(release(goroot()).split(".")[:2])
    if words[0] != f"golang:{ours}":
        raise CannotBeDone(f"the image {words[0]} is not here")
    shutil.rmtree(world.path(TOOLCHAIN))
    put_toolchain(goroot(), world.path(TOOLCHAIN))
    return world


def _docker(world: Rootfs, words: list[str]) -> Rootfs:
    """`docker run --volume ./NAME.crt:PATH:ro IMAGE`: the private CA is what has a name here."""
    if words[:2] != ["run", "--volume"]:
        raise CannotBeDone(f"docker {' '.join(words)} needs an engine")
    path = words[2].split(":")[1]
    _inside(world, path)
    return world._replace(mounts=((str(world.folder / AUTHORITY), path.lstrip("/")),))


_WAYS: Mapping[str, Callable[[Rootfs, list[str]], Rootfs]] = {
    "ENV": _env,
    "COPY": _copy,
    "FROM": _from,
    "docker": _docker,
}
