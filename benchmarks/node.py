"""
What a scan of a node costs: 100 Go programs in 20 different roots, first cold, then again.

python -m benchmarks.node     # as root: each program runs in a root of its own
"""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import certifi

from probe.cli import node
from probe.cli.arguments import parse
from tests.golang.builds import build

ROOTS, EACH = 20, 5
SLEEPER = 'package main\n\nimport "time"\n\nfunc main() { time.Sleep(time.Hour) }\n'


def cpu_s() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def laid(folder: Path, number: int, program: Path) -> Path:
    root = folder / f"root{number}"
    (root / "etc/ssl/certs").mkdir(parents=True)
    shutil.copy(certifi.where(), root / "etc/ssl/certs/ca-certificates.crt")
    (root / "etc/hostname").write_text(str(number))
    shutil.copy(program, root / "app")
    return root


def main() -> None:
    program = build("1.27.3", {"main.go": SLEEPER})
    running: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder, proc = Path(scratch), Path(scratch, "proc")
        proc.mkdir()
        try:
            for root in [laid(folder, number, program) for number in range(ROOTS)]:
                for _ in range(EACH):
                    command = ["/usr/sbin/chroot", str(root), "/app"]
                    running.append(subprocess.Popen(command, env={"TZ": "UTC", "SECRET": "x" * 1000}))
            time.sleep(2)
            for process in running:
                os.symlink(f"/proc/{process.pid}", proc / str(process.pid))
            scanner = node.scanner(parse(node.COMMAND, ["--host"]), proc=str(proc), logs="/nowhere")
            for what in ("cold", "unchanged", "unchanged"):
                before, begin = cpu_s(), time.monotonic()
                snapshot = scanner.scan()
                took = f"{cpu_s() - before:.3f} s CPU, {time.monotonic() - begin:.3f} s wall"
                print(f"{what}: {len(snapshot.judged)} programs, {snapshot.fresh} judged, {took}")
            most = max(
                resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            )
            print(f"resident at most: {most / 1024:.1f} MiB")
        finally:
            for process in running:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
