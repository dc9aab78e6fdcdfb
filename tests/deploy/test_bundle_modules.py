"""The list of modules that the bundle takes along is complete; the containers' tests run what it makes."""

from pathlib import Path

import cryptography
import pytest

from tests.deploy.rendered import DEPLOY


def test_nothing_that_is_needed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No module of ours imports one of those, nor does what ours import."""
    monkeypatch.syspath_prepend(DEPLOY / "bundle")
    import modules

    packages = Path(cryptography.__file__).parent.parent
    found = modules.found([str(packages), str(DEPLOY.parent), *modules._standard()])
    assert "probe.cli.check" in found
    assert "probe.node.scan" in found
    assert not {name for name in found if name.startswith("tests")}
