"""A small container root with everything that a Go service needs, and a server for it to talk to."""

import contextlib
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


class Rootfs(NamedTuple):
    """What the scenes break and fix."""

    root: Path  # the container's root directory
    env: dict[str, str]  # the container's environment
    settings: list[str]  # KEY=VALUE, what is wanted of the container
    ca: Authority  # in the container's bundle
    server: Server  # trusted by it

    def path(self, name: str) -> Path:
        return self.root / name

    @property
    def arguments(self) -> list[str]:
        """How `probe check` is told to look at it."""
        found = ["--root", str(self.root)]
        for name, value in self.env.items():
            found += ["--env", f"{name}={value}"]
        for setting in self.settings:
            found += ["--set", setting]
        return found


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
        root = Path(scratch) / "root"
        for name in ("etc/ssl/certs", "root", "tmp", "usr/local", "usr/share/zoneinfo/Asia"):
            (root / name).mkdir(parents=True)
        (root / BUNDLE).write_bytes(_mozilla() + ca.pem)
        (root / "usr/share/zoneinfo" / ZONE).write_bytes(_zone(ZONE))
        (root / "etc/localtime").symlink_to(f"/usr/share/zoneinfo/{ZONE}")
        _install(go, root / "usr/local/go")
        env = {"PATH": "/usr/local/go/bin:/usr/bin:/bin", "HOME": "/root", "CGO_ENABLED": "0"}
        settings = [f'ca-bundle.endpoints=["{HOST}:{server.port}"]', f"timezone.expected={ZONE}"]
        yield Rootfs(root, env, settings, ca, server)


def _mozilla() -> bytes:
    import certifi

    return Path(certifi.where()).read_bytes()


def _zone(name: str) -> bytes:
    from probe.golang import zonedata

    return zonedata.load(name) or b""


def _install(source: Path, target: Path) -> None:
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
