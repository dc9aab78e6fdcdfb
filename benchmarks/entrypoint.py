"""
What does an entrypoint add to a workload, beside tini, dumb-init and `docker run --init`?

Time until the workload has run (with the checks: the time zone alone; without them: what
we add before its execve), until signals are held, orphans, memory; then in containers:
python -m benchmarks.entrypoint [--runs N]
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import containers
from benchmarks.measure import Command, installed, pss_kb, side_by_side, table

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
from probe.entrypoint import block_signals
held = block_signals.hold()
from probe.cli import std_streams, run_entrypoint
from probe.entrypoint import exec, inherited, gate
std_streams.fill()
ours = inherited.InheritedSignals(held)
gate.passed(lambda _: 0, ours, 0)
exec.become([b"true"], ours)
"""

# The way of `probe run --serve`, with such a child and an agent that does nothing.
_SERVING_WITHOUT_CHECKS = """
from probe.entrypoint import block_signals
held = block_signals.hold()
import time
from probe.cli import std_streams, run_entrypoint, listening
from probe.entrypoint import inherited, gate, init
std_streams.fill()
ours = inherited.InheritedSignals(held)
address = "127.0.0.1:19811"
listener = listening.bound(address, ours)
gate.passed(lambda _: 0, ours, 0)
listening.listen(listener, address)
init.supervise([b"true"], ours, lambda *_: time.sleep(60))
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
    for name, more in (("tini", ["-s"]), ("dumb-init", []), ("docker-init", ["-s"])):
        if path := shutil.which(name):
            found[name] = [path, *more, "--"]
    return found


def held_ms(words: Sequence[str], env: dict[str, str]) -> float:
    """From the start until signals are held: as PID 1, what comes before that is lost. The median of 15."""
    return statistics.median(_held_ms([*words, "sleep", "60"], env) for _ in range(15))


def _held_ms(line: Sequence[str], env: dict[str, str]) -> float:
    begin = time.perf_counter()
    pid = os.posix_spawn(line[0], list(line), env)
    # The kernel does not show those that are waited for; but then there is a child.
    while not _holds(pid) and not _children(pid):
        pass
    took = time.perf_counter() - begin
    for child in [*_children(pid), pid]:
        os.kill(child, signal.SIGKILL)
    os.waitpid(pid, 0)
    return took * 1e3


def _holds(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(status.partition("SigBlk:")[2].split()[0], 16) & 1)


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
    pss = {pid: pss_kb(pid) for pid in family}
    workload = next(pid for pid in family if Path(f"/proc/{pid}/cmdline").read_bytes() == b"sleep\x0060\x00")
    if workload != started.pid:
        os.kill(workload, signal.SIGKILL)
    started.terminate()
    started.wait()
    return (sum(pss.values()) - pss[workload]) / 1000


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
        for label, code in (("", _WITHOUT_CHECKS), (" --serve", _SERVING_WITHOUT_CHECKS)):
            commands.append(Command(f"probe run{label}, no checks", [python, "-I", "-c", code], env))
        times = {row.label: row for row in side_by_side(commands, runs)}
        base = times["env"].median.wall_ms
        head = ("wall ms", "over env", "CPU ms", "signals held, ms", f"{_ORPHANS} orphans, ms", "stays, MB")
        rows = [["", *head]]
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
                    f"{held_ms(words, env):.1f}" if words and label != "env" else "",
                    f"{orphans:.0f}" if orphans is not None else "",
                    f"{memory_mb(words, env):.1f}" if words and stays else "0.0",
                ]
            )
        print(table(rows), end="\n\n")
    print(containers.report(min(runs, 10)))


if __name__ == "__main__":
    main()
