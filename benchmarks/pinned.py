"""How fast are pinned files hashed beside sha256sum? python -m benchmarks.pinned [--runs N]"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

from benchmarks.measure import Command, Row, installed, side_by_side, table

SIZES = {"one file": (200,), "eight files": (50,) * 8}  # MB
TIMES = 1.5  # of what sha256sum takes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        commands = [
            command
            for label, sizes in SIZES.items()
            for command in _commands(venv, Path(scratch), label, sizes)
        ]
        rows = side_by_side(commands, runs)
    totals = {label: sum(sizes) for label, sizes in SIZES.items()}
    body = [_line(row, totals[row.label.partition(":")[0]]) for row in rows]
    head = ["", "wall ms", "MB/s", "CPU ms", "peak MB"]
    cores = len(os.sched_getaffinity(0))
    print(f"medians of {runs} runs, files in the page cache, {cores} cores\n\n{table([head, *body])}\n")
    for probe, reference in zip(rows[::2], rows[1::2], strict=True):
        ratio = probe.median.wall_ms / reference.median.wall_ms
        print(f"{probe.label.partition(':')[0]}: {ratio:.2f} times sha256sum (target {TIMES}).")


def _commands(venv: Path, scratch: Path, label: str, sizes: tuple[int, ...]) -> list[Command]:
    """probe, and sha256sum, on the same checksum file."""
    folder = scratch / label.replace(" ", "-")
    folder.mkdir()
    for number, size in enumerate(sizes):
        with (folder / str(number)).open("wb") as stream:
            for _ in range(size):
                stream.write(os.urandom(1_000_000))
    names = [str(folder / str(number)) for number in range(len(sizes))]
    sums = folder / "sums"
    sums.write_bytes(subprocess.run(["sha256sum", *names], check=True, capture_output=True).stdout)
    check = [f"{venv}/bin/probe", "check", "--only", "pinned", "--set", f"pinned.sums={sums}"]
    env = {"PATH": "/usr/bin:/bin"}
    return [
        Command(f"{label}: `probe check --only pinned`", [*check, "--timeout", "60"], env),
        Command(f"{label}: `sha256sum --check`", ["sha256sum", "--check", "--quiet", str(sums)], env),
    ]


def _line(row: Row, megabytes: int) -> list[str]:
    cost = row.median
    speed = megabytes / cost.wall_ms * 1e3
    return [row.label, f"{cost.wall_ms:.0f}", f"{speed:.0f}", f"{cost.cpu_ms:.0f}", f"{cost.peak_mb:.0f}"]


if __name__ == "__main__":
    main()
