"""
Be the process of a container: hold.py ROOT PATH

Enters a mount namespace of its own, mounts an empty volume on PATH in ROOT, makes
ROOT its root directory, says "ready", and stays until its stdin ends. A program by
itself: it imports nothing of the package.
"""

import ctypes
import os
import sys

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000  # linux/sched.h
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000  # linux/mount.h


def hold(root: str, path: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)

    def must(result: int, what: str) -> None:
        if result:
            raise SystemExit(f"{what}: {os.strerror(ctypes.get_errno())}")

    uid = os.geteuid()
    must(libc.unshare(_CLONE_NEWNS | (_CLONE_NEWUSER if uid else 0)), "unshare")
    if uid:
        try:
            with open("/proc/self/uid_map", "w") as mapping:
                mapping.write(f"0 {uid} 1")
        except OSError as problem:
            raise SystemExit(f"map the user: {problem.strerror}") from None
    must(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
    must(libc.mount(b"tmpfs", f"{root}/{path}".encode(), b"tmpfs", 0, None), f"mount on {path}")
    os.chroot(root)
    os.chdir("/")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    hold(*sys.argv[1:])
