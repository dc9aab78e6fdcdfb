"""A toolchain in a root."""

import subprocess
from pathlib import Path

from tests.remedies.fault import NONE
from tests.support.toolchains import install


class MountedGo:
    """The toolchain of a release, mounted at /usr/local/go; FROM brings another."""

    def __init__(self, root: Path, release: str) -> None:
        self._place, self._release = root / "usr/local/go", release

    def __enter__(self) -> "MountedGo":
        self._place.mkdir(parents=True, exist_ok=True)
        if self._release != NONE:
            self._mount(self._release)
        return self

    def take(self, release: str) -> None:
        self._unmount()
        self._mount(release)

    def __exit__(self, *_: object) -> None:
        self._unmount()

    def _mount(self, release: str) -> None:
        self._release = release
        source = install(release).root
        subprocess.run(["mount", "--bind", "-o", "ro", source, self._place], check=True)

    def _unmount(self) -> None:
        if self._release != NONE:
            subprocess.run(["umount", "-l", self._place], check=True)
