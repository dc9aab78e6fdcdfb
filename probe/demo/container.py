"""A process in the world's root with mounts of its own: a container without an engine."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from probe.demo.rootfs import Rootfs

_HOLD = Path(__file__).with_name("hold.py")
_PATIENCE_S = 10.0


class NotPermitted(Exception):
    """This machine does not let us mount; the text says at which step."""


@contextlib.contextmanager
def with_empty_volume(world: Rootfs, path: str) -> Iterator[int]:
    """The pid of a process that lives in the world's root, with an empty volume mounted on *path*."""
    reader, writer = os.pipe()
    holder = subprocess.Popen(
        [sys.executable, "-I", "-S", _HOLD, world.root, path],
        env=world.env,
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            first = said.readline().strip()
        if first != "ready":
            raise NotPermitted(first or "no answer")
        yield holder.pid
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            holder.communicate(timeout=_PATIENCE_S)  # its stdin ends, and so does it
        holder.kill()
        holder.wait()
