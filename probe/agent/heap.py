"""What a crowd of clients has left in the C library's heap, given back to the system."""

from __future__ import annotations

from collections.abc import Callable

from probe import prctl


def trimmer() -> Callable[[], object]:
    """
    Gives back the pages of the heap that hold nothing: malloc_trim(3), a fifth of a millisecond.

    Of itself glibc gives back the end of its heap alone, and after an attack something small lies there.
    With another C library nothing is done.
    """
    trim = prctl.libc("malloc_trim")
    return (lambda: trim(0)) if trim else (lambda: None)
