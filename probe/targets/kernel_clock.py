"""
What the kernel knows about its own clock: adjtimex(2), which anybody may ask.

CLOCK_REALTIME is one for the whole machine: time namespaces have offsets for the
monotonic and boot-time clocks only (time_namespaces(7)), so it is the target's too.
"""

import errno
import os
import struct

from probe import syscalls
from probe.lightweight import NamedTuple

# How struct timex in include/uapi/linux/timex.h begins: modes, offset, freq, maxerror, esterror, status.
_TIMEX = struct.Struct("@Illlli")
_SIZE = 512  # of struct timex, and more
_UNSYNC, _NANO = 0x0040, 0x2000
_STATES = ("ok", "insert a leap second", "delete a leap second", "in a leap second", "after one", "error")
# glibc asks clock_adjtime(2), which Docker before 20.10 denies (moby/moby#40919); this one it allows.
_ADJTIMEX = {
    "x86_64": 159,
    "aarch64": 171,
    "riscv64": 171,
    "loongarch64": 171,
    "ppc64le": 124,
    "s390x": 124,
}


class KernelClock(NamedTuple):
    """The state of the clock, as the kernel was told by whoever disciplines it."""

    synchronised: bool
    offset_s: float  # that is still to be made up for
    estimated_error_s: float
    max_error_s: float  # grows by 0.5 ms a second until somebody sets it again
    state: str


def read() -> KernelClock:
    """Ask the kernel; OSError where it does not say (EPERM, ENOSYS: a seccomp filter or a sandbox)."""
    return decoded(*_ask())


def decoded(status: int, data: bytes) -> KernelClock:
    """What adjtimex(2) gave back and wrote."""
    _, offset, _, max_error, estimated, flags = _TIMEX.unpack_from(data)
    return KernelClock(
        not flags & _UNSYNC,
        offset / (1e9 if flags & _NANO else 1e6),
        estimated / 1e6,
        max_error / 1e6,
        _STATES[status] if status < len(_STATES) else str(status),
    )


def _ask() -> tuple[int, bytes]:
    try:
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(_SIZE)
        number = _ADJTIMEX.get(syscalls.machine()) if struct.calcsize("l") == 8 else None
        result = library.syscall(number, buffer) if number else library.adjtimex(buffer)
    except (ImportError, OSError, AttributeError):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result), buffer.raw
