"""
Does anything leak, or get lost, in the long run?

python -m benchmarks.soak [--minutes 60] [--cycles 5000] [--short]

An agent under a mix of attacks, beside a workload that writes 500 MB/s; then starts and stops of
`probe run`, plain and with --serve, each with a signal at a random moment, while something takes all of the
CPU. It ends with 1 where the agent's lows grow by 0.1 MB an hour or more after the first sixth of the time,
where a signal is lost or the exit code does not tell of it, or where a process stays.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from probe import orphans, prctl
from tests.agent import attacks
from tests.support.commands import clean_environment, default_signals

SLOPE_MB_H, PEAK_MB = 0.1, 24
CROWD = 200
LATEST_S = 0.6
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
MARKER = "PROBE_SOAK"
PROBE = (sys.executable, "-m", "probe")
INSTALLED = str(Path(sys.executable).parent / "probe")  # which loses no signal from its first instant on
OPTIONS = ("--only", "timezone", "--set=agent.socket=", "--set=agent.interval_s=5")


# 500 MB/s, and no more: what it took beyond that would be taken from the agent and from whoever measures.
WRITER = """
import os, time
block, begin, written = bytes(1 << 16), time.monotonic(), 0
while True:
    written += os.write(1, block)
    if (early := written / 5e8 - (time.monotonic() - begin)) > 0.01:
        time.sleep(early)
"""


class Cycles(NamedTuple):
    """What became of the starts and stops."""

    done: int
    lost: int  # signals that ended nothing in time
    wrong: int  # exit codes that do not tell of the signal
    left: int  # processes and zombies that stayed


def resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def slope_mb_h(samples: list[tuple[float, int]]) -> float:
    """The least-squares line through (seconds, kB)."""
    count = len(samples)
    x = sum(at for at, _ in samples) / count
    y = sum(size for _, size in samples) / count
    over = sum((at - x) * (size - y) for at, size in samples)
    under = sum((at - x) ** 2 for at, _ in samples)
    return over / under * 3600 / 1024 if under else 0.0


def lows(samples: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The smallest size of each minute: what is not given back shows there, and not what an attack holds."""
    minutes: dict[int, tuple[float, int]] = {}
    for sample in samples:
        minute = int(sample[0] // 60)
        minutes[minute] = min(minutes.get(minute, sample), sample, key=lambda one: one[1])
    return list(minutes.values())


def tens(samples: list[tuple[float, int]]) -> list[str]:
    """The mean of the minutes' lows in each ten minutes: a plateau shows, and so does a slope."""
    sums: dict[int, list[int]] = {}
    for at, size in lows(samples):
        sums.setdefault(int(at // 600), []).append(size)
    return [f"{sum(sizes) / len(sizes) / 1024:.2f}" for sizes in sums.values()]


@contextlib.contextmanager
def supervised(folder: Path, marker: str) -> Iterator[tuple[int, int]]:
    """`probe run --serve` beside a workload that only writes: the pid of its agent, and the port."""
    log = folder / "log"
    line = [*PROBE, "run", "--serve=127.0.0.1:0", *OPTIONS, "--", sys.executable, "-c", WRITER]
    with log.open("w") as stream:
        env = {**clean_environment(), "TZ": "UTC", MARKER: marker}
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=stream, env=env)
    try:
        port = 0
        while not port and process.poll() is None:
            time.sleep(0.05)
            for told in log.read_text().splitlines():
                if told.startswith("{") and (one := json.loads(told))["event"] == "listening":
                    port = int(one["address"].rpartition(":")[2])
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        yield (
            next(pid for pid, command in commands.items() if command.split(b"\0")[1] != b"-c"),
            port,
        )
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def under_attack(folder: Path, seconds: float) -> tuple[list[tuple[float, int]], int]:
    """The agent's size over time under the mix, and how many of the probes meanwhile went wrong."""
    samples, failed = [], 0
    with supervised(folder, "agent") as (pid, port):
        begin = time.monotonic()
        while (at := time.monotonic() - begin) < seconds:
            crowd: list[socket.socket] = []
            with contextlib.suppress(OSError):
                crowd.extend(attacks.line_to(port) for _ in range(CROWD))
            for turn in range(4):
                attacks.mixed(crowd, turn)
                time.sleep(0.1)
            failed += not answered(port)
            for line in crowd:
                line.close()
            samples.append((at, resident_kb(pid)))
    return samples, failed


def answered(port: int) -> bool:
    """Whether /livez says 200 within a second."""
    try:
        with contextlib.closing(attacks.line_to(port)) as line:
            line.settimeout(1)
            line.sendall(b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n")
            return line.recv(1 << 12).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def start_and_stop(count: int, seed: int) -> Cycles:
    """Start `probe run` *count* times, with a signal at a random instant, of which each has to end."""
    chance, lost, wrong, left = random.Random(seed), 0, 0, 0
    marker = f"cycles-{os.getpid()}"
    prctl.load()(prctl.CHILD_SUBREAPER, 1)  # what is orphaned comes to us, and shows
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        for number in range(count):
            how = ["--serve=127.0.0.1:0"] if number % 2 else []
            line = [INSTALLED, "run", *how, *OPTIONS, "--", "sleep", "60"]
            env = {**clean_environment(), "TZ": "UTC", MARKER: marker}
            said.seek(0)
            said.truncate()
            process = subprocess.Popen(line, stderr=said, env=env)
            time.sleep(LATEST_S * chance.random() ** 2)  # most of them while it starts
            process.send_signal(sent := chance.choice(SIGNALS))
            try:
                code = process.wait(20)
                if code not in (-sent, 128 + sent):
                    wrong += 1
                    said.seek(0)
                    print(f"cycle {number}: {sent.name} gave {code}: {said.read()!r}", flush=True)
            except subprocess.TimeoutExpired:
                lost += 1
                process.kill()
                process.wait()
            left += len(remaining({hog.pid}))
    finally:
        said.close()
        hog.kill()
        hog.wait()
    return Cycles(count, lost, wrong, left + len(staying(marker)))


def remaining(known: set[int]) -> set[int]:
    """Our children that stay for ten seconds, *known* apart, zombies too; they are ended then."""
    end = time.monotonic() + 10  # a busy machine may let one wait for its turn to end
    while (left := orphans.known() - known) and time.monotonic() < end:
        time.sleep(0.01)
    orphans.end_all_but(frozenset(known))
    return set(left)


def staying(marker: str) -> list[int]:
    """The processes that were started with *marker* and are still there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if f"{MARKER}={marker}".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--cycles", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--short", action="store_true", help="half a minute, 20 cycles, no slope")
    given = options.parse_args()
    default_signals()
    minutes, cycles = (0.5, 20) if given.short else (given.minutes, given.cycles)
    return max(
        soaked(minutes, short=given.short) if minutes else 0, cycled(cycles, given.seed) if cycles else 0
    )


def soaked(minutes: float, *, short: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        samples, failed = under_attack(Path(folder), minutes * 60)
    settled = [one for one in samples if one[0] >= minutes * 10] or samples
    slope = slope_mb_h(lows(settled))
    peak = max(size for _, size in samples) / 1024
    print(f"agent: {minutes:g} min, {len(samples)} crowds of {CROWD}, peak of samples {peak:.1f} MB, "
          f"slope of the minutes' lows {slope:+.3f} MB/h (of all samples {slope_mb_h(settled):+.3f}), "
          f"{failed} probes unanswered within 1 s", flush=True)  # fmt: skip
    print("lows of each ten minutes, MB:", *tens(samples), flush=True)
    grows = not short and slope >= SLOPE_MB_H
    return int(bool(grows or failed or peak > PEAK_MB))


def cycled(cycles: int, seed: int) -> int:
    outcome = start_and_stop(cycles, seed)
    print(f"run: {outcome.done} cycles, {outcome.lost} signals lost, {outcome.wrong} exit codes wrong, "
          f"{outcome.left} processes left", flush=True)  # fmt: skip
    return int(any(outcome[1:]))


if __name__ == "__main__":
    sys.exit(main())
