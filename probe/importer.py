"""
The modules of this package by their bytecode, without what importlib does for any module's sake.

importlib lists folders, asks thrice what kind of file there is and puts names together again and again: for
a hundred and fifty modules, as much CPU as the bare interpreter takes. What is found here is what importlib
would have found (PEP 3147, PEP 552); whatever is not as usual is left to it.
"""

import builtins
import posix
import sys
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:  # what importlib.machinery has, and imports much else for
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec, SourceFileLoader
    from types import CodeType, ModuleType
    from typing import Any

    _Module = ModuleType
else:
    _Module = type(sys)
    ModuleSpec = sys.modules["_frozen_importlib"].ModuleSpec
    SourceFileLoader = sys.modules["_frozen_importlib_external"].SourceFileLoader

_OURS = f"{__name__.partition('.')[0]}."
_BYTECODE = f".{sys.implementation.cache_tag}.pyc"
_HEADER = 16  # bytes: magic number, flags, and time and size of the source
_TIMED = b"\0\0\0\0"  # no flag: time and size tell whether it is that of the source
_PIECE = 1 << 16


def install() -> None:
    """Look here first from now on, where bytecode lies in the usual place and no archive holds it."""
    usual = sys.pycache_prefix is None and not sys.flags.optimize and "bundle" not in sys._xoptions
    if usual and _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)


def preload(names: str) -> None:
    """
    Load modules of the package, *names* between blanks, each after what it imports (see probe.preloaded).

    What importlib does beside that, for other threads and for mistakes, is two thirds of what a small module
    costs. So this is for a time with one thread. What is not as usual is left to importlib here too.
    """
    finder: Any = sys.meta_path[0]
    ours = [f"{_OURS}{name}" for name in names.split()]
    if "bundle" not in sys._xoptions and finder is not _Finder:
        return
    to_come: dict[str, ModuleType | None] = dict.fromkeys(ours)
    builtins.__import__ = _import  # type: ignore[assignment]
    try:
        for name in ours:
            _load(name, finder, to_come)
    except BaseException:
        for name in filter(to_come.get, to_come):
            del sys.modules[name]
        raise
    finally:
        builtins.__import__ = _usual_import


_usual_import = builtins.__import__


def _import(
    name: str, names: "Any" = None, local: "Any" = None, wanted: "Sequence[str] | None" = (), level: int = 0
) -> "ModuleType":
    """
    As __import__, for what is there already, as nearly all is while modules are loaded in order.

    Of each module that something is taken from, CPython asks whether it is still being imported and whether
    it is a package; for one that is none, that makes an AttributeError with its text, and throws it away.
    """
    module = sys.modules.get(name)
    if module and not level:
        there = module.__dict__
        for attribute in wanted or ():
            if attribute not in there:
                break
        else:
            if wanted or "." not in name:
                return module
    return _usual_import(name, names, local, wanted or (), level)


def _load(name: str, finder: "Any", to_come: "dict[str, ModuleType | None]") -> None:
    """Execute the module; *to_come*: not executed yet, some there before their turn, for a part of theirs."""
    module = to_come.get(name)
    if name in sys.modules and not module:
        return
    module = module or _begin(name, finder, to_come)
    if not module:
        __import__(name)
        return
    to_come[name] = module
    module.__spec__.loader.exec_module(module)  # type: ignore[union-attr]
    to_come.pop(name)
    package, _, last = name.rpartition(".")
    setattr(sys.modules[package], last, module)


def _begin(name: str, finder: "Any", to_come: "dict[str, ModuleType | None]") -> "ModuleType | None":
    """The module, found and not executed; None where importlib has to do it."""
    parent = name.rpartition(".")[0]
    if parent not in sys.modules and parent not in to_come:
        __import__(parent)
    package = sys.modules.get(parent) or _begin(parent, finder, to_come)
    spec = finder.find_spec(name, package.__path__) if package else None
    if not spec:
        return None
    module = sys.modules[name] = _Module(name)
    module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, spec.parent
    module.__file__ = spec.origin
    module.__dict__["__cached__"] = spec.cached
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
        to_come[name] = module
    return module


class _Finder:
    """Finds a module of the package whose bytecode is that of its source."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, _target: object = None
    ) -> "ModuleSpec | None":
        if not name.startswith(_OURS) or not path:
            return None
        last, places = name.rpartition(".")[2], None
        source, bytecode = f"{path[0]}/{last}.py", f"{path[0]}/__pycache__/{last}{_BYTECODE}"
        try:
            try:
                data = _content(bytecode)
            except FileNotFoundError:  # then it is a package
                places = [f"{path[0]}/{last}"]
                source, bytecode = f"{places[0]}/__init__.py", f"{places[0]}/__pycache__/__init__{_BYTECODE}"
                data = _content(bytecode)
            found = posix.stat(source)
            if data[:_HEADER] != _MAGIC + _TIMED + _number(int(found.st_mtime)) + _number(found.st_size):
                return None
            loader = _Loader(name, source)
            code = loads(memoryview(data)[_HEADER:])  # noqa: S302 - bytecode, as importlib does
            _fix_place(code, source)  # TypeError for anything but code
            loader.code = code
        except (OSError, EOFError, TypeError, ValueError):  # importlib will say what is wrong
            return None
        spec = ModuleSpec(name, loader, origin=source)
        spec.has_location, spec.cached, spec.submodule_search_locations = True, bytecode, places
        return spec


class _Loader(SourceFileLoader):
    """As importlib's own, with the code at hand for the first time that the module is loaded."""

    code: "CodeType | None" = None

    def exec_module(self, module: "ModuleType") -> None:
        code, self.code = self.code, None
        if code is None:
            super().exec_module(module)
        else:
            exec(code, module.__dict__)  # noqa: S102 - it is what importing a module means


# A package that was moved with its bytecode shows in a traceback, and to a debugger, where it lies now.
_fix_place = sys.modules["_imp"]._fix_co_filename
_MAGIC: bytes = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER


def _number(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")


def _content(path: str) -> bytes:
    """All of the file; less than a piece, as all but one are, by one call."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        pieces = [posix.read(descriptor, _PIECE)]
        while len(pieces[-1]) == _PIECE:
            pieces.append(posix.read(descriptor, _PIECE))
    finally:
        posix.close(descriptor)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
