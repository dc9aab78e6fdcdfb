"""How does the cost grow with slow endpoints? python -m benchmarks.endpoints [--runs N]"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.measure import Command, installed, side_by_side, table

COUNTS = (1, 3, 10, 30, 100)
DELAY_S = 0.2  # before an endpoint answers
WALL_S = 1.0  # for the most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        folder = Path(scratch)
        (folder / "empty").mkdir()
        ca = world.authority("Benchmark CA")
        (folder / "roots.pem").write_bytes(world.bundle(143) + ca.pem)
        env = {
            "SSL_CERT_FILE": str(folder / "roots.pem"),
            "SSL_CERT_DIR": str(folder / "empty"),
            "PATH": "/bin",
        }
        with world.servers(world.serving(ca, folder), max(COUNTS), DELAY_S) as ports:
            commands = []
            for count in COUNTS:
                endpoints = json.dumps([f"localhost:{port}" for port in ports[:count]])
                argv = [f"{venv}/bin/probe", "check", "--only", "ca-bundle"]
                commands.append(
                    Command(str(count), [*argv, "--set", f"ca-bundle.endpoints={endpoints}"], env)
                )
            rows = side_by_side(commands, runs)
    head = ["endpoints", "wall ms", "CPU ms", "peak MB"]
    body = [
        [r.label, f"{r.median.wall_ms:.0f}", f"{r.median.cpu_ms:.0f}", f"{r.median.peak_mb:.0f}"]
        for r in rows
    ]
    print(f"medians of {runs} runs; each endpoint waits {DELAY_S * 1e3:.0f} ms\n\n{table([head, *body])}\n")
    print(f"{COUNTS[-1]} endpoints: {rows[-1].median.wall_ms / 1e3:.2f} s (target {WALL_S:.0f}).")


if __name__ == "__main__":
    main()
