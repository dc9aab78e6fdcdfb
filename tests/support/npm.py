"""Tools that come by npm: installed once into .cache, by an exact version."""

import fcntl
import subprocess
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "npm"
_COMMAND = (
    "npm",
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--save-exact",
)


def package(name: str, version: str) -> Path:
    """The folder of the package *name*, installed when it does not exist yet; for tests that need npm."""
    folder = CACHE / f"{name.replace('/', '-')}-{version}"
    found = folder / "node_modules" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (found / "package.json").exists():
            command = [*_COMMAND, "--prefix", str(folder), f"{name}@{version}"]
            subprocess.run(command, check=True, capture_output=True, timeout=300)
    return found
