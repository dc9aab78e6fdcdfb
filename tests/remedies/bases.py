"""Roots in which remedies are carried out: a real Debian, and layouts like Alpine's and scratch."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.containers import bases
from tests.containers.engine import CACHE
from tests.remedies import layouts
from tests.support.pem import mozilla
from tests.support.zonefiles import reference

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("busybox-static", "ca-certificates", "openssl", "p11-kit", "tzdata")
BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_APPLETS = (
    *("base64", "basename", "cat", "chmod", "chown", "cp", "find", "head", "ln", "ls", "mkdir", "mktemp"),
    *("mv", "printf", "readlink", "rm", "rmdir", "sed", "sh", "sha256sum", "sort", "tail", "test", "wc"),
)
# What `apk` brings here: the files of its packages lie in the layout, as in a repository.
_APK = """#!/bin/sh
for name; do
  test -d /repository/$name && cp -R /repository/$name/. /
done
exit 0
"""


@contextmanager
def debian() -> Iterator[Path]:
    """A Debian of its own for one scene: what is changed in it lies in memory."""
    with _overlaid(_unpacked()) as root:
        yield root


@contextmanager
def alpine() -> Iterator[Path]:
    """Busybox, /sbin/apk with a repository on the disk, a bundle and zone data; no openssl."""
    with _overlaid(_alpine()) as root:
        yield root


@contextmanager
def red_hat() -> Iterator[Path]:
    """A layout like UBI's, with a real `trust`."""
    with debian() as root:
        layouts.red_hat(root)
        yield root


@contextmanager
def suse() -> Iterator[Path]:
    """A layout like that of SUSE's base images, with a real `trust`."""
    with debian() as root:
        layouts.suse(root)
        yield root


@contextmanager
def wolfi() -> Iterator[Path]:
    with alpine() as root:
        layouts.wolfi(root)
        yield root


@contextmanager
def distroless() -> Iterator[Path]:
    with scratch() as root:
        layouts.distroless(root)
        yield root


@contextmanager
def scratch() -> Iterator[Path]:
    """Nothing but a bundle and the zone data."""
    with tempfile.TemporaryDirectory() as path:
        root = Path(path) / "root"
        _put(root / BUNDLE, mozilla())
        _put(root / "usr/share/zoneinfo/Asia/Tokyo", reference("Asia/Tokyo"))
        _put(root / "usr/share/zoneinfo/Etc/UTC", reference("Etc/UTC"))
        os.chmod(path, 0o755)
        yield root


@contextmanager
def machine() -> Iterator[Path]:
    """This machine's own root, in which Python and probe run; what is changed in it lies in memory."""
    with _overlaid(Path("/")) as root, ExitStack() as mounted:
        for path in dict.fromkeys(("/proc", "/dev", str(REPOSITORY), sys.prefix, sys.base_prefix)):
            place = f"{root}{path}"
            subprocess.run(["mount", "--rbind", path, place], check=True)
            mounted.callback(subprocess.run, ["umount", "-l", place], check=True)
        subprocess.run(["mount", "--make-rprivate", f"{root}/dev"], check=True)
        yield root


BASES = {
    "debian": debian,
    "alpine": alpine,
    "wolfi": wolfi,
    "red hat": red_hat,
    "suse": suse,
    "distroless": distroless,
    "scratch": scratch,
}


def _unpacked() -> Path:
    archive = bases.debian(PACKAGES)
    return _made(f"remedies-{archive.stem}", lambda root: _untar(archive, root))


def _untar(archive: Path, root: Path) -> None:
    subprocess.run(["tar", "-C", root, "-xf", archive], check=True, timeout=300)


def _alpine() -> Path:
    return _made("remedies-alpine-7", _lay_alpine)


def _lay_alpine(root: Path) -> None:
    busybox = _unpacked() / "bin/busybox"
    if not busybox.exists():
        busybox = _unpacked() / "usr/bin/busybox"
    _put(root / "bin/busybox", busybox.read_bytes(), 0o755)
    for name in _APPLETS:
        (root / "bin" / name).symlink_to("busybox")
    _put(root / "etc/os-release", b'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\n')
    _put(root / "sbin/apk", _APK.encode(), 0o755)
    _put(root / BUNDLE, mozilla())
    (root / "etc/ssl/cert.pem").symlink_to("certs/ca-certificates.crt")
    for package in ("ca-certificates", "ca-certificates-bundle"):
        _put(root / "repository" / package / BUNDLE, mozilla())
        (root / "repository" / package / "etc/ssl/cert.pem").symlink_to("certs/ca-certificates.crt")
    for zone in ("Asia/Tokyo", "Asia/Almaty", "America/New_York", "Etc/UTC", "UTC", "US/Eastern"):
        for place in (root / "repository/tzdata", root):
            _put(place / "usr/share/zoneinfo" / zone, reference(zone))
    for directory in ("tmp", "usr/share"):
        (root / directory).mkdir(parents=True, exist_ok=True)


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """The directory *name* of the cache, made once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / name
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = CACHE / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(path)
    return path


@contextmanager
def _overlaid(lower: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        top = Path(path)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", path], capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"this machine does not let us mount: {mounted.stderr.strip()}")
        try:
            for name in ("up", "work", "root"):
                (top / name).mkdir()
            options = f"lowerdir={lower},upperdir={top / 'up'},workdir={top / 'work'}"
            laid = ["mount", "-t", "overlay", "overlay", "-o", options, str(top / "root")]
            done = subprocess.run(laid, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"this machine does not let us mount an overlay: {done.stderr.strip()}")
            os.chmod(top, 0o755)
            try:
                yield top / "root"
            finally:
                subprocess.run(["umount", "-l", top / "root"], check=True)
        finally:
            subprocess.run(["umount", "-l", top], check=True)


def _put(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
