"""How large the bundle is: on disk in blocks, and as gzip -6 makes it, as an image's layer. In MB."""

import gzip
import io
import tarfile
from pathlib import Path


def on_disk(bundle: Path) -> float:
    return sum(path.lstat().st_blocks for path in bundle.rglob("*")) * 512 / 1e6


def as_gzip(bundle: Path) -> float:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(bundle, "probe")
    return len(gzip.compress(out.getvalue(), 6)) / 1e6
