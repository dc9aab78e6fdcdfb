"""How a path is resolved below a root, whatever the tree is made of: path_resolution(7), in our own hands."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod

from probe.lightweight import Generic, Iterator, NamedTuple, TypeVar, contextmanager, os
from probe.targets import files
from probe.targets.files import MAX_LINKS, Stat

# Beyond what any image needs; the kernel has no such bounds, but we may hold a descriptor a level.
MAX_DEPTH = 128
_MAX_NAMES = 10_000

Handle = TypeVar("Handle")


class ResolveStep(NamedTuple, Generic[Handle]):
    """One directory on the way, or what stands at its end."""

    handle: Handle
    name: str  # "" for the root
    stat: Stat


class Walk(Generic[Handle]):
    """The way from the root to something, every link followed."""

    def __init__(self, root: ResolveStep[Handle]) -> None:
        self.steps = [root]

    @property
    def last(self) -> ResolveStep[Handle]:
        return self.steps[-1]

    @property
    def path(self) -> str:
        return "/" + "/".join(step.name for step in self.steps[1:])


class Tree(ABC, Generic[Handle]):
    """A tree whose nodes are opened one by one; a link is never followed by anybody but us."""

    @abstractmethod
    def _start(self) -> ResolveStep[Handle]:
        """The root itself; it is not closed."""

    @abstractmethod
    def _look(self, parent: ResolveStep[Handle], name: str, path: str) -> ResolveStep[Handle]:
        """What *name* is in a directory, itself if it is a link. *path* is for errors."""

    @abstractmethod
    def _text(self, link: ResolveStep[Handle]) -> str: ...

    @abstractmethod
    def _may(self, step: ResolveStep[Handle], want: int) -> bool:
        """Whether the target's user may; True where the kernel will judge."""

    def _close(self, step: ResolveStep[Handle]) -> None:
        """Give a handle back, where it is one that must be."""

    @contextmanager
    def _walk(self, path: str, *, follow: bool = True) -> Iterator[Walk[Handle]]:
        walk = Walk(self._start())
        try:
            self._descend(walk, path, files.checked(path), follow=follow)
            yield walk
        finally:
            self._rewind(walk, 1)

    def _descend(self, walk: Walk[Handle], path: str, rest: str, *, follow: bool, links: int = 0) -> int:
        """Go on by *rest*, the end of *path*, after so many *links*; how many they are then."""
        pending = rest.split("/")[::-1]
        taken = 0
        while pending:
            name = pending.pop()
            # "file/" and "file/." are errors: only a directory has something below it.
            self._require_directory(path, walk.last)
            if not name:
                continue
            taken += 1
            if taken > _MAX_NAMES:
                raise files.error(errno.ELOOP, path)
            self._require(path, walk.last, os.X_OK)
            if name == ".":
                continue
            if name == "..":
                self._rewind(walk, max(1, len(walk.steps) - 1))
                continue
            if len(walk.steps) > MAX_DEPTH:
                raise files.error(errno.ENAMETOOLONG, path)
            step = self._look(walk.last, name, path)
            if not step.stat.is_link or not (follow or pending):
                walk.steps.append(step)
                continue
            links += 1
            text = self._follow(step, path, links)
            if text.startswith("/"):
                self._rewind(walk, 1)
            pending.extend(text.split("/")[::-1])
        return links

    def _follow(self, link: ResolveStep[Handle], path: str, links: int) -> str:
        try:
            if links > MAX_LINKS:
                raise files.error(errno.ELOOP, path)
            return self._text(link)
        finally:
            self._close(link)

    def _rewind(self, walk: Walk[Handle], depth: int) -> None:
        while len(walk.steps) > depth:
            self._close(walk.steps.pop())

    def _require_directory(self, path: str, step: ResolveStep[Handle]) -> None:
        if not step.stat.is_dir:
            raise files.error(errno.ENOTDIR, path)

    def _require(self, path: str, step: ResolveStep[Handle], want: int) -> None:
        if not self._may(step, want):
            raise files.error(errno.EACCES, path)

    def stat(self, path: str, *, follow: bool = True) -> Stat:
        with self._walk(path, follow=follow) as walk:
            return walk.last.stat

    def readlink(self, path: str) -> str:
        with self._walk(path, follow=False) as walk:
            if not walk.last.stat.is_link:
                raise files.error(errno.EINVAL, path)
            return self._text(walk.last)

    def resolve(self, path: str) -> str:
        with self._walk(path) as walk:
            return walk.path
