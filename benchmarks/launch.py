"""
Run one command and write what it cost to a descriptor: launch.py DESCRIPTOR COMMAND...

Five numbers: wall µs, CPU µs, peak KiB, exit code, and the CPU µs of the processes that
the command left behind, which come to us. The command is forked from a second interpreter
that has imported nothing, because the kernel counts the memory of whoever forks as the
peak of what is started.
"""

import os
import sys
import time

_PATIENCE_S = 10.0
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def lean(out: int, command: list[str]) -> None:
    began = time.perf_counter()
    pid = os.fork()
    if not pid:
        try:
            os.close(out)
            os.execvp(command[0], command)
        finally:
            os._exit(127)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    cpu = used.ru_utime + used.ru_stime
    code = os.waitstatus_to_exitcode(status)
    os.write(out, f"{wall * 1e6:.0f} {cpu * 1e6:.0f} {used.ru_maxrss} {code}".encode())


def reap() -> float:
    """Wait for what was left to us; its CPU in µs."""
    used = 0.0
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return used
        if pid:
            used += (usage.ru_utime + usage.ru_stime) * 1e6
        else:
            time.sleep(0.001)
    raise SystemExit("the command left a process behind that does not end")


def main(out: str, *command: str) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    again = [sys.executable, "-I", "-S", __file__, "--lean", out, *command]
    os.waitpid(os.posix_spawn(sys.executable, again, os.environ), 0)
    os.write(int(out), f" {reap():.0f}".encode())


if sys.argv[1] == "--lean":
    lean(int(sys.argv[2]), sys.argv[3:])
else:
    main(*sys.argv[1:])
