"""The list of modules that the bundle takes along is complete; the containers' tests run what it makes."""

import marshal
from pathlib import Path
from typing import Any

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


_SOURCE = """
from probe.lightweight import TYPE_CHECKING, NamedTuple
if TYPE_CHECKING:
    from nowhere import Nothing
else:
    other = 1
class Pair(NamedTuple):
    one: int
    two: str = "x"
def named(first: Nothing, *more: Nothing, last: Nothing = None, **rest: Nothing) -> Nothing:
    if TYPE_CHECKING:
        from nowhere import Something
    return lambda: (first, more, last, rest)
"""


def test_what_is_for_type_checkers_alone_is_not_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Everything else is, a NamedTuple's fields too; a library is left as it is."""
    monkeypatch.syspath_prepend(DEPLOY / "bundle")
    import bytecode

    (tmp_path / "module.py").write_text(_SOURCE)
    code = bytecode.compiled("probe.module", tmp_path / "module.py")
    assert b"othing" not in code
    found: dict[str, Any] = {"__name__": "probe.module"}
    exec(marshal.loads(code), found)
    assert (found["Pair"](1), found["other"]) == ((1, "x"), 1)
    assert found["named"](1, 2, a=3)() == (1, (2,), None, {"a": 3})
    assert not found["named"].__annotations__
    assert b"nowhere" in bytecode.compiled("library.module", tmp_path / "module.py")
