"""Which Python modules the bundle holds, and their bytecode."""

import os
import py_compile
import shutil
import sysconfig
from collections.abc import Iterator
from modulefinder import ModuleFinder
from pathlib import Path

# All of these, and what they import wherever they do it.
PACKAGES = ("probe", "cryptography", "certifi", "waitress", "psutil", "tzdata", "yaml")
# Not named in any import statement: started with the interpreter, looked up by name, or loaded by a library.
BY_NAME = (
    "_cffi_backend",
    "site",
    *(f"encodings.{name}" for name in ("aliases", "ascii", "idna", "latin_1", "punycode")),
    *(f"encodings.{name}" for name in ("utf_8", "utf_8_sig", "utf_16", "utf_16_be", "utf_16_le")),
)
# Reached by an import that never runs here: tools for developers, other systems, archives, other formats.
LEFT_OUT = (
    *("asyncio", "bdb", "cmd", "code", "codeop", "distutils", "doctest", "lib2to3", "multiprocessing"),
    *("pdb", "profile", "pstats", "pydoc", "pydoc_data", "rlcompleter", "setuptools", "test", "tkinter"),
    *("argparse", "gettext", "optparse", "pprint", "py_compile", "tracemalloc", "unittest", "webbrowser"),
    *("sitecustomize", "usercustomize", "readline", "curses"),
    *("_osx_support", "_scproxy", "nturl2path", "winreg", "msvcrt", "_winapi", "_pydecimal", "_pyio"),
    *("bz2", "csv", "decimal", "importlib.metadata", "lzma", "plistlib", "statistics", "tarfile"),
    *("xml", "xmlrpc", "cffi", "pycparser", "certifi.tests", "certifi.__main__", "waitress.__main__"),
    # Signed mail.
    *("email.policy", "cryptography.hazmat.primitives.serialization.pkcs7"),
    *("yaml._yaml", "yaml.cyaml"),  # 2 MB of C, for files of 1 MB at most
    *(f"psutil._ps{system}" for system in ("aix", "bsd", "osx", "sunos", "windows")),
)

# Beside what a package reads: for type checkers, and what probe.golang.zonedata does not ask of tzdata.
UNREAD = ("py.typed", "tzdata.zi", "leapseconds", "iso3166.tab", "zonenow.tab")


def lay(source: Path, packages: Path, library: Path) -> None:
    """Put modules into *library* (lib/pythonX.Y): probe from *source*, libraries from *packages*."""
    places = [str(packages), str(source), *_standard()]
    for name, file in sorted(found(places).items()):
        _put(name, Path(file), library)
    for home in (source / "probe", packages / "certifi", packages / "tzdata"):
        for path in sorted(home.rglob("*")):
            if path.is_file() and path.suffix not in (".py", ".pyc") and path.name not in UNREAD:
                _copy(path, library / home.name / path.relative_to(home))
    _link_aliases(library / "tzdata")


def _link_aliases(folder: Path) -> None:
    """Let equal files be one with links to it: half of the zones are other names, and a name costs 4 KB."""
    first: dict[bytes, Path] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        original = first.setdefault(path.read_bytes(), path)
        if original != path:
            path.unlink()
            path.symlink_to(os.path.relpath(original, path.parent))


def found(places: list[str]) -> dict[str, str]:
    """The modules that are needed and their files, without those that the interpreter holds itself."""
    finder = ModuleFinder(path=places, excludes=list(LEFT_OUT))
    for name in (*_members(places), *BY_NAME):
        if name.partition(".")[0] in LEFT_OUT or name in LEFT_OUT:
            continue
        parent, _, last = name.rpartition(".")
        finder.import_hook(name) if not parent else finder.import_hook(parent, None, [last])
    _refuse_holes(finder)
    files = {name: getattr(module, "__file__", None) for name, module in finder.modules.items()}
    return {name: file for name, file in files.items() if file}


def _refuse_holes(finder: ModuleFinder) -> None:
    """What is left out, nothing of ours may ask for."""
    for name, callers in finder.badmodules.items():
        ours = sorted(caller for caller in callers if caller.partition(".")[0] == "probe")
        if name in LEFT_OUT and ours:
            raise SystemExit(f"{name} is left out of the bundle, and {', '.join(ours)} needs it")


def _members(places: list[str]) -> Iterator[str]:
    for package in PACKAGES:
        home = next(Path(place) for place in places if Path(place, package).is_dir())
        for path in sorted((home / package).rglob("*")):
            parts = path.relative_to(home).parts
            if path.suffix == ".py" and "tests" not in parts and package != "tzdata":
                yield ".".join((*parts[:-1], path.stem)).removesuffix(".__init__")
            elif path.suffix == ".so":
                yield ".".join((*parts[:-1], path.name.partition(".")[0]))
        yield package


def _standard() -> list[str]:
    paths = sysconfig.get_paths()
    return [paths["stdlib"], paths["platstdlib"], _dynamic()]


def _dynamic() -> str:
    """The folder of the standard extension modules."""
    return sysconfig.get_config_var("DESTSHARED") or os.path.join(sysconfig.get_path("stdlib"), "lib-dynload")


def _put(name: str, path: Path, library: Path) -> None:
    parts = name.split(".")
    if path.suffix == ".so":
        folder = library / "lib-dynload" if path.parent == Path(_dynamic()) else library.joinpath(*parts[:-1])
        _copy(path, folder / path.name)
        return
    relative = Path(*parts, "__init__.py") if path.name == "__init__.py" else Path(*parts).with_suffix(".py")
    target = library / relative.with_suffix(".pyc")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Neither path nor time of the build is in it, and no source is looked for. Docstrings (a tenth of all
    # bytecode) and assertions stay out; those of probe are for the type checker alone.
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(
        str(path), str(target), str(relative), doraise=True, optimize=2, invalidation_mode=unchecked
    )


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
