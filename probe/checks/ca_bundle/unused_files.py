"""Entries of the directories that look like a certificate and give Go none."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle import no_roots
from probe.checks.ca_bundle.findings import SHOWN, Diagnosis, plain
from probe.golang.x509.trust import MISSING, READ, RootSource
from probe.lightweight import Iterable, Iterator
from probe.remedies import actions, file_actions
from probe.report import Remedy
from probe.targets import Target

_ALONE = 3  # entries of one directory that are told one by one
_LOOKED_AT = 100  # entries that are opened to see what they are


def diagnoses(target: Target, sources: list[RootSource]) -> Iterator[Diagnosis]:
    """What is wrong with entries of one directory that came to the same: each form by itself."""
    for alike in _forms(target, sources):
        yield from _diagnoses(target, alike)


def _forms(target: Target, sources: list[RootSource]) -> Iterable[list[RootSource]]:
    """*sources* by what they are, where many could be read; those beyond the bound go with the first."""
    if len(sources) <= _ALONE or sources[0].outcome != READ:
        return (sources,)
    found: dict[object, list[RootSource]] = {}
    for source in sources[:_LOOKED_AT]:
        diagnosis = no_roots.of_source(target, source)
        found.setdefault(diagnosis and diagnosis.code, []).append(source)
    next(iter(found.values())).extend(sources[_LOOKED_AT:])
    return found.values()


def _diagnoses(target: Target, sources: list[RootSource]) -> Iterator[Diagnosis]:
    """What is wrong with entries that are alike: with each, or with all by the first."""
    for source in sources if len(sources) <= _ALONE else sources[:1]:
        if diagnosis := no_roots.of_source(target, source):
            ways = _tidied(target, source) or diagnosis.remedies
            told = diagnosis._replace(cause=f"{diagnosis.cause}: Go loads nothing from it", remedies=ways)
            yield told if len(sources) <= _ALONE else _together(told, sources)


def _together(first: Diagnosis, sources: list[RootSource]) -> Diagnosis:
    """Many entries of one directory, by the first: what was copied without what its links lead to."""
    directory = first.path.rpartition("/")[0]
    names = [plain(source.path.rpartition("/")[2]) for source in sources]
    cause = f"{len(names)} entries of {plain(directory)} give Go no certificate, such as: {first.cause}"
    ways = first.remedies
    if first.code is codes.CA_BUNDLE_DANGLING_LINK:
        alone = f"Copy the bundle alone, without the links beside it in {plain(directory)}"
        ways = (
            actions.remedy(file_actions.remove_dangling(directory)),
            actions.remedy(actions.ask(alone, actions.IMAGE)),
        )
    facts = {**first.evidence, "count": len(names), "entries": names[:SHOWN]}
    return first._replace(path=directory, cause=cause, remedies=ways, evidence=facts)


def _tidied(target: Target, source: RootSource) -> tuple[Remedy, ...]:
    """What is done about an entry that holds no certificate at all: the bundle is not what is wrong."""
    try:
        found = target.stat(source.path, follow=False)
    except OSError:
        return ()
    whole = actions.ask(f"Put the certificate into {plain(source.path)}, in PEM", actions.IMAGE)
    if found.is_dir:
        return (actions.remedy(file_actions.clear(target, source.path)), actions.remedy(whole))
    if (found.is_link and source.outcome == MISSING) or not found.size:
        return (actions.remedy(file_actions.remove(source.path)), actions.remedy(whole))
    return ()
