"""The codes of a verdict about certificates, for the checks and for `probe inspect chain`."""

from probe import codes
from probe.golang.x509 import reasons

CODES = {
    reasons.ACCEPTED: codes.TLS_OK,
    reasons.CERTIFICATE_REFUSED: codes.TLS_CERTIFICATE_REFUSED,
    reasons.KEY_TOO_LARGE: codes.TLS_KEY_TOO_LARGE,
    reasons.KEY_UNSUPPORTED: codes.TLS_KEY_UNSUPPORTED,
    reasons.FIPS_CHAIN: codes.TLS_FIPS_CHAIN,
    reasons.UNKNOWN_AUTHORITY: codes.TLS_UNKNOWN_AUTHORITY,
    reasons.INTERMEDIATE_MISSING: codes.TLS_INTERMEDIATE_MISSING,
    reasons.NO_ROOTS: codes.TLS_NO_ROOTS,
    reasons.WRONG_SIGNATURE: codes.TLS_WRONG_SIGNATURE,
    reasons.WEAK_SIGNATURE: codes.TLS_WEAK_SIGNATURE,
    reasons.WEAK_KEY: codes.TLS_WEAK_KEY,
    reasons.UNSUPPORTED_ALGORITHM: codes.TLS_UNSUPPORTED_ALGORITHM,
    reasons.SIGNATURE_UNCHECKED: codes.TLS_SIGNATURE_UNCHECKED,
    reasons.TOO_MANY_SIGNATURES: codes.TLS_TOO_MANY_SIGNATURES,
    reasons.ISSUER_NOT_CA: codes.TLS_ISSUER_NOT_CA,
    reasons.PATH_TOO_LONG: codes.TLS_PATH_TOO_LONG,
    reasons.CRITICAL_EXTENSION: codes.TLS_CRITICAL_EXTENSION,
    reasons.NOT_YET_VALID: codes.TLS_NOT_YET_VALID,
    reasons.EXPIRED: codes.TLS_EXPIRED,
    reasons.WRONG_NAME: codes.TLS_WRONG_NAME,
    reasons.COMMON_NAME_ONLY: codes.TLS_COMMON_NAME_ONLY,
    reasons.NAME_CONSTRAINT: codes.TLS_NAME_CONSTRAINT,
    reasons.WRONG_USAGE: codes.TLS_WRONG_USAGE,
    reasons.POLICY: codes.TLS_POLICY,
    reasons.DISTRUSTED_KEY: codes.TLS_DISTRUSTED_KEY,
}
"""What stands for each reason of `golang.x509.reasons`."""
