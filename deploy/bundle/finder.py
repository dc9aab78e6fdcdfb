"""
Modules and zone data out of one archive: a third of what it takes to find, open and check a file for each.

modules.py makes the archive, and puts this text at the end of `encodings`, which every interpreter imports
first. The archive is 8 bytes with the size of the index, the index (marshal: name → offset, size, whether a
package; offset and size → names of what is one piece; offset and size of the index of data), and what they
point to. It is opened for each read, because whoever closes all descriptors would close it too.
"""

import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType


class _Archive:
    """Finder and loader of what is in the archive; extension modules lie in the folders as ever."""

    root = __file__.rpartition("/encodings/")[0]
    code: "dict[str, tuple[int, int, bool]]"
    pieces: "dict[tuple[int, int], tuple[str, ...]]"
    data: "dict[str, tuple[int, int]] | None" = None
    index_of_data: "tuple[int, int]"
    ahead: "dict[str, CodeType]" = {}

    @classmethod
    def read(cls, offset: int, size: int) -> bytes:
        descriptor = posix.open(f"{cls.root}/archive", posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            return posix.pread(descriptor, size, offset)
        finally:
            posix.close(descriptor)

    @classmethod
    def code_of(cls, name: str) -> "CodeType":
        """
        The code of a module, once. Where it is of a piece with others, theirs is kept until they are loaded.

        Code that is marshalled together has each name once: a quarter less to read.
        """
        if name not in cls.ahead:
            place = cls.code[name][:2]
            found = marshal.loads(cls.read(*place))
            names = cls.pieces.get(place)
            cls.ahead.update(zip(names, found, strict=True) if names else {name: found})
        return cls.ahead.pop(name)

    @classmethod
    def find_spec(cls, name: str, _path: object = None, _target: object = None) -> object:
        if name not in cls.code:
            return None
        place, package = f"{cls.root}/{name.replace('.', '/')}", cls.code[name][2]
        origin = f"{place}/__init__.pyc" if package else f"{place}.pyc"
        spec = sys.modules["_frozen_importlib"].ModuleSpec(name, cls, origin=origin)
        spec.has_location = True
        spec.submodule_search_locations = [place] if package else None
        return spec

    @staticmethod
    def create_module(_spec: object) -> None:
        return None

    @classmethod
    def exec_module(cls, module: object) -> None:
        exec(cls.code_of(module.__name__), module.__dict__)  # type: ignore[attr-defined]

    @classmethod
    def get_data(cls, path: str) -> bytes:
        if cls.data is None:
            cls.data = marshal.loads(cls.read(*cls.index_of_data))
        if place := cls.data.get(path.removeprefix(f"{cls.root}/")):
            return cls.read(*place)
        with open(path, "rb") as stream:
            return stream.read()

    @classmethod
    def get_resource_reader(cls, name: str) -> object:
        """For importlib.resources: what lies in a package's folder."""
        from importlib.readers import FileReader

        path = f"{cls.root}/{name.replace('.', '/')}/__init__.pyc"
        return FileReader(sys.modules["_frozen_importlib_external"].SourcelessFileLoader(name, path))


class _Folder:
    """What pkgutil asks of a folder: the modules that would lie there; and its extension modules."""

    def __init__(self, path: str) -> None:
        if not f"{path}/".startswith(f"{_Archive.root}/") or path.endswith(".pyc"):
            raise ImportError
        external = sys.modules["_frozen_importlib_external"]
        kind = external.ExtensionFileLoader, external.EXTENSION_SUFFIXES
        self._package = path[len(_Archive.root) + 1 :].replace("/", ".")
        self.find_spec = external.FileFinder(path, kind).find_spec

    def iter_modules(self, prefix: str = "") -> "list[tuple[str, bool]]":
        parts = [(*name.rpartition("."), package) for name, (_, _, package) in sorted(_Archive.code.items())]
        return [(prefix + last, package) for parent, _, last, package in parts if parent == self._package]


_Archive.code, _Archive.pieces, _Archive.index_of_data = marshal.loads(
    _Archive.read(8, int.from_bytes(_Archive.read(0, 8), "little"))
)
sys.meta_path.insert(0, _Archive)  # type: ignore[arg-type]
sys.path_hooks.insert(0, _Folder)
