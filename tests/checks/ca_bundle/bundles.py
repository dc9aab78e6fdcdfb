"""What the tests of the roots share: a target with a bundle, and the check over it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probe import targets
from probe.checks.ca_bundle import CaBundle, roots
from probe.codes import Code
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import trust
from probe.report import Finding, Status
from probe.targets import Mount, Target, User
from tests.golang.odd_certificates import ODD
from tests.golang.root_worlds import A
from tests.support import der

FAIL, WARN, UNKNOWN, PASS = Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS


NOW = 1_800_000_000  # 2027-01-15


PEM_A = A.decode()


def looking(path: Path, env: Mapping[str, str], uid: int | None = None, *mounts: Mount) -> Target:
    user = None if uid is None else User(uid, uid)
    return targets.at_root(str(path), env, user=user)._replace(mounts=mounts)


def judge(seen: Target, go: Go = NEWEST, now: float = NOW, **settings: Any) -> list[Finding]:
    return list(roots.proven(CaBundle(**settings), seen, go, trust.load(seen, go), now))


def mounted(point: str, source: str = "tmpfs", below: str = "/") -> Mount:
    return Mount(point, "tmpfs", source, below, False, ("rw",))


def told(found: list[Finding]) -> list[tuple[Status, Code]]:
    return [(finding.status, finding.code) for finding in found]


EXPIRED, FUTURE = der.pem(ODD["expired"].data), der.pem(ODD["not yet valid"].data)


NEGATIVE = der.pem(ODD["serial negative"].data)
