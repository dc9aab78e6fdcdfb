"""The engine, or a skip that says why; base images."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.containers import bases
from tests.containers.engine import CACHE, RUN, Engine, unusable


@pytest.fixture(scope="session")
def engine_of_this_run() -> Engine:
    if reason := unusable():
        pytest.skip(f"needs a Docker Engine: {reason}")
    CACHE.mkdir(parents=True, exist_ok=True)
    run_id = os.environ[RUN]
    (CACHE / f"{run_id}.used").touch()
    return Engine(run_id)


@pytest.fixture
def engine(engine_of_this_run: Engine) -> Iterator[Engine]:
    """A Docker Engine; the containers that a test starts end with it."""
    yield engine_of_this_run
    engine_of_this_run.forget()


@pytest.fixture(scope="session")
def debian(engine_of_this_run: Engine) -> str:
    """A small Debian 12 with a shell and the C library, without CA certificates and without zone data."""
    if os.geteuid():
        pytest.skip("needs root: debootstrap")
    if not shutil.which("debootstrap"):
        pytest.skip("needs debootstrap")
    return engine_of_this_run.imported("debian", bases.debian(), 'CMD ["/bin/sh"]')
