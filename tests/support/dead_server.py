"""A mount on which nothing is ever answered."""

import ctypes
import os
import select
import struct
import threading
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2
_FUSE_INIT = 26  # linux/fuse.h


def mount(kind: str, place: Path, options: str) -> None:
    place.mkdir()
    if _LIBC.mount(kind.encode(), str(place).encode(), kind.encode(), 0, options.encode()):
        raise OSError(ctypes.get_errno(), f"mount {kind}")


def unmount(place: Path) -> None:
    _LIBC.umount2(str(place).encode(), _MNT_DETACH)


class DeadServer:
    """A file system whose server takes each request and answers none, until it is closed."""

    def __init__(self, place: Path) -> None:
        self._device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        mount("fuse", place, f"fd={self._device},rootmode=40000,user_id=0,group_id=0")
        self.place = place
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while not self._ended.is_set():
            if not select.select([self._device], [], [], 0.05)[0]:
                continue
            request = os.read(self._device, 1 << 20)
            _, kind, unique = struct.unpack_from("=IIQ", request)
            if kind == _FUSE_INIT:
                major, _ = struct.unpack_from("=II", request, 40)
                body = struct.pack("=IIIIHHII", major, 31, 0, 0, 0, 0, 4096, 1) + bytes(32)
                os.write(self._device, struct.pack("=IiQ", 16 + len(body), 0, unique) + body)

    def close(self) -> None:
        """Now all requests fail."""
        if not self._ended.is_set():
            self._ended.set()
            self._thread.join()
            unmount(self.place)
            os.close(self._device)
