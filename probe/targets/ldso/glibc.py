"""Where glibc's loader looks (ld.so(8); elf/dl-load.c:_dl_map_object in glibc's tree)."""

import re
from collections.abc import Iterator, Mapping

from probe.formats import ldcache
from probe.formats.elf import Elf
from probe.targets import NotRegular, Target, TooLarge
from probe.targets.ldso.base import Loaded, chain, expand

_CACHE = "/etc/ld.so.cache"
_CACHE_LIMIT = 16 << 20
_LOADER_LIMIT = 8 << 20
# The directories that were compiled in stand in the loader one after the other, each with its slash.
# No part gives back what it has taken, so that no file makes it slow: it holds all threads.
_COMPILED_IN = re.compile(rb"\0((?:/[\w.+/-]{2,400}+(?<=/)\0){2,12})")
_USUAL = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
# GOARCH → what Debian calls it, and what $PLATFORM is.
_TUPLES = {
    "amd64": ("x86_64-linux-gnu", "x86_64"),
    "386": ("i386-linux-gnu", "i686"),
    "arm64": ("aarch64-linux-gnu", "aarch64"),
    "arm": ("arm-linux-gnueabihf", "v7l"),
    "ppc64le": ("powerpc64le-linux-gnu", "power9"),
    "riscv64": ("riscv64-linux-gnu", "riscv64"),
    "s390x": ("s390x-linux-gnu", "z13"),
}


class GlibcSearch:
    """
    RPATH, LD_LIBRARY_PATH, RUNPATH, the cache, the directories that were compiled in.

    Subdirectories for levels of hardware (glibc-hwcaps) are known from the cache only.
    """

    def __init__(self, target: Target, program: Elf) -> None:
        self._target = target
        self._loader = program.interpreter
        self._tuple, self._platform = _TUPLES.get(program.architecture, ("", ""))
        self._cache = _cache(target, program)
        self._default = _compiled_in(target, self._loader, self._tuple)

    def built_in(self, name: str) -> bool:
        return name == self._loader.rpartition("/")[2]

    def places(self, name: str, by: Loaded) -> Iterator[str]:
        if "/" in name:
            yield self._target.path(self._expanded(name, by))
            return
        if not by.dynamic.runpath:
            for owner in chain(by):
                if not owner.dynamic.runpath:
                    yield from self._listed(owner.dynamic.rpath, name, owner)
        yield from self._listed(self._target.env.get("LD_LIBRARY_PATH", ""), name, by, separators=":;")
        yield from self._listed(by.dynamic.runpath, name, by)
        for path in self._cache.get(name, ()):
            if by.dynamic.default_libraries or path.rpartition("/")[0] not in self._default:
                yield path
        if by.dynamic.default_libraries:
            for folder in self._default:
                yield f"{folder}/{name}"

    def _listed(self, folders: str, name: str, owner: Loaded, separators: str = ":") -> Iterator[str]:
        if not folders:
            return
        for folder in re.split(f"[{separators}]", folders):
            # An empty entry is the working directory.
            expanded = self._expanded(folder, owner).rstrip("/") if folder else self._target.cwd.rstrip("/")
            yield self._target.path(f"{expanded}/{name}")

    def _expanded(self, path: str, owner: Loaded) -> str:
        if "$" not in path:
            return path
        lib = f"lib/{self._tuple}" if any(self._tuple in folder for folder in self._default) else "lib64"
        return expand(path, owner, LIB=lib, PLATFORM=self._platform)


def _cache(target: Target, program: Elf) -> Mapping[str, tuple[str, ...]]:
    try:
        return ldcache.parse(target.read(_CACHE, _CACHE_LIMIT), big_endian=program.big_endian)
    except (OSError, NotRegular, TooLarge):
        return {}


def _compiled_in(target: Target, loader: str, own: str) -> tuple[str, ...]:
    """The loader's own directories as it says them, else those of most distributions."""
    usual = (*((f"/lib/{own}", f"/usr/lib/{own}") if own else ()), *_USUAL)
    try:
        data = target.read(loader, _LOADER_LIMIT) if loader else b""
    except (OSError, NotRegular, TooLarge):
        return usual
    for listed in _COMPILED_IN.findall(data):
        folders = [folder.decode("ascii").rstrip("/") for folder in listed.split(b"\0") if folder]
        if all("lib" in folder for folder in folders) and ("/lib" in folders or "/lib64" in folders):
            return tuple(folders)
    return usual
