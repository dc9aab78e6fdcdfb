"""Base images made on this machine, for engines that reach no registry."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.containers.engine import CACHE, locked

_SURROUNDINGS = dict(os.environ)  # tests clear it; the archive may be behind a proxy
PYTHON = ("python3",)
STRANGER = (*PYTHON, "python3-venv")  # in which the README's commands are typed by an ordinary user
_DROPPED = ("var/cache/apt", "var/lib/apt/lists", "var/log", "usr/share/doc", "usr/share/man")


def debian(packages: Sequence[str] = (), *, suite: str = "bookworm") -> Path:
    """A tar of Debian 12 or another *suite*, as small as possible, with *packages*; in .cache/containers."""
    wanted = ",".join(sorted(packages))
    archive = CACHE / f"{suite}-{sha256(wanted.encode()).hexdigest()[:12]}.tar"
    with locked("debootstrap"):
        if not archive.exists():
            with tempfile.TemporaryDirectory() as scratch:
                _bootstrap(Path(scratch), wanted, suite)
                _pack(Path(scratch), archive)
    return archive


def _bootstrap(root: Path, packages: str, suite: str) -> None:
    debs = CACHE / "debs"
    debs.mkdir(exist_ok=True)
    options = ["--variant=minbase", f"--cache-dir={debs}", *([f"--include={packages}"] if packages else [])]
    command = ["debootstrap", *options, suite, str(root), *_mirror()]
    subprocess.run(command, env=_SURROUNDINGS, check=True, timeout=600, stdout=subprocess.DEVNULL)


def _mirror() -> list[str]:
    """Where this machine gets its own packages from, where that is a mirror of Debian 12."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE)"]
    which = ["Created-By: Packages", "Label: Debian", "Codename: bookworm", "Component: main"]
    return subprocess.run([*asked, *which], capture_output=True, text=True, check=True).stdout.split()[:1]


def _pack(root: Path, archive: Path) -> None:
    unfinished = archive.with_suffix(".unfinished")
    without = [f"--exclude=./{path}/*" for path in _DROPPED]
    # With the times of its files: by them Python tells whether what it has compiled is stale.
    form = ["--create", "--sort=name", "--numeric-owner", "--one-file-system"]
    subprocess.run(["tar", *form, *without, "-C", root, "-f", unfinished, "."], check=True, timeout=300)
    unfinished.rename(archive)
