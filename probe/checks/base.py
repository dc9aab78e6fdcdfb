"""What a check is, and what a run hands to it."""

from __future__ import annotations

import _thread  # "threading" costs 2 ms, with what it imports

from probe.deadline import Deadline
from probe.golang.command import toolchain
from probe.golang.command.toolchain import Toolchain
from probe.golang.release import Go
from probe.lightweight import NamedTuple, Protocol
from probe.options import Option
from probe.report import Finding
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import ParamSpec, TypeVar

    _Asked = ParamSpec("_Asked")
    _Found = TypeVar("_Found")

    from probe.targets.processes import Processes


class VersionFuture:
    """What one check is told and another may wait for."""

    __slots__ = ("_text", "_untold")

    def __init__(self) -> None:
        self._text = ""
        self._untold = _thread.allocate_lock()
        self._untold.acquire()

    def tell(self, text: str) -> None:
        """Say it to all who wait, "" for nothing; only the first time counts."""
        if self._untold.locked():
            self._text = text
            self._untold.release()

    def heard(self, seconds: float) -> str:
        """What was told, "" when that is nothing or does not come within *seconds*."""
        if self._untold.acquire(timeout=seconds):
            self._untold.release()
            return self._text
        return ""


class Run(NamedTuple):
    """What every check of one run shares."""

    deadline: Deadline
    role: str  # one of report.ROLES
    now: float  # seconds since the epoch; every date is judged against it
    go: Callable[[], Go]  # the Go that is judged, found out once for all checks
    phase: Callable[[str], None]  # told what the check is waiting for, for a late one's finding
    tools: Processes | None = None  # starts programs of our own; only for a check with `needs_tools`
    # The go command of the target: three checks ask for it, and it is looked for once.
    toolchain: Callable[[Target], Toolchain | None] = toolchain.find
    program: str = ""  # the workload's, where the configuration names it
    # The go command's own version, from a check with `tells_version` that asks it anyway: a process less.
    version: VersionFuture | None = None


def once(find: Callable[_Asked, _Found]) -> Callable[_Asked, _Found]:
    """*find*, which is called for whoever asks first; a failure is everybody's."""
    lock = _thread.allocate_lock()
    found: list[_Found] = []
    problems: list[BaseException] = []

    def known(*args: _Asked.args, **named: _Asked.kwargs) -> _Found:
        with lock:
            if problems:
                raise problems[0]
            if not found:
                try:
                    found.append(find(*args, **named))
                except BaseException as problem:
                    problems.append(problem)
                    raise
            return found[0]

    return known


class Check(Protocol):
    """
    A frozen settings value that knows how to look.

    `run` yields findings one by one: what was yielded before the deadline is kept.
    A bad container is a finding; an exception means that we could not find out.

    Where its options cannot say all about its settings, it also has `problem() -> str`:
    "KEY: what is wrong" with KEY as in `go-env.GOFLAGS.matches`, or nothing. One whose
    `needs_tools` is true is given `run.tools`, whatever the target.
    """

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> tuple[Option, ...]: ...

    def run(self, target: Target, run: Run) -> Iterator[Finding]: ...
