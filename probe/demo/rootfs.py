"""A small container root with everything that a Go service needs, and a server for it to talk to."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from probe.demo.pki import Authority
from probe.demo.server import Server
from probe.demo.toolchain import goroot
from probe.errors import ProbeError
from probe.lightweight import NamedTuple

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
ZONE = "Asia/Shanghai"
HOST = "localhost"  # what the server is called
TOOLCHAIN = "usr/local/go"
AUTHORITY = "authority.pem"  # the private CA, beside the root, as beside a Dockerfile
MODULE = "src"  # a Go module
_CONFIG, _ENV = "probe.toml", "app.env"


class Rootfs(NamedTuple):
    """What the scenes break and what is done to it; a place with `folder` as working directory."""

    folder: Path  # holds the container's root directory, its variables and the configuration
    env: dict[str, str]  # the container's environment
    ca: Authority  # in the container's bundle
    server: Server  # trusted by it
    port: int  # of the server that the container calls
    settings: tuple[str, ...] = ()  # KEY=VALUE, what is wanted besides
    volume: str = ""  # path in the root on which an empty volume is mounted
    mounts: tuple[tuple[str, str], ...] = ()  # file, and the path in the volume on which it is mounted

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def mounted(self) -> bool:
        """Whether it is more than files: then it is looked at through a process."""
        return bool(self.volume or self.mounts)

    def path(self, name: str) -> Path:
        return self.root / name

    def arguments(self, pid: str = "") -> list[str]:
        """How `probe check` is told to look at it, in `folder`: at the root, or at a process in it."""
        (self.folder / _ENV).write_text("".join(f"{name}={value}\n" for name, value in self.env.items()))
        target = ["--pid", pid] if pid else ["--root", "root", "--env-file", _ENV]
        settings = [word for setting in self.settings for word in ("--set", setting)]
        return [*target, "--config", _CONFIG, *settings]


@contextlib.contextmanager
def built() -> Iterator[Rootfs]:
    """
    A healthy world in a temporary directory, its server running; gone afterwards.

    ProbeError where there is no Go, or no place for temporary files.
    """
    go = goroot()
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise ProbeError("the demo needs room for temporary files: docker run --tmpfs /tmp") from None
    ca = Authority("Demo Private CA")
    server = Server(ca.leaf([HOST]))
    with tempfile.TemporaryDirectory(prefix="probe-demo-") as scratch, server.running():
        env = {"PATH": "/usr/local/go/bin:/usr/bin:/bin", "HOME": "/root", "CGO_ENABLED": "0"}
        world = Rootfs(Path(scratch), env, ca, server, server.port)
        (world.folder / AUTHORITY).write_bytes(ca.pem)
        endpoints = json.dumps([f"{HOST}:{server.port}"])
        (world.folder / _CONFIG).write_text(
            f'ca-bundle.endpoints = {endpoints}\ntimezone.expected = "{ZONE}"\n'
        )
        _furnish(world, go)
        yield world


def _furnish(world: Rootfs, go: Path) -> None:
    for name in ("etc/ssl/certs", "root", "tmp", "usr/local", "usr/share", MODULE):
        world.path(name).mkdir(parents=True)
    world.path(BUNDLE).write_bytes(public_roots() + world.ca.pem)
    world.path("etc/hosts").write_text(f"127.0.0.1 {HOST}\n")
    world.path("etc/localtime").symlink_to(f"/usr/share/zoneinfo/{ZONE}")
    require(world)
    put_zones(world.path("usr/share/zoneinfo"))
    put_toolchain(go, world.path(TOOLCHAIN))


def require(world: Rootfs, release: str = "1.21") -> None:
    """Let the module in there ask for this release of Go."""
    world.path(f"{MODULE}/go.mod").write_text(f"module demo.example/app\n\ngo {release}\n")


def public_roots() -> bytes:
    """What the images of distributions bring as their bundle."""
    import certifi

    return Path(certifi.where()).read_bytes()


def put_zones(target: Path) -> None:
    """Those of the zone data that the story needs."""
    from probe.golang import zonedata

    for name in (ZONE, "UTC"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(zonedata.load(name) or b"")


def put_toolchain(source: Path, target: Path) -> None:
    """The toolchain's own files without the sources; linked where that is possible, else copied."""
    for part in ("bin", "pkg/tool"):
        shutil.copytree(source / part, target / part, copy_function=_link)
    for name in ("VERSION", "go.env"):
        shutil.copy(source / name, target / name)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy(source, target)
