"""A system call that is refused."""

import subprocess
import sys

from tests.support.commands import clean_environment

DENY = """
import ctypes, os, struct, sys
numbers = {"x86_64": (159, 305), "aarch64": (171, 266)}[os.uname().machine]
steps = [(0x20, 0, 0, 0), (0x15, 1, 0, numbers[0]), (0x15, 0, 1, numbers[1]), (0x06, 0, 0, 0x50001),
         (0x06, 0, 0, 0x7FFF0000)]
code = b"".join(struct.pack("HBBI", *step) for step in steps)
kept = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(kept)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


def denied(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run *command* where a seccomp filter denies both calls."""
    return subprocess.run(
        [sys.executable, "-c", DENY, sys.executable, *command],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )
