"""The half of `ca-bundle` that looks at files: what Go trusts, and what it passes over."""

from __future__ import annotations

from probe import codes, samples
from probe.checks.ca_bundle.findings import SHOWN, of, plain, tried
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import root_use, trust
from probe.golang.x509.root_use import NO_CA, Unfit
from probe.golang.x509.trust import (
    DIRECTORY_VARIABLE,
    FILE_VARIABLE,
    MISSING,
    READ,
    Root,
    Roots,
    RootSource,
)
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.words import counted, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.checks.ca_bundle import CaBundle
    from probe.deadline import Deadline
    from probe.samples import Sample

_BAD = (Status.FAIL, Status.UNKNOWN)


def findings(
    settings: CaBundle, target: Target, go: Go, loaded: Roots, now: float, deadline: Deadline | None = None
) -> Iterator[Finding]:
    """
    What is to be said about the roots at *now*, one finding a cause.

    Ends with CA_BUNDLE_OK when nothing keeps Go from verifying servers. The first one carries the samples.
    """
    unfit = [(root, why) for root in loaded.roots if (why := root_use.unfit(root.certificate, now))]
    numbers = tuple(_samples(loaded, unfit))
    for finding in _all(settings, target, go, loaded, unfit, now, deadline):
        yield finding._replace(samples=numbers)
        numbers = ()


def _all(
    settings: CaBundle,
    target: Target,
    go: Go,
    loaded: Roots,
    unfit: list[tuple[Root, Unfit]],
    now: float,
    deadline: Deadline | None,
) -> Iterator[Finding]:
    if not loaded.roots or loaded.fallback:
        yield _absent(target, loaded)
        return
    bad = False
    for finding in _present(settings, target, go, loaded, unfit, now, deadline):
        bad = bad or finding.status in _BAD
        yield finding
    if not bad:
        yield _sound(loaded, now)


def proven(
    settings: CaBundle, target: Target, go: Go, loaded: Roots, now: float, deadline: Deadline | None = None
) -> Iterator[Finding]:
    """The findings, each with those of its remedies that help: tried on a view of the target."""
    found = findings(settings, target, go, loaded, now, deadline)
    told = list(found)
    if any(finding.remedies for finding in told):
        from probe.checks.ca_bundle import unread_bundles
        from probe.remedies import trial

        unread = unread_bundles.find(target, loaded)

        def ask(changed: Target) -> list[Finding] | None:
            after = trust.load(changed, go, loaded.roots)
            kept = {root.certificate.der for root in after.roots}
            lost = [root for root in loaded.roots if root.certificate.der not in kept]
            if any(not root_use.unfit(root.certificate, now) for root in lost):
                return None
            if unread_bundles.are_lost(unread, loaded, changed):
                return None
            return list(findings(settings, changed, go, after, now))

        told = trial.proven(told, target, ask, allowance=trial.allowed(deadline))
    yield from told


def _samples(loaded: Roots, unfit: list[tuple[Root, Unfit]]) -> Iterator[Sample]:
    """How many roots there are, 0 where there are none; nothing where that is not known."""
    yield samples.BLOCKS_SKIPPED.sample(_skipped(loaded))
    if loaded.fallback or (loaded.unread and not loaded.roots):
        return
    yield samples.ROOTS.sample(len(loaded.roots))
    blocked = loaded.blocks_on is not None  # Go waits there for ever, whatever it has read
    yield samples.ROOTS_USABLE.sample(0 if blocked else _usable(loaded, unfit))


def _skipped(loaded: Roots) -> int:
    if not loaded.skipped:
        return 0
    from probe.checks.ca_bundle import skipped_blocks

    return sum(map(len, skipped_blocks.split(loaded)))


def _usable(loaded: Roots, unfit: list[tuple[Root, Unfit]]) -> int:
    """Roots that can verify a server; one that is no CA verifies the server that presents it."""
    return len(loaded.roots) - sum(why.kind != NO_CA for _, why in unfit)


def _absent(target: Target, loaded: Roots) -> Finding:
    """Nothing that this container has is trusted."""
    from probe.checks.ca_bundle import no_roots  # on the way of a failure only

    if loaded.blocks_on is not None:
        return of(Status.FAIL, no_roots.blocked(target, loaded), loaded)
    if loaded.fallback:
        return _fallback(target, loaded)
    if loaded.unread:
        return _unread(target, loaded)
    return of(Status.FAIL, no_roots.diagnose(target, loaded), loaded, error=loaded.error)


def _fallback(target: Target, loaded: Roots) -> Finding:
    if loaded.roots:
        why = "GODEBUG=x509usefallbackroots=1 prefers them to the bundle here"
    else:
        from probe.checks.ca_bundle import no_roots

        why = no_roots.diagnose(target, loaded).cause
    from probe.remedies import actions, packages, variables

    without = variables.without_godebug(target.env.get("GODEBUG", ""), "x509usefallbackroots")
    return Finding(
        Status.WARN,
        codes.CA_BUNDLE_FALLBACK,
        "fallback roots",
        f"the program trusts the roots compiled into it, which are as old as it is: {why}",
        actions.ways(without) if loaded.roots else packages.roots(target),
        {"tried": tried(loaded)},
    )


def _unread(target: Target, loaded: Roots) -> Finding:
    from probe.checks.ca_bundle import no_roots

    return Finding(
        Status.UNKNOWN,
        codes.CA_BUNDLE_TOO_LARGE,
        "CA bundle",
        f"what Go trusts is not known: {listed([plain(reason) for reason in loaded.unread], 1)}",
        no_roots.too_large(target, loaded),
        {"limits": [plain(reason) for reason in loaded.unread]},
    )


def _present(
    settings: CaBundle,
    target: Target,
    go: Go,
    loaded: Roots,
    unfit: list[tuple[Root, Unfit]],
    now: float,
    deadline: Deadline | None,
) -> Iterator[Finding]:
    """There are roots: what is odd beside them, and whether they do."""
    if loaded.unread:
        yield _unread(target, loaded)
    yield from _beside(target, loaded)
    yield from _entries(target, loaded)
    if loaded.skipped:
        from probe.checks.ca_bundle import skipped_blocks

        yield from skipped_blocks.findings(target, loaded)
    chosen = target.env.get(FILE_VARIABLE) or target.env.get(DIRECTORY_VARIABLE)  # then it is not asked for
    if not chosen and (stages := tuple(place for place in _STAGES if _holds_anything(target, place))):
        from probe.checks.ca_bundle import staged

        for diagnosis in staged.diagnoses(target, go, loaded, stages, deadline):
            yield of(Status.WARN, diagnosis, loaded)
    usable = _usable(loaded, unfit)
    if unfit or usable < settings.min_roots:
        from probe.checks.ca_bundle import unfit_roots

        yield from unfit_roots.findings(target, loaded, unfit)
        if usable < settings.min_roots:
            yield unfit_roots.too_few(target, loaded, usable, settings.min_roots, unfit)
    if settings.extra_roots:
        from probe.checks.ca_bundle import extra_roots

        for path in settings.extra_roots:
            yield from extra_roots.findings(target, go, loaded, path, now)


# What the commands of distributions make a bundle from, for roots of one's own.
_STAGES = (
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/pki/trust/anchors",
    "/etc/ca-certificates/trust-source/anchors",
)


def _holds_anything(target: Target, directory: str) -> bool:
    try:
        return bool(target.listdir(directory))
    except (OSError, NotRegular, TooLarge):
        return False


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
            yield of(Status.WARN, diagnosis._replace(cause=cause), loaded)


_CERTIFICATE_NAMES = (".crt", ".pem", ".cer", ".der", ".p7b", ".p7c", ".p12", ".pfx", ".jks", ".ca-bundle")
# Labels of blocks that hold certificates which Go does not look for. A key is passed over without a word.
_HOLDERS = ("TRUSTED CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS")
# What distributions ship beside their bundle, for other programs.
_OF_OTHERS = (".trust.crt", "/java/cacerts")


def _entries(target: Target, loaded: Roots) -> Iterator[Finding]:
    """Entries of the directories that look like a certificate and give Go none: somebody meant them to."""
    groups: dict[tuple[object, str], list[RootSource]] = {}
    told = {
        block.file for block in loaded.skipped if block.kind != trust.OTHER or block.label not in _HOLDERS
    }
    for source in loaded.sources:
        gives = source.roots or source.repeated or source.path in told
        ours = source.kind == "entry" and source.detail != trust.READ_BEFORE and not gives
        if not ours or not source.path.endswith(_CERTIFICATE_NAMES) or source.path.endswith(_OF_OTHERS):
            continue
        if source.path not in trust.files(target):  # told of already
            alike = source.outcome, source.path.rpartition("/")[0]
            groups.setdefault(alike, []).append(source)
    for sources in groups.values():
        from probe.checks.ca_bundle import unused_files

        for diagnosis in unused_files.diagnoses(target, sources):
            yield of(Status.WARN, diagnosis, loaded)


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
        (),
        {
            "roots": len(loaded.roots),
            "files": [plain(file) for file in files[:SHOWN]],
            "next_expiry": rfc3339(ends) if ends else None,
        },
    )
