"""
Every code that a finding can carry.

A code is a public contract: it keeps its name and its meaning for ever, and a
test produces each of them. What to do about one is told by `probe explain`.
"""

from probe.lightweight import NamedTuple


class Code(NamedTuple):
    """The stable name of a finding."""

    name: str
    check: str  # the check that makes it, "*" for any
    meaning: str  # one line


# --- the run itself -------------------------------------------------------------------

CHECK_TIMED_OUT = Code("CHECK_TIMED_OUT", "*", "A check had not finished when the deadline came.")
CHECK_CRASHED = Code("CHECK_CRASHED", "*", "A check ended with an error of its own.")
CHECK_SKIPPED = Code("CHECK_SKIPPED", "*", "A check was left out by the configuration or --skip.")
SYSCALL_REFUSED = Code(
    "SYSCALL_REFUSED", "*", "A seccomp profile refuses a system call that Go programs or probe need."
)
THREADS_LIMITED = Code("THREADS_LIMITED", "*", "Not enough threads can be started here.")
ROLE_WITHOUT_CHECKS = Code("ROLE_WITHOUT_CHECKS", "*", "The configuration gives this role no check to run.")
NOTHING_CHECKED = Code("NOTHING_CHECKED", "*", "No check is left to run, so nothing was checked.")

# --- the target -----------------------------------------------------------------------

TARGET_NOT_FOUND = Code("TARGET_NOT_FOUND", "target", "There is no such process, directory or image.")
TARGET_AMBIGUOUS = Code("TARGET_AMBIGUOUS", "target", "Several processes have the requested name.")
TARGET_PERMISSION = Code("TARGET_PERMISSION", "target", "probe has no permission to read the target.")
TARGET_GONE = Code("TARGET_GONE", "target", "The process exited during the check.")
TARGET_CONFIG = Code("TARGET_CONFIG", "target", "The target's own configuration cannot be used.")
TARGET_USER_UNKNOWN = Code("TARGET_USER_UNKNOWN", "target", "The target has no user or group of that name.")
IMAGE_INVALID = Code(
    "IMAGE_INVALID", "target", "The file is not an image archive, or its parts are inconsistent."
)
IMAGE_TRUNCATED = Code("IMAGE_TRUNCATED", "target", "The image archive ends too early.")
IMAGE_DIGEST_MISMATCH = Code(
    "IMAGE_DIGEST_MISMATCH", "target", "A part of the image is not what its digest says."
)
IMAGE_UNSAFE_ENTRY = Code(
    "IMAGE_UNSAFE_ENTRY", "target", "An entry of the image reaches outside, or is a device."
)
IMAGE_TOO_LARGE = Code(
    "IMAGE_TOO_LARGE", "target", "The image is larger, or unpacks to more, than is examined."
)
IMAGE_COMPRESSION = Code(
    "IMAGE_COMPRESSION", "target", "The image is compressed in a way that is not supported."
)

# --- go-version -----------------------------------------------------------------------

GO_VERSION_OK = Code("GO_VERSION_OK", "go-version", "This Go release meets the policy.")
GO_TOO_OLD = Code("GO_TOO_OLD", "go-version", "This Go is older than the required minimum.")
GO_OUT_OF_SUPPORT = Code("GO_OUT_OF_SUPPORT", "go-version", "This Go release no longer gets security fixes.")
GO_UNRELEASED = Code("GO_UNRELEASED", "go-version", "This Go is a pre-release or a development tree.")
GO_VERSION_UNREADABLE = Code(
    "GO_VERSION_UNREADABLE", "go-version", "The release of this Go cannot be determined."
)
GO_NOT_FOUND = Code("GO_NOT_FOUND", "go-version", "There is no Go here to check.")
GO_NOT_IN_PATH = Code("GO_NOT_IN_PATH", "go-version", "The go command is installed, but not in PATH.")
GO_NOT_EXECUTABLE = Code("GO_NOT_EXECUTABLE", "go-version", "The program exists, but may not be executed.")
GO_NOT_A_PROGRAM = Code("GO_NOT_A_PROGRAM", "go-version", "The file named go is not an executable program.")
GO_WRONG_ARCHITECTURE = Code(
    "GO_WRONG_ARCHITECTURE", "go-version", "The program is built for another kind of processor."
)
GO_LOADER_MISSING = Code(
    "GO_LOADER_MISSING", "go-version", "The program exists, but the dynamic loader that it needs does not."
)
GO_BUILD_IMPOSSIBLE = Code("GO_BUILD_IMPOSSIBLE", "go-version", "A setting stops every build.")
GO_MODULE_NEWER = Code(
    "GO_MODULE_NEWER", "go-version", "The module in the working directory requires a newer Go than this one."
)
GO_LOADER_UNUSABLE = Code(
    "GO_LOADER_UNUSABLE", "go-version", "The program's dynamic loader exists, but cannot be executed."
)
GO_LIBRARY_MISSING = Code("GO_LIBRARY_MISSING", "go-version", "A library of the program is missing.")
GO_LIBRARY_TOO_OLD = Code(
    "GO_LIBRARY_TOO_OLD", "go-version", "A library is older than the one that the program was linked to."
)
GO_TRUNCATED = Code("GO_TRUNCATED", "go-version", "The end of the program is missing.")
GO_CAPABILITIES_REFUSED = Code(
    "GO_CAPABILITIES_REFUSED", "go-version", "The program has file capabilities that cannot be granted here."
)
GO_PROCESSOR_LEVEL = Code(
    "GO_PROCESSOR_LEVEL", "go-version", "The program is built for a newer processor than this one."
)
GO_ADDRESS_SPACE = Code(
    "GO_ADDRESS_SPACE", "go-version", "The address space limit is too low for Go programs."
)
GOMAXPROCS_FATAL = Code(
    "GOMAXPROCS_FATAL", "go-version", "GOMAXPROCS is so large that Go programs do not reach main."
)
GO_INTERPRETER_MISSING = Code(
    "GO_INTERPRETER_MISSING", "go-version", "The file named go is a script whose interpreter is missing."
)
GO_START_FAILED = Code(
    "GO_START_FAILED", "go-version", "The go command could not be started: out of processes or memory."
)
GO_HUNG = Code("GO_HUNG", "go-version", "`go version` did not finish in time.")
GO_KILLED = Code("GO_KILLED", "go-version", "`go version` was ended by a signal.")
GO_FAILED = Code("GO_FAILED", "go-version", "`go version` ended with an error.")
GO_OUTPUT_UNEXPECTED = Code(
    "GO_OUTPUT_UNEXPECTED", "go-version", "The output of `go version` is not a version."
)
GO_ROOT_MISSING = Code("GO_ROOT_MISSING", "go-version", "The go command does not find its GOROOT.")
GO_TREE_MISSING = Code("GO_TREE_MISSING", "go-version", "GOROOT is a directory without a Go tree.")
GO_MIXED_TOOLCHAIN = Code(
    "GO_MIXED_TOOLCHAIN", "go-version", "The go command and its GOROOT are of different releases."
)
GO_SETTING_REFUSED = Code(
    "GO_SETTING_REFUSED", "go-version", "A variable has a value with which no go command starts."
)
GO_SWITCHES = Code("GO_SWITCHES", "go-version", "GOTOOLCHAIN replaces the go command by another release.")
GODEBUG_FATAL = Code(
    "GODEBUG_FATAL", "go-version", "A setting in GODEBUG makes every program of this Go exit at startup."
)
GOMEMLIMIT_FATAL = Code(
    "GOMEMLIMIT_FATAL", "go-version", "GOMEMLIMIT is malformed and makes every Go program exit at startup."
)
GO_BINARY_MISSING = Code("GO_BINARY_MISSING", "go-version", "The program to check does not exist.")
GO_BINARY_UNREADABLE = Code("GO_BINARY_UNREADABLE", "go-version", "The program to check cannot be read.")
GO_BINARY_NOT_GO = Code("GO_BINARY_NOT_GO", "go-version", "The program to check is not a Go program.")
GO_BUILD_INFO_MISSING = Code("GO_BUILD_INFO_MISSING", "go-version", "The Go binary has no build info.")

# --- go-env ---------------------------------------------------------------------------

GO_ENV_OK = Code("GO_ENV_OK", "go-env", "The go command's environment complies with the policy.")
GO_ENV_NO_TOOLCHAIN = Code(
    "GO_ENV_NO_TOOLCHAIN",
    "go-env",
    "There is no go command here: the variables that are set comply with the policy.",
)
GO_ENV_NO_POLICY = Code("GO_ENV_NO_POLICY", "go-env", "The configuration has no rule for any variable.")
CGO_IS_ENABLED = Code(
    "CGO_IS_ENABLED", "go-env", "Programs are built with cgo, but the policy requires CGO_ENABLED=0."
)
MODULE_PROXY_OFF = Code("MODULE_PROXY_OFF", "go-env", "GOPROXY is off: no module can be downloaded.")
MODULE_PROXY_UNUSABLE = Code(
    "MODULE_PROXY_UNUSABLE", "go-env", "GOPROXY is a list that the go command refuses."
)
SUMDB_OFF = Code("SUMDB_OFF", "go-env", "GOSUMDB is off: downloaded modules are not verified.")
SUMDB_UNUSABLE = Code("SUMDB_UNUSABLE", "go-env", "GOSUMDB names no checksum database that Go can use.")
MODULES_UNPROTECTED = Code(
    "MODULES_UNPROTECTED", "go-env", "A variable exempts downloads from encryption or verification."
)
GOFLAGS_UNUSABLE = Code(
    "GOFLAGS_UNUSABLE", "go-env", "GOFLAGS holds a value that every go command except `go env` refuses."
)
GOROOT_WITHOUT_TREE = Code(
    "GOROOT_WITHOUT_TREE", "go-env", "GOROOT is not a Go tree, so its go.env is missing."
)
GO_PACKAGES_UNREACHABLE = Code(
    "GO_PACKAGES_UNREACHABLE", "go-env", "With this GOROOT, GOPATH and GOPROXY no package can be found."
)
GO_ENV_VALUE = Code("GO_ENV_VALUE", "go-env", "A variable has a value that the policy does not allow.")
GO_ENV_LIST = Code("GO_ENV_LIST", "go-env", "A list lacks a required entry, or holds a forbidden one.")
GO_ENV_UNSET = Code("GO_ENV_UNSET", "go-env", "A variable that the policy requires is empty.")
GO_ENV_SET = Code("GO_ENV_SET", "go-env", "A variable is set that the policy requires to be unset.")
GO_ENV_NO_DIRECTORY = Code(
    "GO_ENV_NO_DIRECTORY", "go-env", "A directory that a variable names does not exist."
)
GO_ENV_NOT_WRITABLE = Code(
    "GO_ENV_NOT_WRITABLE", "go-env", "A directory that a variable names can be neither written nor created."
)
GO_ENV_UNKNOWN = Code("GO_ENV_UNKNOWN", "go-env", "The value of a variable cannot be determined.")
GO_ENV_DISAGREES = Code(
    "GO_ENV_DISAGREES", "go-env", "The go command prints a value that its files and variables do not explain."
)
GO_ENV_FILE_BLOCKS = Code(
    "GO_ENV_FILE_BLOCKS", "go-env", "A settings file is a FIFO or a device: every go command blocks on it."
)
GO_ENV_FILE_TOO_LARGE = Code("GO_ENV_FILE_TOO_LARGE", "go-env", "A settings file is too large to be read.")
GO_ENV_NOT_STARTED = Code("GO_ENV_NOT_STARTED", "go-env", "The go command could not be started.")
GO_ENV_FAILED = Code("GO_ENV_FAILED", "go-env", "`go env` ended with an error of its own.")
GO_ENV_GODEBUG = Code(
    "GO_ENV_GODEBUG", "go-env", "A setting in GODEBUG ends the go command before it begins."
)
GO_ENV_HUNG = Code("GO_ENV_HUNG", "go-env", "`go env` did not finish in time.")
GO_ENV_GARBLED = Code("GO_ENV_GARBLED", "go-env", "The output of `go env -json` is not a list of variables.")

# --- ca-bundle: the roots -------------------------------------------------------------

CA_BUNDLE_OK = Code("CA_BUNDLE_OK", "ca-bundle", "Go finds roots here that can verify servers.")
CA_BUNDLE_MISSING = Code("CA_BUNDLE_MISSING", "ca-bundle", "There is no CA bundle where Go looks for one.")
CA_BUNDLE_HIDDEN = Code("CA_BUNDLE_HIDDEN", "ca-bundle", "A mount without a bundle hides the image's own.")
CA_BUNDLE_ONLY_DIRECTORY = Code(
    "CA_BUNDLE_ONLY_DIRECTORY", "ca-bundle", "The certificate directory exists, but holds no root."
)
CA_BUNDLE_DANGLING_LINK = Code(
    "CA_BUNDLE_DANGLING_LINK", "ca-bundle", "The bundle is a link to a file that does not exist."
)
CA_BUNDLE_LINK_LOOP = Code(
    "CA_BUNDLE_LINK_LOOP", "ca-bundle", "The bundle is a link that leads back to itself."
)
CA_BUNDLE_IS_DIRECTORY = Code("CA_BUNDLE_IS_DIRECTORY", "ca-bundle", "The path of the bundle is a directory.")
CA_BUNDLE_FIFO = Code("CA_BUNDLE_FIFO", "ca-bundle", "The bundle is a FIFO, on which Go waits for ever.")
CA_BUNDLE_DEVICE = Code("CA_BUNDLE_DEVICE", "ca-bundle", "The bundle is a device, which Go reads for ever.")
CA_BUNDLE_UNREADABLE = Code(
    "CA_BUNDLE_UNREADABLE", "ca-bundle", "The user that Go runs as may not read the bundle."
)
CA_BUNDLE_NOT_OPENED = Code(
    "CA_BUNDLE_NOT_OPENED", "ca-bundle", "The bundle cannot be read because of a system error."
)
CA_BUNDLE_TOO_LARGE = Code(
    "CA_BUNDLE_TOO_LARGE", "ca-bundle", "The bundle or its directories are larger than probe reads."
)
CA_BUNDLE_EMPTY = Code("CA_BUNDLE_EMPTY", "ca-bundle", "The bundle that Go reads is an empty file.")
CA_BUNDLE_TRUNCATED = Code(
    "CA_BUNDLE_TRUNCATED", "ca-bundle", "The bundle breaks off in the middle of a certificate."
)
CA_BUNDLE_DER = Code("CA_BUNDLE_DER", "ca-bundle", "The bundle is DER; Go reads only PEM.")
CA_BUNDLE_KEYSTORE = Code("CA_BUNDLE_KEYSTORE", "ca-bundle", "The bundle is a PKCS#12 or Java keystore.")
CA_BUNDLE_PKCS7 = Code("CA_BUNDLE_PKCS7", "ca-bundle", "The bundle is PKCS#7, which Go does not read.")
CA_BUNDLE_BASE64 = Code(
    "CA_BUNDLE_BASE64", "ca-bundle", "The bundle is base64 around PEM, or without the lines that make it PEM."
)
CA_BUNDLE_UTF16 = Code(
    "CA_BUNDLE_UTF16", "ca-bundle", "The bundle is UTF-16 text, in which Go finds nothing."
)
CA_BUNDLE_BYTE_ORDER_MARK = Code(
    "CA_BUNDLE_BYTE_ORDER_MARK", "ca-bundle", "A byte order mark makes Go lose the first certificate."
)
CA_BUNDLE_LINE_ENDS = Code(
    "CA_BUNDLE_LINE_ENDS", "ca-bundle", "The bundle has line endings that Go does not recognise."
)
CA_BUNDLE_HTML = Code("CA_BUNDLE_HTML", "ca-bundle", "The bundle is an HTML page instead of certificates.")
CA_BUNDLE_TRUSTED_FORMAT = Code(
    "CA_BUNDLE_TRUSTED_FORMAT",
    "ca-bundle",
    "The bundle holds TRUSTED CERTIFICATE blocks, OpenSSL's own form.",
)
CA_BUNDLE_NO_CERTIFICATE = Code(
    "CA_BUNDLE_NO_CERTIFICATE", "ca-bundle", "The bundle is something else than certificates."
)
CA_BUNDLE_SKIPPED_BLOCKS = Code(
    "CA_BUNDLE_SKIPPED_BLOCKS", "ca-bundle", "Go silently skips certificates in the bundle."
)
CA_BUNDLE_FALLBACK = Code(
    "CA_BUNDLE_FALLBACK", "ca-bundle", "The program trusts the roots that are compiled into it."
)
SSL_CERT_FILE_MISSING = Code(
    "SSL_CERT_FILE_MISSING", "ca-bundle", "SSL_CERT_FILE names a file that does not exist."
)
SSL_CERT_DIR_MISSING = Code(
    "SSL_CERT_DIR_MISSING", "ca-bundle", "SSL_CERT_DIR names a directory that does not exist."
)
CA_ROOTS_EXPIRED = Code("CA_ROOTS_EXPIRED", "ca-bundle", "Some of the roots have expired.")
CA_ROOTS_NOT_YET_VALID = Code("CA_ROOTS_NOT_YET_VALID", "ca-bundle", "Some of the roots are not valid yet.")
CA_ROOTS_UNUSABLE = Code("CA_ROOTS_UNUSABLE", "ca-bundle", "Go loads some roots that cannot verify anything.")
CA_ROOTS_TOO_FEW = Code("CA_ROOTS_TOO_FEW", "ca-bundle", "There are fewer usable roots than required.")
EXTRA_ROOT_OK = Code("EXTRA_ROOT_OK", "ca-bundle", "All required roots are trusted here.")
CA_ROOTS_NOT_IN_BUNDLE = Code(
    "CA_ROOTS_NOT_IN_BUNDLE",
    "ca-bundle",
    "A root lies where the distribution makes its bundle from, and is not in the bundle.",
)
EXTRA_ROOT_MISSING = Code("EXTRA_ROOT_MISSING", "ca-bundle", "A required root is not in the bundle.")
EXTRA_ROOT_UNUSABLE = Code(
    "EXTRA_ROOT_UNUSABLE", "ca-bundle", "A required root is in the bundle but cannot verify anything."
)
EXTRA_ROOT_UNREADABLE = Code(
    "EXTRA_ROOT_UNREADABLE", "ca-bundle", "The file with the required roots cannot be read."
)

# --- ca-bundle: the handshake ---------------------------------------------------------

TLS_OK = Code("TLS_OK", "ca-bundle", "Go completes a TLS handshake with the endpoint.")
TLS_EXPIRED = Code("TLS_EXPIRED", "ca-bundle", "A certificate that the handshake needs has expired.")
TLS_NOT_YET_VALID = Code(
    "TLS_NOT_YET_VALID", "ca-bundle", "A certificate that the handshake needs is not valid yet."
)
TLS_WRONG_NAME = Code("TLS_WRONG_NAME", "ca-bundle", "The server's certificate is for other names.")
TLS_COMMON_NAME_ONLY = Code(
    "TLS_COMMON_NAME_ONLY", "ca-bundle", "The name is only in the Common Name, which Go ignores."
)
TLS_UNKNOWN_AUTHORITY = Code(
    "TLS_UNKNOWN_AUTHORITY", "ca-bundle", "The server's chain is not signed by any root here."
)
TLS_INTERMEDIATE_MISSING = Code(
    "TLS_INTERMEDIATE_MISSING",
    "ca-bundle",
    "The server does not send the intermediate certificate that links its own to a root.",
)
TLS_ISSUER_NOT_CA = Code(
    "TLS_ISSUER_NOT_CA", "ca-bundle", "A certificate in the chain is not a CA but issued another."
)
TLS_WRONG_SIGNATURE = Code(
    "TLS_WRONG_SIGNATURE", "ca-bundle", "A root or intermediate has the issuer's name but another key."
)
TLS_WEAK_SIGNATURE = Code("TLS_WEAK_SIGNATURE", "ca-bundle", "A certificate is signed with SHA-1 or MD5.")
TLS_WEAK_KEY = Code("TLS_WEAK_KEY", "ca-bundle", "An authority's key is too short or malformed.")
TLS_UNSUPPORTED_ALGORITHM = Code(
    "TLS_UNSUPPORTED_ALGORITHM",
    "ca-bundle",
    "A certificate is signed with an algorithm that Go does not support.",
)
TLS_CRITICAL_EXTENSION = Code(
    "TLS_CRITICAL_EXTENSION", "ca-bundle", "A certificate has a critical extension that Go does not know."
)
TLS_PATH_TOO_LONG = Code(
    "TLS_PATH_TOO_LONG", "ca-bundle", "The chain has more intermediates than a CA allows."
)
TLS_WRONG_USAGE = Code("TLS_WRONG_USAGE", "ca-bundle", "A certificate in the chain is not valid for servers.")
TLS_NAME_CONSTRAINT = Code(
    "TLS_NAME_CONSTRAINT", "ca-bundle", "A CA in the chain may not issue for such a name."
)
TLS_POLICY = Code("TLS_POLICY", "ca-bundle", "The chain violates the certificate policies that it requires.")
TLS_DISTRUSTED_KEY = Code(
    "TLS_DISTRUSTED_KEY", "ca-bundle", "The chain contains a key that Go distrusts explicitly."
)
TLS_TOO_MANY_SIGNATURES = Code(
    "TLS_TOO_MANY_SIGNATURES",
    "ca-bundle",
    "Too many authorities of one name: Go gives up after 100 signatures.",
)
TLS_SIGNATURE_UNCHECKED = Code("TLS_SIGNATURE_UNCHECKED", "ca-bundle", "A signature cannot be checked here.")
TLS_NO_ENDPOINT = Code(
    "TLS_NO_ENDPOINT", "ca-bundle", "No endpoint is configured, so no handshake was attempted."
)
TLS_NOT_ASKED = Code("TLS_NOT_ASKED", "ca-bundle", "This role does no handshakes.")
TLS_NO_ROOTS = Code("TLS_NO_ROOTS", "ca-bundle", "There are no trusted roots at all.")
TLS_CERTIFICATE_REFUSED = Code(
    "TLS_CERTIFICATE_REFUSED", "ca-bundle", "Go cannot read a certificate that the server sends."
)
TLS_KEY_TOO_LARGE = Code(
    "TLS_KEY_TOO_LARGE", "ca-bundle", "A certificate in the chain has an RSA key above Go's size limit."
)
TLS_KEY_UNSUPPORTED = Code(
    "TLS_KEY_UNSUPPORTED", "ca-bundle", "The server's key type is not supported by Go."
)
TLS_FIPS_CHAIN = Code(
    "TLS_FIPS_CHAIN", "ca-bundle", "No chain complies with FIPS 140, which the program requires."
)
TLS_EXPIRES_SOON = Code(
    "TLS_EXPIRES_SOON", "ca-bundle", "A certificate that the handshake needs expires soon."
)
TLS_OPENSSL_REFUSES = Code(
    "TLS_OPENSSL_REFUSES", "ca-bundle", "Go accepts the server, clients that use OpenSSL do not."
)
TLS_STRICT_CLIENTS_REFUSE = Code(
    "TLS_STRICT_CLIENTS_REFUSE",
    "ca-bundle",
    "Go accepts the server, clients that are strict about X.509 do not.",
)
TLS_HOST_NOT_FOUND = Code("TLS_HOST_NOT_FOUND", "ca-bundle", "The name has no address.")
TLS_RESOLVER_FAILED = Code("TLS_RESOLVER_FAILED", "ca-bundle", "The name servers fail or do not answer.")
TLS_RESOLVER_EDNS0 = Code(
    "TLS_RESOLVER_EDNS0", "ca-bundle", "The name servers answer the C library, and not Go's own resolver."
)
TLS_RESOLVER_TIMEOUT = Code("TLS_RESOLVER_TIMEOUT", "ca-bundle", "The name was not resolved in time.")
TLS_CONNECTION_REFUSED = Code("TLS_CONNECTION_REFUSED", "ca-bundle", "Nothing listens on the port.")
TLS_UNREACHABLE = Code("TLS_UNREACHABLE", "ca-bundle", "There is no route to the address.")
TLS_CONNECT_TIMEOUT = Code("TLS_CONNECT_TIMEOUT", "ca-bundle", "The connection was not accepted in time.")
TLS_CONNECTION_RESET = Code(
    "TLS_CONNECTION_RESET", "ca-bundle", "The connection was reset during the handshake."
)
TLS_CLOSED = Code("TLS_CLOSED", "ca-bundle", "The server closed the connection during the handshake.")
TLS_HANDSHAKE_TIMEOUT = Code("TLS_HANDSHAKE_TIMEOUT", "ca-bundle", "The handshake was not finished in time.")
TLS_NOT_TLS = Code("TLS_NOT_TLS", "ca-bundle", "The port answers, but not with TLS.")
TLS_PROTOCOL_VERSION = Code("TLS_PROTOCOL_VERSION", "ca-bundle", "The server speaks neither TLS 1.2 nor 1.3.")
TLS_HANDSHAKE_FAILURE = Code(
    "TLS_HANDSHAKE_FAILURE", "ca-bundle", "Server and client have no cipher suite or key exchange in common."
)
TLS_UNRECOGNIZED_NAME = Code("TLS_UNRECOGNIZED_NAME", "ca-bundle", "The server does not serve that name.")
TLS_CLIENT_CERTIFICATE_REQUIRED = Code(
    "TLS_CLIENT_CERTIFICATE_REQUIRED", "ca-bundle", "The server requires a client certificate."
)
TLS_GO_OFFER_REFUSED = Code(
    "TLS_GO_OFFER_REFUSED", "ca-bundle", "The handshake succeeds with OpenSSL's offer, but not with Go's."
)
TLS_FIPS_MASTER_SECRET = Code(
    "TLS_FIPS_MASTER_SECRET", "ca-bundle", "The server lacks Extended Master Secret, which FIPS 140 requires."
)
TLS_FIPS_ONLY = Code(
    "TLS_FIPS_ONLY", "ca-bundle", "In FIPS 140-only mode this Go release cannot begin a TLS handshake."
)
TLS_OPENSSL_CANNOT_FOLLOW = Code(
    "TLS_OPENSSL_CANNOT_FOLLOW", "ca-bundle", "The server accepts Go's offer; OpenSSL here cannot continue."
)
TLS_GO_OFFER_TOO_SMALL = Code(
    "TLS_GO_OFFER_TOO_SMALL",
    "ca-bundle",
    "The server accepts only what another setting or release of Go offers.",
)
TLS_HELLO_BLOCKED = Code(
    "TLS_HELLO_BLOCKED", "ca-bundle", "Something on the path blocks a part of Go's ClientHello."
)
TLS_LARGE_HELLO_DROPPED = Code(
    "TLS_LARGE_HELLO_DROPPED", "ca-bundle", "Something on the path drops Go's large ClientHello."
)
TLS_TOO_MUCH_DATA = Code("TLS_TOO_MUCH_DATA", "ca-bundle", "The server sends more data than a handshake may.")
TLS_ALERT = Code("TLS_ALERT", "ca-bundle", "The server ended the handshake with an alert.")
TLS_PROTOCOL_ERROR = Code(
    "TLS_PROTOCOL_ERROR", "ca-bundle", "The handshake failed in OpenSSL; Go might succeed."
)
TLS_SOCKET_ERROR = Code("TLS_SOCKET_ERROR", "ca-bundle", "No socket could be opened here.")
TLS_PROXY_UNREACHABLE = Code("TLS_PROXY_UNREACHABLE", "ca-bundle", "The proxy cannot be reached.")
TLS_PROXY_TIMEOUT = Code("TLS_PROXY_TIMEOUT", "ca-bundle", "The proxy did not connect in time.")
TLS_PROXY_AUTHENTICATION = Code(
    "TLS_PROXY_AUTHENTICATION", "ca-bundle", "The proxy requires other credentials."
)
TLS_PROXY_REFUSED = Code("TLS_PROXY_REFUSED", "ca-bundle", "The proxy does not connect to the endpoint.")
TLS_PROXY_UNTRUSTED = Code(
    "TLS_PROXY_UNTRUSTED", "ca-bundle", "Go does not trust the certificate of the proxy itself."
)
TLS_FALLBACK_ROOTS = Code(
    "TLS_FALLBACK_ROOTS",
    "ca-bundle",
    "The program trusts roots that are compiled into it and cannot be seen.",
)
TLS_GO_OFFER_UNKNOWN = Code(
    "TLS_GO_OFFER_UNKNOWN", "ca-bundle", "The server did not answer Go's own ClientHello."
)

# --- timezone -------------------------------------------------------------------------

TIMEZONE_OK = Code("TIMEZONE_OK", "timezone", "time.Local is the expected zone, or a valid one.")
TIMEZONE_NOT_EXPECTED = Code(
    "TIMEZONE_NOT_EXPECTED", "timezone", "time.Local is another zone than the expected one."
)
TIMEZONE_OTHER_NAME = Code(
    "TIMEZONE_OTHER_NAME", "timezone", "Another zone is set, with the same rules in these years."
)
TIMEZONE_EXPECTED_UNKNOWN = Code(
    "TIMEZONE_EXPECTED_UNKNOWN", "timezone", "The configuration expects a zone that does not exist."
)
TIMEZONE_UTC_BY_DEFAULT = Code(
    "TIMEZONE_UTC_BY_DEFAULT", "timezone", "No zone is configured, so Go uses UTC."
)
TIMEZONE_LOCALTIME_MISSING = Code(
    "TIMEZONE_LOCALTIME_MISSING", "timezone", "No zone is configured, but one is expected."
)
TIMEZONE_FILE_MISSING = Code("TIMEZONE_FILE_MISSING", "timezone", "The file that TZ names does not exist.")
TIMEZONE_LINK_DANGLING = Code("TIMEZONE_LINK_DANGLING", "timezone", "The link to the zone file is dangling.")
TIMEZONE_LINK_LOOP = Code("TIMEZONE_LINK_LOOP", "timezone", "The link to the zone file is a loop.")
TIMEZONE_FILE_UNREADABLE = Code(
    "TIMEZONE_FILE_UNREADABLE", "timezone", "The user may not read the zone file."
)
TIMEZONE_FILE_DIRECTORY = Code(
    "TIMEZONE_FILE_DIRECTORY", "timezone", "The path of the zone file is a directory."
)
TIMEZONE_FILE_BLOCKS = Code(
    "TIMEZONE_FILE_BLOCKS", "timezone", "The zone file is a FIFO, on which Go blocks for ever."
)
TIMEZONE_FILE_SPECIAL = Code("TIMEZONE_FILE_SPECIAL", "timezone", "The zone file is a device or socket.")
TIMEZONE_FILE_TOO_LARGE = Code(
    "TIMEZONE_FILE_TOO_LARGE", "timezone", "The zone file holds more than Go reads."
)
TIMEZONE_FILE_EMPTY = Code("TIMEZONE_FILE_EMPTY", "timezone", "The zone file is empty.")
TIMEZONE_NOT_TZIF = Code("TIMEZONE_NOT_TZIF", "timezone", "The file is not a zone file.")
TIMEZONE_TRUNCATED = Code("TIMEZONE_TRUNCATED", "timezone", "The zone file ends early.")
TIMEZONE_VERSION = Code("TIMEZONE_VERSION", "timezone", "The zone file has a version that Go does not read.")
TIMEZONE_CORRUPT = Code("TIMEZONE_CORRUPT", "timezone", "The zone file is inconsistent.")
TIMEZONE_RULE_DROPPED = Code(
    "TIMEZONE_RULE_DROPPED", "timezone", "Go drops the zone file's rule because of how the file ends."
)
TIMEZONE_RULE_MISSING = Code(
    "TIMEZONE_RULE_MISSING", "timezone", "The zone file has no rule for the time after its table."
)
TIMEZONE_V1_ONLY = Code("TIMEZONE_V1_ONLY", "timezone", "The zone file has format version 1, without a rule.")
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
    "TIMEZONE_ONLY_IN_GOROOT", "timezone", "The zone is only in the Go tree, which few programs search."
)
TIMEZONE_NAME_UNKNOWN = Code("TIMEZONE_NAME_UNKNOWN", "timezone", "TZ names a zone that does not exist.")
TIMEZONE_NAME_CASE = Code(
    "TIMEZONE_NAME_CASE", "timezone", "TZ differs from a zone name in upper and lower case."
)
TIMEZONE_POSIX_STRING = Code(
    "TIMEZONE_POSIX_STRING", "timezone", "TZ is a POSIX rule, which Go does not read."
)
TIMEZONE_TZ_BLANK = Code("TIMEZONE_TZ_BLANK", "timezone", "TZ has a leading or trailing space or newline.")
TIMEZONE_TZ_QUOTED = Code("TIMEZONE_TZ_QUOTED", "timezone", "TZ has quotes in its value.")
TIMEZONE_TZ_COLONS = Code("TIMEZONE_TZ_COLONS", "timezone", "TZ begins with more than one colon.")
TIMEZONE_TZ_DIRECTORY = Code(
    "TIMEZONE_TZ_DIRECTORY", "timezone", "TZ names a directory of zones, not a zone."
)
TIMEZONE_TZ_EMPTY = Code("TIMEZONE_TZ_EMPTY", "timezone", "TZ is empty, which hides /etc/localtime.")
TIMEZONE_TZ_OVERRIDES = Code(
    "TIMEZONE_TZ_OVERRIDES", "timezone", "TZ overrides a different /etc/localtime, as intended."
)
TIMEZONE_LOCATIONS_FOUND = Code(
    "TIMEZONE_LOCATIONS_FOUND", "timezone", "time.LoadLocation finds every zone that it must find."
)
TIMEZONE_LOCATION_MISSING = Code(
    "TIMEZONE_LOCATION_MISSING", "timezone", "time.LoadLocation does not find a zone that it must find."
)
TIMEZONE_DATA_HIDDEN = Code(
    "TIMEZONE_DATA_HIDDEN", "timezone", "Whether the program embeds the zone cannot be determined."
)
TIMEZONE_TZ_DISAGREES = Code(
    "TIMEZONE_TZ_DISAGREES", "timezone", "TZ and /etc/localtime are different zones."
)

# --- image ----------------------------------------------------------------------------

IMAGE_LAYERS_OK = Code("IMAGE_LAYERS_OK", "image", "The image has no more layers than the policy allows.")
IMAGE_LAYERS_TOO_MANY = Code(
    "IMAGE_LAYERS_TOO_MANY", "image", "The image has more layers than the policy allows."
)
IMAGE_LAYERS_UNKNOWN = Code("IMAGE_LAYERS_UNKNOWN", "image", "Only an image archive shows its layers.")
IMAGE_BINARY_OK = Code(
    "IMAGE_BINARY_OK", "image", "The program that the image starts complies with the policy."
)
IMAGE_BINARY_TOO_LARGE = Code(
    "IMAGE_BINARY_TOO_LARGE", "image", "The program is larger than the policy allows."
)
IMAGE_BINARY_DYNAMIC = Code(
    "IMAGE_BINARY_DYNAMIC", "image", "The program is not static, as the policy requires."
)
IMAGE_BINARY_UNKNOWN = Code(
    "IMAGE_BINARY_UNKNOWN", "image", "The program that the image starts cannot be read."
)

# --- permissions ----------------------------------------------------------------------

PERMISSION_OK = Code("PERMISSION_OK", "permissions", "The user has the permissions that are needed.")
PERMISSION_NO_SEARCH = Code(
    "PERMISSION_NO_SEARCH", "permissions", "A parent directory has no search permission for this user."
)
PERMISSION_MODE = Code(
    "PERMISSION_MODE", "permissions", "Owner and mode do not grant the user what is needed."
)
PERMISSION_NOT_IN_GROUP = Code(
    "PERMISSION_NOT_IN_GROUP", "permissions", "Only a group that the user is not in has access."
)
PERMISSION_GROUP_NOT_IN_EFFECT = Code(
    "PERMISSION_GROUP_NOT_IN_EFFECT",
    "permissions",
    "The user is in the group by /etc/group, but the process does not have it.",
)
PERMISSION_ACL_MASK = Code(
    "PERMISSION_ACL_MASK", "permissions", "The mask of the ACL restricts the entry that grants access."
)
PERMISSION_ACL_ENTRY = Code(
    "PERMISSION_ACL_ENTRY",
    "permissions",
    "An entry of an access list decides for the user, and is not enough.",
)
PERMISSION_ACL_NO_DEFAULT = Code(
    "PERMISSION_ACL_NO_DEFAULT",
    "permissions",
    "A directory has an access list but no default list, so what is created in it is not accessible.",
)
PERMISSION_STICKY_LINK = Code(
    "PERMISSION_STICKY_LINK",
    "permissions",
    "A link in a sticky directory that belongs to another user is not followed.",
)
PERMISSION_NOT_A_DIRECTORY = Code(
    "PERMISSION_NOT_A_DIRECTORY", "permissions", "A path component is not a directory, or a loop of links."
)
PERMISSION_MISSING = Code(
    "PERMISSION_MISSING", "permissions", "A directory is missing and will not be created."
)
PERMISSION_GOBIN_MISSING = Code(
    "PERMISSION_GOBIN_MISSING", "permissions", "GOBIN is missing, and go install may not create it."
)
PERMISSION_NO_PLACE = Code(
    "PERMISSION_NO_PLACE", "permissions", "A directory of the go command has no usable path."
)
PERMISSION_READ_ONLY = Code(
    "PERMISSION_READ_ONLY", "permissions", "A directory that must be writable is mounted read-only."
)
PERMISSION_NOEXEC = Code(
    "PERMISSION_NOEXEC", "permissions", "A directory that programs are started from is mounted with noexec."
)
PERMISSION_FULL = Code("PERMISSION_FULL", "permissions", "The file system has no space left for this user.")
PERMISSION_NO_INODES = Code(
    "PERMISSION_NO_INODES", "permissions", "The file system has no inode left for this user."
)
PERMISSION_UMASK = Code(
    "PERMISSION_UMASK", "permissions", "The umask removes the group's write permission from new files."
)
PERMISSION_KERNEL_REFUSES = Code(
    "PERMISSION_KERNEL_REFUSES", "permissions", "The kernel refuses what modes and ACLs allow."
)
PERMISSION_TOUCH_FAILED = Code(
    "PERMISSION_TOUCH_FAILED", "permissions", "Creating and deleting a file failed."
)
PERMISSION_TOUCH_ELSEWHERE = Code(
    "PERMISSION_TOUCH_ELSEWHERE",
    "permissions",
    "Nothing is ever written to another target than this container.",
)
PERMISSION_UNKNOWN = Code(
    "PERMISSION_UNKNOWN", "permissions", "The user's permissions could not be determined."
)

# --- linkage --------------------------------------------------------------------------

LINKAGE_OK = Code(
    "LINKAGE_OK", "linkage", "The program can be loaded here, and its linkage complies with the policy."
)
LINKAGE_PROGRAM_MISSING = Code("LINKAGE_PROGRAM_MISSING", "linkage", "The program to start does not exist.")
LINKAGE_NO_PROGRAM = Code(
    "LINKAGE_NO_PROGRAM", "linkage", "The file to start is not a program that this kernel can execute."
)
LINKAGE_INTERPRETER_MISSING = Code(
    "LINKAGE_INTERPRETER_MISSING", "linkage", "The interpreter of a script is missing."
)
LINKAGE_NOT_EXECUTABLE = Code(
    "LINKAGE_NOT_EXECUTABLE", "linkage", "The program exists, but this user may not execute it."
)
LINKAGE_ARCHITECTURE = Code(
    "LINKAGE_ARCHITECTURE", "linkage", "The program is built for another architecture."
)
LINKAGE_LOADER_MISSING = Code(
    "LINKAGE_LOADER_MISSING",
    "linkage",
    "The program exists, but the dynamic loader that it needs does not.",
)
LINKAGE_OTHER_LIBC = Code(
    "LINKAGE_OTHER_LIBC", "linkage", "The program is linked to another C library than this image has."
)
LINKAGE_LOADER_UNUSABLE = Code(
    "LINKAGE_LOADER_UNUSABLE", "linkage", "The dynamic loader exists, but cannot be executed."
)
LINKAGE_TRUNCATED = Code("LINKAGE_TRUNCATED", "linkage", "The end of the program is missing.")
LINKAGE_LIBRARY_MISSING = Code(
    "LINKAGE_LIBRARY_MISSING", "linkage", "The dynamic loader does not find a library that the program needs."
)
LINKAGE_VERSION_MISSING = Code(
    "LINKAGE_VERSION_MISSING",
    "linkage",
    "A library here is older than the one that the program was linked to.",
)
LINKAGE_FORM = Code(
    "LINKAGE_FORM", "linkage", "The program is static or dynamic, and the policy requires the other."
)
LINKAGE_CGO = Code(
    "LINKAGE_CGO", "linkage", "The program was built with another CGO_ENABLED than the policy requires."
)
LINKAGE_TOO_LARGE = Code("LINKAGE_TOO_LARGE", "linkage", "The program is larger than the policy allows.")
LINKAGE_NOT_STRIPPED = Code(
    "LINKAGE_NOT_STRIPPED", "linkage", "The program holds symbols or debug information, against the policy."
)
LINKAGE_STRIPPED = Code("LINKAGE_STRIPPED", "linkage", "The program holds no symbols, against the policy.")
LINKAGE_UNKNOWN = Code(
    "LINKAGE_UNKNOWN", "linkage", "Whether the program can be loaded could not be determined."
)
# --- pinned ---------------------------------------------------------------------------

PINNED_NOTHING = Code("PINNED_NOTHING", "pinned", "The check is enabled, but nothing is pinned.")
PINNED_VERSION_OK = Code("PINNED_VERSION_OK", "pinned", "The version file has the expected version.")
PINNED_VERSION_MISMATCH = Code(
    "PINNED_VERSION_MISMATCH", "pinned", "The version file has another version than expected."
)
PINNED_VERSION_MISSING = Code("PINNED_VERSION_MISSING", "pinned", "There is no version file.")
PINNED_VERSION_UNREADABLE = Code(
    "PINNED_VERSION_UNREADABLE", "pinned", "The version file cannot be read, or is not a regular file."
)
PINNED_VERSION_TOO_LARGE = Code(
    "PINNED_VERSION_TOO_LARGE", "pinned", "The version file holds more than a version."
)
PINNED_VERSION_EMPTY = Code("PINNED_VERSION_EMPTY", "pinned", "The version file is empty.")
PINNED_VERSION_BOM = Code("PINNED_VERSION_BOM", "pinned", "The version file begins with a byte order mark.")
PINNED_VERSION_LINES = Code("PINNED_VERSION_LINES", "pinned", "The version file has several lines.")
PINNED_VERSION_NOT_TEXT = Code("PINNED_VERSION_NOT_TEXT", "pinned", "The version file is not text.")
PINNED_FILES_OK = Code("PINNED_FILES_OK", "pinned", "The files match their checksums.")
PINNED_FILE_MISMATCH = Code("PINNED_FILE_MISMATCH", "pinned", "A file does not match its checksum.")
PINNED_FILE_MISSING = Code("PINNED_FILE_MISSING", "pinned", "A pinned file does not exist.")
PINNED_FILE_SPECIAL = Code("PINNED_FILE_SPECIAL", "pinned", "A pinned file is a directory, FIFO or device.")
PINNED_FILE_UNREADABLE = Code("PINNED_FILE_UNREADABLE", "pinned", "A pinned file cannot be read.")
PINNED_FILE_TOO_LARGE = Code("PINNED_FILE_TOO_LARGE", "pinned", "A pinned file is larger than max_file_mb.")
PINNED_FILE_CHANGED = Code("PINNED_FILE_CHANGED", "pinned", "A pinned file changed while it was read.")
PINNED_FILES_MORE = Code(
    "PINNED_FILES_MORE", "pinned", "More files than are listed do not match their checksums."
)
PINNED_UNFINISHED = Code("PINNED_UNFINISHED", "pinned", "The deadline came before all files were hashed.")
PINNED_SUMS_MISSING = Code("PINNED_SUMS_MISSING", "pinned", "There is no checksum file.")
PINNED_SUMS_UNREADABLE = Code(
    "PINNED_SUMS_UNREADABLE", "pinned", "The checksum file cannot be read, or is not a regular file."
)
PINNED_SUMS_TOO_LARGE = Code(
    "PINNED_SUMS_TOO_LARGE", "pinned", "The checksum file is larger than probe reads."
)
PINNED_SUMS_EMPTY = Code("PINNED_SUMS_EMPTY", "pinned", "The checksum file names no file.")
PINNED_SUMS_MALFORMED = Code(
    "PINNED_SUMS_MALFORMED", "pinned", "The checksum file has lines that are not checksums."
)
PINNED_SIGNATURE_OK = Code(
    "PINNED_SIGNATURE_OK", "pinned", "The checksum file is signed by a key of the keyring."
)
PINNED_SIGNATURE_MISSING = Code(
    "PINNED_SIGNATURE_MISSING", "pinned", "The signature of the checksum file is not there."
)
PINNED_SIGNATURE_BAD = Code(
    "PINNED_SIGNATURE_BAD", "pinned", "The signature does not match the checksum file."
)
PINNED_SIGNATURE_NO_KEY = Code(
    "PINNED_SIGNATURE_NO_KEY", "pinned", "The checksum file is signed with a key that is not in the keyring."
)
PINNED_SIGNATURE_KEY_EXPIRED = Code(
    "PINNED_SIGNATURE_KEY_EXPIRED", "pinned", "The key that signed the checksum file has expired."
)
PINNED_SIGNATURE_KEY_REVOKED = Code(
    "PINNED_SIGNATURE_KEY_REVOKED", "pinned", "The key that signed the checksum file is revoked."
)
PINNED_SIGNATURE_EXPIRED = Code(
    "PINNED_SIGNATURE_EXPIRED", "pinned", "The signature of the checksum file has expired."
)
PINNED_SIGNATURE_UNREADABLE = Code(
    "PINNED_SIGNATURE_UNREADABLE", "pinned", "The signature cannot be read or checked."
)
PINNED_KEYRING_UNUSABLE = Code(
    "PINNED_KEYRING_UNUSABLE", "pinned", "The keyring cannot be read, or gpgv does not support its format."
)
PINNED_GPGV_MISSING = Code(
    "PINNED_GPGV_MISSING", "pinned", "gpgv, which verifies the signature, is not installed here."
)
PINNED_GPGV_FAILED = Code("PINNED_GPGV_FAILED", "pinned", "gpgv did not finish.")

# --- clock ----------------------------------------------------------------------------

CLOCK_SYNCHRONISED_OK = Code("CLOCK_SYNCHRONISED_OK", "clock", "The system clock is synchronised.")
CLOCK_UNSYNCHRONISED = Code("CLOCK_UNSYNCHRONISED", "clock", "The system clock is not synchronised (NTP).")
CLOCK_KERNEL_SILENT = Code(
    "CLOCK_KERNEL_SILENT", "clock", "Whether the system clock is synchronised cannot be determined."
)
CLOCK_AFTER_BUILD_OK = Code(
    "CLOCK_AFTER_BUILD_OK", "clock", "The clock is later than everything that was built before."
)
CLOCK_BEFORE_BUILD = Code(
    "CLOCK_BEFORE_BUILD", "clock", "The clock is earlier than the build of the program or toolchain."
)
CLOCK_BEFORE_ROOT = Code(
    "CLOCK_BEFORE_ROOT", "clock", "The clock is earlier than the start of validity of the newest root."
)
CLOCK_SERVER_OK = Code("CLOCK_SERVER_OK", "clock", "The clock agrees with a server.")
CLOCK_SKEWED = Code("CLOCK_SKEWED", "clock", "The clock disagrees with a server's Date.")
CLOCK_BEFORE_CERTIFICATE = Code(
    "CLOCK_BEFORE_CERTIFICATE", "clock", "The clock is earlier than the validity of a server's certificate."
)
CLOCK_AFTER_CERTIFICATE = Code(
    "CLOCK_AFTER_CERTIFICATE", "clock", "The clock is later than the validity of a server's certificate."
)
CLOCK_NO_DATE = Code("CLOCK_NO_DATE", "clock", "The server's answer has no Date.")
CLOCK_NOT_ASKED = Code("CLOCK_NOT_ASKED", "clock", "This role does not connect to servers.")
CLOCK_SERVER_UNTRUSTED = Code(
    "CLOCK_SERVER_UNTRUSTED", "clock", "The server is not trusted, so its time is not used."
)
CLOCK_SERVER_UNREACHABLE = Code("CLOCK_SERVER_UNREACHABLE", "clock", "The server could not be reached.")

# --- baseline -------------------------------------------------------------------------

BASELINE_OK = Code("BASELINE_OK", "baseline", "Everything matches the baseline.")
BASELINE_NOT_GIVEN = Code("BASELINE_NOT_GIVEN", "baseline", "The check is enabled without a baseline.")
BASELINE_UNUSABLE = Code("BASELINE_UNUSABLE", "baseline", "The baseline can no longer be read.")
BASELINE_UNKNOWN = Code("BASELINE_UNKNOWN", "baseline", "Something in the baseline cannot be compared now.")
BASELINE_GO = Code("BASELINE_GO", "baseline", "The go command differs from the baseline.")
BASELINE_PROGRAM = Code(
    "BASELINE_PROGRAM", "baseline", "The program was built by another Go than in the baseline."
)
BASELINE_FILE = Code("BASELINE_FILE", "baseline", "A file differs from the baseline.")
BASELINE_FILE_GONE = Code("BASELINE_FILE_GONE", "baseline", "A file of the baseline no longer exists.")
BASELINE_ROOTS = Code("BASELINE_ROOTS", "baseline", "Go trusts other roots than in the baseline.")
BASELINE_TIMEZONE = Code("BASELINE_TIMEZONE", "baseline", "time.Local is another zone than in the baseline.")
BASELINE_ENV = Code("BASELINE_ENV", "baseline", "A variable has another value than in the baseline.")

# --- downloads ------------------------------------------------------------------------

DOWNLOADS_OK = Code("DOWNLOADS_OK", "downloads", "The go command can download a module through GOPROXY.")
DOWNLOADS_NOT_ASKED = Code("DOWNLOADS_NOT_ASKED", "downloads", "This role does no downloads.")
DOWNLOADS_GOPROXY_REFUSED = Code(
    "DOWNLOADS_GOPROXY_REFUSED", "downloads", "The go command rejects the value of GOPROXY."
)
DOWNLOADS_GOPROXY_UNKNOWN = Code(
    "DOWNLOADS_GOPROXY_UNKNOWN", "downloads", "The go command's GOPROXY cannot be determined."
)
DOWNLOADS_OFF = Code("DOWNLOADS_OFF", "downloads", "GOPROXY forbids all downloads.")
DOWNLOADS_NOT_FOUND = Code("DOWNLOADS_NOT_FOUND", "downloads", "No entry of GOPROXY has the module.")
DOWNLOADS_FORBIDDEN = Code(
    "DOWNLOADS_FORBIDDEN", "downloads", "A proxy requires other credentials, which ends the download."
)
DOWNLOADS_CREDENTIALS_UNKNOWN = Code(
    "DOWNLOADS_CREDENTIALS_UNKNOWN",
    "downloads",
    "The credentials come from a program named by GOAUTH, which is not run.",
)
DOWNLOADS_RATE_LIMITED = Code(
    "DOWNLOADS_RATE_LIMITED", "downloads", "A proxy answers 429, which ends the download."
)
DOWNLOADS_SERVER_ERROR = Code(
    "DOWNLOADS_SERVER_ERROR", "downloads", "A proxy answers 5xx, which ends the download."
)
DOWNLOADS_BAD_ANSWER = Code(
    "DOWNLOADS_BAD_ANSWER", "downloads", "An entry of GOPROXY does not answer like a module proxy."
)
DOWNLOADS_REDIRECT = Code(
    "DOWNLOADS_REDIRECT", "downloads", "A proxy redirects in a way that the go command does not follow."
)
DOWNLOADS_UNREACHABLE = Code("DOWNLOADS_UNREACHABLE", "downloads", "An entry of GOPROXY does not answer.")
DOWNLOADS_UNTRUSTED = Code(
    "DOWNLOADS_UNTRUSTED", "downloads", "The go command does not trust the certificate of a proxy."
)
DOWNLOADS_DIRECT = Code(
    "DOWNLOADS_DIRECT", "downloads", "The module would be fetched from its origin, which is not tried."
)
DOWNLOADS_NO_VCS = Code(
    "DOWNLOADS_NO_VCS", "downloads", "The module is only at its origin, and git is not installed."
)
DOWNLOADS_RETRIED = Code("DOWNLOADS_RETRIED", "downloads", "The download succeeded only after a retry.")
DOWNLOADS_ENTRY_FAILS = Code(
    "DOWNLOADS_ENTRY_FAILS", "downloads", "An entry of GOPROXY fails, and a later one replaces it."
)

# --- limits ---------------------------------------------------------------------------

LIMITS_OK = Code("LIMITS_OK", "limits", "GOMEMLIMIT and GOMAXPROCS fit the limits of the container.")
LIMITS_GOMEMLIMIT_ABOVE = Code(
    "LIMITS_GOMEMLIMIT_ABOVE", "limits", "GOMEMLIMIT is above the memory that the container may use."
)
LIMITS_GOMEMLIMIT_NEAR = Code(
    "LIMITS_GOMEMLIMIT_NEAR", "limits", "GOMEMLIMIT leaves too little of the container's memory for the rest."
)
LIMITS_GOMAXPROCS_ABOVE = Code(
    "LIMITS_GOMAXPROCS_ABOVE", "limits", "GOMAXPROCS is above the container's CPU quota."
)
LIMITS_UNKNOWN = Code("LIMITS_UNKNOWN", "limits", "The limits of the container are not known.")

# --- offline --------------------------------------------------------------------------

OFFLINE_ENVIRONMENT_OK = Code(
    "OFFLINE_ENVIRONMENT_OK", "offline", "With the go command's environment builds need no network."
)
OFFLINE_ENVIRONMENT_UNKNOWN = Code(
    "OFFLINE_ENVIRONMENT_UNKNOWN", "offline", "A setting of the go command cannot be determined."
)
OFFLINE_OK = Code("OFFLINE_OK", "offline", "Every module that a build needs is here.")
OFFLINE_GOPROXY = Code("OFFLINE_GOPROXY", "offline", "GOPROXY fetches missing modules over the network.")
OFFLINE_PROXY_EMPTY = Code(
    "OFFLINE_PROXY_EMPTY", "offline", "The directory that GOPROXY names is missing or holds no module."
)
OFFLINE_PRIVATE = Code(
    "OFFLINE_PRIVATE", "offline", "Some modules bypass GOPROXY and are fetched from their origin."
)
OFFLINE_SUMDB = Code("OFFLINE_SUMDB", "offline", "Builds may change go.sum, unchecked or over the network.")
OFFLINE_NO_SOURCES = Code(
    "OFFLINE_NO_SOURCES", "offline", "The sources of the standard library are not in GOROOT."
)
OFFLINE_TOOLCHAIN = Code("OFFLINE_TOOLCHAIN", "offline", "The go command may download another toolchain.")
OFFLINE_GO_TOO_OLD = Code("OFFLINE_GO_TOO_OLD", "offline", "go.mod requires a newer Go than the one here.")
OFFLINE_NO_MODULE = Code("OFFLINE_NO_MODULE", "offline", "There is no go.mod where one is configured.")
OFFLINE_MODULE_MISSING = Code("OFFLINE_MODULE_MISSING", "offline", "A module that a build needs is not here.")
OFFLINE_SUM_MISSING = Code("OFFLINE_SUM_MISSING", "offline", "go.sum does not list a module that is needed.")
OFFLINE_SUM_MISMATCH = Code("OFFLINE_SUM_MISMATCH", "offline", "A module here does not match go.sum.")
OFFLINE_UNTIDY = Code("OFFLINE_UNTIDY", "offline", "go.mod does not list what the packages import.")
OFFLINE_VENDOR = Code("OFFLINE_VENDOR", "offline", "The vendor directory does not match go.mod.")
OFFLINE_GO_FAILED = Code("OFFLINE_GO_FAILED", "offline", "The go command refuses the module's packages.")
OFFLINE_NOT_TRIED = Code(
    "OFFLINE_NOT_TRIED", "offline", "Whether a build finds all packages cannot be determined here."
)
OFFLINE_LISTING_OK = Code("OFFLINE_LISTING_OK", "offline", "The tree holds the listed files, and no other.")
OFFLINE_LISTING_UNREADABLE = Code(
    "OFFLINE_LISTING_UNREADABLE", "offline", "The listing of the files that must be here cannot be read."
)
OFFLINE_LISTING_MISSING = Code("OFFLINE_LISTING_MISSING", "offline", "Files of the listing are not here.")
OFFLINE_LISTING_CHANGED = Code(
    "OFFLINE_LISTING_CHANGED", "offline", "Files hold something else than their digest in the listing."
)
OFFLINE_LISTING_EXTRA = Code(
    "OFFLINE_LISTING_EXTRA", "offline", "Files are here that are not in the listing."
)

# --- the agent ------------------------------------------------------------------------

AGENT_OK = Code("AGENT_OK", "agent", "The agent runs the checks on time.")
AGENT_NOT_RUN_YET = Code("AGENT_NOT_RUN_YET", "agent", "The agent has no verdict yet.")
AGENT_REPORT_STALE = Code("AGENT_REPORT_STALE", "agent", "The agent's last report is too old to be used.")
AGENT_RUN_TIMED_OUT = Code("AGENT_RUN_TIMED_OUT", "agent", "A run exceeded its deadline and was killed.")
AGENT_RUN_LOST = Code("AGENT_RUN_LOST", "agent", "A run ended without a report.")
AGENT_DRAINING = Code("AGENT_DRAINING", "agent", "The agent is shutting down.")
AGENT_NO_ANSWER = Code("AGENT_NO_ANSWER", "agent", "The agent runs but does not answer.")
WORKLOAD_OK = Code("WORKLOAD_OK", "agent", "The program beside the agent runs.")
WORKLOAD_GONE = Code("WORKLOAD_GONE", "agent", "The program beside the agent has ended or was not started.")
DETAILS_WITHHELD = Code(
    "DETAILS_WITHHELD", "agent", "Findings are not shown over the network, only the verdict."
)


CODES = {value.name: value for value in list(vars().values()) if isinstance(value, Code)}
