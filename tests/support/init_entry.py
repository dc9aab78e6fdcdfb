"""
The init on its own: `python -I init_entry.py CHECKOUT KILL_AFTER|- WORKER|- CMD ARGS`.

WORKER is a path: each worker appends its pid, what it is started with, and what it is told, to that file.
"""

import sys

sys.path.append(sys.argv[1])

from probe.entrypoint import block_signals

held = block_signals.hold()

import os  # noqa: E402
import signal  # noqa: E402

from probe.entrypoint.inherited import InheritedSignals  # noqa: E402
from probe.entrypoint.init import supervise  # noqa: E402


def worker(workload: int, starts: int, ending: bool) -> None:
    log = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, f"{os.getpid()}/{workload}/{starts}/{ending}\n".encode())
    while signal.sigwait({signal.SIGTERM}):
        os.write(log, b"told\n")


supervise(
    [os.fsencode(word) for word in sys.argv[4:]],
    InheritedSignals(held),
    None if sys.argv[3] == "-" else worker,
    None if sys.argv[2] == "-" else float(sys.argv[2]),
)
