"""How does the cost grow with the bundle? python -m benchmarks.bundle [--runs N]"""

import argparse
import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.measure import Command, installed, side_by_side, table

COUNTS = (100, 300, 1000, 3000, 10000)
WALL_S, PEAK_MB = 1.5, 120  # for the largest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        folder = Path(scratch)
        (folder / "empty").mkdir()
        ca = world.authority("Benchmark CA")
        everything = world.bundle(max(COUNTS) - 1).split(b"-----END CERTIFICATE-----\n")
        with world.servers(world.serving(ca, folder), 1, 0) as ports:
            commands = []
            for count in COUNTS:
                path = folder / f"{count}.pem"
                some = b"-----END CERTIFICATE-----\n".join([*everything[: count - 1], b""])
                path.write_bytes(some + ca.pem)
                env = {"SSL_CERT_FILE": str(path), "SSL_CERT_DIR": str(folder / "empty"), "PATH": "/bin"}
                endpoint = f'ca-bundle.endpoints=["localhost:{ports[0]}"]'
                argv = [f"{venv}/bin/probe", "check", "--only", "ca-bundle", "--set", endpoint]
                commands.append(Command(str(count), argv, env))
            rows = side_by_side(commands, runs)
    head = ["certificates", "wall ms", "CPU ms", "peak MB"]
    body = [
        [f"{int(r.label):,}", f"{r.median.wall_ms:.0f}", f"{r.median.cpu_ms:.0f}", f"{r.median.peak_mb:.0f}"]
        for r in rows
    ]
    print(f"medians of {runs} runs, each with one handshake\n\n{table([head, *body])}\n")
    largest = rows[-1].median
    print(
        f"{COUNTS[-1]:,}: {largest.wall_ms / 1e3:.2f} s (target {WALL_S}), "
        f"{largest.peak_mb:.0f} MB (target {PEAK_MB})."
    )


if __name__ == "__main__":
    main()
