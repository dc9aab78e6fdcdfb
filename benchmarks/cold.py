"""
Does `probe` start as fast from the bundle as from a virtual environment of the same interpreter?

    docker build --tag probe . && docker cp "$(docker create probe)":/opt/probe /tmp/bundle
    /usr/bin/python3 -m benchmarks.cold --bundle /tmp/bundle [--runs N]

by the Python of the distribution that the bundle was made of. The files are in the page cache.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Command, Row, installed, side_by_side, table


def commands(venv: Path, bundle: Path, root: Path) -> list[Command]:
    """Every call twice: from the environment and from the bundle."""
    env = {"PATH": "/usr/bin:/bin"}
    calls = {
        "bare interpreter": (["-I", "-S", "-c", "pass"], 0),
        "`check` of one file": (["check", "--root", str(root), "--only", "timezone"], 0),
        "`check`, all four": (["check", "--root", str(root), "--role", "ready"], 1),
        "`status`, no agent": (["status", "--set", "go-version.binary=/none"], 1),
        "`run` of /bin/true": (["run", "--only", "timezone", "--on-fail", "warn", "--", "/bin/true"], 0),
    }
    found = []
    for label, (arguments, code) in calls.items():
        name = "python3" if "-c" in arguments else "probe"
        found += [
            Command(f"{label}: {where}", [str(home / "bin" / name), *arguments], env, code)
            for where, home in (("environment", venv), ("bundle", bundle))
        ]
    return found


def _figures(row: Row) -> tuple[float, ...]:
    return row.median.wall_ms, row.slowest_ms, row.median.cpu_ms, row.median.peak_mb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=30)
    given = parser.parse_args()
    with installed() as venv, tempfile.TemporaryDirectory() as root:
        rows = side_by_side(commands(venv, given.bundle, Path(root)), given.runs)
    print(f"{given.runs} runs each, Python {sys.version.split()[0]}\n")
    head = ["", "wall ms", "slowest", "CPU ms", "peak MB"]
    figures = [[row.label, *(f"{figure:.1f}" for figure in _figures(row))] for row in rows]
    print(table([head, *figures]))


if __name__ == "__main__":
    main()
