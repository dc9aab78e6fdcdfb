"""Fixtures of the version: processes, and a container with a go command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from probe.targets.processes import Processes
from tests.support.toolchains import Toolchain


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as started:
        yield started


@pytest.fixture
def base(go_newest: Toolchain, tmp_path: Path) -> dict[str, str]:
    """An environment in which all is well."""
    return {"PATH": str(go_newest.root / "bin"), "HOME": str(tmp_path)}
