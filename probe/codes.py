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
TLS_WEAK_KEY = Code("TLS_WEAK_KEY", "ca-bundle", "An authority's key is too short or malformed.")
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

TIMEZONE_OK = Code("TIMEZONE_OK", "timezone", "time.Local is the zone that was wanted, or a valid one.")
TIMEZONE_NOT_EXPECTED = Code(
    "TIMEZONE_NOT_EXPECTED", "timezone", "time.Local is another zone than the expected one."
)
TIMEZONE_OTHER_NAME = Code(
    "TIMEZONE_OTHER_NAME", "timezone", "Another zone is set, whose clocks show the same these years."
)
TIMEZONE_EXPECTED_UNKNOWN = Code(
    "TIMEZONE_EXPECTED_UNKNOWN", "timezone", "The configuration expects a zone that does not exist."
)
TIMEZONE_UTC_BY_DEFAULT = Code(
    "TIMEZONE_UTC_BY_DEFAULT", "timezone", "Nothing names a zone, so Go takes UTC."
)
TIMEZONE_LOCALTIME_MISSING = Code(
    "TIMEZONE_LOCALTIME_MISSING", "timezone", "Nothing names a zone, though one is expected."
)
TIMEZONE_FILE_MISSING = Code("TIMEZONE_FILE_MISSING", "timezone", "The file that TZ names does not exist.")
TIMEZONE_LINK_DANGLING = Code("TIMEZONE_LINK_DANGLING", "timezone", "The zone's link leads to nothing.")
TIMEZONE_LINK_LOOP = Code("TIMEZONE_LINK_LOOP", "timezone", "The zone's link leads back to itself.")
TIMEZONE_FILE_UNREADABLE = Code(
    "TIMEZONE_FILE_UNREADABLE", "timezone", "The user may not read the zone file."
)
TIMEZONE_FILE_DIRECTORY = Code(
    "TIMEZONE_FILE_DIRECTORY", "timezone", "A directory stands in the zone file's place."
)
TIMEZONE_FILE_BLOCKS = Code(
    "TIMEZONE_FILE_BLOCKS", "timezone", "A FIFO stands in the zone file's place: Go waits for ever."
)
TIMEZONE_FILE_SPECIAL = Code(
    "TIMEZONE_FILE_SPECIAL", "timezone", "A device or socket stands in the zone file's place."
)
TIMEZONE_FILE_TOO_LARGE = Code(
    "TIMEZONE_FILE_TOO_LARGE", "timezone", "The zone file holds more than Go reads."
)
TIMEZONE_FILE_EMPTY = Code("TIMEZONE_FILE_EMPTY", "timezone", "The zone file is empty.")
TIMEZONE_NOT_TZIF = Code("TIMEZONE_NOT_TZIF", "timezone", "The zone file holds something else.")
TIMEZONE_TRUNCATED = Code("TIMEZONE_TRUNCATED", "timezone", "The zone file ends early.")
TIMEZONE_VERSION = Code("TIMEZONE_VERSION", "timezone", "The zone file has a version that Go does not read.")
TIMEZONE_CORRUPT = Code("TIMEZONE_CORRUPT", "timezone", "The zone file contradicts itself.")
TIMEZONE_RULE_DROPPED = Code(
    "TIMEZONE_RULE_DROPPED", "timezone", "Go drops the zone file's rule because of how the file ends."
)
TIMEZONE_RULE_MISSING = Code(
    "TIMEZONE_RULE_MISSING", "timezone", "The zone file says nothing about the time after its table."
)
TIMEZONE_V1_ONLY = Code(
    "TIMEZONE_V1_ONLY", "timezone", "The zone file is of the oldest form, without a rule."
)
TIMEZONE_LEAP_SECONDS = Code(
    "TIMEZONE_LEAP_SECONDS", "timezone", "The zone file counts leap seconds, Go does not."
)
TIMEZONE_RULES_OLD = Code("TIMEZONE_RULES_OLD", "timezone", "The zone's rules are out of date.")
TIMEZONE_CONTENT_OTHER = Code(
    "TIMEZONE_CONTENT_OTHER", "timezone", "A zone file holds another zone than its name says."
)
TIMEZONE_COPY = Code("TIMEZONE_COPY", "timezone", "/etc/localtime is a copy instead of a link.")
TIMEZONE_TZDATA_MISSING = Code(
    "TIMEZONE_TZDATA_MISSING", "timezone", "TZ names a zone, but no zone data is installed."
)
TIMEZONE_NOT_INSTALLED = Code("TIMEZONE_NOT_INSTALLED", "timezone", "TZ names a zone that is not installed.")
TIMEZONE_ONLY_IN_GOROOT = Code(
    "TIMEZONE_ONLY_IN_GOROOT", "timezone", "The zone is only in the Go tree, which few programs look into."
)
TIMEZONE_NAME_UNKNOWN = Code("TIMEZONE_NAME_UNKNOWN", "timezone", "TZ names a zone that does not exist.")
TIMEZONE_NAME_CASE = Code("TIMEZONE_NAME_CASE", "timezone", "TZ has the wrong upper and lower case.")
TIMEZONE_POSIX_STRING = Code(
    "TIMEZONE_POSIX_STRING", "timezone", "TZ is a POSIX rule, which Go does not read."
)
TIMEZONE_TZ_BLANK = Code("TIMEZONE_TZ_BLANK", "timezone", "TZ has a blank or a newline too many.")
TIMEZONE_TZ_QUOTED = Code("TIMEZONE_TZ_QUOTED", "timezone", "TZ has quotes in its value.")
TIMEZONE_TZ_COLONS = Code("TIMEZONE_TZ_COLONS", "timezone", "TZ begins with more than one colon.")
TIMEZONE_TZ_DIRECTORY = Code(
    "TIMEZONE_TZ_DIRECTORY", "timezone", "TZ names a directory of zones, not a zone."
)
TIMEZONE_TZ_EMPTY = Code("TIMEZONE_TZ_EMPTY", "timezone", "TZ is empty, which hides /etc/localtime.")
TIMEZONE_TZ_OVERRIDES = Code(
    "TIMEZONE_TZ_OVERRIDES", "timezone", "TZ decides over a different /etc/localtime, as intended."
)
TIMEZONE_TZ_DISAGREES = Code(
    "TIMEZONE_TZ_DISAGREES", "timezone", "TZ and /etc/localtime are different zones."
)


CODES = {value.name: value for value in list(vars().values()) if isinstance(value, Code)}
