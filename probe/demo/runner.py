"""Asks the real command, as a process of its own, and reads its answer."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probe.demo.container import held
from probe.demo.rootfs import TOOLCHAIN, Rootfs
from probe.errors import ProbeError
from probe.lightweight import NamedTuple

_PATIENCE_S = 30.0
# The package that we are, wherever it lies: a checkout is not on an isolated interpreter's path.
_COMMAND = (
    f"import sys; sys.path.append({str(Path(__file__).parents[2])!r}); from probe.cli import main; main()"
)
_HARMLESS = ("pass", "skip")


class DemoFinding(NamedTuple):
    """One finding, as far as the story tells it."""

    status: str
    code: str
    cause: str
    remedy: str


class DemoReport(NamedTuple):
    """What `probe check` said."""

    healthy: bool
    complaints: tuple[DemoFinding, ...]  # findings that are neither pass nor skip

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(said.code for said in self.complaints)


def ask(world: Rootfs) -> DemoReport:
    """Run `probe check` on it; NotPermitted where that takes a mount that this machine refuses."""
    if world.mounted:
        with held(world) as pid:
            return _report(world.arguments(str(pid)), world)
    return _report(world.arguments(), world)


def ask_here(world: Rootfs) -> DemoReport:
    """Look at ourselves instead of a root, with the world's toolchain in PATH, so that it is executed."""
    env = {
        "PATH": str(world.path(f"{TOOLCHAIN}/bin")),
        "HOME": str(world.path("root")),
        "CGO_ENABLED": "0",
    }
    return _report(["--only", "go-version", "--only", "go-env"], world, env)


def typed(world: Rootfs) -> str:
    """The command that a person would type for what `ask` does, in the folder of the world."""
    return shlex.join(["probe", "check", *world.arguments("PID" if world.mounted else "")])


def text(world: Rootfs) -> str:
    """What it prints for people."""
    return _check(world.arguments(), world).stdout


def _report(arguments: Sequence[str], world: Rootfs, env: Mapping[str, str] | None = None) -> DemoReport:
    done = _check([*arguments, "--format", "json"], world, env)
    complaints = [
        _said(finding)
        for check in json.loads(done.stdout)["checks"]
        for finding in check["findings"]
        if finding["status"] not in _HARMLESS
    ]
    return DemoReport(done.returncode == 0, tuple(complaints))


def _said(finding: dict[str, Any]) -> DemoFinding:
    return DemoFinding(finding["status"], finding["code"], finding["cause"], finding["remedy"])


def _check(
    arguments: Sequence[str], world: Rootfs, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Its outcome; where it gave no report at all, ProbeError with what it said instead."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _COMMAND, "check", *arguments],
        cwd=world.folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PROBE_")}
        if env is None
        else dict(env),
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
    )
    if not done.stdout:
        raise ProbeError(f"probe check ended with {done.returncode}: {done.stderr.strip()}")
    return done
