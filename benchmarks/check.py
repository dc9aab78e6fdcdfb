"""
What does a whole check cost, beside the shell script that it replaces and the bare interpreter?

Four checks, a real Go toolchain, roots that distributions ship and a private one, one TLS handshake on
loopback; `status` beside an agent. Everything in one run, in turns:
python -m benchmarks.check [--runs N] [--bundle DIR]

Two layouts. Debian's: the bundle and the directory with a file and a link by hash for each root, which Go
reads too. Distroless: the bundle alone.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import size, world
from benchmarks.measure import Command, Row, installed, instructions, side_by_side, table
from tests.support.toolchains import Toolchain, install

ROOTS = 144  # of a usual distribution
SYSTEM_FILE = Path("/etc/probe.toml")
BARE, SCRIPT, CHECK, ALONE = "bare interpreter", "shell script", "`check`, Debian", "`check`, distroless"
READY, ZONE, SICK = "`check --role ready`, Debian", "`check --only timezone`", "`check`, all four fail"
PIP, BUNDLE = "`check --role ready`, distroless", "the same from the bundle"
# What is compared with what, by which figure of a run, and the most that it may be.
TARGETS = (
    (CHECK, BARE, "cpu_ms", 5.5),
    (CHECK, SCRIPT, "wall_ms", 0.75),
    (ALONE, BARE, "cpu_ms", 5.0),
    (ZONE, BARE, "cpu_ms", 2.3),
    (SICK, CHECK, "cpu_ms", 1.4),
    ("`status --set …`", BARE, "cpu_ms", 1.3),
    ("`status`, PROBE_AGENT__SOCKET", BARE, "cpu_ms", 1.3),
    ("`status`, /etc/probe.toml", BARE, "cpu_ms", 1.3),
    (BUNDLE, PIP, "cpu_ms", 0.8),
)
LARGE, SLOW = "10,000 certificates", "100 slow endpoints"
LIMITS = ((LARGE, "wall_ms", 1500), (LARGE, "peak_mb", 120), (SLOW, "wall_ms", 1000))
MILLIONS = {CHECK: 150, ZONE: 75}  # instructions
DISK_MB, GZIP_MB = 28, 11  # of the bundle
CERTIFICATES, ENDPOINTS, DELAY_S = 10_000, 100, 0.2

SHELL = """\
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


def environment(go: Toolchain, folder: Path, endpoint: str) -> dict[str, str]:
    """Of a container with a toolchain and the bundle alone."""
    (folder / "empty").mkdir(exist_ok=True)
    return {
        "PATH": f"{go.root}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "CGO_ENABLED": "0",
        "TZ": "UTC",
        "SSL_CERT_FILE": str(folder / "roots.pem"),
        "SSL_CERT_DIR": str(folder / "empty"),
        "ENDPOINT": endpoint,
    }


def debian(folder: Path) -> dict[str, str]:
    """What update-ca-certificates makes of roots.pem: a bundle, and a link and one by its hash for each."""
    home, share = folder / "certs", folder / "share"
    home.mkdir()
    share.mkdir()
    end = "-----END CERTIFICATE-----\n"
    for number, text in enumerate((folder / "roots.pem").read_text().split(end)[:-1]):
        name = f"Root_{number:03}"
        (share / f"{name}.crt").write_text(text.lstrip("\n") + end)
        (home / f"{name}.pem").symlink_to(share / f"{name}.crt")
        (home / f"{number:08x}.0").symlink_to(f"{name}.pem")
    shutil.copy(folder / "roots.pem", home / "ca-certificates.crt")
    return {"SSL_CERT_FILE": str(home / "ca-certificates.crt"), "SSL_CERT_DIR": str(home)}


def commands(venv: Path, env: Mapping[str, str], folder: Path, bundle: Path | None) -> list[Command]:
    endpoint = env["ENDPOINT"]
    both = {**env, **debian(folder)}
    check = [f"{venv}/bin/probe", "check"]
    shake = ["--set", f'ca-bundle.endpoints=["{endpoint}"]']
    ready = ["--role", "ready"]
    failing = ("go-version.minimum=1.99", "go-env.CGO_ENABLED.equals=1", "ca-bundle.min_roots=9999")
    sick = [*shake, *(f"--set={one}" for one in (*failing, "timezone.expected=No/Where"))]
    found = [
        Command(BARE, [f"{venv}/bin/python", "-I", "-S", "-c", "pass"], env),
        Command(SCRIPT, ["sh", "-c", SHELL], both),
        Command(CHECK, [*check, *shake], both),
        Command(ALONE, [*check, *shake], env),
        Command(READY, [*check, *ready], both),
        Command(PIP, [*check, *ready], env),
        Command(ZONE, [*check, "--only", "timezone"], env),
        Command(SICK, [*check, *sick], both, 1),
    ]
    if bundle:
        found.append(Command(BUNDLE, [f"{bundle}/bin/probe", "check", *ready], env))
        found.append(Command(f"{CHECK}, from the bundle", [f"{bundle}/bin/probe", "check", *shake], both))
    if goss := shutil.which("goss"):
        spec = folder / "goss.yaml"
        spec.write_text(GOSS.format(endpoint=endpoint, bundle=env["SSL_CERT_FILE"]))
        found.append(Command("`goss validate`", [goss, "--gossfile", str(spec), "validate"], both))
    return found


def large(venv: Path, env: Mapping[str, str], folder: Path, ports: Sequence[int]) -> list[Command]:
    """As many certificates and as many slow endpoints as there are targets for."""
    path = folder / "large.pem"
    path.write_bytes(world.bundle(CERTIFICATES - ROOTS) + (folder / "roots.pem").read_bytes())
    check = [f"{venv}/bin/probe", "check", "--only", "ca-bundle", "--set", "timeout_s=60", "--set"]
    endpoints = json.dumps([f"localhost:{port}" for port in ports])
    one = f'ca-bundle.endpoints=["{env["ENDPOINT"]}"]'
    return [
        Command(LARGE, [*check, one], {**env, "SSL_CERT_FILE": str(path)}),
        Command(SLOW, [*check, f"ca-bundle.endpoints={endpoints}"], env),
    ]


@contextlib.contextmanager
def answering(venv: Path, env: Mapping[str, str], folder: Path) -> Iterator[list[Command]]:
    """`status` in each way to name the socket of an agent that answers."""
    socket, probe = folder / "probe.sock", f"{venv}/bin/probe"
    line = [probe, "serve", "127.0.0.1:0", "--only", "timezone", f"--set=agent.socket={socket}"]
    found = [
        Command("`status --set …`", [probe, "status", "--set", f"agent.socket={socket}"], env),
        Command(
            "`status`, PROBE_AGENT__SOCKET",
            [probe, "status"],
            {**env, "PROBE_AGENT__SOCKET": str(socket)},
        ),
    ]
    with contextlib.ExitStack() as until:
        agent = until.enter_context(subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL))
        until.callback(agent.kill)
        while subprocess.run(found[0].argv, env=env, capture_output=True).stdout != b"healthy: 1 check\n":
            time.sleep(0.1)
        if os.access("/etc", os.W_OK) and not SYSTEM_FILE.exists():
            # A check reads it too, which would cost all of them the start of tomllib.
            present = {SYSTEM_FILE: f'[agent]\nsocket = "{socket}"\n'}
            found.append(Command("`status`, /etc/probe.toml", [probe, "status"], env, present=present))
        yield found


def show(rows: list[Row]) -> str:
    """All of them, with the ratios to the bare interpreter and to the script."""
    by = {row.label: row for row in rows}
    head = ["", "wall ms", "slowest", "CPU ms", "peak MB", "CPU / bare", "wall / script"]
    body = [
        [
            row.label,
            *(f"{figure:.1f}" for figure in (row.median.wall_ms, row.slowest_ms)),
            *(f"{figure:.1f}" for figure in (row.median.cpu_ms, row.median.peak_mb)),
            f"{row.times(by[BARE], 'cpu_ms'):.2f}",
            f"{row.times(by[SCRIPT], 'wall_ms'):.2f}",
        ]
        for row in rows
    ]
    return table([head, *body])


def verdicts(rows: list[Row], counted: Mapping[str, int], bundle: Path | None) -> str:
    """What each target came to."""
    by = {row.label: row for row in rows}
    found: list[tuple[str, float, float]] = []
    for label, other, what, most in TARGETS:
        if label in by:
            name = f"{label}: {what.partition('_')[0]} / {other}"
            found.append((name, by[label].times(by[other], what), most))
    found += [
        (f"{label}: million instructions", counted[label] / 1e6, most)
        for label, most in MILLIONS.items()
        if label in counted
    ]
    found += [(f"{label}: {what}", getattr(by[label].median, what), most) for label, what, most in LIMITS]
    if bundle:
        found.append(("bundle on disk, MB", size.on_disk(bundle), DISK_MB))
        found.append(("bundle as gzip -6, MB", size.as_gzip(bundle), GZIP_MB))
    told = [
        [name, f"{figure:.2f}", f"{most:g}", "met" if figure <= most else "not met"]
        for name, figure, most in found
    ]
    return table([["target", "measured", "at most", ""], *told])


def counts(venv: Path, found: list[Command]) -> dict[str, int]:
    """Instructions of what has a target, and of the bare interpreter, where valgrind is installed."""
    if not shutil.which("valgrind"):
        return {}
    packages = next(venv.glob("lib/python3*/site-packages"))
    start = [f"{venv}/bin/python", "-I", "-S", "-X", "tz=UTC", "-X", f"packages={packages}"]
    slow = {"PROBE_TIMEOUT_S": "120"}  # valgrind takes fifty times as long
    wanted = [one._replace(env={**one.env, **slow}) for one in found if one.label in (*MILLIONS, BARE)]
    return {
        one.label: instructions(one if one.label == BARE else one._replace(argv=[*start, *one.argv]))
        for one in wanted
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--bundle", type=Path, help="/opt/probe of the image; by the same Python")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        folder = Path(scratch)
        ca = world.authority("Benchmark CA")
        (folder / "roots.pem").write_bytes(world.well_known(ROOTS - 1) + ca.pem)
        serving = world.serving(ca, folder)
        with (
            world.servers(serving, 1, 0) as ports,
            world.servers(serving, ENDPOINTS, DELAY_S) as slow,
        ):
            env = environment(install("1.27.3"), folder, f"localhost:{ports[0]}")
            found = [*commands(venv, env, folder, given.bundle), *large(venv, env, folder, slow)]
            with answering(venv, env, folder) as asking:
                rows = side_by_side([*found, *asking], given.runs)
            version = sys.version.split()[0]
            print(f"{given.runs} runs each, {ROOTS} roots, Python {version}, {os.cpu_count()} cores\n")
            print(show(rows), flush=True)
            counted = counts(venv, found)
    print("", verdicts(rows, counted, given.bundle), sep="\n")
    if bare := counted.get(BARE):
        print(f"\nThe bare interpreter takes {bare / 1e6:.1f} million instructions.")


if __name__ == "__main__":
    main()
