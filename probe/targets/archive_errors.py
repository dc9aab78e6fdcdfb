"""What is wrong with an archive, told from where it is met up to where the file's name is known."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from probe.targets import reasons
from probe.targets.reasons import Reason


class ArchiveError(Exception):
    """An archive, or a part of one, cannot be used."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason, self.why = reason, why


def _packing(problem: zlib.error) -> str:
    said = str(problem)
    return said.replace("zstd: ", "zstd (", 1) + ")" if said.startswith("zstd: ") else f"gzip ({said})"


@contextmanager
def within(part: str) -> Iterator[None]:
    """Name the part in whose reading something broke."""
    try:
        yield
    except ArchiveError as problem:
        if problem.reason is reasons.DIGEST_MISMATCH:  # names it by itself, in a registry's words
            raise
        raise ArchiveError(problem.reason, f"{part}: {problem.why}") from None
    except zlib.error as problem:
        raise ArchiveError(reasons.INVALID, f"{part}: damaged {_packing(problem)}") from None
    except EOFError:
        raise ArchiveError(reasons.TRUNCATED, f"{part}: the gzip stream is cut off") from None
