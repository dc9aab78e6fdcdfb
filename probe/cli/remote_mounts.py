"""Whether something is mounted here whose server may never answer, and whom to tell how long we may wait."""

import posix

# What follows the separator in a line of proc_pid_mountinfo(5): file systems of a server or a daemon.
_KINDS = tuple(
    b" - " + kind
    for kind in (
        *(b"fuse", b"nfs", b"9p ", b"virtiofs ", b"cifs ", b"smb3 ", b"ceph ", b"lustre ", b"afs "),
        *(b"autofs ", b"gfs2 ", b"ocfs2 ", b"beegfs ", b"gpfs ", b"orangefs ", b"pvfs2 "),
    )
)

guards: list[int] = []
"""On which `within` tells it to those who wait for us: `in_time.guard`, `tight_memory.guard`."""


def within(seconds: float) -> None:
    """Tell who guards us, if anybody, that from now on we may be silent for so many seconds."""
    for guard in guards:
        posix.write(guard, b"%f\n" % seconds)


def present() -> bool:
    """
    Whether a mount of this mount namespace is of such a kind; no where /proc does not say.

    A read from one may last for ever and not even end by SIGKILL (fuse: once the server has taken it).
    """
    try:
        descriptor = posix.open("/proc/self/mountinfo", posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return False
    data = b""
    try:
        while piece := posix.read(descriptor, 1 << 16):
            data += piece
    except OSError:
        return False
    finally:
        posix.close(descriptor)
    return any(kind in data for kind in _KINDS)
