"""Fixtures of permissions: a small file tree, and a file system of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.permissions.helpers import GROUP, PASSWD


@pytest.fixture
def world(root: Path) -> Path:
    """A root with a directory /srv/data of uid 1000 that anybody can get to, and accounts."""
    for path in (root, *root.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o011)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP.format(""))
    data = root / "srv/data"
    data.mkdir(parents=True)
    os.chown(data, 1000, 1000)
    return root


@pytest.fixture
def ext4(world: Path, tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB of which half is kept back for root."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("needs mkfs.ext4")
    image = tmp_path / "image"
    image.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ext4", "-q", "-m", "50", image], check=True)
    data = world / "srv/data"
    if subprocess.run(["mount", "-o", "loop", image, data], capture_output=True).returncode:
        pytest.skip("needs mounts")
    data.chmod(0o777)
    yield data
    subprocess.run(["umount", data], check=True)
