"""What the tests of pinned files share: the check over one root."""

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from probe.checks.base import Run
from probe.checks.pinned import Pinned
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Finding, Status
from probe.targets import at_root
from probe.targets.processes import Processes

VERSION, SUMS, SIGNATURE = (
    "/etc/go-baseline.version",
    "/etc/go-baseline.sha256",
    "/etc/go-baseline.sha256.sig",
)


def look(root: Path, *, timeout_s: float = 60, user: str | None = None, **settings: Any) -> list[Finding]:
    with Processes() as tools:
        target = at_root(str(root), {}, user=user)
        run = Run(
            Deadline(timeout_s), "all", time.time(), Facts(target, go=NEWEST), lambda phase: None, tools
        )
        return list(Pinned(**settings).run(target, run))


def only(findings: list[Finding], code: Code, status: Status) -> Finding:
    (one,) = findings
    assert (one.code, one.status) == (code, status), one
    return one


def line(content: bytes, name: str) -> str:
    return f"{sha256(content).hexdigest()}  {name}\n"
