"""Standard input as a file that can be read at any place, as an archive is."""

from __future__ import annotations

import os
import select

from probe.targets import reasons
from probe.targets.archive_errors import ArchiveError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.sources import Budget

STDIN = "-"
_PIECE = 1 << 20
_SILENCE_S = 60.0
_PLACES = ("/tmp", "/var/tmp")  # noqa: S108 - a file without a name, of mode 0600


def spooled(descriptor: int, budget: Budget) -> str:
    """
    The path of a file without a name that holds all that *descriptor* gives, as far as *budget* allows.

    On disk where there is room for temporary files, else in memory; it goes with this process.
    """
    file = _unnamed()
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    size = 0
    while True:
        if not ready.poll(_SILENCE_S * 1000):
            raise ArchiveError(reasons.INVALID, f"nothing came for {_SILENCE_S:g} s")
        piece = os.read(descriptor, _PIECE)
        if not piece:
            break
        size += len(piece)
        budget.take(len(piece))
        view = memoryview(piece)
        while view:
            view = view[os.write(file, view) :]
    if not size:
        raise ArchiveError(reasons.INVALID, "nothing came on standard input")
    return f"/proc/self/fd/{file}"


def _unnamed() -> int:
    for place in (os.environ.get("TMPDIR", ""), *_PLACES):
        try:
            return os.open(place, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # not there, not ours, or a file system without such files
            continue
    return os.memfd_create("image")
