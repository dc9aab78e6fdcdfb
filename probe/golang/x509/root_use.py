"""What a root can be used for: Go loads many a certificate that can never verify anything."""

from probe.golang import backports
from probe.golang.release import Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate_fields import Certificate
from probe.lightweight import NamedTuple

EXPIRED, NOT_YET, NO_CA, KEY, PURPOSE, EXTENSION = (
    "expired",
    "not yet valid",
    "no CA",
    "key",
    "purpose",
    "extension",
)

_CERT_SIGN = 1 << 5  # keyUsage
_ANY_PURPOSE, _SERVERS = "2.5.29.37.0", "1.3.6.1.5.5.7.3.1"


class Unfit(NamedTuple):
    """Why a root does not verify any server's chain."""

    kind: str  # one of the constants above
    text: str


def unfit(root: Certificate, now: float) -> Unfit | None:
    """
    Why no chain can end in *root* at *now*, in seconds since the epoch; None when one can.

    A certificate that is no CA is trusted all the same when a server presents exactly
    it (verify.go: a leaf in the pool needs no chain).
    """
    if root.key_fault:
        return Unfit(KEY, root.key_fault if root.key_algorithm else "the kind of its key is unknown to Go")
    if root.unhandled_critical:
        return Unfit(EXTENSION, f"critical extension {root.unhandled_critical[0]} is unknown to Go")
    purposes = root.extended_key_usage
    if purposes and not {_ANY_PURPOSE, _SERVERS}.intersection(purposes):
        return Unfit(PURPOSE, "its extended key usage leaves out TLS servers")
    if now > root.not_after:
        return Unfit(EXPIRED, f"expired on {rfc3339(root.not_after)}")
    if now < root.not_before:
        return Unfit(NOT_YET, f"not valid before {rfc3339(root.not_before)}")
    if authority := _no_authority(root):  # last: what stands above keeps it from verifying itself, too
        return Unfit(NO_CA, f"{authority}: only itself can be verified with it")
    return None


def distrusted(root: Certificate, go: Go) -> str:
    """That Go drops every chain with this key in it (verify.go:distrustedSPKIHashes), "" when it does not."""
    from hashlib import sha256  # most runs have no use for it

    from probe.golang.x509.verify import DISTRUSTED_KEYS

    listed = backports.has(go, backports.DISTRUSTED_KEYS)
    if not listed or sha256(root.raw_spki).hexdigest() not in DISTRUSTED_KEYS:
        return ""
    return "Go distrusts its key explicitly"


def _no_authority(root: Certificate) -> str:
    """x509.go:CheckSignatureFrom."""
    if root.version == 3 and not root.has_basic_constraints:
        return "a version 3 certificate without basicConstraints"
    if root.has_basic_constraints and not root.is_ca:
        return "basicConstraints say CA:FALSE"
    if root.key_usage and not root.key_usage & _CERT_SIGN:
        return "its key usage leaves out the signing of certificates"
    return ""
