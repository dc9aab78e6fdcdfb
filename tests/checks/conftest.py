"""What the tests of several checks share."""

from pathlib import Path

import pytest

from tests.support.toolchains import Toolchain


@pytest.fixture
def base(go_newest: Toolchain, tmp_path: Path) -> dict[str, str]:
    """An environment that keeps the policy: a toolchain, a home, no C compiler."""
    return {"PATH": str(go_newest.root / "bin"), "HOME": str(tmp_path)}
