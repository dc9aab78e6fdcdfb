"""Private roots that must be trusted here: each certificate of a file is among the roots, and of use."""

from __future__ import annotations

from probe import codes
from probe.checks.ca_bundle.findings import line, plain
from probe.errors import reason
from probe.formats import pem
from probe.golang.release import Go
from probe.golang.x509 import root_use
from probe.golang.x509.certificate import Certificate, parse
from probe.golang.x509.trust import Roots
from probe.lightweight import Iterator
from probe.report import Finding, Status
from probe.targets import NotRegular, Target, TooLarge
from probe.words import counted, listed

_LIMIT = 4 << 20  # bytes of a file of roots


def findings(target: Target, go: Go, loaded: Roots, path: str, now: float) -> Iterator[Finding]:
    """Whether the certificates in the PEM file *path* are trusted."""
    wanted = _certificates(target, go, path)
    if isinstance(wanted, str):
        from probe.remedies import actions

        yield Finding(
            Status.UNKNOWN,
            codes.EXTRA_ROOT_UNREADABLE,
            path,
            f"which roots {plain(path)} asks for is not known: {wanted}",
            actions.ways(actions.copy("authority.pem", path)),
        )
        return
    missing = [root for root in wanted if not _trusted(root, loaded)]
    unfit = [(root, why) for root in wanted if root not in missing and (why := root_use.unfit(root, now))]
    if missing:
        from probe.remedies import packages

        yield Finding(
            Status.FAIL,
            codes.EXTRA_ROOT_MISSING,
            path,
            f"{counted(len(missing), 'root')} of {plain(path)} not trusted: {listed(_names(missing))}",
            packages.trust_file(target, path, [one.der for one in missing]),
            {"missing": _names(missing), "wanted": len(wanted)},
        )
    if unfit:
        from probe.remedies import actions

        renew = actions.ask(f"Ask the owner of the CA for its current certificate, for {plain(path)}")
        reasons = [f"{line(root.subject)} ({why.text})" for root, why in unfit]
        yield Finding(
            Status.FAIL,
            codes.EXTRA_ROOT_UNUSABLE,
            path,
            f"trusted, but unusable: {listed(reasons, 2)}",
            actions.ways(renew),
            {"unusable": reasons},
        )
    if not missing and not unfit:
        yield Finding(
            Status.PASS,
            codes.EXTRA_ROOT_OK,
            path,
            f"{counted(len(wanted), 'root')} of {plain(path)} trusted",
            (),
            {"subjects": _names(wanted)},
        )


def _certificates(target: Target, go: Go, path: str) -> list[Certificate] | str:
    """The certificates in the file, or why that is not known."""
    try:
        data = target.read(path, _LIMIT)
    except OSError as problem:
        return reason(problem)
    except (NotRegular, TooLarge) as problem:
        return plain(str(problem))
    found = []
    for block in pem.split(data):
        made = None if block.fault or block.label != "CERTIFICATE" else parse(block.data, go)
        if not isinstance(made, Certificate):
            return f"line {block.line}: {block.fault or (made and made.reason) or f'a {block.label}'}"
        found.append(made)
    return found or "it holds no certificate"


def _trusted(wanted: Certificate, loaded: Roots) -> bool:
    """Whether *wanted* is a root, or a certificate of its name and key is: Go takes one for the other."""
    return any(
        root.certificate.der == wanted.der
        or (
            root.certificate.raw_subject == wanted.raw_subject
            and root.certificate.raw_spki == wanted.raw_spki
        )
        for root in loaded.roots
    )


def _names(roots: list[Certificate]) -> list[str]:
    return [line(root.subject) or "a root without a subject" for root in roots]
