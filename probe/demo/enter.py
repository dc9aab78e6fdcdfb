"""
Be a process of a container, by `main(ROOT, VOLUME, "FILE=PATH", ..., "--", "NAME=VALUE", ..., COMMAND, ...)`.

Makes ROOT its root directory. With a VOLUME it enters a mount namespace of its own before that,
where an empty volume is mounted on that path of ROOT and each FILE on its PATH. Then it becomes COMMAND
with these variables and no others (what starts a Python may add some), or without one says "ready" and
stays until its stdin ends. Nothing else is imported.
"""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

REFUSED = 75  # exit code where this machine does not let us; stdout names the step
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000  # linux/sched.h
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000  # linux/mount.h


def main(root: str, volume: str, *rest: str) -> None:
    """What a process of its own does; it ends with REFUSED where this machine does not let it."""
    at = rest.index("--") if "--" in rest else len(rest)
    files, command = rest[:at], rest[at + 1 :]
    mounts = bool(volume or files)
    if mounts or os.geteuid():
        _unshare(mounts=mounts)
    if mounts:
        _call("make mounts private", "mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    if volume:
        where = f"{root}/{volume}".encode()
        _call(f"mount on {volume}", "mount", b"tmpfs", where, b"tmpfs", 0, None)
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
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", "unshare", _CLONE_NEWNS * mounts | (_CLONE_NEWUSER if uid else 0))
    if not uid:
        return
    # Without a mapping of the group too nothing can be made in there (user_namespaces(7)).
    for name, line in (("uid_map", f"0 {uid} 1"), ("setgroups", "deny"), ("gid_map", f"0 {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
        except OSError as problem:
            _refuse(f"map the user: {problem.strerror}")


def _bind(root: str, file: str, path: str) -> None:
    target = f"{root}/{path}"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        # Never through a link, which would lead out of the root, and nothing that is there is emptied.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644))
    except OSError as problem:
        _refuse(f"make {path}: {problem.strerror}")
    _call(f"mount {file}", "mount", file.encode(), target.encode(), None, _MS_BIND, None)


def _become(words: tuple[str, ...]) -> None:
    at = next(number for number, word in enumerate(words) if word.startswith("/"))
    env, command = dict(word.split("=", 1) for word in words[:at]), words[at:]
    try:
        os.execve(command[0], command, env)  # noqa: S606 - the world's own program
    except OSError as problem:
        # The words of a runtime.
        raise SystemExit(f"exec {command[0]}: {(problem.strerror or '').lower()}") from None


def _call(step: str, name: str, *arguments: object) -> None:
    """One function of the C library; root in a root of its own needs none, nor the module for it."""
    try:
        import ctypes
    except ImportError:
        _refuse(f"{step}: this Python has no ctypes")
    function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments):
        _refuse(f"{step}: {os.strerror(ctypes.get_errno())}")


def _refuse(why: str) -> NoReturn:
    sys.stdout.write(f"{why}\n")
    sys.stdout.flush()
    os._exit(REFUSED)
