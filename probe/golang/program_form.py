"""How a program is linked and how large it is, against what was agreed; in words for whoever asks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.binary import Binary

MB = 1_000_000


def not_static(found: Binary) -> str:
    """What *found* needs beside itself; "" for a static program."""
    headers = found.elf
    if headers.static:
        return ""
    needs = ", ".join((headers.interpreter, *headers.needed)).strip(", ")
    return f"{found.path} is not static: it needs {needs}"


def too_large(path: str, size: int, most_mb: float) -> str:
    """By how much a program of *size* bytes is over *most_mb*; "" where it is not."""
    if size <= most_mb * MB:
        return ""
    return f"{path} is {size / MB:.1f} MB, more than the {most_mb:g} that are allowed"
