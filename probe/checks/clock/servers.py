"""What servers say, against our own clock."""

from __future__ import annotations

import time

from probe import codes
from probe.checks.base import Run
from probe.checks.clock import findings
from probe.golang.net.endpoint import parse_endpoint
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.clock import Clock


def ask(settings: Clock, target: Target, run: Run, begin: float) -> Iterator[Finding]:
    """Ask one endpoint after the other; *begin* is the monotonic time at which it was `run.now`."""
    if run.role != "all" and run.role not in settings.handshake_roles:
        roles = ", ".join(settings.handshake_roles) or "no role"
        cause = f"no server is contacted for the time in the role {run.role}: handshake_roles names {roles}"
        yield Finding(Status.SKIP, codes.CLOCK_NOT_ASKED, "endpoints", cause)
        return
    from probe.tls.dialer import dialer  # OpenSSL is loaded only where there is a server to ask
    from probe.tls.root_store import RootStore
    from probe.web import date_header

    go = run.facts.go()
    roots = RootStore(root.certificate for root in run.facts.roots().roots)
    shared = dialer(go, roots, target.env, run.now, run.deadline)
    for number, text in enumerate(settings.endpoints):
        endpoint = parse_endpoint(text)
        share = run.deadline.within(run.deadline.remaining() / (len(settings.endpoints) - number))
        now = run.now + time.monotonic() - begin

        def tell(phase: str, whom: str = endpoint.text) -> None:
            run.phase(f"{whom}: {phase}")

        answer = date_header.ask(shared._replace(now=now, deadline=share, progress=tell), endpoint)
        yield findings.server(answer, run.now - begin, settings.max_skew_s)
