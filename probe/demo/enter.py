"""
Be a process of a container: enter.py ROOT VOLUME [FILE=PATH ...] [-- COMMAND ...]

Makes ROOT its root directory. With a VOLUME it enters a mount namespace of its own before that,
where an empty volume is mounted on that path of ROOT and each FILE on the PATH in it. Then it becomes
COMMAND, or without one says "ready" and stays until its stdin ends. A program by itself: it
imports nothing of the package.
"""

import ctypes
import os
import sys

REFUSED = 75  # exit code where this machine does not let us; stdout names the step
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000  # linux/sched.h
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000  # linux/mount.h
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(root: str, volume: str, *rest: str) -> None:
    at = rest.index("--") if "--" in rest else len(rest)
    files, command = rest[:at], rest[at + 1 :]
    if volume or os.geteuid():
        _unshare(mounts=bool(volume))
    if volume:
        _must(_LIBC.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None), "make mounts private")
        _must(_LIBC.mount(b"tmpfs", f"{root}/{volume}".encode(), b"tmpfs", 0, None), f"mount on {volume}")
        for file in files:
            _bind(root, *file.split("=", 1))
    try:
        os.chroot(root)
    except OSError as problem:
        _refuse(f"chroot: {problem.strerror}")
    os.chdir("/")
    if command:
        _become(command)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


def _unshare(*, mounts: bool) -> None:
    """Namespaces of our own; who is not root becomes root in one of users."""
    uid = os.geteuid()
    _must(_LIBC.unshare(_CLONE_NEWNS * mounts | (_CLONE_NEWUSER if uid else 0)), "unshare")
    if uid:
        try:
            with open("/proc/self/uid_map", "w") as mapping:
                mapping.write(f"0 {uid} 1")
        except OSError as problem:
            _refuse(f"map the user: {problem.strerror}")


def _bind(root: str, file: str, path: str) -> None:
    target = f"{root}/{path}"
    with open(target, "w"):
        pass
    _must(_LIBC.mount(file.encode(), target.encode(), None, _MS_BIND, None), f"mount {file}")


def _become(command: tuple[str, ...]) -> None:
    try:
        os.execv(command[0], command)  # noqa: S606 - the world's own program
    except OSError as problem:
        # The words of a runtime.
        raise SystemExit(f"exec {command[0]}: {(problem.strerror or '').lower()}") from None


def _must(result: int, what: str) -> None:
    if result:
        _refuse(f"{what}: {os.strerror(ctypes.get_errno())}")


def _refuse(why: str) -> None:
    sys.stdout.write(f"{why}\n")
    sys.stdout.flush()
    os._exit(REFUSED)


if __name__ == "__main__":
    main(*sys.argv[1:])
