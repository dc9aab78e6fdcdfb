"""Functions of text or of a file, as functions of bytes."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path


def text(function: Callable[[str], object]) -> Callable[[bytes], object]:
    """The same for bytes, which reach it as arguments and environments do."""
    return lambda data: function(data.decode("utf-8", "surrogateescape"))


def in_utf8(function: Callable[[str], object]) -> Callable[[bytes], object]:
    """The same for a reader of files that must be UTF-8."""
    return lambda data: function(data.decode("utf-8", "replace"))


def in_file(function: Callable[[str], object]) -> Callable[[bytes], object]:
    """The same for a file that holds the bytes."""

    def read(data: bytes) -> object:
        path = Path(scratch()) / "file"
        path.write_bytes(data)
        return function(str(path))

    return read


@cache
def scratch() -> str:
    return tempfile.mkdtemp(prefix="fuzz-")
