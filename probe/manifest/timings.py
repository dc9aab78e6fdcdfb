"""How long who may wait for whom, worked out from the settings."""

import math

from probe.config.agent import Agent
from probe.lightweight import NamedTuple

_STARTING_S = 1  # an interpreter's start under a CPU limit of 0.1, and the runtime's own work
_GRACE_S = 30  # what Kubernetes grants by default
_STARTUP_S = 60  # for what comes up beside us: networks, name servers, endpoints
_TRIES = 3  # runs that the agent gets before its startup counts as failed


class Timings(NamedTuple):
    """Whole seconds, as Kubernetes takes them, and counts."""

    timeout: int  # of whoever starts `probe check` or `probe status`: longer than the deadline
    period: int  # of checks that go on for ever
    startup_period: int
    startup_failures: int
    agent_startup_failures: int  # at one question a second
    agent_period: int
    start_period: int
    failures: int
    successes: int
    grace: int


def of(timeout_s: float, agent: Agent) -> Timings:
    """The timings that fit a run of at most *timeout_s* and the agent's settings."""
    timeout = caller(timeout_s)
    startup_period = max(10, timeout)
    again_s = timeout_s + agent.retry_s
    return Timings(
        timeout=timeout,
        period=max(math.ceil(agent.interval_s), timeout),
        startup_period=startup_period,
        startup_failures=max(_TRIES, math.ceil(_STARTUP_S / startup_period)),
        agent_startup_failures=max(30, math.ceil(_TRIES * again_s)),
        agent_period=max(1, min(10, math.floor(agent.interval_s))),
        start_period=max(20, math.ceil(2 * again_s)),
        failures=agent.failure_threshold,
        successes=agent.success_threshold,
        grace=max(_GRACE_S, math.ceil(agent.drain_s) + 10),
    )


def caller(timeout_s: float) -> int:
    """What the caller of a run of at most *timeout_s* must grant at least, in whole seconds."""
    return math.floor(timeout_s) + _STARTING_S
