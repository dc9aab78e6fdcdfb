"""Roots that are loaded and can verify nothing, by what keeps them from it."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import SHOWN, line, name, plain
from probe.codes import Code
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import trust
from probe.golang.x509.root_use import EXPIRED, NO_CA, NOT_YET, Unfit
from probe.golang.x509.trust import Root, Roots
from probe.lightweight import Callable, Iterator
from probe.report import Finding, Remedy, Status
from probe.targets import Target
from probe.words import counted, listed

_FEW = 10  # one in so many: distributions ship that many roots that have expired, and nothing fixes it
_OF_KIND = {EXPIRED: codes.CA_ROOTS_EXPIRED, NOT_YET: codes.CA_ROOTS_NOT_YET_VALID}


def findings(target: Target, loaded: Roots, unfit: list[tuple[Root, Unfit]]) -> Iterator[Finding]:
    """Roots that are loaded and can verify nothing, by what keeps them from it."""
    groups: tuple[tuple[Code, str, str, Callable[[str], bool]], ...] = (
        (codes.CA_ROOTS_EXPIRED, "has expired", "have expired", lambda kind: kind == EXPIRED),
        (codes.CA_ROOTS_NOT_YET_VALID, "is not valid yet", "are not valid yet", lambda kind: kind == NOT_YET),
        (
            codes.CA_ROOTS_UNUSABLE,
            "is unusable for Go",
            "are unusable for Go",
            lambda kind: kind not in (EXPIRED, NOT_YET),
        ),
    )
    for code, one, many, belongs in groups:
        group = [(root, why) for root, why in unfit if belongs(why.kind)]
        if group:
            names = [f"{name(root)} ({_short(root, why)})" for root, why in group]
            words = one if len(group) == 1 else many
            usual = code is codes.CA_ROOTS_EXPIRED and len(group) * _FEW < len(loaded.roots)
            yield Finding(
                Status.PASS if usual else Status.WARN,
                code,
                group[0][0].file,
                f"{len(group)} of {counted(len(loaded.roots), 'root')} {words}: {listed(names, 2)}",
                () if usual else _renewal(target, code, group[0][0]),
                {"count": len(group), "roots": names[:SHOWN]},
            )


def _short(root: Root, why: Unfit) -> str:
    """The reason without what the sentence says already: of an expiry, its day."""
    moments = {EXPIRED: root.certificate.not_after, NOT_YET: root.certificate.not_before}
    return rfc3339(moments[why.kind])[:10] if why.kind in moments else line(why.text)


def _renewal(target: Target, code: Code, root: Root) -> tuple[Remedy, ...]:
    from probe.remedies import actions, packages

    if code is codes.CA_ROOTS_NOT_YET_VALID:
        return actions.ways(actions.look("date -u"), *actions.set_clock())
    words = f"Replace or remove the certificate at line {root.line} of {plain(root.file)}"
    newer = (
        packages.roots(target, upgrade=True)
        if code is codes.CA_ROOTS_EXPIRED and root.file in trust.FILES
        else ()
    )
    return (*newer, actions.remedy(actions.ask(words, actions.IMAGE)))


def too_few(
    target: Target, loaded: Roots, usable: int, wanted: int, unfit: list[tuple[Root, Unfit]]
) -> Finding:
    lost = [(root, why) for root, why in unfit if why.kind != NO_CA]
    why = f": {name(lost[0][0])} {lost[0][1].text}" if lost and not usable else ""
    if lost:  # another bundle would take the place of the one that has what is wanted
        ways = _renewal(target, _OF_KIND.get(lost[0][1].kind, codes.CA_ROOTS_UNUSABLE), lost[0][0])
    else:
        from probe.remedies import packages

        ways = packages.roots(target, whole=True)
    return Finding(
        Status.FAIL,
        codes.CA_ROOTS_TOO_FEW,
        loaded.roots[0].file,
        f"{usable} of {counted(len(loaded.roots), 'root')} can verify a server, {wanted} required{why}",
        ways,
        {"usable": usable, "loaded": len(loaded.roots), "wanted": wanted},
    )
