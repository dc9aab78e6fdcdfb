"""The interpreter, the dynamic loader and every shared library that they and the modules need."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Loaded by name: the C library wants it when a thread ends.
_BY_NAME = ("libgcc_s.so.1",)
_LEGACY = "ossl-modules/legacy.so"  # OpenSSL's, for keystores with RC2: probe.remedies.keystore
# Where the loader looks beyond the path that it is given (elf/dl-load.c), and what it loads unasked
# (elf/rtld.c).
_FOLDER = rb"(?:usr/)?lib(?:32|64)?/(?:[a-z0-9_]+-linux-gnu[a-z0-9]*/)?"
_FOREIGN = re.compile(rb"(?<=\0/)(?=(?:" + _FOLDER + rb"|etc/ld\.so\.(?:preload|cache))\0).")


def lay(home: Path, library: Path) -> dict[str, Path]:
    """
    Put libexec/probe (the loader), libexec/python3 and lib/*.so into *home*; return what came from where.

    *library* holds the modules already; what their extension modules need is taken along.
    """
    interpreter = Path(os.path.realpath(sys.executable))
    taken = {"libexec/python3": interpreter, "libexec/probe": _loader(interpreter)}
    for module in sorted(library.rglob("*.so")):
        taken |= {f"lib/{name}": path for name, path in needed(module) if home not in path.parents}
    taken |= {f"lib/{name}": path for name, path in needed(interpreter)}
    taken |= {f"lib/{name}": Path(taken["lib/libc.so.6"].parent, name) for name in _BY_NAME}
    taken[f"lib/{_LEGACY}"] = Path(taken["lib/libcrypto.so.3"].parent, _LEGACY)
    for place, path in sorted(taken.items()):
        target = home / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shut(home / "libexec/probe")
    for program in ("libexec/python3", "libexec/probe"):
        (home / program).chmod(0o755)
    return taken


def needed(path: Path) -> Iterator[tuple[str, Path]]:
    """The libraries that ld.so would load for *path*, by the name under which they are asked for."""
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        name, arrow, place = line.strip().partition(" => ")
        if "not found" in place:
            raise SystemExit(f"{path} needs {name}, which is not on this machine")
        if arrow:
            yield name, Path(os.path.realpath(place.rpartition(" (")[0]))


def shut(loader: Path) -> None:
    """
    Keep the loader from the libraries of the image that it runs in.

    It has no option against /etc/ld.so.preload and its own folders, so their names are made
    such as no image has: the first letter becomes a control character.
    """
    data, count = _FOREIGN.subn(b"\1", loader.read_bytes())
    if not count or any(name in data for name in (b"\0/etc/ld.so.preload\0", b"\0/lib/\0", b"\0/usr/lib/\0")):
        raise SystemExit(f"{loader}: not a dynamic loader whose folders are known")
    loader.write_bytes(data)


def _loader(program: Path) -> Path:
    """What the kernel would load *program* by."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.strip().startswith("/"))
    return Path(os.path.realpath(line.split()[0]))
