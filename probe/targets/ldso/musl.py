"""Where musl's loader looks (ldso/dynlink.c:load_library in musl's tree)."""

import re
from collections.abc import Iterator

from probe.targets import NotRegular, Target, TooLarge
from probe.targets.ldso.base import Loaded, chain, expand

_DEFAULT = "/lib:/usr/local/lib:/usr/lib"
_LIMIT = 1 << 16
_LOADER_LIMIT = 8 << 20
# It names its configuration; what Alpine's gcompat puts in the place of glibc's loader names it too.
_NAMED = re.compile(rb"ld-musl-(\w{1,32}+)\.(?:so\.1|path)")
# The loader is the C library, and stands for these whatever follows the dot.
_OWN = re.compile(r"lib(c|pthread|rt|m|dl|util|xnet)\.")


class MuslSearch:
    """LD_LIBRARY_PATH, RUNPATH or RPATH of all who asked, /etc/ld-musl-ARCH.path or three directories."""

    def __init__(self, target: Target, loader: str) -> None:
        self._target = target
        self._loader = loader.rpartition("/")[2]
        self._system = _system(target, loader)

    def built_in(self, name: str) -> bool:
        return bool(_OWN.match(name)) or name == self._loader

    def places(self, name: str, by: Loaded) -> Iterator[str]:
        if "/" in name:
            yield self._target.path(name)
            return
        yield from self._listed(self._target.env.get("LD_LIBRARY_PATH", ""), name)
        for owner in chain(by):
            folders = owner.dynamic.runpath or owner.dynamic.rpath
            yield from self._listed(expand(folders, owner), name)
        yield from self._listed(self._system, name)

    def _listed(self, folders: str, name: str) -> Iterator[str]:
        for folder in re.split(r"[:\n]", folders):
            if folder:
                yield self._target.path(f"{folder.rstrip('/')}/{name}")


def behind(target: Target, loader: str) -> str:
    """The path of musl's loader where it does the work in the place of glibc's, "" where it does not."""
    try:
        named = _NAMED.search(target.read(loader, _LOADER_LIMIT))
    except (OSError, NotRegular, TooLarge):
        return ""
    return f"/lib/ld-musl-{named[1].decode('ascii')}.so.1" if named else ""


def _system(target: Target, loader: str) -> str:
    """The loader in /PREFIX/lib/ld-musl-ARCH.so.1 reads /PREFIX/etc/ld-musl-ARCH.path."""
    folder, _, name = loader.rpartition("/")
    prefix = folder.rpartition("/")[0]
    try:
        data = target.read(f"{prefix}/etc/{name.partition('.so')[0]}.path", _LIMIT)
    except FileNotFoundError:
        return _DEFAULT
    except (OSError, NotRegular, TooLarge):
        return ""
    return data.decode("utf-8", "surrogateescape")
