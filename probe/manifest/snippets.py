"""Ready snippets. What is printed is valid as it stands, and has nothing that the lint would find."""

import json
from collections.abc import Sequence

from probe.config.address import address
from probe.config.agent import Agent
from probe.lightweight import NamedTuple
from probe.manifest import timings


class SnippetSettings(NamedTuple):
    """What the timings follow from, and how probe is called."""

    timeout_s: float
    agent: Agent
    handshake_roles: Sequence[str]
    live_checks: Sequence[str] = ()
    command: str = "probe"
    program: str = "/app"  # the Go program, which is judged and, with an agent, started

    @property
    def source(self) -> str:
        a = self.agent
        return (
            f"timeout_s={self.timeout_s:g} interval_s={a.interval_s:g} retry_s={a.retry_s:g} "
            f"drain_s={a.drain_s:g}"
        )


def kubernetes(settings: SnippetSettings) -> str:
    """
    Part of a pod's spec, all of it in the program's own container, so that it is that one which is judged.

    Where agent.listen is set the program is started by `probe run --serve`, with the agent beside it:
    asked by httpGet or, where it listens on loopback, by exec probes. Else exec probes do the checks.
    """
    return _agent(settings) if settings.agent.listen else _exec(settings)


def _exec(settings: SnippetSettings) -> str:
    times, call = timings.of(settings.timeout_s, settings.agent), settings.command
    served = bool(settings.agent.listen)
    asks = "status" if served else "check"
    start = f"  command: {_served(settings)}\n" if served else ""
    grace = f"terminationGracePeriodSeconds: {times.grace}\n" if served else ""
    ready = ""
    if "ready" in settings.handshake_roles:
        ready = "  # ready is in ca-bundle.handshake_roles: an endpoint that is down empties the Service\n"
    return f"""\
# Into the pod's spec; from {settings.source}.
# {settings.program} is your Go program; its image must contain probe, called as {call}.
# No livenessProbe: a restart fixes nothing that probe checks. Let liveness probe the program itself.
{grace}containers:
- name: app
{start}{_env(settings)}  startupProbe:
    exec: {{command: {_flow(call, asks, "--role", "startup")}}}
    timeoutSeconds: {times.timeout}
    periodSeconds: {times.startup_period}
    failureThreshold: {times.startup_failures}
{ready}  readinessProbe:
    exec: {{command: {_flow(call, "status", "--role", "ready")}}}
    timeoutSeconds: {times.timeout}
    periodSeconds: {times.period}
    failureThreshold: {times.failures}
    successThreshold: {times.successes}
"""


def _agent(settings: SnippetSettings) -> str:
    times = timings.of(settings.timeout_s, settings.agent)
    host, port = address(settings.agent.listen)
    scheme = ", scheme: HTTPS" if settings.agent.tls_cert else ""
    if host.startswith(("127.", "localhost", "::1")):
        return _exec(settings)  # the kubelet does not reach it; `probe status` does
    return f"""\
# Into the pod's spec; from {settings.source}.
# {settings.program} is your Go program; its image must contain probe ({settings.command}), which starts it.
# An image that must stay as it is: deploy/kubernetes/overlays/sidecar.
terminationGracePeriodSeconds: {times.grace}
containers:
- name: app
  command: {_served(settings)}
{_env(settings)}  ports:
  - {{name: probe, containerPort: {port}}}
  startupProbe:
    httpGet: {{path: /startupz, port: probe{scheme}}}
    timeoutSeconds: 2
    periodSeconds: 1
    failureThreshold: {times.agent_startup_failures}
  readinessProbe:
    httpGet: {{path: /readyz, port: probe{scheme}}}
    timeoutSeconds: 2
    periodSeconds: {times.agent_period}
    failureThreshold: 2
{_liveness(settings, times, scheme)}"""


def _liveness(settings: SnippetSettings, times: timings.Timings, scheme: str) -> str:
    """A restart fixes nothing that probe checks: none on liveness, and no liveness where there are some."""
    if settings.live_checks:
        return "  # No livenessProbe: /livez runs live_checks, and a restart fixes none of them.\n"
    return f"""\
  livenessProbe:
    httpGet: {{path: /livez, port: probe{scheme}}}
    timeoutSeconds: 2
    periodSeconds: {times.agent_period}
    failureThreshold: 3
"""


def _served(settings: SnippetSettings) -> str:
    """The program with the agent beside it."""
    return _flow(settings.command, "run", "--serve", settings.agent.listen, "--", settings.program)


def _env(settings: SnippetSettings) -> str:
    """Which program `go-version` judges: `probe run` knows, a check that is started beside it does not."""
    name, value = "PROBE_GO_VERSION__BINARY", json.dumps(settings.program, ensure_ascii=False)
    return f"  env:\n  - {{name: {name}, value: {value}}}\n"


def healthcheck(settings: SnippetSettings) -> str:
    """A line for a Dockerfile, and what to write where the image's format has no place for it."""
    times = timings.of(settings.timeout_s, settings.agent)
    words = [settings.command, "status", "--role", "ready"]
    return f"""\
# From {settings.source}. podman build needs --format docker; an image without it, but with a shell:
# docker run --health-cmd {_quoted(" ".join(words))} --health-interval {times.period}s \
--health-timeout {times.timeout}s \
--health-start-period {times.start_period}s --health-retries {times.failures}
ENV PROBE_GO_VERSION__BINARY={json.dumps(settings.program, ensure_ascii=False)}
HEALTHCHECK --interval={times.period}s --timeout={times.timeout}s --start-period={times.start_period}s \
--retries={times.failures} CMD {json.dumps(words, ensure_ascii=False)}
"""


def compose(settings: SnippetSettings) -> str:
    """The part of a compose file for one service."""
    times = timings.of(settings.timeout_s, settings.agent)
    return f"""\
# From {settings.source}.
services:
  app:
    environment:
      PROBE_GO_VERSION__BINARY: {json.dumps(settings.program, ensure_ascii=False)}
    healthcheck:
      test: {_flow("CMD", settings.command, "status", "--role", "ready")}
      interval: {times.period}s
      timeout: {times.timeout}s
      start_period: {times.start_period}s
      retries: {times.failures}
    stop_grace_period: {max(10, times.grace - 20)}s
"""


def _flow(*words: str) -> str:
    """A list in one line, as JSON and YAML alike have it."""
    return json.dumps(words, ensure_ascii=False)


def _quoted(text: str) -> str:
    from shlex import quote

    return quote(text)


SNIPPETS = {"kubernetes": kubernetes, "healthcheck": healthcheck, "compose": compose}
