"""A server's certificates as crypto/tls takes them: handshake_client.go:verifyServerCertificate."""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.tls import offer
from probe.golang.x509 import reasons
from probe.golang.x509.certificate import Certificate, Refusal, parse
from probe.golang.x509.issuing import Signed
from probe.golang.x509.verify import Chain, Pool, Verdict, verify
from probe.lightweight import NamedTuple, Sequence

MAX_RSA_BITS = 8192
_MESSAGE, _LARGE_MESSAGE = 64 << 10, 256 << 10  # bytes of a certificate message, from 1.23 on (common.go)
_PREFIX = "tls: failed to verify certificate: "


class Served(NamedTuple):
    """The certificates of a server up to the first that Go does not take, and why it does not."""

    chain: Chain
    refusal: Verdict | None = None


def read(presented: Sequence[bytes], go: Go) -> Served:
    """The certificates of a handshake (DER, leaf first) as a Go client reads them, before it judges."""
    chain: Chain = ()
    for data in presented:
        certificate = parse(data, go)
        if isinstance(certificate, Refusal):
            text = f"tls: failed to parse certificate from server: {certificate.reason}"
            return Served(chain, Verdict(False, text, reasons.CERTIFICATE_REFUSED))
        chain += (certificate,)
        limit = _rsa_limit(go)
        if certificate.key_algorithm == "RSA" and certificate.key_bits > limit:
            text = f"tls: server sent certificate containing RSA key larger than {limit} bits"
            return Served(chain, Verdict(False, text, reasons.KEY_TOO_LARGE, (), certificate))
    return Served(chain)


def message_limit(go: Go) -> int:
    """How many bytes of certificates Go takes in one message."""
    return _LARGE_MESSAGE if go.minor >= 23 else _MESSAGE


def too_long(presented: Sequence[bytes], go: Go, *, tls13: bool) -> str:
    """What Go says of a certificate message that is too long for it; "" for one that is not."""
    head, each = (4, 5) if tls13 else (3, 3)
    length, limit = head + sum(each + len(one) for one in presented), message_limit(go)
    if length <= limit:
        return ""
    return f"tls: handshake message of length {length} bytes exceeds maximum of {limit} bytes"


def judge(
    served: Served, host: str, now: float, roots: Pool, go: Go, signed: Signed, *, tls13: bool = True
) -> Verdict:
    """What a tls.Conn says to at least one certificate, in its words."""
    if served.refusal:
        return served.refusal
    verdict = verify(served.chain, host, now, roots, go, signed)
    if verdict.ok is False:
        return verdict._replace(error=_PREFIX + verdict.error)
    leaf = served.chain[0]
    verdict = _fips(verdict, leaf, go)
    return (verdict.ok is not False and _key(leaf, tls13=tls13)) or verdict


def _rsa_limit(go: Go) -> int:
    value = go.debug("tlsmaxrsasize")
    digits = value[1:] if value[:1] in ("+", "-") else value
    return int(value) if digits.isascii() and digits.isdigit() and len(digits) < 19 else MAX_RSA_BITS


def _fips(verdict: Verdict, leaf: Certificate, go: Go) -> Verdict:
    """The verdict without the chains that FIPS 140 does not allow, where the program keeps to it."""
    if not offer.fips(go):
        return verdict
    kept = tuple(chain for chain in verdict.chains if all(_fips_allows(one, go) for one in chain))
    if kept:
        return verdict._replace(chains=kept)
    text = f"{_PREFIX}tls: no FIPS compatible certificate chains found"
    return Verdict(False, text, reasons.FIPS_CHAIN, (), leaf)


def _fips_allows(certificate: Certificate, go: Go) -> bool:
    kind, bits = certificate.key_algorithm, certificate.key_bits
    if kind == "ECDSA":
        return bits in (256, 384, 521)
    if go.minor == 24:
        return kind == "RSA" and bits in (2048, 3072, 4096)
    return kind == "Ed25519" or kind.startswith("ML-DSA") or (kind == "RSA" and bits >= 2048)


def _key(leaf: Certificate, *, tls13: bool) -> Verdict | None:
    kind = leaf.key_algorithm
    if kind == "RSA" and leaf.key_fault:  # the server's signature cannot be verified (auth.go)
        text = f"tls: invalid signature by the server certificate: {leaf.key_fault}"
        return Verdict(False, text, reasons.WEAK_KEY, (), leaf)
    if kind in ("RSA", "ECDSA", "Ed25519") or (kind.startswith("ML-DSA") and tls13):
        return None
    shown = "*dsa.PublicKey" if kind == "DSA" else "<nil>"
    text = f"tls: server's certificate contains an unsupported type of public key: {shown}"
    if kind.startswith("ML-DSA"):
        text = "tls: server's certificate uses ML-DSA, which requires TLS 1.3"
    return Verdict(False, text, reasons.KEY_UNSUPPORTED, (), leaf)
