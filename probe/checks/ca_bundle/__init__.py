"""The check `ca-bundle`: the roots that Go trusts here, and whether they verify the servers that matter."""

from __future__ import annotations

from probe.checks.base import Run
from probe.lightweight import Iterator, NamedTuple
from probe.options import declared, option
from probe.report import Finding
from probe.targets import Target


class _Settings(NamedTuple):
    min_roots: int = option(1, "integer", "How many usable roots there must be.", minimum=0)
    expires_in_days: int = option(
        30,
        "integer",
        "How many days before its end a certificate that a handshake used is a warning; a third of its"
        " lifetime at most.",
        minimum=0,
    )
    endpoints: tuple[str, ...] = option(
        ("auto",),
        "endpoints",
        'Servers for TLS handshakes, "host:port"; "auto": what GOPROXY and GOSUMDB make Go dial.',
        ("auto",),
    )
    handshake_roles: tuple[str, ...] = option(
        ("startup",),
        "choices",
        "The roles that do handshakes; a run by hand always does.",
        ("startup", "ready"),
        refused=(("live", "restarting this container does not fix a remote server"),),
    )
    extra_roots: tuple[str, ...] = option(
        (), "strings", "PEM files in the target whose certificates must be trusted."
    )
    attempts: int = option(3, "integer", "How often a handshake is attempted.", minimum=1, maximum=10)


class CaBundle(_Settings):
    """Go finds its roots, and completes a TLS handshake with each endpoint."""

    __slots__ = ()
    name = "ca-bundle"
    by_release = True
    can_be_repeated = False
    options = declared(_Settings)

    def shakes_hands(self, role: str) -> bool:
        """Whether it certainly does in *role*, where the roots can be read."""
        return self.asked_in(role) and any(text != "auto" for text in self.endpoints)

    def asked_in(self, role: str) -> bool:
        return role == "all" or role in self.handshake_roles

    def run(self, target: Target, run: Run) -> Iterator[Finding]:
        """
        Yield what is to be said about the roots, then about each endpoint.

        Where nothing is trusted no handshake can succeed; it is made all the same, to tell
        who would have to be trusted.
        """
        from probe.checks.ca_bundle import handshake, roots

        certain = self.shakes_hands(run.role) and handshake.AUTO not in self.endpoints
        begun = handshake.begin(self, target, run) if certain else None
        go, loaded = run.facts.go(), run.facts.roots()
        yield from roots.proven(self, target, go, loaded, run.now, run.deadline)
        yield from handshake.findings(self, target, run, loaded, begun)
