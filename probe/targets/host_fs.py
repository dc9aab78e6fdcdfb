"""Our own file tree: the kernel resolves links and judges permissions."""

from __future__ import annotations

import errno
import io

from probe import syscalls
from probe.lightweight import BinaryIO, cast, os
from probe.targets import files
from probe.targets.files import Space, Stat

_KIND, _REGULAR = 0o170000, 0o100000  # S_IFMT, S_IFREG
# O_NONBLOCK: should a FIFO take the file's place meanwhile, opening and reading return at once.
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class HostFiles:
    """Files of the mount namespace and the user that we run in."""

    def open(self, path: str) -> BinaryIO:
        found = self.stat(path)
        if not found.is_file:
            self.access(path, os.R_OK)
            if not files.require_regular(path, found):
                return io.BytesIO()
        descriptor = os.open(path, _OPEN)
        stream = cast("BinaryIO", files.Reader(descriptor, path))
        try:
            files.require_regular(path, files.to_stat(os.fstat(descriptor)))
        except BaseException:
            stream.close()
            raise
        return stream

    def content(self, path: str, limit: int) -> bytes | None:
        """
        What `files.read` gives for an ordinary file, in the fewest calls; None for anything else.

        Should something else take its place meanwhile, reading neither waits nor gives just as many bytes.
        """
        found = os.stat(files.checked(path))
        size = found.st_size
        if found.st_mode & _KIND != _REGULAR or not 0 < size <= limit:
            return None
        descriptor = os.open(path, _OPEN)
        try:
            data = os.read(descriptor, size + 1)
        except OSError:  # `open` will say what is wrong
            return None
        finally:
            os.close(descriptor)
        return data if len(data) == size else None

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        return files.to_stat(os.stat(files.checked(path), follow_symlinks=follow))

    def readlink(self, path: str) -> str:
        return os.readlink(files.checked(path))

    def listdir(self, path: str) -> list[str]:
        descriptor = os.open(files.checked(path), _OPEN_DIRECTORY)
        try:
            return files.names(descriptor, path)
        finally:
            os.close(descriptor)

    def scan(self, path: str) -> tuple[list[str], dict[str, str] | None]:
        """As `files.scan`."""
        descriptor = os.open(files.checked(path), _OPEN_DIRECTORY)
        try:
            return files.scanned(descriptor, path)
        finally:
            os.close(descriptor)

    def resolve(self, path: str) -> str:
        return os.real_path(files.checked(path))

    def access(self, path: str, mode: int) -> None:
        if not syscalls.accessible(files.checked(path), mode):
            os.stat(path)  # says ENOENT, ELOOP, … where that is the reason
            raise files.error(errno.EACCES, path)

    def acl(self, path: str, kind: str) -> bytes:
        try:
            return os.getxattr(files.checked(path), kind, follow_symlinks=False)
        except OSError as problem:
            if problem.errno in (errno.ENODATA, errno.ENOTSUP):
                return b""
            raise

    def space(self, path: str) -> Space:
        return files.to_space(os.statvfs(files.checked(path)))
