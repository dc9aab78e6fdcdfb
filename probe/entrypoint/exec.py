"""Turn into another program, as execvp(3) does it."""

import errno
import os

from probe.entrypoint.inherited import InheritedSignals
from probe.entrypoint.path_lookup import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as shells and Docker say it
_SHELL = b"/bin/sh"
# The search goes on after these (execvpe(3) in glibc).
_ELSEWHERE = {errno.EACCES, errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV, errno.ETIMEDOUT}
_MISSING = {errno.ENOENT, errno.ENOTDIR}


def become(command: "list[bytes]", caller: InheritedSignals) -> "NoReturn":
    """
    Replace this process by *command*; where that cannot be, say why in one line and end with 126 or 127.

    The workload gets the signals of *caller* and the environment as it was.
    """
    code = NOT_EXECUTABLE
    try:
        caller.give_back()
        problem = _execute(command)
        code = NOT_FOUND if problem.errno in _MISSING else NOT_EXECUTABLE
        _say(command, problem)
    finally:
        os._exit(code)


def _execute(command: "list[bytes]") -> OSError:
    """Why none of the places has a program that can be started; does not return when one has."""
    last = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    denied = None
    for path in places(command[0]):
        last = _try(path, command)
        if last.errno == errno.EACCES:
            denied = denied or last
        elif last.errno == errno.ENAMETOOLONG and len(command[0]) < 256:
            continue  # the directory's fault
        elif last.errno not in _ELSEWHERE:
            return last
    return denied or last


def _try(path: bytes, command: "list[bytes]") -> OSError:
    try:
        os.execv(path, command)  # noqa: S606
    except OSError as problem:
        if problem.errno != errno.ENOEXEC:
            return problem
    try:  # a script without #!
        os.execv(_SHELL, [_SHELL, path, *command[1:]])  # noqa: S606
    except OSError as problem:
        return problem


def _say(command: "list[bytes]", problem: OSError) -> None:
    from probe.entrypoint import exec_errors

    line = f"probe: {exec_errors.explain(command[0], problem)}\n"
    os.write(2, line.encode("utf-8", "backslashreplace"))
