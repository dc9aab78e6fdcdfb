"""What is made from this checkout, for the tests: the image, the directory in it, programs."""

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.containers import bases
from tests.containers.engine import CACHE, Engine, docker, locked

CHECKOUT = Path(__file__).parent.parent.parent
_BUNDLE = CHECKOUT / "deploy" / "bundle"
SUITE = "trixie"  # the Dockerfile's
SUPERVISOR = "libexec/probe-supervisor"  # of the bundle
_CONTEXT = ("Dockerfile", ".dockerignore", "LICENSE", "probe", "deploy/bundle")
_SURROUNDINGS = dict(os.environ)  # tests clear it; pip may need its proxies and certificates


def dockerfiles() -> list[Path]:
    """All that this checkout holds."""
    return [CHECKOUT / "Dockerfile", *(CHECKOUT / "deploy").rglob("Dockerfile*")]


def packages() -> list[str]:
    """The Debian packages that the Dockerfiles would install."""
    return [*(_BUNDLE / "packages").read_text().split(), "ca-certificates", "tzdata"]


def tools(engine: Engine) -> str:
    """A base that holds them."""
    return engine.imported("tools", bases.debian(packages(), suite=SUITE))


def context(into: Path) -> Path:
    """A copy of what the image is built from, with the wheels in it."""
    for name in _CONTEXT:
        source, target = CHECKOUT / name, into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    shutil.copytree(_wheels(), into / "wheelhouse")
    return into


def build(engine: Engine, name: str, *options: str) -> str:
    """The image as its Dockerfile makes it, without a network."""
    base = tools(engine)
    with tempfile.TemporaryDirectory() as scratch:
        args = {"BASE": base, "WHEELHOUSE": "wheelhouse", "VERSION": "0"}
        return engine.build(context(Path(scratch)), name, *options, args=args)


def image(engine: Engine) -> str:
    """The image, built once for all tests."""
    return engine.image("probe", lambda _: build(engine, "probe"))


def bundle(engine: Engine, into: Path) -> Path:
    """The directory /opt/probe of the image, below *into*."""
    created = docker("create", image(engine), "none").out.strip()
    try:
        docker("cp", f"{created}:/opt/probe", into / "probe")
    finally:
        docker("rm", created)
    return into / "probe"


def _wheels() -> Path:
    """The wheels of the lock, for the Python of Debian 13; kept in .cache/containers."""
    lock = _BUNDLE / "requirements.txt"
    kept = CACHE / f"wheels-{sha256(lock.read_bytes()).hexdigest()[:12]}"
    with locked("wheels"):
        if not kept.exists():
            unfinished = kept.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            which = ["--require-hashes", "--only-binary", ":all:", "--python-version", "3.13"]
            command = [sys.executable, "-m", "pip", "download", "--quiet", *which, "--requirement", str(lock)]
            subprocess.run([*command, "--dest", str(unfinished)], env=_SURROUNDINGS, check=True, timeout=300)
            unfinished.rename(kept)
    return kept
