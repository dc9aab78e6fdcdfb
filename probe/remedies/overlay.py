"""A target with changes laid over it in memory: what it would be, had a remedy been applied."""

from __future__ import annotations

import errno
import io

from probe.lightweight import BinaryIO, Iterator, Mapping, NamedTuple, contextmanager, os, stat
from probe.remedies.lower_files import LowerFiles
from probe.targets import Target, access, files
from probe.targets.access import User
from probe.targets.files import Space, Stat
from probe.targets.resolve import MAX_DEPTH, ResolveStep, Tree, Walk

_MAX_NAMES = 10_000  # of one path, with the links on it
_FEW = 8  # changes that are gone through faster than the directories above a path
_KEPT = 4_000  # ways that all views know
_COPY_LIMIT = 16 << 20  # bytes of one file that is put


class OverlayNode(NamedTuple):
    """Something that a remedy puts in place: a file, a link or a directory."""

    mode: int
    content: bytes = b""
    link: str = ""


class OverlayFiles(Tree[str]):
    """The files of a target with changes over them; a handle is a path without links."""

    def __init__(self, lower: LowerFiles, user: User) -> None:
        self._lower, self._user = lower, user
        self._nodes: dict[str, OverlayNode | None] = {}  # None: removed
        self._modes: dict[str, int] = {}
        self._owners: dict[str, tuple[int, int]] = {}
        self._altered: set[str] = set()  # the paths of all these
        # The way to each directory asked for, how many links are on it, what was looked at; until a change.
        self._ways: dict[str, tuple[list[ResolveStep[str]], int, list[str]]] = {}
        self._looked: list[str] = []  # on the way that is being gone
        self._reached: dict[tuple[str, bool], tuple[Walk[str], list[str]]] = lower.reached.setdefault(
            user, {}
        )
        self._root: ResolveStep[str] | None = None  # until something changes too
        self.blind = False  # whether something was asked that the view allows and this process may not see

    # --- what remedies do -------------------------------------------------------------

    def put(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """A file at *path*, through links, with the directories above it, as COPY makes them."""
        self._place(path, OverlayNode(stat.S_IFREG | mode, content))

    def link(self, text: str, path: str) -> None:
        """`ln -snf TEXT PATH`; a directory at PATH is an error to ln, and here."""
        parent, name = self._parent(path)
        full = f"{parent}/{name}"
        found = self._stat(full)
        if found and found.is_dir:
            raise files.error(errno.EISDIR, path)
        self._set(full, OverlayNode(stat.S_IFLNK | 0o777, link=text))

    def remove(self, path: str) -> None:
        """`rm PATH`: a file or a link; `rmdir PATH`: a directory that is empty."""
        parent, name = self._parent(path)
        full = f"{parent}/{name}"
        found = self._stat(full)
        if not found:
            raise files.error(errno.ENOENT, path)
        if found.is_dir and self.listdir(full):
            raise files.error(errno.ENOTEMPTY, path)
        self._set(full, None)

    def move(self, path: str, to: str) -> None:
        """`mv PATH TO`; the content of a directory is not seen under its new name."""
        parent, name = self._parent(path)
        full = f"{parent}/{name}"
        found = self._stat(full)
        if not found:
            raise files.error(errno.ENOENT, path)
        if found.is_file:
            self._place(to, OverlayNode(found.mode, self.content_as_root(full, _COPY_LIMIT)))
        elif found.is_link:
            self.link(self.readlink(full), to)
        self._set(full, None)

    def chmod(self, path: str, add: int) -> None:
        """`chmod a+…`: the bits *add* for everybody; links are followed."""
        full = self._resolve_as_root(path)
        found = self._stat(full)
        if not found:
            raise files.error(errno.ENOENT, path)
        self._set_mode(full, found.mode | add)

    def set_mode(self, path: str, mode: int) -> None:
        """`chmod MODE PATH`; links are followed."""
        self._set_mode(self._existing(path), mode)

    def set_owner(self, path: str, uid: int, gid: int | None) -> None:
        """`chown UID:GID PATH`; links are followed, None leaves the group."""
        full = self._existing(path)
        found = self._stat(full)
        self._set_owner(full, uid, found.gid if found and gid is None else gid)

    def make_directory(self, path: str, mode: int, uid: int, gid: int | None) -> None:
        """`install -d`; of a directory that is there already the mode and the owner are changed."""
        full = self._resolve_as_root(path, create=True)
        found = self._stat(full)
        if found and not found.is_dir:
            raise files.error(errno.EEXIST, path)
        if not found:
            self._set(full, OverlayNode(stat.S_IFDIR | mode))
        self._set_mode(full, stat.S_IFDIR | mode)
        self._set_owner(full, uid, gid)

    def holds(self, content: bytes) -> bool:
        """Whether a file with *content* was put somewhere."""
        return any(node and node.content == content for node in self._nodes.values())

    def content_as_root(self, path: str, limit: int) -> bytes:
        """What `files.read` gives to whoever builds an image, where the target's user may not read."""
        full = self._existing(path)
        found = self._stat(full)
        if node := self._nodes.get(full):
            return node.content
        if not found or not files.require_regular(path, found):
            return b""
        with self._seeing():
            if (whole := self._lower.content(full, limit)) is None:
                with self._lower.open(full) as stream:
                    whole = stream.read(limit + 1)
        if len(whole) > limit:
            raise files.TooLarge(path, limit)
        return whole

    def _existing(self, path: str) -> str:
        full = self._resolve_as_root(path)
        if not self._stat(full):
            raise files.error(errno.ENOENT, path)
        return full

    # --- what the checks ask ----------------------------------------------------------

    def open(self, path: str) -> BinaryIO:
        with self._walk(path) as walk:
            self._require(path, walk.last, os.R_OK)
            if not files.require_regular(path, walk.last.stat):
                return io.BytesIO()
            node = self._nodes.get(walk.last.handle)
            if node:
                return io.BytesIO(node.content)
            with self._seeing():
                return self._lower.open(walk.last.handle)

    def content(self, path: str, limit: int) -> bytes | None:
        """What `files.read` gives for an ordinary file, at once; None for anything else."""
        last = self._reach(path).last
        self._require(path, last, os.R_OK)
        if not files.require_regular(path, last.stat):
            return None
        node = self._nodes.get(last.handle)
        if node:
            return node.content if len(node.content) <= limit else None
        with self._seeing():
            return self._lower.content(last.handle, limit)

    def readlink(self, path: str) -> str:
        last = self._reach(path, follow=False).last
        if not last.stat.is_link:
            raise files.error(errno.EINVAL, path)
        return self._text(last)

    def listdir(self, path: str) -> list[str]:
        with self._walk(path) as walk:
            self._require_directory(path, walk.last)
            self._require(path, walk.last, os.R_OK)
            return self._names(walk.last.handle)

    def access(self, path: str, mode: int) -> None:
        with self._walk(path) as walk:
            self._require(path, walk.last, mode)

    def acl(self, path: str, kind: str) -> bytes:
        return b"" if self._changed(path) else self._lower.acl(path, kind)

    def space(self, path: str) -> Space | None:
        while path != "/" and self._changed(path):
            path = path.rpartition("/")[0] or "/"
        return self._lower.space(path)

    def _start(self) -> ResolveStep[str]:
        if not self._root:
            found = self._stat("")
            if not found:
                raise files.error(errno.ENOENT, "/")
            self._root = ResolveStep("", "", found)
        return self._root

    def _look(self, parent: ResolveStep[str], name: str, path: str) -> ResolveStep[str]:
        full = f"{parent.handle}/{name}"
        self._looked.append(full)
        found = self._stat(full)
        if not found:
            raise files.error(errno.ENOENT, path)
        return ResolveStep(full, name, found)

    def _text(self, link: ResolveStep[str]) -> str:
        node = self._nodes.get(link.handle)
        return node.link if node else self._lower.readlink(link.handle)

    def _may(self, step: ResolveStep[str], want: int) -> bool:
        found = step.stat
        return access.may(self._user, found.mode, found.uid, found.gid, want)

    @contextmanager
    def _walk(self, path: str, *, follow: bool = True) -> Iterator[Walk[str]]:
        yield self._reach(path, follow=follow)

    def _reach(self, path: str, *, follow: bool = True) -> Walk[str]:
        """As in any tree; where nothing is changed on the way, what one view has found is so in each."""
        known = self._reached.get((path, follow))
        if known and self._altered.isdisjoint(known[1]):
            self._lower.take()
            return known[0]
        self._looked = [""]
        walk = self._go(path, follow=follow)
        if len(self._reached) < _KEPT and self._altered.isdisjoint(self._looked):
            self._reached[path, follow] = walk, self._looked
        return walk

    def _go(self, path: str, *, follow: bool) -> Walk[str]:
        """
        The way to a directory is gone once, however much is asked of what is in it.

        So it is for the directory that a link at the end leads to: one of certificates holds hundreds.
        """
        walk = Walk(self._start())
        rest, links = files.checked(path), 0
        while True:
            directory, _, name = rest.rpartition("/")
            links = self._enter(walk, path, directory, links)
            if not follow or name in ("", ".", "..") or len(walk.steps) > MAX_DEPTH:
                self._descend(walk, path, name, follow=follow, links=links)
                return walk
            self._require_directory(path, walk.last)
            self._require(path, walk.last, os.X_OK)
            step = self._look(walk.last, name, path)
            if not step.stat.is_link:
                walk.steps.append(step)
                return walk
            links += 1
            rest = self._follow(step, path, links)
            if rest[:1] != "/":
                self._descend(walk, path, rest, follow=True, links=links)
                return walk

    def _enter(self, walk: Walk[str], path: str, directory: str, links: int) -> int:
        """*walk* at *directory*, after so many *links*; how many they are then."""
        known = self._ways.get(directory)
        if known and links + known[1] <= files.MAX_LINKS:
            walk.steps[:] = known[0]
            self._looked += known[2]
            return links + known[1]
        self._rewind(walk, 1)
        before = len(self._looked)
        after = self._descend(walk, path, directory, follow=True, links=links)
        self._ways[directory] = list(walk.steps), after - links, self._looked[before:]
        return after

    # --- inside -------------------------------------------------------------------------

    def _set(self, full: str, node: OverlayNode | None) -> None:
        self._nodes[full] = node
        self._forget(full)

    def _set_mode(self, full: str, mode: int) -> None:
        self._modes[full] = mode
        self._forget(full)

    def _set_owner(self, full: str, uid: int, gid: int | None) -> None:
        self._owners[full] = uid, gid or 0
        self._forget(full)

    def _forget(self, full: str) -> None:
        """What was found on ways that may be changed now."""
        self._altered.add(full)
        self._ways.clear()
        self._root = None

    @contextmanager
    def _seeing(self) -> Iterator[None]:
        """Around what this process may be refused, though the view allows it."""
        try:
            yield
        except PermissionError:
            self.blind = True
            raise

    def _stat(self, full: str) -> Stat | None:
        """What is at *full*, whose directories are no links; None for nothing."""
        self._lower.take()
        if full in self._nodes:
            node = self._nodes[full]
            found = Stat(node.mode, len(node.content), 0, 0, 0) if node else None
        elif self._hidden(full):
            found = None
        else:
            try:
                found = self._lower.stat(full or "/")
            except PermissionError:
                self.blind = True
                raise
        if found and full in self._modes:
            found = found._replace(mode=self._modes[full])
        if found and full in self._owners:
            uid, gid = self._owners[full]
            found = found._replace(uid=uid, gid=gid)
        return found

    def _hidden(self, full: str) -> bool:
        """Whether a directory above *full* has been removed or made anew."""
        if len(self._nodes) < _FEW:
            return any(full.startswith(node) and full[len(node) :][:1] == "/" for node in self._nodes)
        return any(above in self._nodes for above in _above(full) if above != full)

    def _changed(self, path: str) -> bool:
        return path in self._nodes or self._hidden(path)

    def _names(self, full: str) -> list[str]:
        with self._seeing():
            names = set() if self._changed(full) else set(self._lower.listdir(full or "/"))
        for path, node in self._nodes.items():
            parent, _, name = path.rpartition("/")
            if parent == full:
                (names.add if node else names.discard)(name)
        return sorted(names, key=os.fsencode)

    def _place(self, path: str, node: OverlayNode) -> None:
        full = self._resolve_as_root(path, create=True)
        found = self._stat(full)
        if found and found.is_dir:
            raise files.error(errno.EISDIR, path)
        self._set(full, node._replace(mode=found.mode) if found and found.is_file else node)

    def _parent(self, path: str) -> tuple[str, str]:
        directory, _, name = path.rstrip("/").rpartition("/")
        parent = self._resolve_as_root(directory or "/", create=True).rstrip("/")
        if parent and not self._stat(parent):
            self._set(parent, OverlayNode(stat.S_IFDIR | 0o755))
        return parent, name

    def _resolve_as_root(self, path: str, *, create: bool = False) -> str:
        """Where *path* leads for root, who applies remedies; *create* makes what is missing on the way."""
        pending = path.split("/")[::-1]
        here, links, taken = "", 0, 0
        while pending:
            name = pending.pop()
            taken += 1
            if name in ("", "."):
                continue
            if name == "..":
                here = here.rpartition("/")[0]
                continue
            full = f"{here}/{name}"
            found = self._stat(full)
            if found and found.is_link:
                links += 1
                text = self._text(ResolveStep(full, name, found))
                here = "" if text.startswith("/") else here
                pending.extend(text.split("/")[::-1])
            else:
                if create and not found and any(pending):
                    self._set(full, OverlayNode(stat.S_IFDIR | 0o755))
                here = full
            if links > files.MAX_LINKS or taken > _MAX_NAMES:
                raise files.error(errno.ELOOP, path)
        return here


def over(target: Target, lower: LowerFiles | None = None) -> tuple[Target, OverlayFiles]:
    """*target* with an overlay, to which changes can be made, and that; views may share *lower*."""
    view = OverlayFiles(lower or LowerFiles(target), target.user)
    return target._replace(files=view, env=dict(target.env)), view


def is_blind(target: Target) -> bool:
    """Whether its view refused something only because this process may not see it."""
    return isinstance(target.files, OverlayFiles) and target.files.blind


def set_env(target: Target, changes: Mapping[str, str | None]) -> Target:
    """*target* with variables set, or taken away (None)."""
    env = {name: value for name, value in {**target.env, **changes}.items() if value is not None}
    return target._replace(env=env)


def _above(full: str) -> list[str]:
    parts = full.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts))]


def holds(target: Target, content: bytes) -> bool:
    """Whether *content* was put anywhere in a view, as by `mv`."""
    return isinstance(target.files, OverlayFiles) and target.files.holds(content)
