"""
Every code that a finding can carry.

A code is a public contract: it keeps its name and its meaning for ever, and a
test produces each of them. What to do about one is told by `probe explain`.
"""

from typing import NamedTuple


class Code(NamedTuple):
    """The stable name of a finding."""

    name: str
    check: str  # the check that makes it, "*" for any
    meaning: str  # one line


# --- the run itself -------------------------------------------------------------------

CHECK_TIMED_OUT = Code("CHECK_TIMED_OUT", "*", "A check had not finished when the deadline came.")
CHECK_CRASHED = Code("CHECK_CRASHED", "*", "A check ended with an error of its own.")
CHECK_SKIPPED = Code("CHECK_SKIPPED", "*", "A check was left out because the role asks for it.")
NOTHING_CHECKED = Code("NOTHING_CHECKED", "*", "No check was left to run, so nothing is known.")

# --- go-version -----------------------------------------------------------------------

# --- go-env ---------------------------------------------------------------------------

# --- ca-bundle: the roots -------------------------------------------------------------

# --- ca-bundle: the handshake ---------------------------------------------------------

TLS_OK = Code("TLS_OK", "ca-bundle", "Go completes a TLS handshake with the endpoint.")
TLS_EXPIRED = Code("TLS_EXPIRED", "ca-bundle", "A certificate that the handshake needs has expired.")
TLS_NOT_YET_VALID = Code(
    "TLS_NOT_YET_VALID", "ca-bundle", "A certificate that the handshake needs is not valid yet."
)
TLS_WRONG_NAME = Code("TLS_WRONG_NAME", "ca-bundle", "The server's certificate is for other names.")
TLS_COMMON_NAME_ONLY = Code(
    "TLS_COMMON_NAME_ONLY", "ca-bundle", "The name stands only in the Common Name, which Go ignores."
)
TLS_UNKNOWN_AUTHORITY = Code(
    "TLS_UNKNOWN_AUTHORITY", "ca-bundle", "None of the roots here has issued the server's chain."
)
TLS_INTERMEDIATE_MISSING = Code(
    "TLS_INTERMEDIATE_MISSING",
    "ca-bundle",
    "The server does not send the intermediate certificate that links its own to a root.",
)
TLS_ISSUER_NOT_CA = Code("TLS_ISSUER_NOT_CA", "ca-bundle", "A certificate in the chain may not issue others.")
TLS_WRONG_SIGNATURE = Code(
    "TLS_WRONG_SIGNATURE", "ca-bundle", "A root or intermediate has the issuer's name but another key."
)
TLS_WEAK_SIGNATURE = Code("TLS_WEAK_SIGNATURE", "ca-bundle", "A certificate is signed with SHA-1 or MD5.")
TLS_WEAK_KEY = Code("TLS_WEAK_KEY", "ca-bundle", "An authority's RSA key is too short.")
TLS_UNSUPPORTED_ALGORITHM = Code(
    "TLS_UNSUPPORTED_ALGORITHM", "ca-bundle", "A certificate is signed in a way that Go does not know."
)
TLS_CRITICAL_EXTENSION = Code(
    "TLS_CRITICAL_EXTENSION", "ca-bundle", "A certificate has a critical extension that Go does not know."
)
TLS_PATH_TOO_LONG = Code(
    "TLS_PATH_TOO_LONG", "ca-bundle", "The chain has more intermediates than an authority allows."
)
TLS_WRONG_USAGE = Code("TLS_WRONG_USAGE", "ca-bundle", "A certificate in the chain is not meant for servers.")
TLS_NAME_CONSTRAINT = Code(
    "TLS_NAME_CONSTRAINT", "ca-bundle", "An authority in the chain may not issue for such a name."
)
TLS_POLICY = Code(
    "TLS_POLICY", "ca-bundle", "The chain breaks the certificate policies that it demands itself."
)
TLS_DISTRUSTED_KEY = Code(
    "TLS_DISTRUSTED_KEY", "ca-bundle", "The chain holds a key that Go distrusts by name."
)
TLS_TOO_MANY_SIGNATURES = Code(
    "TLS_TOO_MANY_SIGNATURES",
    "ca-bundle",
    "Too many authorities of one name: Go gives up after 100 signatures.",
)
TLS_SIGNATURE_UNCHECKED = Code("TLS_SIGNATURE_UNCHECKED", "ca-bundle", "A signature cannot be checked here.")

# --- timezone -------------------------------------------------------------------------


CODES = {value.name: value for value in list(vars().values()) if isinstance(value, Code)}
