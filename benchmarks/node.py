"""
What `probe node --serve` costs: 100 Go programs in 20 different roots, first cold, then again.

python -m benchmarks.node     # as root: in a PID namespace of its own, each program in a root of its own
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import certifi

from benchmarks.measure import ROOT
from tests.golang.builds import build

ROOTS, EACH, AGAIN = 20, 5, 20
SLEEPER = 'package main\n\nimport "time"\n\nfunc main() { time.Sleep(time.Hour) }\n'
_TICKS = os.sysconf("SC_CLK_TCK")


def laid(folder: Path, number: int, program: Path) -> Path:
    root = folder / f"root{number}"
    (root / "etc/ssl/certs").mkdir(parents=True)
    shutil.copy(certifi.where(), root / "etc/ssl/certs/ca-certificates.crt")
    (root / "etc/hostname").write_text(str(number))
    shutil.copy(program, root / "app")
    return root


@contextmanager
def programs(folder: Path) -> Iterator[None]:
    """ROOTS times EACH Go programs that wait, for as long as this lasts."""
    program = build("1.27.3", {"main.go": SLEEPER})
    running: list[subprocess.Popen[bytes]] = []
    try:
        for root in [laid(folder, number, program) for number in range(ROOTS)]:
            for _ in range(EACH):
                command = ["/usr/sbin/chroot", str(root), "/app"]
                running.append(subprocess.Popen(command, env={"TZ": "UTC", "SECRET": "x" * 1000}))
        time.sleep(2)
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


class Node:
    """`probe node --serve` as a process."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        address = f"127.0.0.1:{self._port}"
        interval = ["--set", "agent.interval_s=3600", "--set", "agent.stale_after_s=7200"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "probe", "node", "--host", "--serve", address, *interval],
            cwd=ROOT,
            env={"PATH": "/usr/bin"},
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def scanned(self, after: float) -> float:
        """When the first scan that began after *after* ended."""
        while True:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics") as reply:
                found = re.search(
                    r"^probe_node_last_scan_timestamp_seconds (\S+)", reply.read().decode(), re.M
                )
                if found and float(found[1]) > after:
                    return float(found[1])
            time.sleep(0.02)

    def again(self) -> None:
        """Have it scan, and wait long enough; asking for its metrics all the time would cost more."""
        os.kill(self.pid, signal.SIGHUP)
        time.sleep(0.4)

    def cpu_s(self) -> float:
        """Of the process and of all its children that have ended (proc_pid_stat(5))."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class MemoryWatch(threading.Thread):
    """The most that a process and its children hold, looked at all the time until `stop`."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._ended = pid, threading.Event()
        self.largest_kb = self.together_kb = 0  # resident of one process; proportional of all

    def run(self) -> None:
        while not self._ended.wait(0.002):
            found = [_memory_kb(pid) for pid in _family(self._pid)]
            self.largest_kb = max(self.largest_kb, *(rss for rss, _ in found), 0)
            self.together_kb = max(self.together_kb, sum(pss for _, pss in found))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += _family(int(child))
    return found


def _memory_kb(pid: int) -> tuple[int, int]:
    """Resident and proportional set size."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0, 0
    found = {name: int(size) for name, size in re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.M)}
    return found.get("Rss", 0), found.get("Pss", 0)


def cost() -> None:
    node = Node()
    try:
        at = node.scanned(0.0)
        time.sleep(0.3)
        cold = node.cpu_s()
        print(f"cold, with the start of the interpreter: {cold:.2f} s CPU")
        for _ in range(AGAIN):
            node.again()
        cost = (node.cpu_s() - cold) / AGAIN
        assert node.scanned(at) > time.time() - 1, "the last scan was not the last one asked for"
        print(f"unchanged: {cost * 1e3:.1f} ms CPU")
    finally:
        node.stop()


def memory() -> None:
    node = Node()
    watch = MemoryWatch(node.pid)
    watch.start()
    try:
        node.scanned(0.0)
        cold = watch.largest_kb, watch.together_kb
        watch.largest_kb = watch.together_kb = 0
        for _ in range(3):
            node.again()
        unchanged = watch.largest_kb, watch.together_kb
        watch.stop()
        print(f"resident between scans: {_memory_kb(node.pid)[0] / 1024:.1f} MiB")
        for what, (largest, together) in (("cold", cold), ("unchanged", unchanged)):
            print(
                f"{what}: largest process {largest / 1024:.1f} MiB, together {together / 1024:.1f} MiB (PSS)"
            )
    finally:
        node.stop()


def main() -> None:
    if os.getpid() != 1:
        namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        os.execvp(namespace[0], [*namespace, sys.executable, "-m", "benchmarks.node"])
    with tempfile.TemporaryDirectory() as scratch, programs(Path(scratch)):
        cost()
        memory()


if __name__ == "__main__":
    main()
