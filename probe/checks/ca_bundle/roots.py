"""The half of `ca-bundle` that looks at files: what Go trusts, and what it passes over."""

from __future__ import annotations

from probe import codes, samples
from probe.checks.ca_bundle.findings import Diagnosis, line, place, plain
from probe.codes import Code
from probe.formats import pem
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import root_use, trust
from probe.golang.x509.root_use import EXPIRED, NO_CA, NOT_YET, Unfit
from probe.golang.x509.trust import (
    DIRECTORY_VARIABLE,
    FILE_VARIABLE,
    MISSING,
    OTHER,
    READ,
    Root,
    Roots,
    RootSource,
    Skipped,
)
from probe.lightweight import Any, Callable, Iterator
from probe.report import Finding, Remedy, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.words import counted, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.ca_bundle import CaBundle
    from probe.samples import Sample

_BAD = (Status.FAIL, Status.UNKNOWN)
_SHOWN = 20  # roots or blocks that the evidence names
_FEW = 10  # one in so many: distributions ship that many roots that have expired, and nothing fixes it


_Unfit = list[tuple[Root, Unfit]]


def findings(settings: CaBundle, target: Target, go: Go, loaded: Roots, now: float) -> Iterator[Finding]:
    """
    What is to be said about the roots at *now*, one finding a cause.

    Ends with CA_BUNDLE_OK when nothing keeps Go from verifying servers. The first one carries the samples.
    """
    unfit = [(root, why) for root in loaded.roots if (why := root_use.unfit(root.certificate, now))]
    numbers = tuple(_samples(loaded, unfit))
    for finding in _all(settings, target, go, loaded, unfit, now):
        yield finding._replace(samples=numbers)
        numbers = ()


def _all(
    settings: CaBundle, target: Target, go: Go, loaded: Roots, unfit: _Unfit, now: float
) -> Iterator[Finding]:
    if not loaded.roots or loaded.fallback:
        yield _absent(target, loaded)
        return
    bad = False
    for finding in _present(settings, target, go, loaded, unfit, now):
        bad = bad or finding.status in _BAD
        yield finding
    if not bad:
        yield _sound(loaded, now)


def proven(settings: CaBundle, target: Target, go: Go, loaded: Roots, now: float) -> Iterator[Finding]:
    """The findings, each with those of its remedies that help: tried on a view of the target."""
    found = findings(settings, target, go, loaded, now)
    told = list(found)
    if any(finding.remedies for finding in told):
        from probe.remedies import trial

        def ask(changed: Target) -> list[Finding] | None:
            after = trust.load(changed, go, loaded.roots)
            kept = {root.certificate.der for root in after.roots}
            lost = [root for root in loaded.roots if root.certificate.der not in kept]
            if any(not root_use.unfit(root.certificate, now) for root in lost):
                return None
            return list(findings(settings, changed, go, after, now))

        told = trial.proven(told, target, ask)
    yield from told


def _samples(loaded: Roots, unfit: _Unfit) -> Iterator[Sample]:
    """How many roots there are, 0 where there are none; nothing where that is not known."""
    yield samples.BLOCKS_SKIPPED.sample(sum(map(len, _skipped(loaded))))
    if loaded.fallback or (loaded.unread and not loaded.roots):
        return
    yield samples.ROOTS.sample(len(loaded.roots))
    blocked = loaded.blocks_on is not None  # Go waits there for ever, whatever it has read
    yield samples.ROOTS_USABLE.sample(0 if blocked else _usable(loaded, unfit))


def _usable(loaded: Roots, unfit: _Unfit) -> int:
    """Roots that can verify a server; one that is no CA verifies the server that presents it."""
    return len(loaded.roots) - sum(why.kind != NO_CA for _, why in unfit)


def _absent(target: Target, loaded: Roots) -> Finding:
    """Nothing that this container has is trusted."""
    from probe.checks.ca_bundle import no_roots  # on the way of a failure only

    if loaded.blocks_on is not None:
        return _finding(Status.FAIL, no_roots.blocked(target, loaded), loaded)
    if loaded.fallback:
        return _fallback(target, loaded)
    if loaded.unread:
        return _unread(loaded)
    return _finding(Status.FAIL, no_roots.diagnose(target, loaded), loaded, error=loaded.error)


def _fallback(target: Target, loaded: Roots) -> Finding:
    if loaded.roots:
        why = "GODEBUG=x509usefallbackroots=1 prefers them to the bundle here"
    else:
        from probe.checks.ca_bundle import no_roots

        why = no_roots.diagnose(target, loaded).cause
    from probe.remedies import actions, packages

    finding = Finding(
        Status.WARN,
        codes.CA_BUNDLE_FALLBACK,
        "fallback roots",
        f"the program trusts the roots compiled into it, which are as old as it is: {why}",
        "",
        {"tried": _tried(loaded)},
    )
    if not loaded.roots:
        return actions.put(finding, *packages.roots(target))
    return actions.put(finding, actions.remedy(actions.ask("Take x509usefallbackroots=1 out of GODEBUG")))


def _unread(loaded: Roots) -> Finding:
    return Finding(
        Status.UNKNOWN,
        codes.CA_BUNDLE_TOO_LARGE,
        "CA bundle",
        f"what Go trusts is not known: {listed([plain(reason) for reason in loaded.unread], 1)}",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
        {"limits": [plain(reason) for reason in loaded.unread]},
    )


def _present(
    settings: CaBundle, target: Target, go: Go, loaded: Roots, unfit: _Unfit, now: float
) -> Iterator[Finding]:
    """There are roots: what is odd beside them, and whether they do."""
    if loaded.unread:
        yield _unread(loaded)
    yield from _beside(target, loaded)
    yield from _entries(target, loaded)
    yield from _passed_over(target, loaded)
    yield from _unfit(target, loaded, unfit)
    usable = _usable(loaded, unfit)
    if usable < settings.min_roots:
        yield _too_few(target, loaded, usable, settings.min_roots, unfit)
    if settings.extra_roots:
        from probe.checks.ca_bundle import extra_roots

        for path in settings.extra_roots:
            yield from extra_roots.findings(target, go, loaded, path, now)


def _beside(target: Target, loaded: Roots) -> Iterator[Finding]:
    """Paths that give nothing although they are there or were asked for; others make up for them."""
    named = {"file": FILE_VARIABLE, "directory": DIRECTORY_VARIABLE}
    missing = {"file": codes.SSL_CERT_FILE_MISSING, "directory": codes.SSL_CERT_DIR_MISSING}
    for source in loaded.sources:
        gives = source.outcome == READ and (source.kind == "directory" or source.roots)
        if source.kind == "entry" or gives:
            continue
        variable = named[source.kind]
        asked = bool(target.env.get(variable))
        if source.outcome == MISSING and not (asked and source.path):
            continue
        from probe.checks.ca_bundle import no_roots

        diagnosis = no_roots.of_source(target, source)
        if not diagnosis and asked and source.outcome == MISSING:
            diagnosis = no_roots.nowhere(target, variable, source.path, missing[source.kind])
        if diagnosis:
            cause = f"{diagnosis.cause}; {counted(len(loaded.roots), 'root')} from other files trusted"
            yield _finding(Status.WARN, diagnosis._replace(cause=cause), loaded)


_CERTIFICATE_NAMES = (".crt", ".pem", ".cer", ".der", ".p7b", ".p7c", ".p12", ".pfx", ".jks", ".ca-bundle")
# What distributions ship beside their bundle, for other programs.
_OF_OTHERS = ("/ca-bundle.trust.crt", "/java/cacerts")


_ALONE = 3  # entries of one directory that are told one by one


def _entries(target: Target, loaded: Roots) -> Iterator[Finding]:
    """Entries of the directories that look like a certificate and give Go none: somebody meant them to."""
    groups: dict[tuple[object, str], list[RootSource]] = {}
    for source in loaded.sources:
        gives = source.roots or source.repeated or source.skipped
        ours = source.kind == "entry" and source.detail != trust.READ_BEFORE and not gives
        if not ours or not source.path.endswith(_CERTIFICATE_NAMES) or source.path.endswith(_OF_OTHERS):
            continue
        if source.path not in trust.files(target):  # told of already
            alike = source.outcome, source.path.rpartition("/")[0]
            groups.setdefault(alike, []).append(source)
    for sources in groups.values():
        for source in sources if len(sources) <= _ALONE else sources[:1]:
            from probe.checks.ca_bundle import no_roots

            diagnosis = no_roots.of_source(target, source)
            if diagnosis:
                ways = _tidied(target, source) or diagnosis.remedies
                told = diagnosis._replace(cause=f"{diagnosis.cause}: Go loads nothing from it", remedies=ways)
                yield _finding(
                    Status.WARN, told if len(sources) <= _ALONE else _together(told, sources), loaded
                )


def _together(first: Diagnosis, sources: list[RootSource]) -> Diagnosis:
    """Many entries of one directory, by the first: what was copied without what its links lead to."""
    directory = first.path.rpartition("/")[0]
    names = [plain(source.path.rpartition("/")[2]) for source in sources]
    cause = f"{len(names)} entries of {plain(directory)} give Go no certificate, such as: {first.cause}"
    ways = first.remedies
    if first.code is codes.CA_BUNDLE_DANGLING_LINK:
        from probe.remedies import actions, file_actions

        alone = f"Copy the bundle alone, without the links beside it in {plain(directory)}"
        ways = (
            actions.remedy(file_actions.remove_dangling(directory)),
            actions.remedy(actions.ask(alone, actions.IMAGE)),
        )
    facts = {**first.evidence, "count": len(names), "entries": names[:_SHOWN]}
    return first._replace(path=directory, cause=cause, remedies=ways, evidence=facts)


def _tidied(target: Target, source: RootSource) -> tuple[Remedy, ...]:
    """What is done about an entry that holds no certificate at all: the bundle is not what is wrong."""
    from probe.remedies import actions, file_actions

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


def _skipped(loaded: Roots) -> tuple[list[Skipped], list[Skipped], list[Skipped]]:
    """The blocks that Go skips: lost to a byte order mark, cut off at the end of a file, others."""
    last: dict[str, int] = {}  # file → line of its last block
    for items in (loaded.roots, loaded.skipped):
        for item in items:
            last[item.file] = max(item.line, last.get(item.file, 0))
    marked: list[Skipped] = []
    cut: list[Skipped] = []
    others: list[Skipped] = []
    for block in loaded.skipped:
        if block.reason == pem.MARKED:
            marked.append(block)
        elif block.reason == pem.NO_END and block.line == last[block.file]:
            cut.append(block)
        elif block.kind != OTHER:
            others.append(block)
    return marked, cut, others


def _passed_over(target: Target, loaded: Roots) -> Iterator[Finding]:
    """Certificates that somebody put into a bundle and that Go passes over."""
    marked, cut, others = _skipped(loaded)
    if marked:
        file = marked[0].file
        yield _blocks(
            Status.WARN,
            codes.CA_BUNDLE_BYTE_ORDER_MARK,
            marked,
            f"{plain(file)} begins with a byte order mark: Go loses its first certificate",
            *_converted(file, "marked"),
        )
    for block in cut:
        yield _blocks(
            Status.FAIL if _is_bundle(block, loaded) else Status.WARN,
            codes.CA_BUNDLE_TRUNCATED,
            [block],
            f"{plain(block.file)} is truncated in the certificate at line {block.line}: the rest is lost",
            *_anew(target, block.file, f"Copy {plain(block.file)} again, completely"),
        )
    if others:
        reasons = [f"line {block.line} of {plain(block.file)}: {line(block.reason)}" for block in others]
        yield _blocks(
            Status.WARN,
            codes.CA_BUNDLE_SKIPPED_BLOCKS,
            others,
            f"Go passes over {counted(len(others), 'certificate')} silently: {listed(reasons, 2)}",
            *_others(target, others),
        )


def _is_bundle(block: Skipped, loaded: Roots) -> bool:
    return any(source.path == block.file and source.kind == "file" for source in loaded.sources)


def _converted(file: str, form: str) -> tuple[Remedy, ...]:
    from probe.remedies import file_actions

    return file_actions.convert(file, form)


def _anew(target: Target, file: str, words: str) -> tuple[Remedy, ...]:
    """The package's own bundle is made again; any other file has to be brought whole."""
    from probe.remedies import actions, packages

    ways = packages.roots(target) if file in trust.FILES else ()
    return (*ways, actions.remedy(actions.ask(words, actions.IMAGE)))


def _others(target: Target, others: list[Skipped]) -> tuple[Remedy, ...]:
    from probe.remedies import forms

    file = others[0].file
    found = forms.look(_data(target, file))
    ways = _converted(file, found.form) if found else ()
    return (
        *ways,
        *_anew(target, file, f"Replace or remove the block at line {others[0].line} of {plain(file)}"),
    )


def _data(target: Target, file: str) -> bytes:
    try:
        return target.read(file, trust.FILE_LIMIT)
    except (OSError, NotRegular, TooLarge):
        return b""


def _blocks(status: Status, code: Code, blocks: list[Skipped], cause: str, *remedies: Remedy) -> Finding:
    told = [
        {"file": plain(block.file), "line": block.line, "reason": line(block.reason)}
        for block in blocks[:_SHOWN]
    ]
    from probe.remedies import actions

    finding = Finding(status, code, blocks[0].file, cause, "", {"count": len(blocks), "blocks": told})
    return actions.put(finding, *remedies)


_OF_KIND = {EXPIRED: codes.CA_ROOTS_EXPIRED, NOT_YET: codes.CA_ROOTS_NOT_YET_VALID}


def _unfit(target: Target, loaded: Roots, unfit: _Unfit) -> Iterator[Finding]:
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
            names = [f"{_name(root)} ({_short(root, why)})" for root, why in group]
            words = one if len(group) == 1 else many
            usual = code is codes.CA_ROOTS_EXPIRED and len(group) * _FEW < len(loaded.roots)
            finding = Finding(
                Status.PASS if usual else Status.WARN,
                code,
                group[0][0].file,
                f"{len(group)} of {counted(len(loaded.roots), 'root')} {words}: {listed(names, 2)}",
                "",
                {"count": len(group), "roots": names[:_SHOWN]},
            )
            yield finding if usual else _put(finding, _renewal(target, code, group[0][0]))


def _short(root: Root, why: Unfit) -> str:
    """The reason without what the sentence says already: of an expiry, its day."""
    moments = {EXPIRED: root.certificate.not_after, NOT_YET: root.certificate.not_before}
    return rfc3339(moments[why.kind])[:10] if why.kind in moments else line(why.text)


def _put(finding: Finding, remedies: tuple[Remedy, ...]) -> Finding:
    from probe.remedies import actions

    return actions.put(finding, *remedies)


def _renewal(target: Target, code: Code, root: Root) -> tuple[Remedy, ...]:
    from probe.remedies import actions, packages

    if code is codes.CA_ROOTS_NOT_YET_VALID:
        return (actions.remedy(actions.ask("date -u     # if it is wrong, set the clock of the node")),)
    words = f"Replace or remove the certificate at line {root.line} of {plain(root.file)}"
    newer = (
        packages.roots(target, upgrade=True)
        if code is codes.CA_ROOTS_EXPIRED and root.file in trust.FILES
        else ()
    )
    return (*newer, actions.remedy(actions.ask(words, actions.IMAGE)))


def _too_few(target: Target, loaded: Roots, usable: int, wanted: int, unfit: _Unfit) -> Finding:
    from probe.remedies import packages

    lost = [(root, why) for root, why in unfit if why.kind != NO_CA]
    why = f": {_name(lost[0][0])} {lost[0][1].text}" if lost and not usable else ""
    if lost:  # another bundle would take the place of the one that has what is wanted
        ways = _renewal(target, _OF_KIND.get(lost[0][1].kind, codes.CA_ROOTS_UNUSABLE), lost[0][0])
    else:
        ways = packages.roots(target, whole=True)
    finding = Finding(
        Status.FAIL,
        codes.CA_ROOTS_TOO_FEW,
        loaded.roots[0].file,
        f"{usable} of {counted(len(loaded.roots), 'root')} can verify a server, {wanted} required{why}",
        "",
        {"usable": usable, "loaded": len(loaded.roots), "wanted": wanted},
    )
    return _put(finding, ways)


def _sound(loaded: Roots, now: float) -> Finding:
    files = list(dict.fromkeys(root.file for root in loaded.roots))
    ends = min(
        (root.certificate.not_after for root in loaded.roots if root.certificate.not_after > now), default=0
    )
    return Finding(
        Status.PASS,
        codes.CA_BUNDLE_OK,
        files[0],
        f"Go trusts {counted(len(loaded.roots), 'root')} from {listed([plain(file) for file in files], 1)}",
        "",
        {
            "roots": len(loaded.roots),
            "files": [plain(file) for file in files[:_SHOWN]],
            "next_expiry": rfc3339(ends) if ends else None,
        },
    )


def _name(root: Root) -> str:
    """The most telling part of a subject."""
    return line(root.certificate.subject.partition(",")[0]) or f"the root at line {root.line}"


def _finding(status: Status, found: Diagnosis, loaded: Roots, **evidence: Any) -> Finding:
    facts = {name: value for name, value in {**found.evidence, **evidence}.items() if value is not None}
    finding = Finding(
        status, found.code, place(found.path), found.cause, "", {**facts, "tried": _tried(loaded)}
    )
    return _put(finding, found.remedies)


def _tried(loaded: Roots) -> list[str]:
    """Every file and directory where Go looked, and what became of it."""
    looked = [source for source in loaded.sources if source.kind != "entry"][:_SHOWN]
    shown = [place(source.path) for source in looked]
    return [
        f"{path}: {plain(source.detail.replace(source.path, path)) or source.outcome}"
        for source, path in zip(looked, shown, strict=True)
    ]
