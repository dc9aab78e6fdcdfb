"""One name for all that a test run makes in the Docker Engine, and its removal at the end."""

import os
import secrets

import pytest

from tests.containers import engine


def pytest_configure(config: pytest.Config) -> None:
    # Before other processes are started for tests: they inherit it.
    os.environ.setdefault(engine.RUN, secrets.token_hex(4))


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the process that started the others, when they have ended."""
    run_id = os.environ[engine.RUN]
    used = engine.CACHE / f"{run_id}.used"
    if "PYTEST_XDIST_WORKER" in os.environ or not used.exists():
        return
    engine.remove_all(run_id)
    used.unlink()
