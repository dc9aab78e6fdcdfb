"""
A file is made and taken away again, to see that it can be: the only writing that probe ever does to a target.

It is done by a process of its own: what it has made it removes, even when the file system
hangs beyond our deadline, and when we have been killed meanwhile. Only `probe run` as PID 1
ends it, as it ends all that the checks have left behind.
"""

import os
import secrets
import select
import sys

from probe import syscalls
from probe.deadline import Deadline, DeadlineExceeded
from probe.errors import TargetError

# In that process, with nothing imported but what is built in: argv is directory and name.
# A file without a name leaves nothing whatever happens; not every file system can make one.
_PROGRAM = """
import posix, sys
directory, name = sys.argv[1:]
flags = posix.O_WRONLY | posix.O_CLOEXEC | posix.O_NOFOLLOW
UNSUPPORTED = 2, 21, 22, 95  # ENOENT, EISDIR, EINVAL, EOPNOTSUPP: open(2) on O_TMPFILE
try:
    try:
        made = posix.open(directory, flags | posix.O_TMPFILE, 0o600)
    except OSError as problem:
        if problem.errno not in UNSUPPORTED:
            raise
        path = directory + "/" + name
        made = posix.open(path, flags | posix.O_CREAT | posix.O_EXCL, 0o600)
        posix.unlink(path)
    posix.write(made, b"probe")
    posix.fsync(made)
    posix.close(made)
    posix.write(1, b"0")
except OSError as problem:
    posix.write(1, str(problem.errno).encode())
"""


def touch(directory: str, deadline: Deadline) -> None:
    """
    Make a file in *directory*, write to it and remove it; OSError as the kernel gave it.

    The name is random, nothing that exists is opened, no link is followed. DeadlineExceeded
    when there is no answer in time, TargetError where the process that does it cannot do its work.
    """
    try:
        answer = _asked(directory, deadline)
    except OSError as problem:
        raise TargetError(f"no process can be started to make a file: {problem.strerror}") from None
    if not answer:
        raise TargetError("the process that creates the file ended without an answer")
    if number := int(answer):
        raise OSError(number, os.strerror(number), directory)


def _asked(directory: str, deadline: Deadline) -> bytes:
    """What the process says: an errno, or 0; b"" for one that died."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    null = -1
    try:
        null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        actions = [
            (os.POSIX_SPAWN_DUP2, null, 0),
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
        ]
        argv = [sys.executable, "-I", "-S", "-c", _PROGRAM, directory, f".probe-{secrets.token_hex(8)}"]
        # An interpreter may need it to find its own library, and nothing else of the environment.
        env = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        pid = os.posix_spawn(sys.executable, argv, env, file_actions=actions, setsid=True)
        os.close(writer)
        writer = -1
        answer = _answer(reader, deadline)
    finally:
        for descriptor in (reader, writer, null):
            if descriptor >= 0:
                os.close(descriptor)
    os.waitpid(pid, 0)
    return answer


def _answer(reader: int, deadline: Deadline) -> bytes:
    poll = syscalls.poll()
    poll.register(reader, select.POLLIN)
    if not poll.poll(deadline.remaining() * 1000):
        raise DeadlineExceeded
    return os.read(reader, 64)
