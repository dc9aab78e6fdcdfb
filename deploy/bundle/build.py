"""
Make the bundle: a directory that runs `probe` in any Linux image, with nothing of that image.

    build.py --source CHECKOUT --packages DIR --wheels DIR --programs DIR --into HOME

The interpreter that runs this is the one that goes into the bundle. What comes out depends on the files
that go in alone: no time, no path and no owner of the build is in it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import bill
import libraries
import modules


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().partition("\n")[0])
    parser.add_argument("--source", type=Path, required=True, help="the checkout")
    parser.add_argument("--packages", type=Path, required=True, help="what pip installed with --target")
    parser.add_argument("--wheels", type=Path, required=True, help="what it installed that from")
    parser.add_argument("--programs", type=Path, required=True, help="launcher.c and supervisor.c, static")
    parser.add_argument("--into", type=Path, required=True, help="the bundle, not there yet")
    given = parser.parse_args()
    os.umask(0o022)
    home: Path = given.into
    library = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    (home / "bin").mkdir(parents=True)
    (library / "lib-dynload").mkdir(parents=True)  # by this name the interpreter finds itself
    modules.lay(given.source, given.packages, library)
    taken = libraries.lay(home, library)
    for name, place in bill.PROGRAMS.items():
        (home / place).write_bytes((given.programs / name).read_bytes())
        (home / place).chmod(0o755)
    (home / "bin/python3").symlink_to("probe")
    _strip(home)
    bill.write(home, given.source, given.packages, taken, given.wheels)


def _strip(home: Path) -> None:
    """Wheels come with symbols for debuggers: a tenth of the bundle."""
    files = [path for path in sorted(home.rglob("*")) if path.suffix == ".so" and not path.is_symlink()]
    subprocess.run(["strip", "--strip-unneeded", *files], check=True)


main()
