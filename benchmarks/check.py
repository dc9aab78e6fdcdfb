"""
What does a whole `probe check` cost beside the shell script that it replaces?

Four checks, a bundle of Mozilla's roots and one more, one TLS handshake on loopback,
a real Go toolchain: python -m benchmarks.check [--runs N]
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.measure import Command, Row, installed, side_by_side, table
from tests.support.toolchains import Toolchain, install

ROOTS = 144  # of a usual distribution
WALL_TIMES = 1.5  # of the shell script's
CPU_MS, BARE_MS = 60.0, 9.0  # the one on a machine on which the bare interpreter takes the other

SCRIPT = """\
set -e
go version
go env GOROOT GOPATH GOPROXY GOSUMDB CGO_ENABLED
openssl x509 -in "$SSL_CERT_FILE" -noout -subject -enddate
readlink /etc/localtime || true
openssl s_client -connect "$ENDPOINT" -servername localhost -CAfile "$SSL_CERT_FILE" \
    -verify_return_error </dev/null
"""
GOSS = """\
command:
  go version: {{exit-status: 0, stdout: [go1.]}}
  go env CGO_ENABLED: {{exit-status: 0, stdout: ["0"]}}
  openssl s_client -connect {endpoint} -CAfile {bundle} -verify_return_error </dev/null: {{exit-status: 0}}
file:
  {bundle}: {{exists: true, contents: [BEGIN CERTIFICATE]}}
  /etc/localtime: {{exists: true}}
"""


def commands(venv: Path, go: Toolchain, folder: Path, endpoint: str) -> list[Command]:
    bundle = folder / "roots.pem"
    empty = folder / "empty"
    empty.mkdir()
    env = {
        "PATH": f"{go.root}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "CGO_ENABLED": "0",
        "SSL_CERT_FILE": str(bundle),
        "SSL_CERT_DIR": str(empty),
        "ENDPOINT": endpoint,
    }
    check = [f"{venv}/bin/probe", "check", "--set", f'ca-bundle.endpoints=["{endpoint}"]']
    found = [
        Command("`probe check`", check, env),
        Command("`probe check --role ready` (no handshake)", [*check[:2], "--role", "ready"], env),
        Command("shell script", ["sh", "-c", SCRIPT], env),
        Command("bare interpreter", [f"{venv}/bin/python", "-c", ""], env),
    ]
    if goss := shutil.which("goss"):
        spec = folder / "goss.yaml"
        spec.write_text(GOSS.format(endpoint=endpoint, bundle=bundle))
        found.append(Command("`goss validate`", [goss, "--gossfile", str(spec), "validate"], env))
    return found


def show(rows: list[Row]) -> str:
    head = ["", "wall ms", "slowest", "CPU ms", "of it in itself", "peak MB"]
    body = [
        [
            row.label,
            f"{row.median.wall_ms:.1f}",
            f"{row.slowest_ms:.1f}",
            f"{row.median.cpu_ms:.1f}",
            f"{row.median.own_cpu_ms:.1f}",
            f"{row.median.peak_mb:.1f}",
        ]
        for row in rows
    ]
    return table([head, *body])


def verdict(rows: list[Row]) -> str:
    by = {row.label: row.median for row in rows}
    probe, script, bare = by["`probe check`"], by["shell script"], by["bare interpreter"]
    allowed = CPU_MS * bare.cpu_ms / BARE_MS
    return (
        f"Wall: {probe.wall_ms / script.wall_ms:.2f} times the shell script (target {WALL_TIMES}). "
        f"CPU: {probe.cpu_ms:.1f} ms (target {CPU_MS:.0f} ms where the bare interpreter takes {BARE_MS:.0f}; "
        f"it takes {bare.cpu_ms:.1f} here, so {allowed:.0f})."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        folder = Path(scratch)
        ca = world.authority("Benchmark CA")
        (folder / "roots.pem").write_bytes(world.bundle(ROOTS - 1) + ca.pem)
        with world.servers(world.serving(ca, folder), 1, 0) as ports:
            found = commands(venv, install("1.27.3"), folder, f"localhost:{ports[0]}")
            rows = side_by_side(found, runs)
    print(f"{runs} runs each, {ROOTS} roots, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    print(show(rows), verdict(rows), sep="\n\n")


if __name__ == "__main__":
    main()
