"""May this certificate have signed that one? (*Certificate).CheckSignatureFrom in crypto/x509/x509.go."""

from __future__ import annotations

from probe.golang.release import Go
from probe.golang.x509 import reasons
from probe.golang.x509.certificate_fields import Certificate
from probe.golang.x509.reasons import Reason
from probe.lightweight import Callable, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Signed: TypeAlias = "Callable[[Certificate, Certificate], bool | None]"
"""Whether the second certificate's key signed the first; None when our library cannot tell."""

NOT_AUTHORIZED = "x509: a root or intermediate certificate is not authorized to sign for this name: "
CERT_SIGN = 1 << 5  # keyUsage

_KEY_TYPES = {
    "RSA": "*rsa.PublicKey",
    "ECDSA": "*ecdsa.PublicKey",
    "Ed25519": "ed25519.PublicKey",
    "ML-DSA": "*mldsa.PublicKey",
}
_FAILURES = {
    "RSA": "crypto/rsa: verification error",
    "ECDSA": "x509: ECDSA verification failure",
    "Ed25519": "x509: Ed25519 verification failure",
}


class VerifyError(NamedTuple):
    """Why Go refuses: its words, the reason, and the certificate that is to blame."""

    text: str
    reason: Reason
    blame: Certificate | None = None
    candidate: Certificate | None = None  # an authority of the right name that did not do


def problem(child: Certificate, parent: Certificate, go: Go, signed: Signed) -> VerifyError | bool:
    """
    Why *parent* cannot have issued *child*, else whether that is certain.

    False stands for a signature that nobody here can check.
    """
    refused = _not_an_authority(parent) or _algorithm(child, parent, go) or _faulty_key(parent)
    if refused:
        return refused
    answer = signed(child, parent)
    if answer is False:
        text = _FAILURES.get(parent.key_algorithm, "x509: ML-DSA verification failure")
        return VerifyError(text, reasons.WRONG_SIGNATURE, parent)
    return answer is True


def weak_hash(certificate: Certificate, go: Go) -> bool:
    """Whether Go refuses the hash in the certificate's signature (a root's own is never looked at)."""
    name = certificate.signature_algorithm
    if name == "MD5-RSA":
        return True
    return "SHA1" in name and not (go.minor <= 23 and go.debug("x509sha1") == "1")


def _not_an_authority(parent: Certificate) -> VerifyError | None:
    silent = parent.version == 3 and not parent.has_basic_constraints
    refused = parent.has_basic_constraints and not parent.is_ca
    other_uses = bool(parent.key_usage) and not (parent.key_usage or 0) & CERT_SIGN
    if not (silent or refused or other_uses):
        return None
    text = "x509: invalid signature: parent certificate cannot sign this kind of certificate"
    return VerifyError(text, reasons.ISSUER_NOT_CA, parent)


def _algorithm(child: Certificate, parent: Certificate, go: Go) -> VerifyError | None:
    algorithm = child.signature_algorithm
    if weak_hash(child, go):
        override = " (temporarily override with GODEBUG=x509sha1=1)"
        hint = override if go.minor <= 23 and algorithm in ("SHA1-RSA", "ECDSA-SHA1") else ""
        text = f"x509: cannot verify signature: insecure algorithm {algorithm}{hint}"
        return VerifyError(text, reasons.WEAK_SIGNATURE, child)
    wanted, kind = _signer(algorithm), _signer(parent.key_algorithm)
    if not wanted or kind == "DSA":
        text = "x509: cannot verify signature: algorithm unimplemented"
        return VerifyError(text, reasons.UNSUPPORTED_ALGORITHM, child)
    specifies = f"x509: signature algorithm specifies an {wanted} public key"
    if wanted != kind:
        text = f"{specifies}, but have public key of type {_KEY_TYPES[kind]}"
        return VerifyError(text, reasons.WRONG_SIGNATURE, parent)
    if wanted == "ML-DSA" and algorithm != parent.key_algorithm:
        have = f"but have a public key with {parent.key_algorithm} parameters"
        text = f"{specifies} with {algorithm} parameters, {have}"
        return VerifyError(text, reasons.WRONG_SIGNATURE, parent)
    return None


def _signer(algorithm: str) -> str:
    """The kind of key that an algorithm stands for, as Go prints it; "" when unknown."""
    for prefix in ("ECDSA", "DSA", "Ed25519", "ML-DSA"):
        if algorithm.startswith(prefix):
            return prefix
    return "RSA" if "RSA" in algorithm else ""


def _faulty_key(parent: Certificate) -> VerifyError | None:
    if not parent.key_fault:
        return None
    return VerifyError(parent.key_fault, reasons.WEAK_KEY, parent)
