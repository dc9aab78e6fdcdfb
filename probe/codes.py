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
    "SYSCALL_REFUSED", "*", "A seccomp profile refuses a system call that programs of Go or we need."
)
THREADS_LIMITED = Code("THREADS_LIMITED", "*", "Too few threads can be started here.")
ROLE_WITHOUT_CHECKS = Code("ROLE_WITHOUT_CHECKS", "*", "The configuration gives this role no check to run.")
NOTHING_CHECKED = Code("NOTHING_CHECKED", "*", "No check was left to run, so nothing is known.")

# --- the target -----------------------------------------------------------------------

TARGET_NOT_FOUND = Code("TARGET_NOT_FOUND", "target", "There is no such process, directory or image.")
TARGET_AMBIGUOUS = Code("TARGET_AMBIGUOUS", "target", "Several processes have the name that was asked for.")
TARGET_PERMISSION = Code("TARGET_PERMISSION", "target", "We are not allowed to look at the target.")
TARGET_GONE = Code("TARGET_GONE", "target", "The process ended while it was looked at.")
TARGET_CONFIG = Code("TARGET_CONFIG", "target", "The target's own configuration cannot be used.")
TARGET_USER_UNKNOWN = Code("TARGET_USER_UNKNOWN", "target", "The target has no user or group of that name.")
IMAGE_INVALID = Code(
    "IMAGE_INVALID", "target", "The file is no image archive, or its parts do not fit together."
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
GO_OUT_OF_SUPPORT = Code(
    "GO_OUT_OF_SUPPORT", "go-version", "This release of Go gets no security fixes any more."
)
GO_UNRELEASED = Code("GO_UNRELEASED", "go-version", "This Go is a pre-release or a development tree.")
GO_VERSION_UNREADABLE = Code(
    "GO_VERSION_UNREADABLE", "go-version", "This Go does not tell which release it is."
)
GO_NOT_FOUND = Code("GO_NOT_FOUND", "go-version", "There is no Go here that could be judged.")
GO_NOT_IN_PATH = Code(
    "GO_NOT_IN_PATH", "go-version", "The go command is there, but PATH does not lead to it."
)
GO_NOT_EXECUTABLE = Code("GO_NOT_EXECUTABLE", "go-version", "The program is there, but may not be executed.")
GO_NOT_A_PROGRAM = Code("GO_NOT_A_PROGRAM", "go-version", "The file named go is not an executable program.")
GO_WRONG_ARCHITECTURE = Code(
    "GO_WRONG_ARCHITECTURE", "go-version", "The program is built for another kind of processor."
)
GO_LOADER_MISSING = Code(
    "GO_LOADER_MISSING", "go-version", "The program is there, but the dynamic loader that it needs is not."
)
GO_BUILD_IMPOSSIBLE = Code("GO_BUILD_IMPOSSIBLE", "go-version", "A setting stops every build.")
GO_MODULE_NEWER = Code(
    "GO_MODULE_NEWER", "go-version", "The module of the working directory wants another Go than this one."
)
GO_LOADER_UNUSABLE = Code(
    "GO_LOADER_UNUSABLE", "go-version", "The dynamic loader of the program is there, but cannot be executed."
)
GO_LIBRARY_MISSING = Code("GO_LIBRARY_MISSING", "go-version", "A library of the program is missing.")
GO_LIBRARY_TOO_OLD = Code(
    "GO_LIBRARY_TOO_OLD", "go-version", "A library is older than the one that the program was linked to."
)
GO_TRUNCATED = Code("GO_TRUNCATED", "go-version", "The end of the program is missing.")
GO_CAPABILITIES_REFUSED = Code(
    "GO_CAPABILITIES_REFUSED", "go-version", "The program has file capabilities that cannot be given here."
)
GO_PROCESSOR_LEVEL = Code(
    "GO_PROCESSOR_LEVEL", "go-version", "The program is built for a newer processor than this one."
)
GO_ADDRESS_SPACE = Code(
    "GO_ADDRESS_SPACE", "go-version", "The limit of the address space is too low for programs of Go."
)
GOMAXPROCS_FATAL = Code(
    "GOMAXPROCS_FATAL", "go-version", "GOMAXPROCS is so large that programs of Go do not get to main."
)
GO_INTERPRETER_MISSING = Code(
    "GO_INTERPRETER_MISSING", "go-version", "What is called go is a script whose interpreter is not there."
)
GO_START_FAILED = Code(
    "GO_START_FAILED", "go-version", "The go command could not be started: out of processes or memory."
)
GO_HUNG = Code("GO_HUNG", "go-version", "`go version` did not end in time.")
GO_KILLED = Code("GO_KILLED", "go-version", "`go version` was ended by a signal.")
GO_FAILED = Code("GO_FAILED", "go-version", "`go version` ended with an error.")
GO_OUTPUT_UNEXPECTED = Code(
    "GO_OUTPUT_UNEXPECTED", "go-version", "`go version` printed something else than a version."
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
    "GODEBUG_FATAL", "go-version", "A setting in GODEBUG ends every program of this Go at its start."
)
GOMEMLIMIT_FATAL = Code(
    "GOMEMLIMIT_FATAL", "go-version", "GOMEMLIMIT is malformed and ends every Go program at its start."
)
GO_BINARY_MISSING = Code("GO_BINARY_MISSING", "go-version", "The program to be judged is not there.")
GO_BINARY_UNREADABLE = Code("GO_BINARY_UNREADABLE", "go-version", "The program to be judged cannot be read.")
GO_BINARY_NOT_GO = Code("GO_BINARY_NOT_GO", "go-version", "The program to be judged is no Go program.")
GO_BUILD_INFO_MISSING = Code("GO_BUILD_INFO_MISSING", "go-version", "The Go binary has no build info.")

# --- go-env ---------------------------------------------------------------------------

GO_ENV_OK = Code("GO_ENV_OK", "go-env", "The go command's environment keeps the policy.")
GO_ENV_NO_TOOLCHAIN = Code(
    "GO_ENV_NO_TOOLCHAIN",
    "go-env",
    "There is no go command here: what is set was judged, and keeps the policy.",
)
GO_ENV_NO_POLICY = Code("GO_ENV_NO_POLICY", "go-env", "The configuration asks nothing of any variable.")
CGO_IS_ENABLED = Code(
    "CGO_IS_ENABLED", "go-env", "Programs are built with cgo, where CGO_ENABLED=0 is wanted."
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
    "GOFLAGS_UNUSABLE", "go-env", "GOFLAGS holds what every go command but `go env` refuses."
)
GOROOT_WITHOUT_TREE = Code(
    "GOROOT_WITHOUT_TREE", "go-env", "GOROOT was set to a place without a Go tree, and its go.env is missed."
)
GO_PACKAGES_UNREACHABLE = Code(
    "GO_PACKAGES_UNREACHABLE", "go-env", "GOROOT, GOPATH and GOPROXY together leave no way to find a package."
)
GO_ENV_VALUE = Code("GO_ENV_VALUE", "go-env", "A variable has a value that the policy does not allow.")
GO_ENV_LIST = Code(
    "GO_ENV_LIST", "go-env", "A list lacks an entry that the policy demands, or holds a forbidden one."
)
GO_ENV_UNSET = Code("GO_ENV_UNSET", "go-env", "A variable is empty that the policy wants to be set.")
GO_ENV_SET = Code("GO_ENV_SET", "go-env", "A variable is set that the policy wants to be left alone.")
GO_ENV_NO_DIRECTORY = Code("GO_ENV_NO_DIRECTORY", "go-env", "A directory that a variable names is not there.")
GO_ENV_NOT_WRITABLE = Code(
    "GO_ENV_NOT_WRITABLE", "go-env", "A directory that a variable names can be neither written nor made."
)
GO_ENV_UNKNOWN = Code(
    "GO_ENV_UNKNOWN", "go-env", "The value of a variable cannot be told, and so not judged."
)
GO_ENV_DISAGREES = Code(
    "GO_ENV_DISAGREES", "go-env", "The go command prints another value than its files and variables explain."
)
GO_ENV_FILE_BLOCKS = Code(
    "GO_ENV_FILE_BLOCKS", "go-env", "A file of settings is a FIFO or a device: every go command waits there."
)
GO_ENV_FILE_TOO_LARGE = Code(
    "GO_ENV_FILE_TOO_LARGE", "go-env", "A file of settings is too large to be looked at."
)
GO_ENV_NOT_STARTED = Code("GO_ENV_NOT_STARTED", "go-env", "The go command could not be started.")
GO_ENV_FAILED = Code("GO_ENV_FAILED", "go-env", "`go env` ended with an error of its own.")
GO_ENV_GODEBUG = Code(
    "GO_ENV_GODEBUG", "go-env", "A setting in GODEBUG ends the go command before it begins."
)
GO_ENV_HUNG = Code("GO_ENV_HUNG", "go-env", "`go env` did not end in time.")
GO_ENV_GARBLED = Code("GO_ENV_GARBLED", "go-env", "`go env -json` printed something else than the variables.")

# --- ca-bundle: the roots -------------------------------------------------------------

CA_BUNDLE_OK = Code("CA_BUNDLE_OK", "ca-bundle", "Go finds roots here that can verify servers.")
CA_BUNDLE_MISSING = Code("CA_BUNDLE_MISSING", "ca-bundle", "No CA bundle is in any place where Go looks.")
CA_BUNDLE_HIDDEN = Code(
    "CA_BUNDLE_HIDDEN", "ca-bundle", "A mount without a bundle hides what the image has in its place."
)
CA_BUNDLE_ONLY_DIRECTORY = Code(
    "CA_BUNDLE_ONLY_DIRECTORY", "ca-bundle", "The directory for certificates is there, and no root in it."
)
CA_BUNDLE_DANGLING_LINK = Code(
    "CA_BUNDLE_DANGLING_LINK", "ca-bundle", "The bundle is a link to a file that does not exist."
)
CA_BUNDLE_LINK_LOOP = Code(
    "CA_BUNDLE_LINK_LOOP", "ca-bundle", "The bundle is a link that leads back to itself."
)
CA_BUNDLE_IS_DIRECTORY = Code(
    "CA_BUNDLE_IS_DIRECTORY", "ca-bundle", "A directory stands where the bundle should be."
)
CA_BUNDLE_FIFO = Code("CA_BUNDLE_FIFO", "ca-bundle", "The bundle is a FIFO, on which Go waits for ever.")
CA_BUNDLE_DEVICE = Code("CA_BUNDLE_DEVICE", "ca-bundle", "The bundle is a device, which Go reads for ever.")
CA_BUNDLE_UNREADABLE = Code(
    "CA_BUNDLE_UNREADABLE", "ca-bundle", "The user that Go runs as may not read the bundle."
)
CA_BUNDLE_NOT_OPENED = Code(
    "CA_BUNDLE_NOT_OPENED", "ca-bundle", "The bundle cannot be read, by an error of the system."
)
CA_BUNDLE_TOO_LARGE = Code(
    "CA_BUNDLE_TOO_LARGE", "ca-bundle", "There is more in the bundle or its directories than is looked at."
)
CA_BUNDLE_EMPTY = Code("CA_BUNDLE_EMPTY", "ca-bundle", "The bundle that Go reads is an empty file.")
CA_BUNDLE_TRUNCATED = Code(
    "CA_BUNDLE_TRUNCATED", "ca-bundle", "The bundle breaks off in the middle of a certificate."
)
CA_BUNDLE_DER = Code("CA_BUNDLE_DER", "ca-bundle", "The bundle is in DER, and Go reads nothing but PEM.")
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
    "CA_BUNDLE_SKIPPED_BLOCKS", "ca-bundle", "Go passes over certificates in the bundle without a word."
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
CA_ROOTS_UNUSABLE = Code(
    "CA_ROOTS_UNUSABLE", "ca-bundle", "Go loads some of the roots and can never verify anything with them."
)
CA_ROOTS_TOO_FEW = Code(
    "CA_ROOTS_TOO_FEW", "ca-bundle", "Fewer roots can verify a server than there have to be."
)
EXTRA_ROOT_OK = Code("EXTRA_ROOT_OK", "ca-bundle", "The roots that must be trusted here are.")
EXTRA_ROOT_MISSING = Code(
    "EXTRA_ROOT_MISSING", "ca-bundle", "A root that must be trusted here is not in the bundle."
)
EXTRA_ROOT_UNUSABLE = Code(
    "EXTRA_ROOT_UNUSABLE", "ca-bundle", "A required root is in the bundle but cannot verify anything."
)
EXTRA_ROOT_UNREADABLE = Code(
    "EXTRA_ROOT_UNREADABLE", "ca-bundle", "The file of the roots that must be trusted cannot be read."
)

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
TLS_NO_ENDPOINT = Code("TLS_NO_ENDPOINT", "ca-bundle", "No endpoint is named, so no handshake was tried.")
TLS_NOT_ASKED = Code("TLS_NOT_ASKED", "ca-bundle", "The role leaves the handshakes out.")
TLS_NO_ROOTS = Code("TLS_NO_ROOTS", "ca-bundle", "There is no root at all to trust the server with.")
TLS_CERTIFICATE_REFUSED = Code(
    "TLS_CERTIFICATE_REFUSED", "ca-bundle", "Go cannot read a certificate that the server sends."
)
TLS_KEY_TOO_LARGE = Code(
    "TLS_KEY_TOO_LARGE", "ca-bundle", "A certificate in the chain holds an RSA key that Go finds too large."
)
TLS_KEY_UNSUPPORTED = Code(
    "TLS_KEY_UNSUPPORTED", "ca-bundle", "The server's key is of a kind that Go does not take."
)
TLS_FIPS_CHAIN = Code("TLS_FIPS_CHAIN", "ca-bundle", "No chain keeps to FIPS 140, which the program demands.")
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
TLS_RESOLVER_FAILED = Code("TLS_RESOLVER_FAILED", "ca-bundle", "The name servers do not answer, or fail.")
TLS_RESOLVER_TIMEOUT = Code("TLS_RESOLVER_TIMEOUT", "ca-bundle", "The name was not resolved in time.")
TLS_CONNECTION_REFUSED = Code("TLS_CONNECTION_REFUSED", "ca-bundle", "Nothing listens on the port.")
TLS_UNREACHABLE = Code("TLS_UNREACHABLE", "ca-bundle", "There is no way to the address.")
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
    "TLS_CLIENT_CERTIFICATE_REQUIRED", "ca-bundle", "The server wants a certificate from the client."
)
TLS_GO_OFFER_REFUSED = Code(
    "TLS_GO_OFFER_REFUSED", "ca-bundle", "The server shakes hands with OpenSSL, not with what Go offers."
)
TLS_FIPS_MASTER_SECRET = Code(
    "TLS_FIPS_MASTER_SECRET", "ca-bundle", "The server lacks Extended Master Secret, which FIPS 140 demands."
)
TLS_FIPS_ONLY = Code(
    "TLS_FIPS_ONLY", "ca-bundle", "In FIPS 140-only mode this Go release cannot begin a TLS handshake."
)
TLS_OPENSSL_CANNOT_FOLLOW = Code(
    "TLS_OPENSSL_CANNOT_FOLLOW", "ca-bundle", "The server takes Go's offer; OpenSSL here cannot follow."
)
TLS_GO_OFFER_TOO_SMALL = Code(
    "TLS_GO_OFFER_TOO_SMALL", "ca-bundle", "The server takes what another setting or release of Go offers."
)
TLS_HELLO_BLOCKED = Code(
    "TLS_HELLO_BLOCKED", "ca-bundle", "Something on the path blocks a part of Go's ClientHello."
)
TLS_LARGE_HELLO_DROPPED = Code(
    "TLS_LARGE_HELLO_DROPPED", "ca-bundle", "Something on the path drops Go's large ClientHello."
)
TLS_TOO_MUCH_DATA = Code("TLS_TOO_MUCH_DATA", "ca-bundle", "The server sends more than a handshake needs.")
TLS_ALERT = Code("TLS_ALERT", "ca-bundle", "The server ended the handshake with an alert.")
TLS_PROTOCOL_ERROR = Code(
    "TLS_PROTOCOL_ERROR", "ca-bundle", "The handshake failed in OpenSSL; Go might succeed."
)
TLS_SOCKET_ERROR = Code("TLS_SOCKET_ERROR", "ca-bundle", "No connection could be tried from here.")
TLS_PROXY_UNREACHABLE = Code("TLS_PROXY_UNREACHABLE", "ca-bundle", "The proxy cannot be reached.")
TLS_PROXY_TIMEOUT = Code("TLS_PROXY_TIMEOUT", "ca-bundle", "The proxy did not connect in time.")
TLS_PROXY_AUTHENTICATION = Code("TLS_PROXY_AUTHENTICATION", "ca-bundle", "The proxy wants other credentials.")
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
    "TLS_GO_OFFER_UNKNOWN", "ca-bundle", "The server gave no answer to what Go offers."
)

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
TIMEZONE_LOCATIONS_FOUND = Code(
    "TIMEZONE_LOCATIONS_FOUND", "timezone", "time.LoadLocation finds every zone that it must find."
)
TIMEZONE_LOCATION_MISSING = Code(
    "TIMEZONE_LOCATION_MISSING", "timezone", "time.LoadLocation does not find a zone that it must find."
)
TIMEZONE_DATA_HIDDEN = Code(
    "TIMEZONE_DATA_HIDDEN", "timezone", "Whether the program holds the zone itself cannot be told."
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
    "IMAGE_BINARY_OK", "image", "The program that the image starts is as the policy wants it."
)
IMAGE_BINARY_TOO_LARGE = Code(
    "IMAGE_BINARY_TOO_LARGE", "image", "The program is larger than the policy allows."
)
IMAGE_BINARY_DYNAMIC = Code(
    "IMAGE_BINARY_DYNAMIC", "image", "The program is not static, as the policy wants it."
)
IMAGE_BINARY_UNKNOWN = Code(
    "IMAGE_BINARY_UNKNOWN", "image", "The program that the image starts cannot be read."
)

# --- permissions ----------------------------------------------------------------------

PERMISSION_OK = Code("PERMISSION_OK", "permissions", "The user may do there what is needed.")
PERMISSION_NO_SEARCH = Code(
    "PERMISSION_NO_SEARCH", "permissions", "A directory on the way may not be searched by this user."
)
PERMISSION_MODE = Code(
    "PERMISSION_MODE", "permissions", "Owner and mode do not give the user what is needed."
)
PERMISSION_NOT_IN_GROUP = Code(
    "PERMISSION_NOT_IN_GROUP", "permissions", "A group that the user does not belong to would do."
)
PERMISSION_GROUP_NOT_IN_EFFECT = Code(
    "PERMISSION_GROUP_NOT_IN_EFFECT",
    "permissions",
    "The user is in the group by /etc/group, but the process has not got it.",
)
PERMISSION_ACL_MASK = Code(
    "PERMISSION_ACL_MASK", "permissions", "The mask of an access list cuts the entry that would do."
)
PERMISSION_ACL_ENTRY = Code(
    "PERMISSION_ACL_ENTRY",
    "permissions",
    "An entry of an access list decides for the user, and is not enough.",
)
PERMISSION_ACL_NO_DEFAULT = Code(
    "PERMISSION_ACL_NO_DEFAULT",
    "permissions",
    "A directory has an access list but no default list, so what is made in it is closed.",
)
PERMISSION_STICKY_LINK = Code(
    "PERMISSION_STICKY_LINK", "permissions", "A link of somebody else in a shared directory is not followed."
)
PERMISSION_NOT_A_DIRECTORY = Code(
    "PERMISSION_NOT_A_DIRECTORY", "permissions", "Something on the way is no directory, or a loop of links."
)
PERMISSION_MISSING = Code(
    "PERMISSION_MISSING", "permissions", "A directory is missing and nobody will make it."
)
PERMISSION_GOBIN_MISSING = Code(
    "PERMISSION_GOBIN_MISSING", "permissions", "GOBIN is missing, and go install may not make it."
)
PERMISSION_NO_PLACE = Code(
    "PERMISSION_NO_PLACE", "permissions", "A directory of the go command has no usable path."
)
PERMISSION_READ_ONLY = Code(
    "PERMISSION_READ_ONLY", "permissions", "What must be written to is mounted read-only."
)
PERMISSION_NOEXEC = Code(
    "PERMISSION_NOEXEC", "permissions", "What programs are started from is mounted with noexec."
)
PERMISSION_FULL = Code("PERMISSION_FULL", "permissions", "The file system has no space left for this user.")
PERMISSION_NO_INODES = Code(
    "PERMISSION_NO_INODES", "permissions", "The file system has no inode left for this user."
)
PERMISSION_UMASK = Code(
    "PERMISSION_UMASK", "permissions", "The umask takes the group's right to write from new files."
)
PERMISSION_KERNEL_REFUSES = Code(
    "PERMISSION_KERNEL_REFUSES", "permissions", "The kernel refuses what modes and access lists allow."
)
PERMISSION_TOUCH_FAILED = Code(
    "PERMISSION_TOUCH_FAILED", "permissions", "Making a file and deleting it again failed."
)
PERMISSION_TOUCH_ELSEWHERE = Code(
    "PERMISSION_TOUCH_ELSEWHERE",
    "permissions",
    "Nothing is ever written to another target than this container.",
)
PERMISSION_UNKNOWN = Code(
    "PERMISSION_UNKNOWN", "permissions", "Whether the user may use it could not be found out."
)

# --- linkage --------------------------------------------------------------------------

LINKAGE_OK = Code(
    "LINKAGE_OK", "linkage", "The program can be loaded here, and is linked as the policy wants it."
)
LINKAGE_PROGRAM_MISSING = Code(
    "LINKAGE_PROGRAM_MISSING", "linkage", "The program that is to be started is not there."
)
LINKAGE_NO_PROGRAM = Code(
    "LINKAGE_NO_PROGRAM", "linkage", "What is to be started is no program that this kernel executes."
)
LINKAGE_INTERPRETER_MISSING = Code(
    "LINKAGE_INTERPRETER_MISSING", "linkage", "A script asks for an interpreter that is not there."
)
LINKAGE_NOT_EXECUTABLE = Code(
    "LINKAGE_NOT_EXECUTABLE", "linkage", "The program is there, but this user may not execute it."
)
LINKAGE_ARCHITECTURE = Code(
    "LINKAGE_ARCHITECTURE", "linkage", "The program is for another processor than the one that is wanted."
)
LINKAGE_LOADER_MISSING = Code(
    "LINKAGE_LOADER_MISSING",
    "linkage",
    "The program is there, but the dynamic loader that it asks for is not.",
)
LINKAGE_OTHER_LIBC = Code(
    "LINKAGE_OTHER_LIBC", "linkage", "The program is linked to another C library than this image has."
)
LINKAGE_LOADER_UNUSABLE = Code(
    "LINKAGE_LOADER_UNUSABLE", "linkage", "The dynamic loader is there, but cannot be executed."
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
    "LINKAGE_FORM", "linkage", "The program is static or dynamic, and the policy wants the other."
)
LINKAGE_CGO = Code(
    "LINKAGE_CGO", "linkage", "The program was built with another CGO_ENABLED than the policy wants."
)
LINKAGE_TOO_LARGE = Code("LINKAGE_TOO_LARGE", "linkage", "The program is larger than the policy allows.")
LINKAGE_NOT_STRIPPED = Code(
    "LINKAGE_NOT_STRIPPED", "linkage", "The program holds symbols or debug information, against the policy."
)
LINKAGE_STRIPPED = Code("LINKAGE_STRIPPED", "linkage", "The program holds no symbols, against the policy.")
LINKAGE_UNKNOWN = Code(
    "LINKAGE_UNKNOWN", "linkage", "Whether the program can be loaded could not be found out."
)
# --- pinned ---------------------------------------------------------------------------

PINNED_NOTHING = Code("PINNED_NOTHING", "pinned", "The check runs, and nothing is pinned.")
PINNED_VERSION_OK = Code("PINNED_VERSION_OK", "pinned", "The version file says what was expected.")
PINNED_VERSION_MISMATCH = Code(
    "PINNED_VERSION_MISMATCH", "pinned", "The version file says another version than was expected."
)
PINNED_VERSION_MISSING = Code("PINNED_VERSION_MISSING", "pinned", "There is no version file.")
PINNED_VERSION_UNREADABLE = Code(
    "PINNED_VERSION_UNREADABLE", "pinned", "The version file cannot be read, or is no file."
)
PINNED_VERSION_TOO_LARGE = Code(
    "PINNED_VERSION_TOO_LARGE", "pinned", "The version file holds more than a version."
)
PINNED_VERSION_EMPTY = Code("PINNED_VERSION_EMPTY", "pinned", "The version file is empty.")
PINNED_VERSION_BOM = Code("PINNED_VERSION_BOM", "pinned", "The version file begins with a byte order mark.")
PINNED_VERSION_LINES = Code("PINNED_VERSION_LINES", "pinned", "The version file has several lines.")
PINNED_VERSION_NOT_TEXT = Code("PINNED_VERSION_NOT_TEXT", "pinned", "The version file is no text.")
PINNED_FILES_OK = Code("PINNED_FILES_OK", "pinned", "The files hold what was promised.")
PINNED_FILE_MISMATCH = Code(
    "PINNED_FILE_MISMATCH", "pinned", "A file holds something else than was promised."
)
PINNED_FILE_MISSING = Code("PINNED_FILE_MISSING", "pinned", "A file that was promised is not there.")
PINNED_FILE_SPECIAL = Code(
    "PINNED_FILE_SPECIAL", "pinned", "A directory, FIFO or device stands in a file's place."
)
PINNED_FILE_UNREADABLE = Code("PINNED_FILE_UNREADABLE", "pinned", "A file cannot be read.")
PINNED_FILE_TOO_LARGE = Code("PINNED_FILE_TOO_LARGE", "pinned", "A file is larger than is read.")
PINNED_FILE_CHANGED = Code("PINNED_FILE_CHANGED", "pinned", "A file changed while it was read.")
PINNED_FILES_MORE = Code(
    "PINNED_FILES_MORE", "pinned", "More files than are named are not what was promised."
)
PINNED_UNFINISHED = Code("PINNED_UNFINISHED", "pinned", "The time was up before all files were hashed.")
PINNED_SUMS_MISSING = Code("PINNED_SUMS_MISSING", "pinned", "There is no checksum file.")
PINNED_SUMS_UNREADABLE = Code(
    "PINNED_SUMS_UNREADABLE", "pinned", "The checksum file cannot be read, or is no file."
)
PINNED_SUMS_TOO_LARGE = Code("PINNED_SUMS_TOO_LARGE", "pinned", "The checksum file holds more than is read.")
PINNED_SUMS_EMPTY = Code("PINNED_SUMS_EMPTY", "pinned", "The checksum file names no file.")
PINNED_SUMS_MALFORMED = Code(
    "PINNED_SUMS_MALFORMED", "pinned", "The checksum file holds lines that are no sums."
)
PINNED_SIGNATURE_OK = Code(
    "PINNED_SIGNATURE_OK", "pinned", "The checksum file is signed by a key of the keyring."
)
PINNED_SIGNATURE_MISSING = Code(
    "PINNED_SIGNATURE_MISSING", "pinned", "The signature of the checksum file is not there."
)
PINNED_SIGNATURE_BAD = Code("PINNED_SIGNATURE_BAD", "pinned", "The signature is not of this checksum file.")
PINNED_SIGNATURE_NO_KEY = Code(
    "PINNED_SIGNATURE_NO_KEY", "pinned", "The checksum file is signed by a key that the keyring lacks."
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
    "PINNED_KEYRING_UNUSABLE", "pinned", "The keyring cannot be read, or is none that gpgv reads."
)
PINNED_GPGV_MISSING = Code(
    "PINNED_GPGV_MISSING", "pinned", "There is no gpgv here to verify the signature with."
)
PINNED_GPGV_FAILED = Code("PINNED_GPGV_FAILED", "pinned", "gpgv did not run to its end.")

# --- clock ----------------------------------------------------------------------------

CLOCK_SYNCHRONISED_OK = Code("CLOCK_SYNCHRONISED_OK", "clock", "The kernel's clock is synchronised.")
CLOCK_UNSYNCHRONISED = Code("CLOCK_UNSYNCHRONISED", "clock", "Nobody disciplines the kernel's clock.")
CLOCK_KERNEL_SILENT = Code(
    "CLOCK_KERNEL_SILENT", "clock", "The kernel does not say whether its clock is synchronised."
)
CLOCK_AFTER_BUILD_OK = Code(
    "CLOCK_AFTER_BUILD_OK", "clock", "The clock shows a time after all that was made before."
)
CLOCK_BEFORE_BUILD = Code(
    "CLOCK_BEFORE_BUILD", "clock", "The clock shows a time before the program or toolchain was made."
)
CLOCK_BEFORE_ROOT = Code(
    "CLOCK_BEFORE_ROOT", "clock", "The clock shows a time before the newest root becomes valid."
)
CLOCK_SERVER_OK = Code("CLOCK_SERVER_OK", "clock", "The clock agrees with a server.")
CLOCK_SKEWED = Code("CLOCK_SKEWED", "clock", "The clock disagrees with a server's Date.")
CLOCK_BEFORE_CERTIFICATE = Code(
    "CLOCK_BEFORE_CERTIFICATE", "clock", "The clock shows a time before a server's certificate."
)
CLOCK_AFTER_CERTIFICATE = Code(
    "CLOCK_AFTER_CERTIFICATE", "clock", "The clock shows a time after a server's certificate."
)
CLOCK_NO_DATE = Code("CLOCK_NO_DATE", "clock", "The server tells no time.")
CLOCK_NOT_ASKED = Code("CLOCK_NOT_ASKED", "clock", "The role leaves the servers out.")
CLOCK_SERVER_UNTRUSTED = Code(
    "CLOCK_SERVER_UNTRUSTED", "clock", "The server is not trusted, so its time is not either."
)
CLOCK_SERVER_UNREACHABLE = Code("CLOCK_SERVER_UNREACHABLE", "clock", "The server could not be asked.")

# --- baseline -------------------------------------------------------------------------

BASELINE_OK = Code("BASELINE_OK", "baseline", "All is as the baseline has it.")
BASELINE_NOT_GIVEN = Code("BASELINE_NOT_GIVEN", "baseline", "The check runs without a baseline.")
BASELINE_UNUSABLE = Code("BASELINE_UNUSABLE", "baseline", "The baseline can no longer be read.")
BASELINE_UNKNOWN = Code("BASELINE_UNKNOWN", "baseline", "What the baseline names cannot be looked at now.")
BASELINE_GO = Code("BASELINE_GO", "baseline", "The go command is another one than in the baseline.")
BASELINE_PROGRAM = Code(
    "BASELINE_PROGRAM", "baseline", "The program was built by another Go than in the baseline."
)
BASELINE_FILE = Code("BASELINE_FILE", "baseline", "A file holds something else than in the baseline.")
BASELINE_FILE_GONE = Code("BASELINE_FILE_GONE", "baseline", "A file of the baseline is not there any more.")
BASELINE_ROOTS = Code("BASELINE_ROOTS", "baseline", "Go trusts other roots than in the baseline.")
BASELINE_TIMEZONE = Code("BASELINE_TIMEZONE", "baseline", "time.Local is another zone than in the baseline.")
BASELINE_ENV = Code("BASELINE_ENV", "baseline", "A variable has another value than in the baseline.")

# --- downloads ------------------------------------------------------------------------

DOWNLOADS_OK = Code("DOWNLOADS_OK", "downloads", "The go command gets the files of a module along GOPROXY.")
DOWNLOADS_NOT_ASKED = Code("DOWNLOADS_NOT_ASKED", "downloads", "The role leaves the downloads out.")
DOWNLOADS_GOPROXY_REFUSED = Code(
    "DOWNLOADS_GOPROXY_REFUSED", "downloads", "The go command does not take GOPROXY as it is written."
)
DOWNLOADS_GOPROXY_UNKNOWN = Code(
    "DOWNLOADS_GOPROXY_UNKNOWN", "downloads", "Nothing here tells which GOPROXY the go command has."
)
DOWNLOADS_OFF = Code("DOWNLOADS_OFF", "downloads", "GOPROXY keeps the go command from downloading anything.")
DOWNLOADS_NOT_FOUND = Code("DOWNLOADS_NOT_FOUND", "downloads", "No entry of GOPROXY has the module.")
DOWNLOADS_FORBIDDEN = Code(
    "DOWNLOADS_FORBIDDEN", "downloads", "A proxy wants other credentials, which ends the download."
)
DOWNLOADS_CREDENTIALS_UNKNOWN = Code(
    "DOWNLOADS_CREDENTIALS_UNKNOWN", "downloads", "A program that GOAUTH names decides about the credentials."
)
DOWNLOADS_RATE_LIMITED = Code(
    "DOWNLOADS_RATE_LIMITED", "downloads", "A proxy answers 429, which ends the download."
)
DOWNLOADS_SERVER_ERROR = Code(
    "DOWNLOADS_SERVER_ERROR", "downloads", "A proxy answers 5xx, which ends the download."
)
DOWNLOADS_BAD_ANSWER = Code(
    "DOWNLOADS_BAD_ANSWER", "downloads", "An entry of GOPROXY answers with what no module proxy says."
)
DOWNLOADS_REDIRECT = Code(
    "DOWNLOADS_REDIRECT", "downloads", "A proxy redirects to where the go command does not go."
)
DOWNLOADS_UNREACHABLE = Code("DOWNLOADS_UNREACHABLE", "downloads", "An entry of GOPROXY gives no answer.")
DOWNLOADS_UNTRUSTED = Code(
    "DOWNLOADS_UNTRUSTED", "downloads", "The go command does not trust the certificate of a proxy."
)
DOWNLOADS_DIRECT = Code(
    "DOWNLOADS_DIRECT", "downloads", "The module would be fetched from its origin, which is not tried."
)
DOWNLOADS_NO_VCS = Code(
    "DOWNLOADS_NO_VCS", "downloads", "Only its origin has the module, and no version control program is here."
)
DOWNLOADS_RETRIED = Code(
    "DOWNLOADS_RETRIED", "downloads", "The download succeeded only when it was tried again."
)
DOWNLOADS_ENTRY_FAILS = Code(
    "DOWNLOADS_ENTRY_FAILS", "downloads", "An entry of GOPROXY fails, and another one stands in for it."
)

# --- limits ---------------------------------------------------------------------------

LIMITS_OK = Code("LIMITS_OK", "limits", "GOMEMLIMIT and GOMAXPROCS fit the limits of the container.")
LIMITS_GOMEMLIMIT_ABOVE = Code(
    "LIMITS_GOMEMLIMIT_ABOVE", "limits", "GOMEMLIMIT is above the memory that the container may use."
)
LIMITS_GOMEMLIMIT_NEAR = Code(
    "LIMITS_GOMEMLIMIT_NEAR", "limits", "GOMEMLIMIT leaves too little of the container's memory."
)
LIMITS_GOMAXPROCS_ABOVE = Code(
    "LIMITS_GOMAXPROCS_ABOVE", "limits", "GOMAXPROCS is more than the container's CPU quota pays for."
)
LIMITS_UNKNOWN = Code("LIMITS_UNKNOWN", "limits", "The limits of the container are not known.")

# --- offline --------------------------------------------------------------------------

OFFLINE_ENVIRONMENT_OK = Code(
    "OFFLINE_ENVIRONMENT_OK", "offline", "The go command's environment sends no build to the network."
)
OFFLINE_ENVIRONMENT_UNKNOWN = Code(
    "OFFLINE_ENVIRONMENT_UNKNOWN", "offline", "Nothing here tells a setting of the go command."
)
OFFLINE_OK = Code("OFFLINE_OK", "offline", "Every module that a build needs is here.")
OFFLINE_GOPROXY = Code("OFFLINE_GOPROXY", "offline", "GOPROXY sends what is missing here to the network.")
OFFLINE_PROXY_EMPTY = Code(
    "OFFLINE_PROXY_EMPTY", "offline", "The directory that GOPROXY names is missing or holds no module."
)
OFFLINE_PRIVATE = Code("OFFLINE_PRIVATE", "offline", "Some modules go past GOPROXY to their origin.")
OFFLINE_SUMDB = Code("OFFLINE_SUMDB", "offline", "Builds may change go.sum, unchecked or over the network.")
OFFLINE_NO_SOURCES = Code(
    "OFFLINE_NO_SOURCES", "offline", "The sources of the standard library are not in GOROOT."
)
OFFLINE_TOOLCHAIN = Code("OFFLINE_TOOLCHAIN", "offline", "The go command may download another toolchain.")
OFFLINE_GO_TOO_OLD = Code("OFFLINE_GO_TOO_OLD", "offline", "go.mod asks for a newer Go than the one here.")
OFFLINE_NO_MODULE = Code("OFFLINE_NO_MODULE", "offline", "There is no go.mod where one is configured.")
OFFLINE_MODULE_MISSING = Code("OFFLINE_MODULE_MISSING", "offline", "A module that a build needs is not here.")
OFFLINE_SUM_MISSING = Code("OFFLINE_SUM_MISSING", "offline", "go.sum does not list a module that is needed.")
OFFLINE_SUM_MISMATCH = Code("OFFLINE_SUM_MISMATCH", "offline", "A module here is not what go.sum says.")
OFFLINE_UNTIDY = Code("OFFLINE_UNTIDY", "offline", "go.mod does not list what the packages import.")
OFFLINE_VENDOR = Code("OFFLINE_VENDOR", "offline", "The vendor directory is not what go.mod asks for.")
OFFLINE_GO_FAILED = Code("OFFLINE_GO_FAILED", "offline", "The go command refuses the module's packages.")
OFFLINE_NOT_TRIED = Code(
    "OFFLINE_NOT_TRIED", "offline", "Whether a build finds all packages cannot be told here."
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
AGENT_REPORT_STALE = Code("AGENT_REPORT_STALE", "agent", "The agent's last report is too old to count.")
AGENT_RUN_TIMED_OUT = Code("AGENT_RUN_TIMED_OUT", "agent", "A run overstayed its deadline and was killed.")
AGENT_RUN_LOST = Code("AGENT_RUN_LOST", "agent", "A run ended without a report.")
AGENT_DRAINING = Code("AGENT_DRAINING", "agent", "The agent was asked to end.")
AGENT_NO_ANSWER = Code("AGENT_NO_ANSWER", "agent", "The agent is there and does not answer.")
WORKLOAD_OK = Code("WORKLOAD_OK", "agent", "The program beside the agent runs.")
WORKLOAD_GONE = Code("WORKLOAD_GONE", "agent", "The program beside the agent has ended or was not started.")
DETAILS_WITHHELD = Code(
    "DETAILS_WITHHELD", "agent", "What was found is not told over the network, only how it went."
)


CODES = {value.name: value for value in list(vars().values()) if isinstance(value, Code)}
