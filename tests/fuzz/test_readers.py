"""No reader raises anything but its own, or takes long, whatever it is given."""

import random
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.fuzz import readers
from tests.fuzz.readers import READERS

SHARE = 0.25  # of --fuzz-seconds, for one reader
PATIENCE_S = 0.5  # of CPU, for one input


@pytest.mark.parametrize("name", READERS)
def test_a_reader_raises_only_its_own(name: str, fuzz_seconds: float, fuzz_seed: int) -> None:
    """Whatever comes, it answers or refuses in its own way, and soon."""
    source = readers.mutants(name, random.Random(f"{name} {fuzz_seed}"))
    ends, count = time.monotonic() + SHARE * fuzz_seconds, 0
    while time.monotonic() < ends or count < 20:
        data = next(source)
        began = time.thread_time()
        problem = readers.failure(name, data)
        assert not problem, f"{problem}: {data!r}"
        assert time.thread_time() - began < PATIENCE_S, f"slow: {data!r}"
        count += 1


def test_every_format_has_its_reader_here() -> None:
    """Whoever adds a format adds its reader."""
    folder = Path(readers.REPOSITORY / "probe/formats")
    formats = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    imported = {name for name, value in vars(readers).items() if isinstance(value, ModuleType)}
    assert formats - {"__init__", "__pycache__"} <= imported


CRASHES = {
    "go.mod": [b"replace => a => b\n", b"replace a => b => \n", b"require => =>\n"],
    "proxy": [b"x:y//u:p%zz@h:1", b"http:1//%u]:p@x:1", b"http://[::1]%zz:1"],
}


@pytest.mark.parametrize(
    ("name", "data"), [(name, data) for name, every in CRASHES.items() for data in every]
)
def test_what_once_crashed_is_read(name: str, data: bytes) -> None:
    """Each was found outside."""
    assert readers.failure(name, data) == ""
