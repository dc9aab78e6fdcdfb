"""What both loaders have in common."""

from collections.abc import Iterator
from typing import Optional, Protocol

from probe.formats.elf import Elf
from probe.formats.elf.dynamic import Dynamic
from probe.lightweight import NamedTuple


class Loaded(NamedTuple):
    """A program or library, and who asked for it."""

    path: str  # where it was found
    real: str  # after all links: one file is loaded once
    headers: Elf
    dynamic: Dynamic
    by: Optional["Loaded"] = None  # None: the program

    @property
    def weight(self) -> int:
        """About how many characters it holds."""
        wanted = (name for each in self.dynamic.wanted for name in each.versions)
        return sum(map(len, (*self.headers.needed, *wanted, *self.dynamic.defined)))

    @property
    def folder(self) -> str:
        """What $ORIGIN means: for the program after all links, for a library as it was found."""
        return (self.path if self.by else self.real).rpartition("/")[0] or "/"


class LibrarySearch(Protocol):
    """How one loader looks for libraries."""

    def built_in(self, name: str) -> bool:
        """Whether the loader itself is that library."""

    def places(self, name: str, by: Loaded) -> Iterator[str]:
        """The paths at which it looks for *name*, needed by *by*, in order."""


def expand(path: str, owner: Loaded, **words: str) -> str:
    """*path* with $ORIGIN and *words* put in (ld.so(8), dynamic string tokens)."""
    for word, value in {"ORIGIN": owner.folder, **words}.items():
        path = path.replace(f"${{{word}}}", value).replace(f"${word}", value)
    return path


def chain(by: Loaded) -> Iterator[Loaded]:
    """The one who asks, who asked for that one, … up to the program."""
    each: Loaded | None = by
    while each:
        yield each
        each = each.by
