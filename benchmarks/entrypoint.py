"""
What does an entrypoint add to a workload, beside tini and dumb-init?

Time until the workload has run (with the checks: the time zone alone; without them: what
we add before its execve), orphans, memory: python -m benchmarks.entrypoint [--runs N]
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Command, installed, side_by_side, table

_ORPHANS = 2000
_SPAWN = f"""
import os, sys, time
reader, writer = os.pipe()
for _ in range(20):
    if not os.fork():
        for _ in range({_ORPHANS // 20}):
            if not os.fork():
                os.close(writer); os.read(reader, 1); os._exit(3)
        os._exit(0)
for _ in range(20): os.wait()
open(sys.argv[1], 'w').close()
time.sleep(1)
os.close(writer)
time.sleep(60)
"""

# The way of `probe run`, with a child that checks nothing.
_WITHOUT_CHECKS = """
from probe.entrypoint import early
held = early.hold()
from probe.cli import descriptors, entry
from probe.entrypoint import become, caller, gate
descriptors.fill()
ours = caller.Caller(held)
gate.passed(lambda _: 0, ours, 0)
become.become([b"true"], ours)
"""


def wrappers(venv: Path) -> dict[str, list[str]]:
    """Name → the words before the command."""
    quick = ["run", "--only", "timezone"]
    found = {
        "env": ["env"],
        "probe run": [f"{venv}/bin/probe", *quick, "--"],
        "probe run --serve": [
            *(f"{venv}/bin/probe", *quick, "--set", "agent.socket="),
            *("--serve", "127.0.0.1:19810", "--"),
        ],
    }
    for name, more in (("tini", ["-s"]), ("dumb-init", [])):
        if path := shutil.which(name):
            found[name] = [path, *more, "--"]
    return found


def orphans_ms(words: Sequence[str], python: str, env: dict[str, str]) -> float | None:
    """From the end of 2,000 orphans until none is left, as PID 1 of a namespace; None: they stay."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        line = ["unshare", "-pf", "--mount-proc", *words, python, "-I", "-S", "-c", _SPAWN, str(ready)]
        started = subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL)
        while not ready.exists():
            time.sleep(0.01)
        init = _children(started.pid)[0]
        began, first = time.perf_counter(), 0.0
        while time.perf_counter() - began < 20:
            left = len(_children(init))
            if not first and left < _ORPHANS:
                first = time.perf_counter()
            if left < 10:
                break
        took = time.perf_counter() - first if first else None
        os.kill(init, signal.SIGKILL)
        started.wait()
        return took * 1e3 if took is not None else None


def memory_mb(words: Sequence[str], env: dict[str, str]) -> float:
    """The proportional set size of all that stays beside the workload."""
    started = subprocess.Popen([*words, "sleep", "60"], env=env, stderr=subprocess.DEVNULL)
    time.sleep(3)
    family = [started.pid, *_children(started.pid)]
    pss = {pid: _pss_kb(pid) for pid in family}
    workload = next(pid for pid in family if Path(f"/proc/{pid}/cmdline").read_bytes() == b"sleep\x0060\x00")
    if workload != started.pid:
        os.kill(workload, signal.SIGKILL)
    started.terminate()
    started.wait()
    return (sum(pss.values()) - pss[workload]) / 1000


def _pss_kb(pid: int) -> int:
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    with installed() as venv:
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"}
        named = wrappers(venv)
        python = f"{venv}/bin/python"
        commands = [Command(name, [*words, "true"], env) for name, words in named.items()]
        commands.append(Command("bare interpreter", [python, "-I", "-c", ""], env))
        commands.append(Command("probe run, no checks", [python, "-I", "-c", _WITHOUT_CHECKS], env))
        times = {row.label: row for row in side_by_side(commands, runs)}
        base = times["env"].median.wall_ms
        rows = [["", "wall ms", "over env", "CPU ms", f"{_ORPHANS} orphans, ms", "stays, MB"]]
        for label, row in times.items():
            words = named.get(label)
            stays = words is not None and label not in ("env", "probe run")
            orphans = orphans_ms(words, python, env) if words and stays else None
            rows.append(
                [
                    label,
                    f"{row.median.wall_ms:.1f}",
                    f"{row.median.wall_ms - base:.1f}",
                    f"{row.median.cpu_ms:.1f}",
                    f"{orphans:.0f}" if orphans is not None else "",
                    f"{memory_mb(words, env):.1f}" if words and stays else "0.0",
                ]
            )
        print(table(rows))


if __name__ == "__main__":
    main()
