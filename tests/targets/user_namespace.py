"""
A process with a map of user ids is asked what it may do, and judged: run as a module.

Arguments: the map's lines divided by commas, and a folder. As JSON: for each of its files and each
right, what the kernel says to that process, what we say from outside of its namespace, and within.
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from probe.errors import TargetError
from probe.targets import Target
from probe.targets.process import of_process

_NEWUSER, _SET_DUMPABLE = 0x10000000, 4
RIGHTS = (os.R_OK, os.W_OK, os.X_OK)


def judged(target: Target, paths: list[str]) -> list[bool]:
    rights = [_done(target.access, path, want) for path in paths for want in RIGHTS]
    return rights + [_done(target.listdir, path) for path in paths]


def allowed(paths: list[str]) -> list[bool]:
    """What the kernel says to this process."""
    rights = [os.access(path, want, effective_ids=True) for path in paths for want in RIGHTS]
    return rights + [_done(os.listdir, path) for path in paths]


def _done(look: Callable[..., object], *arguments: object) -> bool:
    try:
        look(*arguments)
    except (OSError, TargetError):
        return False
    return True


def main(lines: str, folder: str) -> None:
    paths = [str(path) for path in sorted(Path(folder).rglob("*"))]
    (asked, ask), (told, tell), (answers, answer), (released, release) = (os.pipe() for _ in range(4))
    pid = os.fork()
    if not pid:
        for ours in (tell, release):
            os.close(ours)
        try:
            _enter(lines, ask, told)
            os.write(answer, json.dumps([allowed(paths), judged(of_process(os.getpid()), paths)]).encode())
            os.close(answer)
            os.read(released, 1)
        finally:
            os._exit(1)  # the parent sees what is missing
    for theirs in (ask, answer):
        os.close(theirs)
    os.read(asked, 1)
    for name in ("gid_map", "uid_map") if lines else ():
        Path(f"/proc/{pid}/{name}").write_text(lines.replace(",", "\n"))
    os.write(tell, b"x")
    with open(answers) as stream:
        kernel, inside = json.loads(stream.read())
    print(json.dumps([kernel, judged(of_process(pid), paths), inside]))
    os.write(release, b"x")
    os.waitpid(pid, 0)


def _enter(lines: str, ask: int, told: int) -> None:
    """A user namespace with the map that the parent writes, as its root."""
    libc = ctypes.CDLL(None)
    assert not libc.unshare(_NEWUSER)
    os.write(ask, b"x")
    os.read(told, 1)
    if lines:
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)  # else its own /proc is closed to it


if __name__ == "__main__":
    main(*sys.argv[1:])
