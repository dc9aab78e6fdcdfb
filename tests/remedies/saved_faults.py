"""Archives of images that are none, or not whole, beside the image that an engine has."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.support.images import Image, file, sha, tarred, write_tar

_LAYER = tarred([file("etc/hostname", b"app\n")])


class SavedFault(NamedTuple):
    """One code, and the archive in which it comes about."""

    code: str
    put: Callable[[Path], object]


def _truncated(path: Path) -> None:
    write_tar(path, Image([_LAYER]).saved())
    path.write_bytes(path.read_bytes()[:1500])


def _other_digest(path: Path) -> None:
    files = Image([_LAYER]).layout()
    name = f"blobs/sha256/{sha(_LAYER)}"
    write_tar(path, {**files, name: files[name].replace(b"app", b"apq")})


def _crowded(path: Path) -> None:
    with tarfile.open(path, "w") as made:
        for number in range(21_000):
            made.addfile(tarfile.TarInfo(str(number)))


FAULTS = (
    SavedFault("IMAGE_INVALID", lambda path: path.write_bytes(b"<html>" * 200)),
    SavedFault("IMAGE_TRUNCATED", _truncated),
    SavedFault("IMAGE_DIGEST_MISMATCH", _other_digest),
    SavedFault("IMAGE_TOO_LARGE", _crowded),
)
