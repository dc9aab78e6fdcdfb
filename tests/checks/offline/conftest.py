"""Fixtures of builds without a network: caches filled by the go command."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checks.offline.helpers import GO_MOD, MAIN, Builder, lay_proxy
from tests.support.toolchains import VERSIONS, install


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """What a builder of each release holds once its modules are downloaded; to be copied."""
    made: dict[str, Path] = {}

    def fill(version: str) -> Path:
        if version not in made:
            home = made[version] = tmp_path_factory.mktemp(version)
            lay_proxy(home / "proxy")
            builder = Builder(install(version), home)
            builder.source.mkdir()
            (builder.source / "go.mod").write_text(GO_MOD.format("1.21"))
            (builder.source / "main.go").write_text(MAIN)
            builder.go("mod", "tidy", GOPROXY=f"file://{home}/proxy")
        return made[version]

    return fill


@pytest.fixture(params=VERSIONS)
def builder(request: pytest.FixtureRequest, tmp_path: Path, filled: Callable[[str], Path]) -> Builder:
    """A builder of its own for each test, for each release."""
    shutil.copytree(filled(request.param), tmp_path / "home")
    return Builder(install(request.param), tmp_path / "home")


@pytest.fixture
def newest(tmp_path: Path, filled: Callable[[str], Path]) -> Builder:
    """The same for one release, where Go itself is not asked."""
    shutil.copytree(filled(VERSIONS[-1]), tmp_path / "home")
    return Builder(install(VERSIONS[-1]), tmp_path / "home")
