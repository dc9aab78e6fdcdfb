"""Fixtures of handshakes: the check against a server on loopback."""

import pytest

from tests.checks.ca_bundle.handshakes import Look
from tests.support.commands import MakeTarget


@pytest.fixture
def look(make_target: MakeTarget) -> Look:
    return Look(make_target)
