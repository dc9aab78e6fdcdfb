"""
Would Go accept this chain? (*Certificate).Verify in crypto/x509/verify.go, for 1.21 to 1.27.

Pure: the caller says who signed whom. Every rule that changed asks the judged Go.
"""

from __future__ import annotations

from itertools import pairwise

from probe.golang import backports
from probe.golang.quoting import quote
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509 import hostname, issuing, reasons
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.distinguished_name import common_name, short_name
from probe.golang.x509.issuing import NOT_AUTHORIZED, Signed, VerifyError
from probe.golang.x509.oids import (
    ALTERNATIVE_NAMES,
    ANY_USAGE,
    AUTHORITY_INFORMATION,
    NAME_CONSTRAINTS,
    POLICY_CONSTRAINTS,
    POLICY_MAPPINGS,
    SERVER_AUTH,
)
from probe.golang.x509.reasons import Reason
from probe.lightweight import Iterable, NamedTuple, Sequence

Chain = tuple[Certificate, ...]

MAX_SIGNATURE_CHECKS = 100
_CA_ISSUERS = bytes.fromhex("2b06010505073002")  # 1.3.6.1.5.5.7.48.2
_UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority"
_LIMIT = VerifyError(
    "x509: signature check attempts limit reached while verifying certificate chain",
    reasons.TOO_MANY_SIGNATURES,
)


class Verdict(NamedTuple):
    """
    What Go's Verify answers.

    `ok` is None where a signature decides that nobody here can check. `chains` are
    all that Go would return, leaf first; of a refused certificate there are none.
    """

    ok: bool | None
    error: str  # Go's words, "" when ok
    reason: Reason
    chains: tuple[Chain, ...] = ()
    blame: Certificate | None = None
    candidate: Certificate | None = None  # an authority of the right name that did not do


class Pool:
    """Certificates by subject, each once, in the order in which they came (x509.CertPool)."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        self.members = {certificate.der: certificate for certificate in certificates}
        self._by_subject: dict[bytes, list[Certificate]] = {}
        for certificate in self.members.values():
            self._by_subject.setdefault(certificate.raw_subject, []).append(certificate)

    def parents(self, child: Certificate) -> list[Certificate]:
        """Who may have issued *child*, the likeliest first: names decide, key identifiers only order."""
        found = self._by_subject.get(child.raw_issuer, [])
        return sorted(found, key=lambda parent: _distance(parent.subject_key_id, child.authority_key_id))


def verify(
    chain: Sequence[Certificate],
    host: str,
    now: float,
    roots: Sequence[Certificate] | Pool,
    go: Go,
    signed: Signed,
) -> Verdict:
    """
    Judge the *chain* that a server presents, leaf first, for *host* at *now*.

    *now* is in seconds since the epoch; *host* may be a name or an address, also in
    brackets; "" asks for no name. *roots* are those that Go trusts.
    """
    leaf = chain[0]
    pool = roots if isinstance(roots, Pool) else Pool(roots)
    problem = _validity(leaf, (), now, go, intermediate=False) or _hostname(leaf, host, go)
    if problem:
        return _refusal(problem)
    if leaf.der in pool.members:
        return _judge_chains(leaf, [(leaf,)], go, set())
    builder = _ChainBuilder(pool, Pool(chain[1:]), now, go, signed)
    chains, problem = builder.build((leaf,))
    if problem:
        return _refusal(problem)
    return _judge_chains(leaf, chains, go, builder.unsure)


class _ChainBuilder:
    """Every chain from a leaf to a root, depth first, as buildChains finds them."""

    def __init__(self, roots: Pool, intermediates: Pool, now: float, go: Go, signed: Signed) -> None:
        self.pools = (roots, intermediates)
        self.now, self.go, self.signed = now, go, signed
        self.checks = 0
        self.counts_all = backports.has(go, backports.CHAIN_WORK)  # those too that it passes over
        self.unsure: set[tuple[bytes, bytes]] = set()  # (child, parent) whose signature nobody checked

    def build(self, below: Chain) -> tuple[list[Chain], VerifyError | None]:
        """All chains that continue *below*; without any, why: the last error counts, as in Go."""
        child = below[-1]
        chains: list[Chain] = []
        error: VerifyError | None = None
        hint: tuple[Certificate, VerifyError] | None = None  # the first authority of the name that did not do
        for parent, intermediate in self._candidates(child):
            if not self.counts_all and _unfit(parent, below):
                continue
            self.checks += 1
            if self.checks > MAX_SIGNATURE_CHECKS:
                error = _LIMIT
                break
            if self.counts_all and _unfit(parent, below):
                continue
            refused = self._issued(child, parent)
            if refused:
                hint = hint or (parent, refused)
                continue
            error = _validity(parent, below, self.now, self.go, intermediate=intermediate)
            if error:
                hint = hint or (parent, error)
            elif intermediate:
                found, error = self.build((*below, parent))
                chains += found
                if error is _LIMIT:
                    break
            else:
                chains.append((*below, parent))
        if chains:
            return chains, None
        return chains, error or _unknown_authority(below, hint, self.go)

    def _candidates(self, child: Certificate) -> list[tuple[Certificate, bool]]:
        roots, intermediates = self.pools
        return [(parent, False) for parent in roots.parents(child)] + [
            (parent, True) for parent in intermediates.parents(child)
        ]

    def _issued(self, child: Certificate, parent: Certificate) -> VerifyError | None:
        answer = issuing.problem(child, parent, self.go, self.signed)
        if isinstance(answer, VerifyError):
            return answer
        if not answer:
            self.unsure.add((child.der, parent.der))
        return None


def _judge_chains(
    leaf: Certificate, chains: list[Chain], go: Go, unsure: set[tuple[bytes, bytes]]
) -> Verdict:
    """What is left of the chains that were built once the rules for whole chains have been applied."""
    kept: list[Chain] = []
    counts = {"policies": 0, "usage": 0}
    constraint = ""
    usage_first = not backports.has(go, backports.POLICIES_FIRST)
    for chain in chains:
        if usage_first and not _usable_for_servers(chain):
            counts["usage"] += 1
        elif go.minor >= 24 and not _keeps_policies(chain, go):
            counts["policies"] += 1
        elif not _usable_for_servers(chain):
            counts["usage"] += 1
        elif go.minor >= 26 and (problem := _constraint_problem(chain, go)):
            constraint = constraint or problem
        elif not _distrusted(chain, go):
            kept.append(chain)
    certain = tuple(chain for chain in kept if not _touches(chain, unsure))
    if certain:
        return Verdict(True, "", reasons.ACCEPTED, certain)
    if kept:
        return Verdict(None, "", reasons.SIGNATURE_UNCHECKED, tuple(kept), _first_unsure(kept[0], unsure))
    return _refusal(_no_chain(leaf, chains, counts, constraint, go))


def _no_chain(
    leaf: Certificate, chains: list[Chain], counts: dict[str, int], constraint: str, go: Go
) -> VerifyError:
    """Why every one of *chains* fell: Go's words depend on what the others fell for."""
    bad_policies, bad_usage = counts["policies"], counts["usage"]
    none = "x509: no valid chains built"
    if constraint:
        text = constraint if constraint.startswith("panic: ") else NOT_AUTHORIZED + constraint
        return VerifyError(text, reasons.NAME_CONSTRAINT, leaf)
    if bad_usage and not bad_policies:
        return VerifyError("x509: certificate specifies an incompatible key usage", reasons.WRONG_USAGE, leaf)
    policies_first = go.minor <= 25 and backports.has(go, backports.POLICIES_FIRST)
    if policies_first and bad_policies == len(chains):
        return VerifyError(f"{none}: all candidate chains have invalid policies", reasons.POLICY, leaf)
    word = "candidate chains" if go.minor >= 26 else "chains"
    details = [f"{bad_usage} {word} with incompatible key usage"] if bad_usage else []
    if bad_policies:
        details.append(f"{bad_policies} {word} with invalid policies")
        return VerifyError(f"{none}: {', '.join(details)}", reasons.POLICY, leaf)
    return VerifyError(none, reasons.DISTRUSTED_KEY, leaf)


def _validity(
    certificate: Certificate, below: Chain, now: float, go: Go, *, intermediate: bool
) -> VerifyError | None:
    """Why *certificate* cannot stand above *below* (nothing for a leaf), as isValid says it."""
    if certificate.unhandled_critical:
        return VerifyError("x509: unhandled critical extension", reasons.CRITICAL_EXTENSION, certificate)
    expired = "x509: certificate has expired or is not yet valid: current time "
    if now < certificate.not_before:
        text = f"{expired}{rfc3339(now)} is before {rfc3339(certificate.not_before)}"
        return VerifyError(text, reasons.NOT_YET_VALID, certificate)
    if now > certificate.not_after:
        text = f"{expired}{rfc3339(now)} is after {rfc3339(certificate.not_after)}"
        return VerifyError(text, reasons.EXPIRED, certificate)
    if below and go.minor <= 25 and _extension(certificate, NAME_CONSTRAINTS) is not None:
        from probe.golang.x509 import name_constraints

        if text := name_constraints.authority_problem(certificate, below, go):
            return VerifyError(text, reasons.NAME_CONSTRAINT, certificate)
    if intermediate and not (certificate.has_basic_constraints and certificate.is_ca):
        text = "x509: certificate is not authorized to sign other certificates"
        return VerifyError(text, reasons.ISSUER_NOT_CA, certificate)
    limit = certificate.max_path_len if certificate.has_basic_constraints else -1
    if 0 <= limit < len(below) - 1:
        text = "x509: too many intermediates for path length constraint"
        return VerifyError(text, reasons.PATH_TOO_LONG, certificate)
    return None


def _hostname(leaf: Certificate, host: str, go: Go) -> VerifyError | None:
    name = common_name(leaf.raw_subject, go)
    text = hostname.mismatch(leaf, name, host, go) if host else ""
    if not text:
        return None
    legacy = hostname.only_common_name(leaf, name, host)
    return VerifyError(text, reasons.COMMON_NAME_ONLY if legacy else reasons.WRONG_NAME, leaf)


def _unknown_authority(below: Chain, hint: tuple[Certificate, VerifyError] | None, go: Go) -> VerifyError:
    child = below[-1]
    if hint:
        candidate, why = hint
        cause = (
            f"(possibly because of {quote(why.text)} while trying to verify candidate authority certificate"
        )
        text = f"{_UNKNOWN_AUTHORITY} {cause} {quote(short_name(candidate, go))})"
        return VerifyError(text, why.reason, why.blame, candidate)
    unsent = len(below) == 1 and child.raw_subject != child.raw_issuer and _names_its_issuer(child)
    reason = reasons.INTERMEDIATE_MISSING if unsent else reasons.UNKNOWN_AUTHORITY
    return VerifyError(_UNKNOWN_AUTHORITY, reason, child)


def _names_its_issuer(certificate: Certificate) -> bool:
    """
    Whether the certificate says where its issuer's can be fetched (RFC 5280 4.2.2.1).

    Public authorities say so, and sign servers' certificates with intermediates only.
    """
    return any(
        oid == AUTHORITY_INFORMATION and _CA_ISSUERS in value for oid, _, value in certificate.extensions
    )


def _refusal(problem: VerifyError) -> Verdict:
    return Verdict(False, problem.text, problem.reason, (), problem.blame, problem.candidate)


def _distance(subject_key: bytes, authority_key: bytes) -> int:
    if subject_key == authority_key:
        return 0
    return 2 if subject_key and authority_key else 1


def _unfit(candidate: Certificate, below: Chain) -> bool:
    """Whether Go passes over *candidate* silently: a key it does not know, or a loop."""
    if not candidate.key_algorithm:
        return True
    mine = _extension(candidate, ALTERNATIVE_NAMES)
    for other in below:
        if candidate.raw_subject == other.raw_subject and candidate.raw_spki == other.raw_spki:
            theirs = _extension(other, ALTERNATIVE_NAMES)
            if mine == theirs:
                return True
            if mine is None or theirs is None:
                return False  # Go looks no further
    return False


def _extension(certificate: Certificate, wanted: str) -> bytes | None:
    return next((value for oid, _, value in certificate.extensions if oid == wanted), None)


def _keeps_policies(chain: Chain, go: Go) -> bool:
    """Whether *chain* keeps to the policies that it demands; most demand none."""
    if not any(_extension(one, wanted) for one in chain for wanted in (POLICY_MAPPINGS, POLICY_CONSTRAINTS)):
        return True
    from probe.golang.x509 import policies

    return policies.valid(chain, go)


def _constraint_problem(chain: Chain, go: Go) -> str:
    if not any(_extension(one, NAME_CONSTRAINTS) for one in chain):
        return ""
    from probe.golang.x509 import sorted_constraints

    return sorted_constraints.chain_problem(chain, go)


def _usable_for_servers(chain: Chain) -> bool:
    """Extended key usages nest: each certificate that lists any must allow server authentication."""
    return all(
        not certificate.extended_key_usage
        or ANY_USAGE in certificate.extended_key_usage
        or SERVER_AUTH in certificate.extended_key_usage
        for certificate in chain
    )


def _distrusted(chain: Chain, go: Go) -> bool:
    """Keys on Go's own list of those that nobody should trust (distrustedSPKIHashes)."""
    if not backports.has(go, backports.DISTRUSTED_KEYS):
        return False
    from probe.lightweight import sha256

    return any(sha256(one.raw_spki).hexdigest() in DISTRUSTED_KEYS for one in chain)


def _touches(chain: Chain, unsure: set[tuple[bytes, bytes]]) -> bool:
    return _first_unsure(chain, unsure) is not None


def _first_unsure(chain: Chain, unsure: set[tuple[bytes, bytes]]) -> Certificate | None:
    for child, parent in pairwise(chain):
        if (child.der, parent.der) in unsure:
            return child
    return None


DISTRUSTED_KEYS = frozenset(
    {
        "ebed6475c2c2d80fcb199f3fe8dd6e6b3ce60b77eb15d4e42c3dec0c6f5b5105",
        "49dd353dc2b919a3770645117d0e60c16115e7d1bc259eefe734b00ea434fe5f",
        "e0254c7fcdc265e2f0f8a428dabb75ab4ae039b4872d62f5ee57f0877d5a8a41",
        "5c0660a2b164910d8ff589c18e14552e9e0ec237dcefe2cb736d41a4811f81a0",
        "43bffa19d6ef651451f6841e019931e96f6f2eaeff28ab4b6f1ce4576de2717b",
        "63ecefee431d49523bc1136c4e72d0206a477086caf606cd5cf025686c109cf8",
        "ec4ffa1ad0ac88081314b7aaffef6a91f97cd57291bb5ba686c5415f5eb4f6b6",
        "92c063d67e8f14db71d288e11266ffdaf69cbf115f7bab14f3bc2f68d25e0e30",
    }
)
"""SHA-256 of raw_spki, in hexadecimal."""
