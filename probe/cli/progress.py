"""What a slow run still waits for, on a terminal."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PATIENCE_S = 0.5
_ERASE = "\r\x1b[K"


@contextmanager
def shown() -> Iterator[Callable[[Sequence[str]], None] | None]:
    """
    Give a function that shows, on stderr, the names that it is told; erase them at the end.

    None where stderr is no terminal. Nothing is shown of a run that takes less than half a second.
    """
    if os.environ.get("TERM", "dumb") == "dumb" or not os.isatty(2):
        yield None
        return
    begin, written = time.monotonic(), False

    def tell(names: Sequence[str]) -> None:
        nonlocal written
        waited = time.monotonic() - begin
        if waited >= _PATIENCE_S:
            written = True
            _put(_ERASE + _fitted(f"waiting for {', '.join(names)} ({waited:.1f} s)"))

    try:
        yield tell
    finally:
        if written:
            _put(_ERASE)


def _fitted(line: str) -> str:
    width = 80
    with suppress(OSError):
        width = os.get_terminal_size(2).columns or width
    return line[: width - 1]


def _put(text: str) -> None:
    with suppress(OSError):
        os.write(2, text.encode())
