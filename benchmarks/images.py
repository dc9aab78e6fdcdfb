"""
What `probe check --image` of many costs: archives of 20 MB, most of it a base that several share.

python -m benchmarks.images [IMAGES...]     # how many; 10 25 50 100 where nothing is said
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import certifi

from benchmarks.measure import ROOT, table
from tests.support.images import Image, file, folder, tarred, write_tar

BASE_MB, TOP_KB, FILES = 20, 64, 2000


def base(seed: int) -> bytes:
    """A layer of 20 MB as a distribution's: many small files, roots, and some large ones."""
    noise = random.Random(seed)
    entries = [folder("etc"), folder("etc/ssl"), folder("etc/ssl/certs"), folder("usr"), folder("usr/lib")]
    entries.append(file("etc/ssl/certs/ca-certificates.crt", Path(certifi.where()).read_bytes()))
    entries += [file(f"usr/lib/{number}", noise.randbytes(2000)) for number in range(FILES)]
    return tarred([*entries, file("usr/lib/large", noise.randbytes((BASE_MB << 20) - 2500 * FILES))])


def write(place: Path, number: int, layer: bytes) -> None:
    """`docker save` of one image: the base, and a layer of its own."""
    top = tarred([file("app", random.Random(number).randbytes(TOP_KB << 10), 0o755)])
    image = Image([layer, top], Env=["TZ=UTC"], Entrypoint=["/app"])
    image.tags = [f"registry.example/app{number}:1"]
    write_tar(place / f"app{number:03}.tar", image.saved_now())


def once(folder_of_images: Path) -> tuple[float, float, str]:
    """CPU and wall in seconds, and the line of counts."""
    before, begin = os.times(), os.times().elapsed
    command = [sys.executable, "-m", "probe", "check", "--only", "ca-bundle,timezone", "--image"]
    done = subprocess.run([*command, str(folder_of_images)], cwd=ROOT, capture_output=True, text=True)
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, after.elapsed - begin, done.stdout.partition("\n")[0]


def measured(images: int, bases: int) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        layers = [base(seed) for seed in range(bases)]
        for number in range(images):
            write(Path(scratch), number, layers[number % bases])
        cpu, wall, said = once(Path(scratch))
    print(f"{images} images, {bases} bases: {said}", file=sys.stderr)
    return [f"{images}", f"{bases}", f"{cpu:.2f} s", f"{wall:.2f} s", f"{cpu / images * 1e3:.0f} ms"]


def main() -> None:
    counts = list(map(int, sys.argv[1:])) or [10, 25, 50, 100]
    shapes = [(images, 4) for images in counts]
    shapes += [(counts[-1], bases) for bases in (1, counts[-1] // 4, counts[-1]) if bases]
    rows = [["images", "bases", "CPU", "wall", "CPU an image"]]
    rows += [measured(images, bases) for images, bases in shapes]
    print(table(rows))


if __name__ == "__main__":
    main()
