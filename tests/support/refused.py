"""
Run a command as under a seccomp profile: `python refused.py NAME=ERRNO[,NAME=ERRNO…] COMMAND…`.

Each system call NAME (NAME/NUMBER: with that first argument) fails with ERRNO; all others are allowed.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# name: (x86_64, aarch64), by asm/unistd_64.h and asm-generic/unistd.h; None where the architecture has none
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "poll": (7, None),
    "lseek": (8, 62),
    "ioctl": (16, 29),
    "access": (21, None),
    "sched_getaffinity": (204, 123),
    "getpid": (39, 172),
    "socket": (41, 198),
    "connect": (42, 203),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "shutdown": (48, 210),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    "socketpair": (53, 199),
    "setsockopt": (54, 208),
    "getsockopt": (55, 209),
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "wait4": (61, 260),
    "kill": (62, 129),
    "uname": (63, 160),
    "fsync": (74, 82),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "sysinfo": (99, 179),
    "getuid": (102, 174),
    "setpgid": (109, 154),
    "getppid": (110, 173),
    "getpgrp": (111, None),
    "setsid": (112, 157),
    "getgroups": (115, 158),
    "getpgid": (121, 155),
    "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "prctl": (157, 167),
    "getxattr": (191, 8),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "fchmod": (91, 52),
    "waitid": (247, 95),
    "dup3": (292, 24),
    "pipe2": (293, 59),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
    "statx": (332, 291),
    "clone3": (435, 435),
    "close_range": (436, 436),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "rt_sigprocmask": (14, 135),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "eventfd2": (290, 19),
    "sigaltstack": (131, 132),
}
KNOWN = 1 if platform.machine() == "aarch64" else 0
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/filter.h
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


def number(name: str) -> int | None:
    """The number of the system call *name* on this machine; None where it has none."""
    return NUMBERS[name][KNOWN]


def refuse(answers: dict[int, int], first: int | None = None) -> None:
    """Have the system calls *answers* (number → errno) with the argument *first* fail from here on."""
    filters = []
    for call, answer in answers.items():
        filters.append(struct.pack("HBBI", _LOAD, 0, 0, 0))
        filters.append(struct.pack("HBBI", _EQUAL, 0, 1 if first is None else 3, call))
        if first is not None:
            filters.append(struct.pack("HBBI", _LOAD, 0, 0, 16))  # seccomp_data.args[0]
            filters.append(struct.pack("HBBI", _EQUAL, 0, 1, first))
        filters.append(struct.pack("HBBI", _RETURN, 0, 0, _ERRNO | answer))
    filters.append(struct.pack("HBBI", _RETURN, 0, 0, _ALLOW))
    code = ctypes.create_string_buffer(b"".join(filters))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(filters), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_SECCOMP, _FILTER, program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    for word in sys.argv[1].split(","):
        what, _, answer = word.partition("=")
        name, _, argument = what.partition("/")
        call = number(name)
        if call is not None:
            refuse({call: getattr(errno, answer)}, int(argument) if argument else None)
    os.execvp(sys.argv[2], sys.argv[2:])
