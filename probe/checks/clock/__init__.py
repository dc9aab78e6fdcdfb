"""The opt-in check `clock`: is it the time that it is elsewhere?"""

from __future__ import annotations

import time

from probe.checks.base import Run
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target

_POLICIES = ("fail", "warn", "ignore")


class _Settings(NamedTuple):
    unsynchronised: str = option("warn", "choice", "what an unsynchronised clock counts as", _POLICIES)
    max_skew_s: float = option(
        60.0, "number", "how far the clock may be off, in seconds", minimum=2, maximum=31_536_000
    )
    endpoints: tuple[str, ...] = option((), "endpoints", 'HTTPS servers whose time is compared, "host:port"')
    handshake_roles: tuple[str, ...] = option(
        ("startup",),
        "choices",
        "the roles that contact them; a run by hand always does",
        ("startup", "ready"),
        refused=(("live", "restarting this container does not set the clock"),),
    )


class Clock(_Settings):
    """The clock is disciplined, and agrees with what was made before and with servers."""

    __slots__ = ()
    name = "clock"
    can_be_repeated = False
    options = declared(_Settings)

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """Yield what the kernel says, what lies in the past, and what servers say."""
        from probe.checks.clock import findings

        begin = time.monotonic()
        if self.unsynchronised != "ignore":
            yield findings.kernel(self.unsynchronised)
        run.phase("reading build times")
        yield findings.after_builds(run, self.max_skew_s)
        if self.endpoints:
            from probe.checks.clock import servers

            yield from servers.ask(self, target, run, begin)
