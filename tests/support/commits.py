"""A program that knows the commit it was built from."""

import subprocess
from pathlib import Path

from tests.support.toolchains import Toolchain
from tests.support.worlds import lay

MADE = 1_767_225_600  # 2026-01-01T00:00:00Z


def committed(folder: Path, go: Toolchain, made: int = MADE) -> Path:
    """A program built out of a commit of that moment."""
    lay(
        folder, {"main.go": b"package main\nfunc main() {}\n", "go.mod": b"module example.com/app\ngo 1.24\n"}
    )
    stamp = {
        "GIT_AUTHOR_DATE": f"{made} +0000",
        "GIT_COMMITTER_DATE": f"{made} +0000",
        "PATH": "/usr/bin:/bin",
    }
    who = ["-c", "user.name=x", "-c", "user.email=x@example"]
    for line in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *line], cwd=folder, env=stamp, check=True, timeout=30)
    return go.build(folder, folder.parent / "app", "-buildvcs=true")
