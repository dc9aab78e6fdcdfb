"""Why Go refuses a server's certificates; the table to codes is `probe.certificate_codes`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Reason: TypeAlias = "str"

ACCEPTED = ""
CERTIFICATE_REFUSED = "certificate refused"  # the parser does not take it
KEY_TOO_LARGE = "key too large"
KEY_UNSUPPORTED = "key unsupported"
FIPS_CHAIN = "FIPS chain"
UNKNOWN_AUTHORITY = "unknown authority"
INTERMEDIATE_MISSING = "intermediate missing"
NO_ROOTS = "no roots"
WRONG_SIGNATURE = "wrong signature"
WEAK_SIGNATURE = "weak signature"
WEAK_KEY = "weak key"
UNSUPPORTED_ALGORITHM = "unsupported algorithm"
SIGNATURE_UNCHECKED = "signature unchecked"  # our library cannot tell
TOO_MANY_SIGNATURES = "too many signatures"
ISSUER_NOT_CA = "issuer not CA"
PATH_TOO_LONG = "path too long"
CRITICAL_EXTENSION = "critical extension"
NOT_YET_VALID = "not yet valid"
EXPIRED = "expired"
WRONG_NAME = "wrong name"
COMMON_NAME_ONLY = "common name only"
NAME_CONSTRAINT = "name constraint"
WRONG_USAGE = "wrong usage"
POLICY = "policy"
DISTRUSTED_KEY = "distrusted key"
