"""The words of Go for the errors of the system."""

from __future__ import annotations

import errno

from probe.lightweight import os


def error_text(number: int) -> str:
    """An error number in Go's words (syscall/zerrors_linux_amd64.go), which are not every libc's."""
    return _ERRORS.get(number) or os.strerror(number).lower()


_ERRORS = {
    errno.EPERM: "operation not permitted",
    errno.ENOENT: "no such file or directory",
    errno.EIO: "input/output error",
    errno.ENXIO: "no such device or address",
    errno.EACCES: "permission denied",
    errno.ENODEV: "no such device",
    errno.ENOTDIR: "not a directory",
    errno.EISDIR: "is a directory",
    errno.EINVAL: "invalid argument",
    errno.EMFILE: "too many open files",
    errno.ELOOP: "too many levels of symbolic links",
    errno.ENAMETOOLONG: "file name too long",
    errno.ESTALE: "stale NFS file handle",
    errno.ENOTCONN: "transport endpoint is not connected",
}
