"""What stands in for contextlib.contextmanager, whose module imports collections, functools and much else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


def contextmanager(steps: Callable[..., Iterator[Any]]) -> Callable[..., Any]:
    """As contextlib has it: *steps* yields what `with` is given, and the rest of it is the way out."""

    def manager(*values: object, **named: object) -> _Context:
        return _Context(steps(*values, **named))

    return manager


class _Context:
    def __init__(self, steps: Iterator[Any]) -> None:
        self._steps: Any = steps

    def __enter__(self) -> Any:
        return next(self._steps)

    def __exit__(self, kind: object, problem: BaseException | None, _: object) -> bool:
        if problem is None:
            next(self._steps, None)
            return False
        try:
            self._steps.throw(problem)
        except StopIteration:  # it took the problem for its own
            return True
        except BaseException as raised:
            if raised is not problem:
                raise
        return False
