"""Archives that are made by a seed: `docker load` and we take the same of them, and see the same in them."""

from pathlib import Path

import pytest

from tests.containers.engine import Engine
from tests.containers.loaded import ENTRIES, difference, tag
from tests.containers.odd_archives import Odd

QUICK, SWEPT = 12, 120


def differences(engine: Engine, folder: Path, first: int, count: int) -> dict[int, tuple[str, list[str]]]:
    told = {}
    print(f"seeds {first} to {first + count - 1}")
    for seed in range(first, first + count):
        odd = Odd(seed, ENTRIES, tag(engine))
        archive = folder / "image.tar"
        archive.write_bytes(odd.archive())
        if what := difference(engine, archive):
            told[seed] = what, odd.what
    return told


def test_a_dozen(engine: Engine, tmp_path: Path) -> None:
    """Always the same ones."""
    assert differences(engine, tmp_path, 0, QUICK) == {}


@pytest.mark.sweep
def test_others_each_day(engine: Engine, tmp_path: Path, fuzz_seed: int) -> None:
    """More of them, by the seed of the day."""
    assert differences(engine, tmp_path, fuzz_seed * 1000, SWEPT) == {}
