"""The Unix socket behind `probe status`: one line with a role in, one line with the verdict out."""

import errno
import os
import socket
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from probe.agent.loop import Loop
from probe.agent.state import State
from probe.errors import ProbeError
from probe.output import text
from probe.output.base import printable
from probe.report import ROLES

_AT_ONCE = 32  # connections that are waited for
_PATIENCE_S = 1.0  # for the one line of a client
_UCRED = 12  # bytes: pid, uid, gid (unix(7))


class SocketTaken(ProbeError):
    """Another agent answers there."""


class StatusSocket:
    """
    Listens at *path*; the directory is ours alone, and only we ourselves and root are answered.

    An abstract address, which begins with NUL, has no directory: only the second holds.
    """

    def __init__(self, path: str, state: State, loop: Loop) -> None:
        self._path, self._state, self._loop = path, state, loop
        self._waiting: dict[int, tuple[socket.socket, float]] = {}  # descriptor → the connection, its end
        self._abstract = path.startswith("\0")
        if not self._abstract:
            _make_room(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind(path)
            if not self._abstract:
                os.chmod(path, 0o600)
            self._socket.listen(64)
        except OSError as problem:
            self._socket.close()
            if problem.errno == errno.EADDRINUSE:
                raise _taken(path) from None
            raise
        self._identity = None if self._abstract else _identity(path)
        loop.watch(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        with suppress(OSError):  # gone again, or no descriptor is left
            while True:
                connection, _ = self._socket.accept()
                connection.setblocking(False)
                peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED)
                if int.from_bytes(peer[4:8], sys.byteorder) not in (0, os.geteuid()):
                    connection.close()
                    continue
                self.sweep(room_for=1)
                number = connection.fileno()
                self._waiting[number] = connection, time.monotonic() + _PATIENCE_S
                self._loop.watch(number, self._answering(number))

    def _answering(self, number: int) -> Callable[[], None]:
        return lambda: self._answer(number)

    def _answer(self, number: int) -> None:
        if number not in self._waiting:  # answered: the end came with the line
            return
        connection, _ = self._waiting[number]
        with suppress(OSError):
            role = connection.recv(64).decode("ascii", "replace").strip()
            connection.send(self.said(role).encode())
        self._drop(number)

    def said(self, role: str) -> str:
        """
        `0 healthy: …` or `1 unhealthy: CODE …` and what `probe check` would say; `64 …` for no such role.

        One line: where the text has a line end there is a NUL.
        """
        if role not in ROLES:
            return f"64 there is no role {printable(role)}: {', '.join(ROLES)}\n"
        report = self._state.schedule.roles[role].brief(time.monotonic())
        spoken = ""
        if not report.healthy:
            from probe import translations

            spoken = translations.language(os.environ)
        told = text.render(report, timed=False, language=spoken).rstrip("\n").replace("\n", "\0")
        return f"{0 if report.healthy else 1} {told}\n"

    def sweep(self, room_for: int = 0) -> None:
        """Drop those who have been silent for too long, and the oldest when they are too many."""
        now = time.monotonic()
        for number, (_, end) in list(self._waiting.items()):
            if end < now or len(self._waiting) + room_for > _AT_ONCE:
                self._drop(number)

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def _drop(self, number: int) -> None:
        connection, _ = self._waiting.pop(number)
        self._loop.forget(number)
        connection.close()

    def close(self) -> None:
        """Listen no more; the path goes too, unless another agent has taken it over."""
        for number in list(self._waiting):
            self._drop(number)
        self._loop.forget(self._socket.fileno())
        self._socket.close()
        with suppress(OSError):
            if self._identity and _identity(self._path) == self._identity:
                os.unlink(self._path)


def _taken(path: str) -> SocketTaken:
    shown = path.replace("\0", "@")
    return SocketTaken(f"{shown}: another agent answers there; set agent.socket to another path")


def _identity(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def _make_room(path: str) -> None:
    """The directory is there, ours, and closed to others; a socket that nobody answers is gone."""
    folder = os.path.dirname(path)
    if os.path.basename(folder).startswith(
        "probe-"
    ):  # one of our own choice: TMPDIR itself is not ours to make
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
    else:
        os.makedirs(folder, 0o700, exist_ok=True)
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise ProbeError(f"{folder}: belongs to another user; set agent.socket to a path of your own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise ProbeError(f"{folder}: others may enter it; chmod 700 {folder}, or set agent.socket elsewhere")
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ProbeError(f"{path}: exists and is not a socket; set agent.socket to another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(0.5)
        with suppress(ConnectionRefusedError, FileNotFoundError):
            one.connect(path)
            raise _taken(path)
    os.unlink(path)
