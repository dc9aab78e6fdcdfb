"""The check `permissions`, and file systems mounted for a while."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from probe.checks.base import Run
from probe.checks.permissions import Permissions
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding
from probe.targets import Target


def look(target: Target, *, seconds: float = 20, **settings: Any) -> list[Finding]:
    given = {"execute": (), "write": (), "read": (), **settings}
    run = Run(Deadline(seconds), "all", 1.8e9, Facts(target, go=NEWEST), lambda phase: None)
    return list(Permissions(**given).run(target, run))


@contextmanager
def mounted(path: Path, options: str, what: str = "tmpfs") -> Iterator[None]:
    """A tmpfs there, or with "bind" the directory *what*, as long as the body runs."""
    kind = () if "bind" in options else ("-t", "tmpfs")
    done = subprocess.run(["mount", *kind, "-o", options, what, path], capture_output=True)
    if done.returncode:
        pytest.skip("needs mounts")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
