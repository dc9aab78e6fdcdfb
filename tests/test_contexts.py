"""Our contextmanager does what contextlib's does: on the way in, out, and where something is raised."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from probe import contexts


@pytest.mark.parametrize("make", [contextlib.contextmanager, contexts.contextmanager], ids=["theirs", "ours"])
def test_it_is_as_contextlib_has_it(make: Callable[..., Any]) -> None:
    """The value, the order, a problem that is let through, one that is taken, and one put in its place."""
    seen: list[object] = []

    @make
    def around(value: str, *, taken: bool = False, other: bool = False) -> Iterator[str]:
        seen.append("in")
        try:
            yield value
        except LookupError as problem:
            seen.append(problem)
            if other:
                raise OSError(value) from problem
            if not taken:
                raise
        finally:
            seen.append("out")

    with around("a") as given:
        seen.append(given)
    assert seen == ["in", "a", "out"]
    problem = LookupError("b")
    with pytest.raises(LookupError) as caught, around("b"):
        raise problem
    assert (caught.value, seen[-2:]) == (problem, [problem, "out"])
    with around("c", taken=True):
        raise problem
    with pytest.raises(OSError, match="d") as told, around("d", other=True):
        raise problem
    assert told.value.__cause__ is problem
    with pytest.raises(ZeroDivisionError), around("e"):
        raise ZeroDivisionError
    assert seen[-1] == "out"
