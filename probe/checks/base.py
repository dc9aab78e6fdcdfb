"""What a check is, and what a run hands to it."""

from __future__ import annotations

from probe.deadline import Deadline
from probe.facts import Facts
from probe.lightweight import Callable, Iterator, NamedTuple, Protocol
from probe.options import Option
from probe.report import Finding
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.targets.processes import Processes


class Run(NamedTuple):
    """What every check of one run shares."""

    deadline: Deadline
    role: str  # one of report.ROLES, or "all"
    now: float  # seconds since the epoch; every date is judged against it
    facts: Facts  # what is known of the target, found out once for all checks
    phase: Callable[[str], object]  # told what the check is waiting for, for a late one's finding
    tools: Processes | None = None  # starts programs of our own; only for a check with `needs_tools`


class Check(Protocol):
    """
    A frozen settings value that knows how to look.

    `run` yields findings one by one: what was yielded before the deadline is kept.
    A bad container is a finding; an exception means that we could not find out.

    Where its options cannot say all about its settings, it also has `problem() -> str`:
    "KEY: what is wrong" with KEY as in `go-env.GOFLAGS.matches`, or nothing. One whose
    `needs_tools` is true is given `run.tools`, whatever the target. One that asks others than the
    target, or tries its remedies itself, has `can_be_repeated = False`: it is not asked again on a
    view with a remedy applied. One that says different things of different releases of Go has
    `by_release = True`: `--as-go all` asks it for each.
    """

    @property
    def name(self) -> str: ...

    @property
    def options(self) -> tuple[Option, ...]: ...

    def run(self, target: Target, run: Run) -> Iterator[Finding]: ...
