"""
Run one command and write what it cost to a descriptor: wall µs, CPU µs, peak KiB, exit code.

A program of its own, with nothing imported, because the kernel counts the memory of
whoever forks as the peak of what is started.
"""

import os
import sys
import time


def main() -> None:
    out, command = int(sys.argv[1]), sys.argv[2:]
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


main()
