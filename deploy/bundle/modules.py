"""Which Python modules the bundle holds, and the archive of their bytecode."""

import marshal
import os
import runpy
import shutil
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from modulefinder import ModuleFinder
from pathlib import Path

import bytecode

# All of these, and what they import wherever they do it.
PACKAGES = ("probe", "certifi", "waitress", "psutil", "tzdata", "yaml")
# Not named in any import statement: started with the interpreter, looked up by name, or loaded by a library.
BY_NAME = (
    "importlib.readers",
    "site",
    *(f"encodings.{name}" for name in ("aliases", "ascii", "idna", "latin_1", "punycode")),
    *(f"encodings.{name}" for name in ("utf_8", "utf_8_sig", "utf_16", "utf_16_be", "utf_16_le")),
)
# Reached by an import that never runs here: tools for developers, other systems, archives, other formats.
LEFT_OUT = (
    *("asyncio", "bdb", "cmd", "code", "codeop", "distutils", "doctest", "lib2to3", "multiprocessing"),
    *("pdb", "profile", "pstats", "pydoc", "pydoc_data", "rlcompleter", "setuptools", "test", "tkinter"),
    *("argparse", "gettext", "optparse", "pprint", "py_compile", "tracemalloc", "unittest", "webbrowser"),
    *("importlib._bootstrap", "importlib._bootstrap_external"),  # in the interpreter
    *("sitecustomize", "usercustomize", "readline", "curses", "_curses", "_pyrepl"),
    *("_osx_support", "_scproxy", "nturl2path", "winreg", "msvcrt", "_winapi", "_pydecimal", "_pyio"),
    *("bz2", "csv", "decimal", "importlib.metadata", "lzma", "plistlib", "statistics", "tarfile"),
    *("xml", "xmlrpc", "cffi", "pycparser", "certifi.tests", "certifi.__main__", "waitress.__main__"),
    "email.policy",
    "_pydatetime",  # in Python what the interpreter has in C
    *("yaml._yaml", "yaml.cyaml"),  # 2 MB of C, for files of 1 MB at most
    *(f"psutil._ps{system}" for system in ("aix", "bsd", "osx", "sunos", "windows")),
)

# Ours ask for these, and do without: signatures are the business of the bundle's OpenSSL.
OPTIONAL = ("cryptography",)

# Beside what a package reads: for type checkers, and what probe.golang.zonedata does not ask of tzdata.
UNREAD = ("py.typed", "tzdata.zi", "leapseconds", "iso3166.tab", "zonenow.tab")
# Asked for before there is a finder: by the interpreter, which knows its library by "os", and by the launcher
FILES = ("encodings", "encodings.aliases", "os", "probe.__main__")
FINDER = Path(__file__).with_name("finder.py")


def lay(source: Path, packages: Path, library: Path) -> None:
    """Put modules into *library* (lib/pythonX.Y): probe from *source*, libraries from *packages*."""
    places = [str(packages), str(source), *_standard()]
    code: dict[str, tuple[bytes, bool]] = {}
    for name, file in sorted(found(places).items()):
        path = Path(file)
        if path.suffix == ".so":
            _copy(path, _folder(name, path, library) / path.name)
        else:
            more = b"\n" + FINDER.read_bytes() if name == FILES[0] else b""
            code[name] = bytecode.compiled(name, path, more), path.name == "__init__.py"
    for name in FILES:
        content, package = code.pop(name)
        bytecode.write_pyc(library.joinpath(*name.split("."), *(["__init__"] if package else [])), content)
    for home in (source / "probe", packages / "certifi"):
        for path in _unread_by_python(home):
            _copy(path, library / home.name / path.relative_to(home))
    zones = packages / "tzdata"
    data = {str(path.relative_to(packages)): path.read_bytes() for path in _unread_by_python(zones)}
    (library / "archive").write_bytes(archive(code, preloaded(source), data))


def preloaded(source: Path) -> list[tuple[str, ...]]:
    """What a healthy run loads beforehand, by the lists that a module is in: those are loaded together."""
    said = runpy.run_path(str(source / "probe" / "preloaded.py"))
    first = [said["COMMAND"], said["SUPERVISOR"], said["RUN"]]  # the bundle does not fork: no FORK
    lists = [*first, *said["CHECKS"].values(), said["HANDSHAKE"]]
    pieces: dict[tuple[bool, ...], list[str]] = {}
    for name in dict.fromkeys(" ".join(lists).split()):
        pieces.setdefault(tuple(name in names.split() for names in lists), []).append(f"probe.{name}")
    return [tuple(names) for names in pieces.values()]


def _unread_by_python(home: Path) -> list[Path]:
    """The files of a package that are no modules."""
    paths = [path for path in sorted(home.rglob("*")) if path.is_file()]
    return [path for path in paths if path.suffix not in (".py", ".pyc") and path.name not in UNREAD]


def archive(
    code: Mapping[str, tuple[bytes, bool]], pieces: Sequence[tuple[str, ...]], data: Mapping[str, bytes]
) -> bytes:
    """What finder.py reads. Equal contents are there once: half of the zones are other names."""
    body, places = bytearray(), dict[bytes, int]()

    def place(content: bytes) -> tuple[int, int]:
        if content not in places:
            places[content] = len(body)
            body.extend(content)
        return places[content], len(content)

    together = {place(_together(code, names)): names for names in pieces}
    places_of = {name: at for at, names in together.items() for name in names}
    modules = {
        name: (*(places_of.get(name) or place(content)), package) for name, (content, package) in code.items()
    }
    names = {name: place(content) for name, content in data.items()}

    def index(start: int) -> tuple[bytes, bytes]:
        """The index of code, and that of data, which comes after it, where *body* begins at *start*."""
        second = marshal.dumps({name: (start + at, size) for name, (at, size) in names.items()})
        first = {name: (start + at, size, package) for name, (at, size, package) in modules.items()}
        third = {(start + at, size): names for (at, size), names in together.items()}
        return marshal.dumps((first, third, (start - len(second), len(second)))), second

    start = 8 + sum(map(len, index(1 << 24)))  # numbers take as much room whatever they are
    first, second = index(start)
    if 8 + len(first) + len(second) != start:
        raise SystemExit("the index of the archive does not keep its size")
    return len(first).to_bytes(8, "little") + first + second + bytes(body)


def _together(code: Mapping[str, tuple[bytes, bool]], names: Sequence[str]) -> bytes:
    """The code of *names* in one: what several of them name, it has once."""
    return marshal.dumps(tuple(marshal.loads(code[name][0]) for name in names))


def found(places: list[str]) -> dict[str, str]:
    """The modules that are needed and their files, without those that the interpreter holds itself."""
    finder = ModuleFinder(path=places, excludes=[*LEFT_OUT, *OPTIONAL])
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


def _folder(name: str, path: Path, library: Path) -> Path:
    """Where an extension module goes."""
    standard = path.parent == Path(_dynamic())
    return library / "lib-dynload" if standard else library.joinpath(*name.split(".")[:-1])


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
