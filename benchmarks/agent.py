"""
What does the agent cost, and does it keep its targets?

python -m benchmarks.agent [--quick]
"""

import argparse
import contextlib
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import check, world
from benchmarks.measure import Command, installed, side_by_side, table
from tests.support.toolchains import install

RSS_MB = 16.0
STATUS_TIMES, SCRIPT_TIMES = 1.3, 0.5
CLIENTS, P99_MS = 64, 20.0
AT_REST_MS = 3.0  # of CPU a second
QUOTA = 0.1  # of a core: 100m in Kubernetes
QUOTA_STATUS_MS, QUOTA_CHECK_MS = 250.0, 1000.0
INTERVAL_S = 30.0


class Server(NamedTuple):
    """A process that answers HTTP."""

    label: str
    pid: int
    port: int
    path: str


class Load(NamedTuple):
    """What many clients saw."""

    requests: int
    errors: int
    p50_ms: float
    p99_ms: float


@contextlib.contextmanager
def agent(venv: Path, folder: Path, *sets: str, env: dict[str, str]) -> Iterator[Server]:
    """An agent of the installed package, all checks on; it is healthy when it is given."""
    log = folder / f"log-{time.monotonic_ns()}"
    line = [f"{venv}/bin/probe", "serve", "127.0.0.1:0", *(f"--set={one}" for one in sets)]
    with log.open("w") as stream:
        process = subprocess.Popen(line, env=env, stderr=stream, stdin=subprocess.DEVNULL)
    try:
        port = 0
        while not port or b" 200 " not in get(port, "/readyz")[:20]:
            time.sleep(0.05)
            for told in log.read_text().splitlines():
                if (one := json.loads(told))["event"] == "listening":
                    port = int(one["address"].rpartition(":")[2])
        yield Server("`probe serve`", process.pid, port, "/readyz")
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def blackbox(folder: Path) -> Iterator[Server | None]:
    """blackbox_exporter, where it is installed."""
    found = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
    if not found:
        yield None
        return
    port = free_port()
    (folder / "blackbox.yml").write_text("modules: {tcp: {prober: tcp}}\n")
    line = [found, f"--config.file={folder}/blackbox.yml", f"--web.listen-address=127.0.0.1:{port}"]
    process = subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError):
                get(port, "/-/healthy")
                break
            time.sleep(0.05)
        yield Server("`blackbox_exporter`", process.pid, port, "/-/healthy")
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def get(port: int, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := line.recv(1 << 16):
            answer += piece
    return answer


def whole(answer: bytes) -> bool:
    """Whether the body is there that Content-Length speaks of."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) >= int(length or 0)


def load(server: Server, seconds: float, clients: int = CLIENTS) -> Load:
    """*clients* keep-alive connections that ask as soon as they are answered."""
    request = f"GET {server.path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    waiting = selectors.DefaultSelector()
    begun: dict[int, float] = {}
    for _ in range(clients):
        line = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        waiting.register(line, selectors.EVENT_READ, line)
        begun[line.fileno()] = time.perf_counter()
        line.sendall(request)
    times: list[float] = []
    got: dict[int, bytes] = {}
    errors = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in waiting.select(1):
            line = key.data
            piece = line.recv(1 << 16)
            got[line.fileno()] = answer = got.get(line.fileno(), b"") + piece
            if piece and not whole(answer):
                continue
            got[line.fileno()] = b""
            if answer.startswith(b"HTTP/1.1 200 "):
                times.append(time.perf_counter() - begun[line.fileno()])
            else:
                errors += 1
            begun[line.fileno()] = time.perf_counter()
            line.sendall(request)
    for key in list(waiting.get_map().values()):
        key.data.close()
    times.sort()
    return Load(len(times), errors, times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3)


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(pid: int) -> float:
    """Of the process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def runs_of(server: Server) -> int:
    told = get(server.port, "/metrics").decode().splitlines()
    return sum(int(line.split()[-1]) for line in told if line.startswith("probe_runs_total"))


def memory(venv: Path, folder: Path, env: dict[str, str], runs: int, requests: int) -> list[Sequence[str]]:
    """Resident memory at first, after half of the runs and requests and after all of them."""
    quick = ("agent.interval_s=0.1", "agent.retry_s=0.1", f"agent.socket={folder}/m/s")
    with agent(venv, folder, *quick, env=env) as server:
        for _ in range(200):
            get(server.port, "/metrics")
        first = resident_mb(server.pid)
        half, last = (_resident_after(server, runs // 2, requests // 2, part) for part in (1, 2))
        said = f"{last - first:.2f} MB, in the second half of them {last - half:.2f} MB"
        return [(f"resident after {runs} runs and {requests} requests", f"{last:.1f} MB", f"{RSS_MB:.0f} MB"),
                ("growth since the first of them", said, "none")]  # fmt: skip


def _resident_after(server: Server, runs: int, requests: int, part: int) -> float:
    """Resident memory after *requests* more requests, and *part* times *runs* in all."""
    for number in range(requests):
        get(server.port, ("/readyz?verbose", "/metrics", "/livez")[number % 3])
    while runs_of(server) < part * runs:
        time.sleep(0.5)
    return resident_mb(server.pid)


def rest(venv: Path, folder: Path, env: dict[str, str], seconds: float) -> Sequence[str]:
    """CPU a second at an interval of 30 s, from what a run and an idle second cost."""
    with agent(
        venv, folder, "agent.interval_s=2", "agent.retry_s=2", f"agent.socket={folder}/r/s", env=env
    ) as one:
        time.sleep(1)
        begin, before, runs = time.monotonic(), cpu_s(one.pid), runs_of(one)
        time.sleep(seconds)
        spent, made = cpu_s(one.pid) - before, runs_of(one) - runs
        each = spent / max(made, 1)
        rate = each / INTERVAL_S * 1e3
        took = time.monotonic() - begin
    said = f"{rate:.2f} ms/s ({each * 1e3:.0f} ms a run, {made} runs in {took:.0f} s)"
    return "CPU at rest, interval 30 s", said, f"{AT_REST_MS:.0f} ms/s"


def status(venv: Path, folder: Path, env: dict[str, str], runs: int) -> list[Sequence[str]]:
    """`probe status` beside the bare interpreter and the shell script."""
    place = f"{folder}/s/s"
    with agent(venv, folder, f"agent.socket={place}", env=env):
        asks = {**env, "PROBE_AGENT__SOCKET": place}
        python = f"{venv}/bin/python"
        quick = next(Path(venv).glob("lib/python*/site-packages/probe/cli/status_client.py"))
        rows = side_by_side(
            [
                Command("`probe status`", [f"{venv}/bin/probe", "status"], asks),
                Command("`python3 -I -S status_client.py`", [python, "-I", "-S", str(quick)], asks),
                Command("python3 -I -S -c pass", [python, "-I", "-S", "-c", "pass"], env),
                Command("python3 -c pass (with site)", [python, "-c", "pass"], env),
                Command("shell script", ["sh", "-c", check.SHELL], env),
            ],
            runs,
        )
    wall = {row.label: row.median.wall_ms for row in rows}
    bare, script = wall["python3 -I -S -c pass"], wall["shell script"]
    aim = f"{STATUS_TIMES} times bare, {SCRIPT_TIMES} times script"
    return [
        (
            label,
            f"{ms:.1f} ms = {ms / bare:.2f} times bare, {ms / script:.2f} times script",
            aim if label[1] == "p" else "",
        )
        for label, ms in wall.items()
    ]


@contextlib.contextmanager
def quota() -> Iterator[list[str]]:
    """What to put before a command for it to have QUOTA of a core; nothing where that cannot be had."""
    period = 100_000
    name = f"probe-benchmark-{os.getpid()}"
    for place, files in (
        (Path("/sys/fs/cgroup/cpu"), {"cpu.cfs_period_us": period, "cpu.cfs_quota_us": int(period * QUOTA)}),
        (Path("/sys/fs/cgroup"), {"cpu.max": f"{int(period * QUOTA)} {period}"}),
    ):
        group = place / name
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for file, value in files.items():
                (group / file).write_text(str(value))
            yield ["sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh"]
        except OSError:
            yield []
        finally:
            group.rmdir()
        return
    yield []


def throttled(venv: Path, folder: Path, env: dict[str, str], runs: int) -> list[Sequence[str]]:
    """Wall time at 100m, where a process may run for 10 ms of each 100; each begins with what is left."""
    place = f"{folder}/q/s"
    with agent(venv, folder, f"agent.socket={place}", env=env), quota() as before:
        if not before:
            return [("at a quota of 100m", "not measured: needs root and a writable cgroup", "")]
        asks = {**env, "PROBE_AGENT__SOCKET": place}
        rows = side_by_side(
            [
                Command("`probe status` at 100m", [*before, f"{venv}/bin/probe", "status"], asks),
                Command("`probe check` at 100m", [*before, f"{venv}/bin/probe", "check"], env),
            ],
            runs,
        )
    aims = (QUOTA_STATUS_MS, QUOTA_CHECK_MS)
    return [
        (row.label, f"{row.median.wall_ms:.0f} ms, slowest {row.slowest_ms:.0f} ms", f"{aim:.0f} ms")
        for row, aim in zip(rows, aims, strict=True)
    ]


@contextlib.contextmanager
def container() -> Iterator[tuple[Path, Path, dict[str, str]]]:
    """An installed probe, a scratch directory, and the environment of a container that is healthy."""
    with tempfile.TemporaryDirectory() as scratch, installed() as venv:
        folder = Path(scratch)
        ca = world.authority("Benchmark CA")
        (folder / "roots.pem").write_bytes(world.bundle(check.ROOTS - 1) + ca.pem)
        with world.servers(world.serving(ca, folder), 1, 0) as ports:
            endpoint = f"localhost:{ports[0]}"
            env = check.environment(install("1.27.3"), folder, endpoint)
            yield venv, folder, {**env, "TZ": "UTC", "PROBE_CA_BUNDLE__ENDPOINTS": f'["{endpoint}"]'}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    part = 0.1 if parser.parse_args().quick else 1.0
    rows: list[Sequence[str]] = [("what", "measured", "target")]
    with container() as (venv, folder, env):
        rows += status(venv, folder, env, max(5, int(40 * part)))
        rows += throttled(venv, folder, env, max(3, int(15 * part)))
        rows.append(rest(venv, folder, env, max(6.0, 60 * part)))
        rows += memory(venv, folder, env, int(500 * part), int(10_000 * part))
        quiet = f"agent.socket={folder}/l/s"
        with agent(venv, folder, quiet, env=env) as mine, blackbox(folder) as theirs:
            for server in (mine, theirs):
                if server:
                    got = load(server, max(2.0, 10 * part))
                    said = f"{got.requests} requests, {got.errors} errors, median {got.p50_ms:.1f} ms, "
                    said += f"p99 {got.p99_ms:.1f} ms, then {resident_mb(server.pid):.1f} MB"
                    aim = f"no error, p99 {P99_MS:.0f} ms" if server is mine else ""
                    rows.append((f"{server.label}, {CLIENTS} keep-alive clients", said, aim))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {check.ROOTS} roots\n")
    print(table([[str(cell) for cell in row] for row in rows]))


if __name__ == "__main__":
    main()
