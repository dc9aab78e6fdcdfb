"""Roots that lie where a distribution's command makes the bundle from, and that Go does not trust."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import SHOWN, Diagnosis, plain
from probe.golang.release import Go
from probe.golang.x509.trust import Roots
from probe.lightweight import Iterator
from probe.remedies import authority
from probe.remedies.authority import FoundAuthority
from probe.targets import Target
from probe.words import counted


def diagnoses(target: Target, go: Go, loaded: Roots, directories: tuple[str, ...]) -> Iterator[Diagnosis]:
    """One for each step that is missing, by the first file for which it is."""
    known = frozenset(root.certificate.der for root in loaded.roots)
    groups: dict[str, list[FoundAuthority]] = {}
    for found in authority.staged(target, go, directories, known):
        groups.setdefault(found.why, []).append(found)
    for why, alike in groups.items():
        first, more = alike[0], len(alike) - 1
        others = f"; {counted(more, 'file')} beside it too" if more else ""
        cause = f"{plain(first.path)} holds a root that Go does not trust:{why}{others}"
        facts = {"count": len(alike), "files": [plain(one.path) for one in alike[:SHOWN]]}
        ways = authority.remedies(target, first)
        yield Diagnosis(codes.CA_ROOTS_NOT_IN_BUNDLE, first.path, cause, ways, facts)
