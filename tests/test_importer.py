"""The package's own finder: what it finds is what importlib finds, or it leaves the module to importlib."""

import inspect
import marshal
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

import pytest

import probe
from probe import importer
from probe.golang import version
from tests.support.commands import clean_environment

PACKAGE = Path(probe.__file__).parent
MODULES = [path for part in ("golang", "cli") for path in sorted((PACKAGE / part).rglob("*.py"))]
_TELL = """
import sys
sys.path.append(sys.argv.pop(1))
from probe.cli import main
main()
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages of the package, one with folders inside and a module of 100 kB, with their bytecode."""
    home = tmp_path_factory.mktemp("importer") / "probe"
    for path in MODULES:
        copy = home / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        py_compile.compile(str(copy), doraise=True, invalidation_mode=_TIMED)
    return home


_TIMED = py_compile.PycInvalidationMode.TIMESTAMP


def ours(name: str, home: Path) -> ModuleSpec | None:
    place = home.joinpath(*name.split(".")[1:]).parent
    return importer._Finder.find_spec(name, [str(place)])


def facts(spec: ModuleSpec | None) -> tuple[object, ...]:
    """What importing and debugging go by."""
    assert spec
    loader = spec.loader
    assert isinstance(loader, SourceFileLoader)
    code = getattr(loader, "code", None) or loader.get_code(spec.name)
    return (
        *(spec.name, spec.origin, spec.cached, spec.parent, spec.has_location),
        *(spec.submodule_search_locations, loader.name, loader.path, loader.get_source(spec.name), code),
    )


def test_it_finds_what_importlib_finds(compiled: Path) -> None:
    """Of every module: name, file, place of the bytecode, package, source, and code."""
    assert len(MODULES) > 100
    for path in MODULES:
        inside = path.relative_to(PACKAGE)
        parts = inside.parent.parts if inside.name == "__init__.py" else inside.with_suffix("").parts
        name = ".".join(("probe", *parts))
        place = str(compiled.joinpath(*parts).parent)
        assert facts(ours(name, compiled)) == facts(PathFinder.find_spec(name, [place])), name


def _without(cache: Path, _source: Path) -> None:
    cache.unlink()


def _other_python(cache: Path, _source: Path) -> None:
    cache.write_bytes(b"\0" + cache.read_bytes()[1:])


def _cut(cache: Path, _source: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:-50])


def _no_header(cache: Path, _source: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:10])


def _newer(_cache: Path, source: Path) -> None:
    os.utime(source, (1, 1))


def _longer(_cache: Path, source: Path) -> None:
    was = source.stat()
    source.write_text(source.read_text() + "\n")
    os.utime(source, ns=(was.st_atime_ns, was.st_mtime_ns))


def _gone(_cache: Path, source: Path) -> None:
    source.unlink()


def _hashed(_cache: Path, source: Path) -> None:
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)


def _folder(cache: Path, _source: Path) -> None:
    cache.unlink()
    cache.mkdir()


def _no_code(cache: Path, _source: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:16] + marshal.dumps("print('this is no code')"))


@pytest.mark.parametrize(
    "change",
    [_without, _other_python, _cut, _no_header, _no_code, _newer, _longer, _gone, _hashed, _folder],
)
def test_what_is_not_as_usual_is_left_to_importlib(
    change: Callable[[Path, Path], None], compiled: Path, tmp_path: Path
) -> None:
    name, inside = "probe.golang.version", Path("golang/version.py")
    home = tmp_path / "probe"
    cache = Path(importer._Finder.find_spec(name, [str(compiled / "golang")]).cached or "")  # type: ignore[union-attr]
    for file in (inside, cache.relative_to(compiled)):
        (home / file).parent.mkdir(parents=True)
        shutil.copy2(compiled / file, home / file)
    assert ours(name, home)  # the twin
    change(home / cache.relative_to(compiled), home / inside)
    assert ours(name, home) is None


def test_a_package_that_was_moved_shows_where_it_lies_now(compiled: Path, tmp_path: Path) -> None:
    """As an image built in stages has it: the bytecode names the place where it was made."""
    shutil.copytree(compiled, tmp_path / "probe")  # with its times
    spec = ours("probe.golang.version", tmp_path / "probe")
    assert spec
    assert isinstance(spec.loader, importer._Loader)
    code = spec.loader.code
    assert code
    assert code.co_filename == spec.origin == str(tmp_path / "probe/golang/version.py")
    inner = [one for one in code.co_consts if hasattr(one, "co_filename")]
    assert {one.co_filename for one in inner} == {spec.origin}


def test_others_are_left_to_importlib(compiled: Path) -> None:
    """Names that only begin alike, top-level modules, and what is not there."""
    for name in ("probes.golang", "probe", "golang.version", "probe.none", "probe.golang.none"):
        assert ours(name, compiled) is None
    assert importer._Finder.find_spec("probe.golang", None) is None
    assert importer._Finder.find_spec("probe.golang", ["/dev/null"]) is None


def test_an_edit_takes_effect(tmp_path: Path) -> None:
    """The whole command, from bytecode that it wrote itself, before and after an edit of a module."""
    shutil.copytree(PACKAGE, tmp_path / "probe", ignore=shutil.ignore_patterns("__pycache__"))

    def told() -> str:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _TELL, str(tmp_path), "--version"],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    commands = tmp_path / "probe" / "cli" / "commands.py"
    assert told() == told() == f"probe {probe.__version__}\n"
    assert list(commands.parent.glob("__pycache__/commands.*.pyc"))
    commands.write_text(commands.read_text().replace('f"probe {__version__}', '"edited'))
    assert told() == told() == "edited\n"


def test_a_debugger_finds_the_source(compiled: Path) -> None:
    """What `inspect` asks of a module that was found here."""
    code = "import sys; sys.path.append(sys.argv[1])\nfrom probe import importer; importer.install()\n"
    code += "import inspect, probe; probe.__path__ = [sys.argv[2], *probe.__path__]\n"
    code += "from probe.golang import version\n"
    code += "print(type(version.__loader__).__module__, inspect.getsource(version.parse), end='')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(PACKAGE.parent), str(compiled)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == f"probe.importer {inspect.getsource(version.parse)}"
