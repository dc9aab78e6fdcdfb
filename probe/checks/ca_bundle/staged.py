"""Roots that lie where a distribution's command makes the bundle from, and that Go does not trust."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import SHOWN, Diagnosis, plain
from probe.formats import pem
from probe.golang.release import Go
from probe.golang.x509.trust import Roots
from probe.lightweight import Container, Iterator
from probe.targets import NotRegular, Target, TooLarge
from probe.words import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.deadline import Deadline
    from probe.remedies.authority import FoundAuthority

_FILES, _FILE_BYTES = 50, 64 << 10  # compared with the bundle before anything is imported


def diagnoses(
    target: Target, go: Go, loaded: Roots, directories: tuple[str, ...], deadline: Deadline | None = None
) -> Iterator[Diagnosis]:
    """One for each step that is missing, by the first file for which it is."""
    known = frozenset(root.certificate.der for root in loaded.roots)
    if all(_is_in(known, target, directory) for directory in directories):
        return
    from probe.remedies import authority

    groups: dict[str, list[FoundAuthority]] = {}
    for found in authority.staged(target, go, directories, known, deadline):
        groups.setdefault(found.why, []).append(found)
    for why, alike in groups.items():
        first, more = alike[0], len(alike) - 1
        others = f"; {counted(more, 'file')} beside it too" if more else ""
        cause = f"{plain(first.path)} holds a root that Go does not trust:{why}{others}"
        facts = {"count": len(alike), "files": [plain(one.path) for one in alike[:SHOWN]]}
        ways = authority.remedies(target, first)
        yield Diagnosis(codes.CA_ROOTS_NOT_IN_BUNDLE, first.path, cause, ways, facts)


def _is_in(known: Container[bytes], target: Target, directory: str) -> bool:
    """Whether *directory* holds only what is *known*, as after an update; False where that takes longer."""
    try:
        names = target.listdir(directory)
    except (OSError, NotRegular, TooLarge):
        return False
    return len(names) <= _FILES and all(_is_known(known, target, f"{directory}/{name}") for name in names)


def _is_known(known: Container[bytes], target: Target, path: str) -> bool:
    try:
        blocks = list(pem.split(target.read(path, _FILE_BYTES)))
    except (OSError, NotRegular, TooLarge):
        return False
    return bool(blocks) and all(block.data in known and not block.fault for block in blocks)
