"""
What the dynamic loader would load for a program of the target, and what it would not find. Nothing is run.

The search of glibc is in `glibc`, that of musl in `musl`: they differ in order and in what they believe.
"""

from collections import deque
from collections.abc import Iterator

from probe.formats import elf
from probe.formats.elf import Elf, NotElf
from probe.formats.elf.dynamic import Dynamic
from probe.formats.elf.dynamic import read as read_dynamic
from probe.lightweight import NamedTuple
from probe.targets import NotRegular, Target
from probe.targets.ldso import glibc, musl
from probe.targets.ldso.base import LibrarySearch, Loaded

__all__ = ["Linked", "Loaded", "Missing", "Unmet", "link"]

_MAX_LIBRARIES = 500
_MAX_TRIES = 20_000  # of files that are looked for
_MAX_TEXT = 16 << 20  # characters of names that are kept in all


class MissingLibrary(NamedTuple):
    """A library that the loader does not find."""

    name: str
    wanted_by: str  # a path
    unfit: tuple[str, ...] = ()  # files of that name for another architecture, which are passed over
    searched: tuple[str, ...] = ()  # directories


class UnmetVersion(NamedTuple):
    """A version of symbols that a library here does not define."""

    version: str
    library: str  # its path
    wanted_by: str
    newest: str  # of the same kind that it does define, "" for none


class Linked(NamedTuple):
    """The outcome; `libc` is "glibc", "musl", or "" for a loader that is neither."""

    libc: str
    libraries: tuple[Loaded, ...]
    missing: tuple[MissingLibrary, ...]
    unmet: tuple[UnmetVersion, ...]
    complete: bool = True  # False: there was more than is looked at


def link(target: Target, path: str, headers: Elf) -> Linked:
    """
    Follow what the program at *path* needs, breadth first as the loader does.

    OSError only where the program itself cannot be read.
    """
    libc, loader = headers.libc, headers.interpreter
    if libc == "glibc" and (behind := musl.behind(target, loader)):
        libc, loader = "musl", behind
    with target.open(path) as stream:
        program = Loaded(path, target.resolve(path), headers, read_dynamic(stream, headers))
    search: LibrarySearch = (
        musl.MuslSearch(target, loader) if libc == "musl" else glibc.GlibcSearch(target, headers)
    )
    tree = _Tree(target, search, program)
    tree.grow()
    unmet = tuple(_unmet(tree.loaded)) if libc != "musl" else ()  # musl does not look at versions
    return Linked(libc, tuple(tree.loaded[1:]), tuple(tree.missing), unmet, tree.complete)


class _Tree:
    def __init__(self, target: Target, search: LibrarySearch, program: Loaded) -> None:
        self._target, self._search = target, search
        self.loaded, self.missing, self.complete = [program], list[MissingLibrary](), True
        self._names: set[str] = set()
        self._tries = self._text = 0

    def grow(self) -> None:
        waiting = deque(self.loaded)
        while waiting:
            by = waiting.popleft()
            for name in by.headers.needed:
                if name in self._names or self._search.built_in(name):
                    continue
                if self._exhausted():
                    self.complete = False
                    return
                self._names.add(name)
                if found := self._find(name, by):
                    self._names.add(found.dynamic.soname)
                    self.loaded.append(found)
                    self._text += found.weight
                    waiting.append(found)

    def _exhausted(self) -> bool:
        beyond = self._tries > _MAX_TRIES or self._text > _MAX_TEXT
        return beyond or len(self.loaded) > _MAX_LIBRARIES

    def _find(self, name: str, by: Loaded) -> Loaded | None:
        unfit, folders = [], []
        for place in self._search.places(name, by):
            self._tries += 1
            if self._exhausted():
                self.complete = False
                return None
            folders.append(place.rpartition("/")[0])
            found = _read(self._target, place, by)
            if found and self._fits(found.headers):
                return next((known for known in self.loaded if known.real == found.real), found)
            if found:
                unfit.append(place)
        searched = tuple(dict.fromkeys(folders))[:20]
        self.missing.append(MissingLibrary(name, by.path, tuple(unfit[:5]), searched))
        return None

    def _fits(self, headers: Elf) -> bool:
        ours = self.loaded[0].headers
        return (headers.machine, headers.bits, headers.big_endian, headers.kind) == (
            ours.machine,
            ours.bits,
            ours.big_endian,
            elf.SHARED,
        )


def _read(target: Target, path: str, by: Loaded) -> Loaded | None:
    """The library at *path*; None where the loader goes on to the next place."""
    try:
        with target.open(path) as stream:
            headers = elf.read(stream)
            if isinstance(headers, NotElf):
                return None
            dynamic = read_dynamic(stream, headers)
            return Loaded(path, target.resolve(path), headers._replace(sections=()), dynamic, by)
    except (OSError, NotRegular, ValueError):
        return None


def _unmet(loaded: list[Loaded]) -> Iterator[UnmetVersion]:
    """What elf/dl-version.c refuses: a library that defines versions, but not this one."""
    by_name = {library.dynamic.soname or library.path.rpartition("/")[2]: library for library in loaded[1:]}
    for user in loaded:
        for wanted in user.dynamic.wanted:
            library = by_name.get(wanted.library)
            defined: Dynamic | None = library.dynamic if library else None
            if not library or not defined or not defined.defined:
                continue
            for version in wanted.versions:
                if version not in defined.defined:
                    yield UnmetVersion(version, library.path, user.path, _newest(version, defined.defined))


def _newest(version: str, defined: frozenset[str]) -> str:
    family = version.partition("_")[0] + "_"
    return max((name for name in defined if name.startswith(family)), key=_numbers, default="")


def _numbers(version: str) -> tuple[int, ...]:
    parts = version.rpartition("_")[2].split(".")
    return tuple(int(part) if part.isascii() and part.isdecimal() else -1 for part in parts)
