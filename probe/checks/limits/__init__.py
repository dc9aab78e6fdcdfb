"""
The opt-in check `limits`: do GOMEMLIMIT and GOMAXPROCS fit the limits of the container?

The garbage collector knows nothing of memory.max: a GOMEMLIMIT above it never helps, and one near it leaves
no room for what Go does not count. More processors than the CPU quota pays for are throttled. GOMAXPROCS
follows the quota from 1.25 on (runtime/cgroup_linux.go), where the go line is 1.25 too.
"""

from __future__ import annotations

from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.base import Run
    from probe.report import Finding
    from probe.targets import Target


class _Settings(NamedTuple):
    headroom_percent: float = option(
        5, "number", "how much of memory.max GOMEMLIMIT must leave free", minimum=0, maximum=90
    )


class Limits(_Settings):
    """GOMEMLIMIT and GOMAXPROCS fit memory.max and the CPU quota; runs only where it is configured."""

    __slots__ = ()
    name = "limits"
    by_release = True
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield a warning for each number that does not fit, else what fits."""
        from probe.checks.limits import findings  # only where the check runs

        yield from findings.look(target, run, self.headroom_percent)
