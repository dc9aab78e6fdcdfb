"""What a run loads beforehand: the very modules that it imports, and as importlib would have made them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import probe
from tests.support import preloaded

HOME = Path(probe.__file__).parent.parent


def told(home: Path, *arguments: str, code: str = preloaded.FACTS) -> str:
    line = [sys.executable, "-I", "-S", "-c", code, str(home), *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_lists_are_what_a_healthy_run_imports() -> None:
    """Not one too many, each after what it imports. Else: python -m tests.support.preloaded."""
    assert preloaded.FILE.read_text() == preloaded.text()


def test_the_modules_are_as_importlib_makes_them() -> None:
    """Their attributes, functions, specs, and names in the packages above."""
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


def test_a_package_that_is_not_in_the_list_is_there_before_its_parts(copy: Path) -> None:
    """What a part imports needs all of it."""
    told(copy, "", code=_EACH.replace("importer.preload(sys.argv[2])", "import probe.runner"))
    assert "Error" not in told(copy, "checks.base runner", code=_EACH)
