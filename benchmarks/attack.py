"""
What a thousand hostile clients cost the agent, and blackbox_exporter beside it.

python -m benchmarks.attack [--crowd 1000]

Every attack that the test suite knows: the peak of the resident memory (VmHWM), what is left a second later,
and whether a probe that comes between its turns gets its 200 within a second. It ends with 1 where the agent
needs more than 24 MB, or keeps a probe waiting.
"""

import argparse
import contextlib
import os
import resource
import socket
import sys
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.agent import Server, agent, blackbox, container
from benchmarks.measure import table
from tests.agent import attacks

PEAK_MB = 24.0
_TURNS = 4


class Cost(NamedTuple):
    """Of one attack."""

    peak_mb: float
    left_mb: float
    slowest_ms: float  # of the probes between its turns; 1000 for one that had no 200 by then


def memory_mb(pid: int, key: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:"))


def probed_ms(port: int, path: str) -> float:
    """How long a new connection waits for its 200; 1000 where it does not come within a second."""
    begin = time.monotonic()
    try:
        with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=1)) as line:
            line.settimeout(1)
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            if not line.recv(1 << 12).startswith(b"HTTP/1.1 200"):
                return 1000.0
    except OSError:
        return 1000.0
    return min(1000.0, (time.monotonic() - begin) * 1000)


def attacked(server: Server, attack: attacks.Attack, size: int) -> Cost:
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # VmHWM begins anew
    crowd: list[socket.socket] = []
    slowest = 0.0
    with contextlib.suppress(OSError):  # who takes no more connections is measured by its probes
        crowd.extend(attacks.line_to(server.port) for _ in range(size))
    for turn in range(_TURNS):
        attack(crowd, turn)
        slowest = max(slowest, probed_ms(server.port, server.path))
        time.sleep(0.3)
    peak = memory_mb(server.pid, "VmHWM")
    for line in crowd:
        line.close()
    time.sleep(1)
    return Cost(peak, memory_mb(server.pid, "VmRSS"), slowest)


def told(cost: Cost) -> list[str]:
    slowest = "none in 1 s" if cost.slowest_ms >= 1000 else f"{cost.slowest_ms:.0f}"
    return [f"{cost.peak_mb:.1f}", f"{cost.left_mb:.1f}", slowest]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.strip().partition("\n")[0])
    options.add_argument("--crowd", type=int, default=1000)
    size: int = options.parse_args().crowd
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    heads = ("peak MB", "then MB", "slowest probe, ms")
    rows: list[list[str]] = []
    worst = Cost(0, 0, 0)
    with container() as (venv, folder, env):
        for attack in attacks.KINDS:
            quiet = f"agent.socket={folder}/l/s"
            with agent(venv, folder, quiet, env=env) as mine, blackbox(folder) as theirs:
                cost = attacked(mine, attack, size)
                beside = told(attacked(theirs, attack, size)) if theirs else ["", "", ""]
            worst = Cost(*map(max, worst, cost))
            rows.append([attack.__name__.replace("_", " "), *told(cost), *beside])
    print(f"{size} connections, Python {sys.version.split()[0]}, {os.cpu_count()} cores\n")
    both = (*heads, *(f"{head}, blackbox_exporter" for head in heads))
    print(table([["attack", *both], *rows]))
    return int(worst.peak_mb > PEAK_MB or worst.slowest_ms >= 1000)


if __name__ == "__main__":
    sys.exit(main())
