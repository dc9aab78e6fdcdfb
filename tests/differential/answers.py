"""What probe says about certificates, PEM and chains, in the form in which the oracle answers."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from probe import codes
from probe.certificate_codes import CODES
from probe.formats import pem
from probe.golang import backports
from probe.golang.net import addresses
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate import Certificate, Names, Parser
from probe.golang.x509.verify import verify
from probe.tls.signatures import signed

# Go tells more there than we do, or writes the URI anew.
_UNTOLD = ("invalid host: ParseAddr", "cannot parse URI", "URI with empty host", "URI with IP")


def judged(version: str, **godebug: str) -> Go:
    """The release *version*, 1.26.0 too, exactly; a wheel may have a number more (1.23.4.4)."""
    major, minor, patch = map(int, version.split(".")[:3])
    return Go((major, minor, patch), "binary", godebug)


def certificate(data: bytes, parser: Parser) -> dict[str, Any]:
    """Whether these bytes are a certificate, why not, and what it says."""
    made = parser.parse(data)
    if not isinstance(made, Certificate):
        return {"ok": False, "error": made.reason}
    family = made.key_algorithm[:6] if made.key_algorithm.startswith("ML-DSA") else made.key_algorithm
    return {
        "ok": True,
        "error": None,
        "sha256": sha256(data).hexdigest(),
        "version": made.version,
        "serial": str(made.serial),
        "subject": made.subject,
        "issuer": made.issuer,
        "not_before": rfc3339(made.not_before),
        "not_after": rfc3339(made.not_after),
        "key_algorithm": family or "0",
        "signature_algorithm": made.signature_algorithm or "0",
        "is_ca": made.is_ca,
        "constraints_valid": made.has_basic_constraints,
        "max_path_len": made.max_path_len if made.has_basic_constraints else 0,
        "key_usage": made.key_usage or 0,
        "dns_names": list(made.names.dns),
        "ip_addresses": [addresses.text(address) for address in made.names.ip],
        "emails": list(made.names.email),
        "uris": len(made.names.uri),
        "key_usages": len(made.extended_key_usage or ()),
        "subject_key_id": made.subject_key_id.hex(),
        "authority_key_id": made.authority_key_id.hex(),
        "unhandled_critical": list(made.unhandled_critical),
        "policies": [policy for policy in made.policies if _fits(policy)],
        "extensions": len(made.extensions),
        "critical_constraint": made.constraints_critical,
        "permitted": _constrained(made.permitted),
        "excluded": _constrained(made.excluded),
        "signature": made.signature.hex(),
        "key": sha256(made.raw_spki).hexdigest(),
        "signed": sha256(made.raw_tbs).hexdigest(),
    }


def _fits(policy: str) -> bool:
    """Whether Go has the policy in its list of the older kind, whose arcs take 31 bits."""
    if policy.startswith("#"):
        return False
    first, second, *rest = map(int, policy.split("."))
    return all(arc < 1 << 31 for arc in (40 * first + second, *rest))


def _constrained(names: Names | None) -> list[str]:
    if names is None:
        return []
    return [*names.dns, *names.email, *names.uri, *(network.hex() for network in names.ip)]


def told(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What the oracle says about the keys of *ours*, its words where we give none."""
    found = {key: theirs.get(key) for key in ours}
    if "chains" in found and found["chains"] is None:  # Go has panicked
        found["chains"] = []
    mine, other = ours["error"] or "", found["error"] or ""
    if any(word in mine and word in other for word in _UNTOLD):
        found["error"] = ours["error"]
    return found


def blocks(data: bytes, go: Go) -> list[dict[str, Any]]:
    """The sound PEM blocks."""
    items = pem.split(data, **backports.pem_scanner(go))
    return [
        {"type": item.label, "headers": item.headers, "sha256": sha256(item.data).hexdigest()}
        for item in items
        if not item.fault
    ]


def told_blocks(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The oracle's."""
    return [
        {"type": item["type"], "headers": item["headers"] > 0, "sha256": item["sha256"]}
        for item in answer["blocks"]
    ]


def roots(data: bytes, parser: Parser, go: Go) -> list[str]:
    """The digests of what a pool takes out of PEM, in its order."""
    found: dict[str, None] = {}
    for item in pem.split(data, **backports.pem_scanner(go)):
        sound = not item.fault and not item.headers and item.label == "CERTIFICATE"
        if sound and isinstance(parser.parse(item.data), Certificate):
            found[sha256(item.data).hexdigest()] = None
    return list(found)


def verdict(
    chain: Sequence[bytes], trusted: Sequence[bytes], host: str, now: int, parser: Parser, go: Go
) -> dict[str, Any]:
    """What a TLS client makes of a *chain* in DER, leaf first."""
    answer, _ = verdict_and_code(chain, trusted, host, now, parser, go)
    return answer


def verdict_and_code(
    chain: Sequence[bytes], trusted: Sequence[bytes], host: str, now: int, parser: Parser, go: Go
) -> tuple[dict[str, Any], str]:
    """The same, and the code by which probe tells it."""
    sent = []
    for data in chain:
        made = parser.parse(data)
        if not isinstance(made, Certificate):
            reason = f"tls: failed to parse certificate from server: {made.reason}"
            return {"ok": False, "error": reason, "chains": []}, codes.TLS_CERTIFICATE_REFUSED.name
        sent.append(made)
    pool = [made for made in map(parser.parse, trusted) if isinstance(made, Certificate)]
    found = verify(sent, host, now, pool, go, signed)
    chains = [[sha256(one.der).hexdigest() for one in chain] for chain in found.chains]
    return {"ok": found.ok, "error": found.error or None, "chains": chains}, CODES[found.reason].name
