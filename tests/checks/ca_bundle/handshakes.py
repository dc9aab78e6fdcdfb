"""What the tests of handshakes share: the check against a server on loopback."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.handshake import findings
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import trust
from probe.report import Finding
from tests.support.commands import MakeTarget
from tests.support.pki import Made, intermediate, leaf, pems, root
from tests.tls import servers
from tests.tls.servers import Server

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Look:
    """Look at endpoints out of a container that trusts certain roots."""

    def __init__(self, make_target: MakeTarget) -> None:
        self._make_target = make_target
        self.phases: list[str] = []  # what the check said that it was at

    def __call__(
        self,
        endpoints: Sequence[str] | Server,
        roots: Sequence[Made] = (),
        *,
        go: Go = NEWEST,
        timeout_s: float = 10.0,
        role: str = "startup",
        now: float | None = None,
        env: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> list[Finding]:
        bundle = {BUNDLE: pems(roots)} if roots else {}
        target = self._make_target({**bundle, **(files or {})}, **(env or {}))
        named = (endpoints.endpoint,) if isinstance(endpoints, Server) else tuple(endpoints)
        moment = time.time() if now is None else now
        run = Run(Deadline(timeout_s), role, moment, Facts(target, go=go), self.phases.append)
        return list(findings(CaBundle(endpoints=named, **settings), target, run, trust.load(target, go)))


def only(found: Sequence[Finding]) -> Finding:
    assert len(found) == 1, [finding.code.name for finding in found]
    return found[0]


def found_codes(found: Sequence[Finding]) -> list[Code]:
    return [finding.code for finding in found]


CA = root("Test CA")


MIDDLE = intermediate(CA, "Test Issuing CA")


SOUND = leaf(CA, "localhost")


SENT = leaf(MIDDLE, "localhost")


def alert(number: int) -> servers.Handler:
    return servers.says(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))


UPSTREAM = "api.test:443"
