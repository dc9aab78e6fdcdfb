"""Places for roots, and what Go makes of them; tests/differential/test_roots.py asks it."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.golang.odd_certificates import ODD
from tests.support import der
from tests.support.worlds import DIRECTORY, FIFO, NULL, SOCKET, Content, File, Link, shut

DEBIAN = "/etc/ssl/certs/ca-certificates.crt"
ALPINE = "/etc/ssl/cert.pem"
CERTS = "/etc/ssl/certs"


def root(name: str, serial: int = 1) -> bytes:
    """The DER of a root of that name."""
    return der.certificate(subject=der.common_name(name), serial=der.integer(serial))


A, B, C, D = (der.pem(root(name)) for name in "ABCD")
ANOTHER_A = der.pem(root("A", 2))
TRUSTED = der.pem(root("T"), label="TRUSTED CERTIFICATE")
KEY = der.pem(b"secret", label="PRIVATE KEY")


class Case(NamedTuple):
    what: str
    world: Mapping[str, Content] = {}
    env: Mapping[str, str] = {}
    cwd: str = "/"
    uid: int | None = None
    blocks: bool = False
    debug: Mapping[str, str] = {}
    fallback: bytes = b""


NOWHERE = {"SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/nowhere"}
ONLY_FILE = {"SSL_CERT_FILE": "/x.pem", "SSL_CERT_DIR": "/nowhere"}
ONLY_DIRECTORY = {"SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/d"}

CASES = (
    Case("nothing"),
    Case("nothing at all that is named", env=NOWHERE),
    # --- the six files ---
    Case("Debian", {DEBIAN: A + B}),
    Case("RHEL", {"/etc/pki/tls/certs/ca-bundle.crt": A}),
    Case("SUSE", {"/etc/ssl/ca-bundle.pem": A}),
    Case("ELEC", {"/etc/pki/tls/cacert.pem": A}),
    Case(
        "RHEL extracted",
        {
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem": A,
            "/etc/pki/tls/certs/ca-bundle.crt": Link("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
        },
    ),
    Case("Alpine", {ALPINE: A}),
    Case("Alpine with a link", {DEBIAN: A, ALPINE: Link("certs/ca-certificates.crt")}),
    Case("the first one wins", {"/etc/ssl/ca-bundle.pem": A, "/etc/pki/tls/cacert.pem": B, ALPINE: C}),
    Case("an empty one wins", {"/etc/ssl/ca-bundle.pem": b"", ALPINE: A}),
    Case("junk wins", {"/etc/ssl/ca-bundle.pem": b"<html>404</html>", ALPINE: A}),
    Case("a directory does not win", {"/etc/ssl/ca-bundle.pem": DIRECTORY, ALPINE: A}),
    Case("a dangling link does not win", {"/etc/ssl/ca-bundle.pem": Link("/gone"), ALPINE: A}),
    Case("a loop does not win", {"/etc/ssl/ca-bundle.pem": Link("ca-bundle.pem"), ALPINE: A}),
    Case("a shut one does not win", {"/etc/ssl/ca-bundle.pem": File(B, 0o600), ALPINE: A}, uid=1000),
    Case("a socket does not win", {"/etc/ssl/ca-bundle.pem": SOCKET, ALPINE: A}),
    Case("/dev/null wins", {"/etc/ssl/ca-bundle.pem": NULL, ALPINE: A}),
    Case("a FIFO blocks", {"/etc/ssl/ca-bundle.pem": FIFO, ALPINE: A}, blocks=True),
    Case("a link to a FIFO blocks", {ALPINE: Link("/fifo"), "/fifo": FIFO}, blocks=True),
    Case("a shut FIFO does not block", {"/etc/ssl/ca-bundle.pem": shut(FIFO), ALPINE: A}, uid=1000),
    Case("a FIFO behind a good file", {"/etc/ssl/ca-bundle.pem": A, ALPINE: FIFO}),
    # --- errors ---
    Case("shut", {ALPINE: File(A, 0o600)}, uid=1000),
    Case("shut for the owner", {ALPINE: File(A, 0o044)}, uid=0),
    Case("a directory", {ALPINE: DIRECTORY}),
    Case("a shut directory", {ALPINE: shut(DIRECTORY)}, uid=1000),
    Case("a loop", {ALPINE: Link("cert.pem")}),
    Case("a long chain of links", {f"/l{n}": Link(f"l{n + 1}") for n in range(45)} | {ALPINE: Link("/l0")}),
    Case("a socket", {ALPINE: SOCKET}),
    Case("a shut socket", {ALPINE: shut(SOCKET)}, uid=1000),
    Case("/etc/ssl is a file", {"/etc/ssl": b""}),
    Case("/etc/ssl is shut", {"/etc/ssl": shut(DIRECTORY), "/etc/ssl/cert.pem": A}, uid=1000),
    Case("/etc is shut for all but root", {"/etc": shut(DIRECTORY, 0o700), ALPINE: A}, uid=1000),
    Case("two errors", {"/etc/ssl/ca-bundle.pem": DIRECTORY, ALPINE: Link("cert.pem")}),
    Case("an error and a root", {ALPINE: DIRECTORY, f"{CERTS}/a.pem": A}),
    Case("an error and junk", {ALPINE: DIRECTORY, f"{CERTS}/a.pem": b"junk"}),
    # --- directories ---
    Case("names of all kinds", {f"{CERTS}/{name}": A for name in (".a", "a.key", "a.txt", "a~", "\udcff")}),
    Case(
        "the order of names", {f"{CERTS}/{name}": pem for name, pem in zip("cBba", (A, B, C, D), strict=True)}
    ),
    Case("both directories", {f"{CERTS}/z": A, "/etc/pki/tls/certs/a": B}),
    Case("files come first", {ALPINE: B, f"{CERTS}/a": A}),
    Case("only a directory", {CERTS: DIRECTORY}),
    Case("a directory below", {f"{CERTS}/below/a.pem": A}),
    Case("a link beside", {f"{CERTS}/a.pem": A, f"{CERTS}/0.0": Link("a.pem")}),
    Case(
        "a link beside to what is elsewhere",
        {f"{CERTS}/0.0": Link("1.0"), f"{CERTS}/1.0": Link("/a"), "/a": A},
    ),
    Case("a link with a dot", {f"{CERTS}/below/a.pem": A, f"{CERTS}/0.0": Link("./below/a.pem")}),
    Case(
        "a link with a dot, beside",
        {f"{CERTS}/0.0": Link("./a.pem"), f"{CERTS}/a.pem": File(A, 0o600)},
        uid=1000,
    ),
    Case("a link away", {"/usr/a.crt": A, f"{CERTS}/a.pem": Link("/usr/a.crt")}),
    Case("a link upwards", {"/etc/a.crt": A, f"{CERTS}/a.pem": Link("../../a.crt")}),
    Case("a link beyond the root", {"/a.crt": A, f"{CERTS}/a.pem": Link("../../../../../a.crt")}),
    Case("a dangling link", {f"{CERTS}/a.pem": Link("/gone")}),
    Case("a link that loops", {f"{CERTS}/a.pem": Link("./a.pem")}),
    Case("a shut file in a directory", {f"{CERTS}/a.pem": File(A, 0o600), f"{CERTS}/b.pem": B}, uid=1000),
    Case("nothing but a shut file in a directory", {f"{CERTS}/a.pem": File(A, 0o600)}, uid=1000),
    Case("a FIFO in a directory", {ALPINE: A, f"{CERTS}/b": FIFO}, blocks=True),
    Case("a link beside to a FIFO", {"/f": FIFO, f"{CERTS}/b": Link("c")}),
    Case("a socket in a directory", {f"{CERTS}/a": A, f"{CERTS}/b": SOCKET}),
    Case("a shut directory of roots", {CERTS: shut(DIRECTORY), f"{CERTS}/a.pem": A}, uid=1000),
    Case("a directory without r", {CERTS: shut(DIRECTORY, 0o711), DEBIAN: A, f"{CERTS}/b.pem": B}, uid=1000),
    Case("a directory without x", {CERTS: shut(DIRECTORY, 0o744), DEBIAN: A, f"{CERTS}/b.pem": B}, uid=1000),
    Case("a shut directory and a root", {CERTS: shut(DIRECTORY), ALPINE: A}, uid=1000),
    Case("Android", {"/system/etc/security/cacerts/a.0": A}),
    # --- variables ---
    Case("a file that is named", {"/x.pem": A, ALPINE: B}, {"SSL_CERT_FILE": "/x.pem"}),
    Case("a file that is named, and a directory", {"/x.pem": A, DEBIAN: B}, {"SSL_CERT_FILE": "/x.pem"}),
    Case("a named file is missing", {DEBIAN: B}, {"SSL_CERT_FILE": "/nowhere"}),
    Case("a named file is missing on Alpine", {ALPINE: B}, {"SSL_CERT_FILE": "/nowhere"}),
    Case(
        "both named",
        {"/x.pem": A, "/d/b.pem": B, DEBIAN: C},
        {"SSL_CERT_FILE": "/x.pem", "SSL_CERT_DIR": "/d"},
    ),
    Case("named by empty values", {DEBIAN: A}, {"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""}),
    Case("a blank behind the name", {"/x.pem": A}, ONLY_FILE | {"SSL_CERT_FILE": "/x.pem "}),
    Case("a slash behind the name", {"/x.pem": A}, ONLY_FILE | {"SSL_CERT_FILE": "/x.pem/"}),
    Case("a list as the name of a file", {"/x.pem": A}, ONLY_FILE | {"SSL_CERT_FILE": "/x.pem:/x.pem"}),
    Case("a relative file", {"/w/x.pem": A}, ONLY_FILE | {"SSL_CERT_FILE": "x.pem"}, cwd="/w"),
    Case(
        "a relative file that is missing",
        {"/x.pem": A, "/w": DIRECTORY},
        ONLY_FILE | {"SSL_CERT_FILE": "x.pem"},
        cwd="/w",
    ),
    Case(
        "a file with dots",
        {"/x.pem": A, "/w": Link("/v/u"), "/v/u": DIRECTORY, "/v/x.pem": B},
        ONLY_FILE | {"SSL_CERT_FILE": "/w/../x.pem"},
    ),
    Case("the root as a file", env=ONLY_FILE | {"SSL_CERT_FILE": "/"}),
    Case("a name too long", env=ONLY_FILE | {"SSL_CERT_FILE": "/" + "x" * 300}),
    Case("a path too long", env=ONLY_FILE | {"SSL_CERT_FILE": "/x" * 2100}),
    Case("a name that is no UTF-8", {"/\udcff.pem": A}, ONLY_FILE | {"SSL_CERT_FILE": "/\udcff.pem"}),
    Case("a directory as a file", {"/x.pem/a": A}, ONLY_FILE),
    Case(
        "a list of directories", {"/a/a": A, "/b/b": B}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "/b:/a:/nowhere"}
    ),
    Case("semicolons", {"/a/a": A}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "/a;/a"}),
    Case("empty elements", {"/a": A, "/w/b": B}, ONLY_DIRECTORY | {"SSL_CERT_DIR": ":"}, cwd="/w"),
    Case("a relative directory", {"/w/d/a": A, "/d/b": B}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "d"}, cwd="/w"),
    Case("the working directory", {"/w/a": A}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "."}, cwd="/w"),
    Case("slashes", {"/d/a": A, "/d/b": Link("a")}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "//d//"}),
    Case("a directory by a link", {"/e/a": A, "/d": Link("e")}, ONLY_DIRECTORY),
    Case(
        "a directory with dots behind a link",
        {"/d": Link("/v/u"), "/v/u": DIRECTORY, "/v/a": A, "/a": B},
        ONLY_DIRECTORY | {"SSL_CERT_DIR": "/d/.."},
        blocks=False,
    ),
    Case(
        "links in a directory with dots behind a link",
        {"/d": Link("/v/u"), "/v/u": DIRECTORY, "/v/a": Link("b"), "/v/b": A, "/a": C},
        ONLY_DIRECTORY | {"SSL_CERT_DIR": "/d/.."},
    ),
    Case("a file as a directory", {"/d": A}, ONLY_DIRECTORY),
    Case("a shut file as a directory", {"/d": File(A, 0)}, ONLY_DIRECTORY, uid=1000),
    Case("/dev/null as a directory", {"/d": NULL}, ONLY_DIRECTORY),
    Case("a socket as a directory", {"/d": SOCKET}, ONLY_DIRECTORY),
    Case("a FIFO as a directory", {"/d": shut(FIFO, 0)}, ONLY_DIRECTORY, uid=1000),
    Case("a loop as a directory", {"/d": Link("d")}, ONLY_DIRECTORY),
    Case("a directory below a file", {"/x": b""}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "/x/y"}),
    Case("the same directory twice", {"/d/a": A, "/d/b": B}, ONLY_DIRECTORY | {"SSL_CERT_DIR": "/d:/d"}),
    # --- what the files hold ---
    Case("the same root twice", {"/x.pem": A + B + A}, ONLY_FILE),
    Case("two of one name", {"/x.pem": A + ANOTHER_A}, ONLY_FILE),
    Case("a byte order mark", {"/x.pem": b"\xef\xbb\xbf" + A + B}, ONLY_FILE),
    Case("carriage returns", {"/x.pem": der.pem(root("A"), end="\r\n")}, ONLY_FILE),
    Case("glued", {"/x.pem": A[:-1] + B + C}, ONLY_FILE),
    Case("truncated", {"/x.pem": A + B[:-40]}, ONLY_FILE),
    Case("keys and trusted certificates", {"/x.pem": KEY + TRUSTED + A}, ONLY_FILE),
    Case("headers", {"/x.pem": A.replace(b"-----\n", b"-----\nX: y\n\n", 1) + B}, ONLY_FILE),
    Case("UTF-16", {"/x.pem": A.decode().encode("utf-16")}, ONLY_FILE),
    Case("DER", {"/x.pem": root("A")}, ONLY_FILE),
    Case("odd certificates", {"/x.pem": b"".join(der.pem(odd.data) for odd in ODD.values())}, ONLY_FILE),
    Case(
        "negative serials by setting",
        {"/x.pem": der.pem(ODD["serial negative"].data)},
        ONLY_FILE,
        debug={"x509negativeserial": "1"},
    ),
    # --- roots that the program brings along ---
    Case("fallback, nothing else", fallback=D),
    Case("fallback, an empty bundle", {ALPINE: b""}, fallback=D),
    Case("fallback, an error", {ALPINE: DIRECTORY}, fallback=D),
    Case("fallback, one root", {ALPINE: A}, fallback=D),
    Case("fallback, one root of no use", {ALPINE: der.pem(ODD["expired"].data)}, fallback=D),
    Case("fallback preferred", {ALPINE: A}, fallback=D, debug={"x509usefallbackroots": "1"}),
    Case("fallback preferred, but there is none", {ALPINE: A}, debug={"x509usefallbackroots": "1"}),
)
