"""Why Go refuses a server's certificates, and what fixes it."""

from itertools import pairwise

from probe import codes
from probe.certificate_codes import CODES
from probe.checks.ca_bundle import mozilla
from probe.checks.ca_bundle.findings import plain
from probe.checks.ca_bundle.handshake_evidence import Facts, called, listed
from probe.deadline import Deadline
from probe.golang.net import addresses
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import reasons, trust
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.reasons import Reason
from probe.golang.x509.trust import Roots
from probe.golang.x509.verify import Chain, Verdict
from probe.remedies import actions, authority, file_actions, packages, places, trial, variables
from probe.report import Finding, Remedy, Status
from probe.targets import Target
from probe.tls.handshake import Outcome

_Told = tuple[str, tuple[Remedy, ...]]  # cause and remedies
_DAY_S = 86400
_HOUR_S = 3600
# Go says these before it looks for an authority.
_BEFORE_ROOTS = (reasons.CERTIFICATE_REFUSED, reasons.KEY_TOO_LARGE)
_NO_ISSUER = (reasons.UNKNOWN_AUTHORITY, reasons.INTERMEDIATE_MISSING)
# What more roots could change, where we do not see all of them.
_FOR_WANT_OF_ROOTS = (*_NO_ISSUER, reasons.WRONG_SIGNATURE, reasons.NO_ROOTS)

# Reason → (cause, remedy) where a sentence with a few names in it is enough.
_TEXTS: dict[Reason, tuple[str, str]] = {
    reasons.ISSUER_NOT_CA: (
        "{blame} may not issue certificates (basicConstraints CA or keyUsage keyCertSign is missing)",
        (
            "Ask its authority to reissue {blame} with basicConstraints = critical,CA:TRUE and keyUsage "
            "= critical,keyCertSign"
        ),
    ),
    reasons.WRONG_SIGNATURE: (
        "{candidate} in the bundle has the issuer's name but not the key that signed {child}",
        "Ask the authority for its current certificate, and put that into the bundle in place of the old one",
    ),
    reasons.WEAK_SIGNATURE: (
        "{blame} is signed with {algorithm}, which Go does not accept",
        "Ask its authority to reissue {blame} with SHA-256",
    ),
    reasons.WEAK_KEY: (
        "Go rejects signatures by the RSA key of {blame}: {fault}",
        (
            "Ask its authority to reissue {blame} with ECDSA P-256, or RSA with 2048 bits and the "
            "exponent 65537"
        ),
    ),
    reasons.UNSUPPORTED_ALGORITHM: (
        "{blame} is signed with an algorithm that Go does not support",
        "Ask its authority to reissue {blame} with ECDSA or RSA and SHA-256",
    ),
    reasons.CRITICAL_EXTENSION: (
        "{blame} has a critical extension that Go does not know: {extensions}",
        "Ask its authority to reissue {blame} with that extension not critical",
    ),
    reasons.PATH_TOO_LONG: (
        "{blame} allows fewer intermediates below it than the server sends",
        "Ask the authority to issue the server's certificate from an authority closer to {blame}",
    ),
    reasons.WRONG_USAGE: (
        "a certificate of the chain is not for TLS servers (extendedKeyUsage lacks serverAuth)",
        "Ask its authority to reissue it with extendedKeyUsage = serverAuth",
    ),
    reasons.NAME_CONSTRAINT: (
        "an authority of the chain may not issue for these names: {words}",
        (
            "Ask the authority to issue the server's certificate for permitted names only, or change "
            "the authority's nameConstraints"
        ),
    ),
    reasons.POLICY: (
        "the chain violates the certificate policies that it requires",
        (
            "Ask the authority to reissue the chain with matching certificatePolicies, or without "
            "policyConstraints"
        ),
    ),
    reasons.DISTRUSTED_KEY: (
        "the chain contains a key that Go distrusts explicitly",
        "Ask the owner of the server for a certificate of another authority",
    ),
    reasons.TOO_MANY_SIGNATURES: (
        "there are so many authorities with the same name that Go gives up after 100 signatures",
        (
            "Ask the owner to remove the authorities of that name that are not needed from the bundle "
            "and from the server's chain"
        ),
    ),
    reasons.CERTIFICATE_REFUSED: (
        "Go cannot read certificate {position} of the {count} that the server sends: {words}",
        "Ask its authority to reissue that certificate",
    ),
    reasons.KEY_TOO_LARGE: (
        "{blame} has an RSA key of {bits} bits, more than Go accepts",
        "Ask its authority to reissue {blame} with a key of 4096 bits",
    ),
    reasons.KEY_UNSUPPORTED: (
        "the key of {blame} is of a type that Go does not support",
        "Ask its authority to reissue {blame} with an ECDSA, RSA or Ed25519 key",
    ),
    reasons.FIPS_CHAIN: (
        "the program requires FIPS 140 (GODEBUG=fips140), and no chain of the server complies",
        "Ask the authority to reissue the chain with ECDSA P-256 or RSA 2048 keys",
    ),
    reasons.COMMON_NAME_ONLY: (
        "{blame} holds the name {host} only as its Common Name, which Go ignores",
        "Ask its authority to reissue it with subjectAltName = {san}",
    ),
    reasons.SIGNATURE_UNCHECKED: (
        "the signature of {blame} uses an algorithm that cannot be verified here",
        "",
    ),
}
_SMALLER = "Ask its authority to sign {blame} with an RSA key of at most 8192 bits, or with an ECDSA key"
_MOST_BITS = 16384  # of an RSA key, for OpenSSL


def tell(
    outcome: Outcome,
    target: Target,
    now: float,
    roots: Roots,
    go: Go,
    facts: Facts,
    deadline: Deadline | None = None,
) -> Finding | None:
    """The finding where certificates are the trouble, else None."""
    verdict = outcome.verdict
    if not verdict:
        return None
    if verdict.reason not in _BEFORE_ROOTS and (roots.blocks_on or roots.error):
        verdict = _no_roots(verdict, roots)
    elif verdict.ok:
        return None
    elif not roots.roots and not roots.fallback and verdict.reason in _NO_ISSUER:
        verdict = verdict._replace(reason=reasons.NO_ROOTS)
    cause, remedies = _words(verdict, outcome, target, now, roots, go)
    remedies = tuple(trial.feasible(remedies, target))
    if verdict.reason in (*_NO_ISSUER, reasons.NO_ROOTS):
        missing = verdict.blame if verdict.reason != reasons.NO_ROOTS else _top(outcome.chain)
        if missing and (known := lying(missing, target, roots, go, deadline)):
            cause, remedies = f"{cause}; {known[0]}", (*known[1], *remedies)
    status = Status.UNKNOWN if verdict.ok is None else Status.FAIL
    if verdict.reason in _FOR_WANT_OF_ROOTS and roots.unread:
        status, cause = Status.UNKNOWN, f"{cause}; but not all roots could be read ({roots.unread[0]})"
    if roots.fallback:
        status, cause = (
            Status.UNKNOWN,
            f"{cause}; judged by Mozilla's roots, because the program embeds its own",
        )
    if outcome.opinion.ok and verdict.ok is False:
        cause += "; clients that use OpenSSL (curl, Python) accept it"
    if verdict is not outcome.verdict and verdict.error:
        facts = {**facts, "go_error": verdict.error}
    subject = outcome.endpoint.text
    if proxy := outcome.proxy:
        cause = f"(through the proxy {proxy.address}, from {proxy.variable}) {cause}"
    return Finding(status, CODES[verdict.reason], subject, f"{subject}: {cause}", remedies, facts)


def lying(
    below: Certificate, target: Target, roots: Roots, go: Go, deadline: Deadline | None = None
) -> _Told | None:
    """Where the issuer of *below* is in the target already, and the step that makes Go take it."""
    found = authority.find(target, below.raw_issuer, go, deadline, _exhausted(roots))
    if not found or any(root.certificate.der == found.certificate for root in roots.roots):
        return None
    told = f"{plain(found.path)} holds it, but{found.why}"
    missing = Finding(Status.FAIL, codes.TLS_UNKNOWN_AUTHORITY, found.path, told)

    def ask(changed: Target) -> list[Finding] | None:
        after = {root.certificate.der for root in trust.load(changed, go, roots.roots).roots}
        if not after.issuperset(root.certificate.der for root in roots.roots):
            return None
        return [] if found.certificate in after else [missing]

    candidate = missing._replace(remedies=authority.remedies(target, found))
    (proven,) = trial.proven([candidate], target, ask, allowance=trial.allowed(deadline))
    ways = tuple(way for way in proven.remedies if way.tried)
    return told, ways


def _exhausted(roots: Roots) -> frozenset[str]:
    """The files of which Go has taken every block."""
    taken = (one for one in roots.sources if (one.roots or one.repeated) and not one.skipped)
    return frozenset(one.path for one in taken)


def _no_roots(verdict: Verdict, roots: Roots) -> Verdict:
    """Nothing is verified where the roots cannot be loaded."""
    error = ""
    if not roots.blocks_on:
        reason = "x509: failed to load system roots and no roots provided"
        error = f"tls: failed to verify certificate: {reason}; {roots.error}"
    return Verdict(False, error, reasons.NO_ROOTS, (), verdict.blame)


def _words(verdict: Verdict, outcome: Outcome, target: Target, now: float, roots: Roots, go: Go) -> _Told:
    """Cause and remedies."""
    chain, blame = outcome.chain, verdict.blame
    if verdict.reason == reasons.NO_ROOTS:
        return _without_roots(outcome, roots, target, go)
    if verdict.reason in _NO_ISSUER and blame:
        alone, proxied = len(chain) == 1, outcome.proxy is not None
        return _unknown_authority(verdict.reason, blame, target, go, alone=alone, proxied=proxied)
    if verdict.reason in (reasons.EXPIRED, reasons.NOT_YET_VALID) and blame:
        told = _wrong_time(verdict.reason, blame, chain, now)
        if verdict.reason == reasons.EXPIRED and (newer := _newer_root(blame, chain, target, now, roots, go)):
            return f"{told[0]}; {newer[0]}", (*newer[1], *told[1])
        return told
    if verdict.reason == reasons.WRONG_NAME and blame:
        return _wrong_name(blame, outcome.endpoint.host)
    cause, text = _TEXTS[verdict.reason]
    words = {
        "blame": called(blame) if blame else "a certificate",
        "child": called(chain[0]) if chain else "the server's certificate",
        "candidate": called(verdict.candidate) if verdict.candidate else "an authority",
        "algorithm": blame.signature_algorithm if blame else "",
        "bits": str(blame.key_bits) if blame else "",
        "fault": blame.key_fault.removeprefix("crypto/rsa: ").partition(" (see")[0] if blame else "",
        "extensions": listed(blame.unhandled_critical) if blame else "",
        "words": verdict.error.rpartition(": ")[2] if verdict.error else "",
        "position": str(len(chain) + 1),
        "count": str(max(len(chain) + 1, outcome.presented)),
        "host": outcome.endpoint.host,
        "san": _san(outcome.endpoint.host),
    }
    ways = [*_owner(text.format(**words))]
    if verdict.reason == reasons.SIGNATURE_UNCHECKED:
        smaller = _owner(_SMALLER.format(**words)) if _signed_by_huge_key(verdict) else ()
        ways = [*(smaller or actions.ways(actions.with_probe("pip install --upgrade cryptography")))]
    if verdict.reason == reasons.KEY_TOO_LARGE and blame:
        ways += actions.ways(variables.godebug(target.env, f"tlsmaxrsasize={blame.key_bits}"))
    if verdict.reason == reasons.WEAK_KEY and blame and "insecure" in blame.key_fault:
        ways += actions.ways(variables.godebug(target.env, "rsa1024min=0"))
    if verdict.reason == reasons.WRONG_SIGNATURE:
        ways = [*_trust_another(target), *ways]
    return cause.format(**words), tuple(ways)


def _signed_by_huge_key(verdict: Verdict) -> bool:
    """Whether no release of our library would check it: crypto/rsa/rsa.h, OPENSSL_RSA_MAX_MODULUS_BITS."""
    chain = verdict.chains[0] if verdict.chains else ()
    return any(parent.key_bits > _MOST_BITS for child, parent in pairwise(chain) if child is verdict.blame)


def _owner(*texts: str) -> tuple[Remedy, ...]:
    """What only somebody else can do, one remedy for each way."""
    return actions.ways(*map(actions.ask, texts))


def _trust_another(target: Target) -> tuple[Remedy, ...]:
    """What makes Go trust one more authority here."""
    return packages.add_root(target, "authority.pem")


def _without_roots(outcome: Outcome, roots: Roots, target: Target, go: Go) -> _Told:
    top = _top(outcome.chain)
    needed = f"; {outcome.endpoint.host} needs {plain(top.issuer) or 'its issuer'}"
    if roots.blocks_on:
        cause = f"Go would block for ever on {roots.blocks_on} before it verifies anything{needed}"
        aside = file_actions.move(roots.blocks_on, places.unused(target, f"{roots.blocks_on}.old"))
        return cause, actions.ways(file_actions.in_container(aside))
    why = f" ({roots.error})" if roots.error else ""
    ways = packages.roots(target) if _is_public(top, go) else _trust_another(target)
    return f"no trusted roots at all{why}{needed}", ways


def _is_public(below: Certificate, go: Go) -> bool:
    """Whether one of Mozilla's roots bears the name of the issuer."""
    return any(root.raw_subject == below.raw_issuer for root in mozilla.roots(go))


def _unknown_authority(
    reason: Reason, blame: Certificate, target: Target, go: Go, *, alone: bool, proxied: bool
) -> _Told:
    """
    *alone*: the server sends nothing but its own certificate, as one does that forgot the intermediate.

    *proxied*: what was sent may be the work of a proxy that intercepts.
    """
    issuer = plain(blame.issuer) or "an issuer without a name"
    if reason == reasons.INTERMEDIATE_MISSING:
        return (
            f"the server sends {called(blame)} without the intermediate {issuer} that links it to a root",
            _owner(
                (
                    "Ask the owner of the server to send the full chain (leaf first, then the "
                    "intermediate: fullchain.pem)"
                ),
            ),
        )
    if blame.raw_issuer == blame.raw_subject:
        return f"{called(blame)} is self-signed and not among the roots", _trust_another(target)
    cause = f"{called(blame)} is signed by {issuer}, which is not in the CA bundle"
    if _is_public(blame, go):
        return (
            f"{cause} though it is a public root: the bundle is outdated or incomplete",
            packages.roots(target, upgrade=True),
        )
    if proxied:
        why = "the proxy intercepts TLS and re-signs it, or it is a private CA"
        return f"{cause} and is not a public root: {why}", _trust_another(target)
    if alone:
        return (
            f"{cause} and is not a public root: a private CA, or a missing intermediate",
            (*_trust_another(target), *_owner("Ask the owner of the server to send the full chain")),
        )
    return f"{cause} and is not a public root: a private CA", _trust_another(target)


def _wrong_time(reason: Reason, blame: Certificate, chain: Chain, now: float) -> _Told:
    dates = f"valid from {rfc3339(blame.not_before)} to {rfc3339(blame.not_after)}"
    where = "the server's certificate" if chain and blame is chain[0] else "an authority"
    if reason == reasons.EXPIRED:
        cause = f"{called(blame)} ({where}) expired {_span(now - blame.not_after)} ago: {dates}"
        suspect = len(chain) > 1 and all(one.not_after < now for one in chain)
        text = "Ask the owner of the server to renew the certificate"
        if where == "an authority":
            text = "Ask the authority to renew its certificate, on the server and in the bundle"
    else:
        cause = f"{called(blame)} ({where}) is not valid for another {_span(blame.not_before - now)}: {dates}"
        suspect, text = True, "Ask its authority to reissue the certificate with an earlier notBefore"
    if suspect:
        cause += f"; or the clock is wrong: it says {rfc3339(now)}"
        return cause, (*actions.ways(actions.look("date -u")), *_owner(text))
    return cause, _owner(text)


def _newer_root(
    blame: Certificate, chain: Chain, target: Target, now: float, roots: Roots, go: Go
) -> _Told | None:
    """
    What to trust in place of an authority that has expired; None where the server's chain names nothing.

    A root that follows another is signed by that one for a while. Servers send it, above an intermediate.
    """
    if blame is chain[0]:
        return None
    above = [one for one in chain[2:] if one is blame or one.raw_issuer == blame.raw_subject]
    crossed = [one for one in above if one.raw_issuer != one.raw_subject]
    names = {one.raw_subject for one in (blame, *crossed)}
    there = {root.certificate.der for root in roots.roots}
    for public in mozilla.roots(go):
        if public.raw_subject in names and public.not_after > now and public.der not in there:
            told = f"{called(public)} is a public root that the bundle lacks"
            return told, packages.roots(target, upgrade=True)
    if not crossed:
        return None
    return f"{called(crossed[-1])} may be a root itself by now", _trust_another(target)


def _wrong_name(leaf: Certificate, host: str) -> _Told:
    names = [*leaf.names.dns, *map(addresses.text, leaf.names.ip)]
    offered = listed(names) if names else "no name at all"
    ways = _owner(f"Ask its authority to reissue it with subjectAltName = {_san(host)}")
    if names:
        ways += actions.ways(actions.endpoints(f"{names[0]}:PORT"))
    return f"the server's certificate is for {offered}, not for {host}", ways


def _san(host: str) -> str:
    return f"{'IP' if addresses.parse_scoped(host) else 'DNS'}:{host}"


def _top(chain: Chain) -> Certificate:
    """The last certificate that is reached from the leaf by the names of issuers."""
    current = chain[0]
    for _ in chain:
        above = next((one for one in chain if one.raw_subject == current.raw_issuer), None)
        if above is None or above.raw_subject == current.raw_subject:
            return current
        current = above
    return current


def _span(seconds: float) -> str:
    """A length of time in its largest whole unit."""
    for unit, size in (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(1, int(seconds))} seconds"
