"""What a run loads beforehand: the very modules that it imports, and as importlib would have made them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import probe
from tests.support import preloaded

HOME = Path(probe.__file__).parent.parent
_FACTS = """
import sys
sys.path.append(sys.argv[1])
from probe import importer, preloaded
lists = [preloaded.COMMAND, preloaded.SUPERVISOR, preloaded.RUN]
lists += [*preloaded.CHECKS.values(), preloaded.HANDSHAKE]
if sys.argv[2] == "preload":
    importer.install()
    for names in lists:
        importer.preload(names)
for name in " ".join(lists).split():
    module = __import__("probe." + name, fromlist=["x"])
    spec, parent = module.__spec__, sys.modules[("probe." + name).rpartition(".")[0]]
    given = [name for name in sorted(vars(module)) if name[:2] == "__"]
    print(given, module.__name__, module.__package__, module.__file__, module.__cached__)
    print(getattr(parent, name.rpartition(".")[2]) is module, module.__loader__ is spec.loader)
    print(getattr(module, "__path__", None), spec.name, spec.origin, spec.cached, spec.has_location)
    print(spec.submodule_search_locations, spec.parent)
"""


def told(home: Path, *arguments: str, code: str = _FACTS) -> str:
    line = [sys.executable, "-I", "-S", "-c", code, str(home), *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lists_are_what_a_healthy_run_imports() -> None:
    """Not one too many, each after what it imports. Else: python -m tests.support.preloaded."""
    assert preloaded.FILE.read_text() == preloaded.text()


def test_the_modules_are_as_importlib_makes_them() -> None:
    """Their attributes, specs, and names in the packages above."""
    assert told(HOME, "preload") == told(HOME, "import")
    assert len(told(HOME, "preload").splitlines()) > 100


_EACH = """
import sys
sys.path.append(sys.argv[1])
from probe import importer
importer.install()
try:
    importer.preload(sys.argv[2])
except Exception as problem:
    print(type(problem).__name__)
print(*[name for name in sys.modules if name.startswith("probe.golang")])
from probe.golang import version
print(version.__file__, version.__loader__.__class__.__module__)
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(HOME / "probe", tmp_path / "probe", ignore=shutil.ignore_patterns("__pycache__"))
    told(tmp_path, "golang.version", code=_EACH)  # writes the bytecode
    return tmp_path


def test_what_is_not_as_usual_is_left_to_importlib(copy: Path) -> None:
    """A module without bytecode, and the twin."""
    usual = told(copy, "golang.filepath golang.version golang", code=_EACH).split()
    assert usual[-2:] == [f"{copy}/probe/golang/version.py", "probe.importer"]
    next((copy / "probe/golang/__pycache__").glob("version.*.pyc")).unlink()
    assert told(copy, "golang.version golang", code=_EACH).split()[-1] == "_frozen_importlib_external"


def test_a_module_that_fails_leaves_nothing_behind(copy: Path) -> None:
    """Neither itself nor the package that had to be there before its turn: both can be imported again."""
    broken = copy / "probe/golang/filepath.py"
    whole = broken.read_text()
    broken.write_text(f"{whole}\nraise LookupError\n")
    told(copy, "", code=_EACH.replace("importer.preload(sys.argv[2])", "import probe.golang.filepath"))
    first, second, *_ = told(copy, "golang.filepath golang", code=_EACH).split("\n")
    assert (first, second) == ("LookupError", "")
