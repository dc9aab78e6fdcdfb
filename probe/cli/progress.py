"""What a run that takes long is at, on a terminal."""

from __future__ import annotations

import time

from probe.lightweight import Callable, Sequence, os, suppress

_PATIENCE_S = 0.5
_ERASE = "\r\x1b[K"
_ERASE_ABOVE = "\x1b[A" + _ERASE


def possible() -> bool:
    """Whether stderr is a terminal on which a line can be replaced."""
    return os.environment().get("TERM", "dumb") != "dumb" and os.isatty(2)


def replace(line: str, *, first: bool) -> None:
    """
    Show *line* in place of the last one, or as the *first*; "" only takes the last one away.

    The cursor stays below it: whatever comes next, and be it our end, begins on a line of its own.
    """
    _put(("" if first else _ERASE_ABOVE) + (f"{_fitted(line)}\n" if line else ""))


class ProgressLine:
    """
    Gives a function that shows, on stderr, the names that it is told; erases them at the end.

    None where stderr is no terminal, or it is not to be *shown*. Nothing is shown of a run that takes less
    than half a second.
    """

    def __init__(self, *, shown: bool = True) -> None:
        self._shown = shown

    def __enter__(self) -> Callable[[Sequence[str]], None] | None:
        self._begin, self._written = time.monotonic(), False
        return self._tell if self._shown and possible() else None

    def __exit__(self, *_: object) -> None:
        if self._written:
            _put(_ERASE)

    def _tell(self, names: Sequence[str]) -> None:
        waited = time.monotonic() - self._begin
        if waited >= _PATIENCE_S:
            self._written = True
            _put(_ERASE + _fitted(f"waiting for {', '.join(names)} ({waited:.1f} s)"))


def _fitted(line: str) -> str:
    width = 80
    with suppress(OSError):
        width = os.get_terminal_size(2).columns or width
    return line[: width - 1]


def _put(text: str) -> None:
    with suppress(OSError):
        os.write(2, text.encode())
