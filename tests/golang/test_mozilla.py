"""Mozilla's roots out of certifi, with and without its module."""

import subprocess
import sys
from pathlib import Path

import certifi
import pytest

import probe
from probe.golang.x509 import mozilla
from tests.support.commands import clean_environment

CODE = """
import sys
sys.path += sys.argv[1:]
from probe.golang.x509 import mozilla
print(len(mozilla.bundle()), "certifi" in sys.modules, "typing" in sys.modules)
"""


def told(*places: Path) -> list[str]:
    line = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        CODE,
        str(Path(probe.__file__).parent.parent),
        *map(str, places),
    ]
    done = subprocess.run(
        line, env=clean_environment(), capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.split()


def test_it_is_what_certifi_has() -> None:
    """To the byte, and without its imports."""
    assert mozilla.bundle() == certifi.contents().encode()
    place = Path(certifi.__file__).parent.parent
    assert told(place) == [str(len(mozilla.bundle())), "False", "False"]


@pytest.mark.parametrize("package", [True, False])
def test_a_distributions_own_is_asked(tmp_path: Path, *, package: bool) -> None:
    """Debian's has the file elsewhere, and one may be a single module."""
    place = tmp_path / ("certifi/__init__.py" if package else "certifi.py")
    place.parent.mkdir(exist_ok=True)
    place.write_text("def contents(): return 'roots'\n")
    assert told(tmp_path) == ["5", "True", "False"]
