"""What is wrong with an archive, told from where it is met up to where the file's name is known."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from probe import codes
from probe.codes import Code


class ArchiveError(Exception):
    """An archive, or a part of one, cannot be used."""

    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


def _packing(problem: zlib.error) -> str:
    said = str(problem)
    return said.replace("zstd: ", "zstd (", 1) + ")" if said.startswith("zstd: ") else f"gzip ({said})"


@contextmanager
def within(part: str) -> Iterator[None]:
    """Name the part in whose reading something broke."""
    try:
        yield
    except ArchiveError as problem:
        if problem.code is codes.IMAGE_DIGEST_MISMATCH:  # names it by itself, in a registry's words
            raise
        raise ArchiveError(problem.code, f"{part}: {problem.why}") from None
    except zlib.error as problem:
        raise ArchiveError(codes.IMAGE_INVALID, f"{part}: damaged {_packing(problem)}") from None
    except EOFError:
        raise ArchiveError(codes.IMAGE_TRUNCATED, f"{part}: the gzip stream is cut off") from None
