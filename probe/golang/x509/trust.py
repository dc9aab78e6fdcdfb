"""
Which roots a Go program trusts: the files and directories it reads, in its order, by its rules.

Sources: crypto/x509/root.go:loadOnDiskRoots (1.27), root_unix.go:loadSystemRoots (before),
root_linux.go for the places, cert_pool.go:AppendCertsFromPEM.
"""

from __future__ import annotations

import errno
from itertools import islice

from probe.formats import pem
from probe.golang import backports, filepath
from probe.golang.release import Go
from probe.golang.x509 import public_roots
from probe.golang.x509.certificate_fields import Certificate, Refusal
from probe.lightweight import NamedTuple, Sequence, os
from probe.targets import NotRegular, Target, TooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from probe.golang.x509.certificate import Parser

FILE_VARIABLE, DIRECTORY_VARIABLE = "SSL_CERT_FILE", "SSL_CERT_DIR"
FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
DIRECTORIES = ("/etc/ssl/certs", "/etc/pki/tls/certs")
ANDROID = "/system/etc/security/cacerts"  # 1.21 looks there on any Linux

FILE_LIMIT = 32 << 20  # bytes of one file
TOTAL_LIMIT = 64 << 20  # bytes of all files together
ROOT_LIMIT = 20_000  # certificates
ENTRY_LIMIT = 50_000  # files in all directories together
DIRECTORY_LIMIT = 1_000  # directories
SKIPPED_LIMIT = 100_000  # blocks that Go passes over
_LONG = 900  # characters of four bytes, of a directory; with a name it may exceed PATH_MAX
KEPT_LIMIT = 1_000  # blocks of one file; one with more is read again where another name leads to it
# What became of a path.
READ, MISSING, FAILED, IGNORED, BLOCKS, TOO_LARGE = (
    "read",
    "missing",
    "failed",
    "ignored",
    "blocks",
    "too large",
)

READ_BEFORE = "read before"  # detail of a bundle that lies in a directory

# Why Go passes over a block.
DAMAGED, OTHER, HEADERS, REFUSED = "damaged", "other", "headers", "refused"


class Root(NamedTuple):
    """A certificate in the pool and where it stands."""

    certificate: Certificate
    file: str
    line: int


class Skipped(NamedTuple):
    """A PEM block that Go passes over without a word."""

    file: str
    line: int
    label: str
    kind: str  # DAMAGED, OTHER (not a CERTIFICATE), HEADERS or REFUSED (by the parser)
    reason: str


class RootSource(NamedTuple):
    """A path that Go tries, and what became of it."""

    path: str
    kind: str  # "file", "directory", or "entry" of the directory before it
    outcome: str  # one of the constants above
    detail: str = ""  # Go's error, or why it is ignored or would not end
    roots: int = 0  # certificates that came into the pool from here
    repeated: int = 0  # certificates that were in it already
    skipped: int = 0  # blocks that were passed over
    errno: int = 0


class Roots(NamedTuple):
    """What x509.SystemCertPool gives a Go program in a target."""

    roots: tuple[Root, ...]  # in the pool's order, each once
    skipped: tuple[Skipped, ...]
    sources: tuple[RootSource, ...]  # in Go's order
    error: str | None  # what SystemCertPool returns
    blocks_on: str | None  # the path on which Go waits or reads for ever
    unread: tuple[str, ...]  # why more may be trusted than `roots` says: our own limits
    fallback: bool  # the program falls back to roots that are compiled into it


def load(target: Target, go: Go, known: Sequence[Root] = ()) -> Roots:
    """
    The roots that a program of *go* trusts in *target*; those *known* from elsewhere are not parsed again.

    Where Go would block nothing is trusted, for it never gets there. What exceeds our
    limits is told in `unread`. Never raises for what is wrong in the target.
    """
    loader = _RootLoader(target, go, known)
    try:
        loader.load()
    except _Blocked as blocked:
        loader.blocks_on = blocked.path
    return loader.result()


def files(target: Target) -> tuple[str, ...]:
    """The bundle files that are tried in order until one can be read."""
    named = target.env.get(FILE_VARIABLE, "")
    return (named,) if named else FILES


def directories(target: Target, go: Go) -> tuple[str, ...]:
    """The directories that are all read."""
    named = target.env.get(DIRECTORY_VARIABLE, "")
    if named:
        return tuple(named.split(":"))
    return (*DIRECTORIES, ANDROID) if go.minor <= 21 else DIRECTORIES


class _Blocked(Exception):
    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class _RootLoader:
    """One run of loadSystemRoots."""

    def __init__(self, target: Target, go: Go, known: Sequence[Root]) -> None:
        self._target, self._go = target, go
        self._known = {root.certificate.der: root.certificate for root in known}
        self._parser: Parser | None = None
        self._scanner = backports.pem_scanner(go)
        self._verdicts: dict[bytes, str | None] = {}  # why a certificate is refused; None: in the pool
        self._decoded: pem.Decoded = {}
        self._bundle = ""  # the file that was read, or too large to be
        self._read: dict[object, list[pem.Block]] = {}  # what files hold, by where they are
        self._entries = 0
        self._read_bytes = 0
        self._first_error: str | None = None
        self.roots: list[Root] = []
        self.skipped: list[Skipped] = []
        self.sources: list[RootSource] = []
        self.unread: dict[str, None] = {}
        self.blocks_on: str | None = None

    def load(self) -> None:
        for path in files(self._target):
            text = self._link_text(path, path)
            place = text if text and text[0] == "/" else path
            if self._try_file(path, "file", place) in (READ, TOO_LARGE):
                self._bundle = path
                break
        named = dict.fromkeys(directories(self._target, self._go))
        for directory in islice(named, DIRECTORY_LIMIT):
            self._read_directory(directory)
        if len(named) > DIRECTORY_LIMIT:
            self.unread[f"{DIRECTORY_VARIABLE} names more than {DIRECTORY_LIMIT} directories"] = None

    def result(self) -> Roots:
        blocked = self.blocks_on is not None
        roots = () if blocked else tuple(self.roots)
        fallback = (
            self._go.fallback_roots
            and not blocked
            and (not roots or self._go.debug("x509usefallbackroots") == "1")
        )
        error = None if roots or fallback or blocked else self._first_error
        return Roots(
            roots,
            tuple(self.skipped),
            tuple(self.sources),
            error,
            self.blocks_on,
            tuple(self.unread),
            fallback,
        )

    def _try_file(self, path: str, kind: str, place: object) -> str:
        """Read a file as os.ReadFile does; what became of it. What leads to one *place* is read once."""
        if path == self._bundle:  # in a directory that is read too: nothing new
            self.sources.append(RootSource(path, kind, READ, READ_BEFORE))
            return READ
        try:
            data = b"" if place in self._read else self._content(path, kind)
        except OSError as problem:
            missing = problem.errno == errno.ENOENT
            operation = "read" if problem.errno in (errno.EISDIR, errno.EIO) else "open"
            source = _failure(path, kind, MISSING if missing else FAILED, operation, problem)
            if kind == "file" and not missing:
                self._first_error = self._first_error or source.detail
        except TooLarge as large:
            source = self._too_large(kind, large)
        else:
            source = self._one(path, kind, place, data) or self._append(path, kind, place, data)
        self.sources.append(source)
        return source.outcome

    def _content(self, path: str, kind: str) -> bytes:
        try:
            data = self._target.read(path, min(FILE_LIMIT, TOTAL_LIMIT - self._read_bytes))
        except NotRegular as special:
            self.sources.append(RootSource(path, kind, BLOCKS, special.kind))
            raise _Blocked(path) from None
        self._read_bytes += len(data)
        return data

    def _too_large(self, kind: str, large: TooLarge) -> RootSource:
        together = kind != "directory" and large.limit < FILE_LIMIT
        why = f"all files together hold more than {TOTAL_LIMIT} bytes" if together else str(large)
        self.unread[why] = None
        return RootSource(large.path, kind, TOO_LARGE, why)

    def _one(self, path: str, kind: str, place: object, data: bytes) -> RootSource | None:
        """For a file that is one certificate of the pool, as most in a directory beside a bundle are."""
        only = pem.alone(data, self._decoded)
        if only is None or self._verdicts.get(only[1], "") is not None:
            return None
        self._read[place] = [tuple.__new__(pem.Block, (only[0], "CERTIFICATE", False, only[1], ""))]
        return _source(path, kind, READ, repeated=1)

    def _append(self, path: str, kind: str, place: object, data: bytes) -> RootSource:
        """AppendCertsFromPEM, told as a source; of *data*, or of what was read at *place* before."""
        before, repeated, passed = len(self.roots), 0, 0
        kept: list[pem.Block] = []
        read = self._read.get(place)
        for block in pem.split(data, **self._scanner, decoded=self._decoded) if read is None else read:
            if len(kept) <= KEPT_LIMIT:
                kept.append(block)
            skipped = _unwanted(path, block) or self._refused(path, block)
            if skipped:
                passed += 1
                if len(self.skipped) < SKIPPED_LIMIT:
                    self.skipped.append(skipped)
                else:
                    self.unread[f"more than {SKIPPED_LIMIT} blocks are skipped"] = None
            else:
                repeated += 1
            if len(self.roots) > ROOT_LIMIT:
                self.unread[f"more than {ROOT_LIMIT} certificates"] = None
                break
        else:
            if len(kept) <= KEPT_LIMIT:
                self._read[place] = kept
        added = len(self.roots) - before
        return RootSource(path, kind, READ, "", added, repeated - added, passed, 0)

    def _refused(self, path: str, block: pem.Block) -> Skipped | None:
        """Put the certificate into the pool, or say why it does not get there."""
        data = block.data
        if data not in self._verdicts:
            made = self._known.get(data) or public_roots.find(data, self._go) or self._parse(data)
            if isinstance(made, Refusal):
                self._verdicts[data] = made.reason
            else:
                self._verdicts[data] = None
                self.roots.append(Root(made, path, block.line))
        reason = self._verdicts[data]
        return None if reason is None else Skipped(path, block.line, block.label, REFUSED, reason)

    def _parse(self, data: bytes) -> Certificate | Refusal:
        """What Go makes of a certificate that no distribution ships."""
        if not self._parser:
            from probe.golang.x509.certificate import Parser

            self._parser = Parser(self._go)
        return self._parser.parse(data)

    def _read_directory(self, directory: str) -> None:
        try:
            if not directory:
                raise FileNotFoundError(errno.ENOENT, "", directory)
            names, texts = self._target.scan(directory)
        except OSError as problem:
            self._unlisted(directory, problem)
            return
        except TooLarge as large:
            self.sources.append(self._too_large("directory", large))
            return
        self.sources.append(RootSource(directory, "directory", READ))
        if self._entries + len(names) > ENTRY_LIMIT:
            self.unread[f"the directories hold more than {ENTRY_LIMIT} files"] = None
            del names[ENTRY_LIMIT - self._entries :]
        self._entries += len(names)
        identity, before = self._identity(directory), filepath.join(directory, "x")[:-1]
        if before != f"{directory}/" or len(self._target.path(directory)) > _LONG:
            texts = None  # Go asks by another path, or by one that the kernel may refuse
        by_tidy = self._go.minor > 26
        for name in names:
            plain, tidy = f"{directory}/{name}", f"{before}{name}"
            text = self._link_text(plain, tidy) if texts is None else texts.get(name)
            if text is not None and "/" not in text:
                detail = f"a link to {text}, beside it"
                self.sources.append(_source(plain, "entry", IGNORED, detail))
            else:
                place = text if text and text[0] == "/" else (identity, name)
                self._try_file(tidy if by_tidy else plain, "entry", place)

    def _identity(self, directory: str) -> object:
        """What tells that two names are one directory, as those of DIRECTORIES are on RHEL."""
        try:
            identity = self._target.stat(directory).identity
        except OSError:
            return directory
        return identity if any(identity) else directory

    def _link_text(self, plain: str, tidy: str) -> str | None:
        """The text of a link, None for anything else; Go asks by the path without its ".."."""
        try:
            text = self._target.readlink(plain)
            return text if plain == tidy else self._target.readlink(tidy)
        except OSError:
            return None

    def _unlisted(self, directory: str, problem: OSError) -> None:
        """A directory that cannot be listed: os.ReadDir's error."""
        operation = "open"
        if problem.errno != errno.ENOENT:
            problem, operation = self._before_1_24(directory, problem)
        missing = problem.errno == errno.ENOENT
        source = _failure(directory, "directory", MISSING if missing else FAILED, operation, problem)
        if not missing:
            self._first_error = self._first_error or source.detail
        self.sources.append(source)

    def _before_1_24(self, directory: str, problem: OSError) -> tuple[OSError, str]:
        """
        The error and the operation that has it where *directory* is something else.

        From 1.24 on it is opened as a directory, which fails at once; before, it was
        opened like a file, and read then.
        """
        try:
            kind = self._target.stat(directory).kind
        except OSError:
            return problem, "open"
        if kind == "directory":
            return problem, "open"
        if self._go.minor >= 24:
            return OSError(errno.ENOTDIR, "", directory), "open"
        try:
            self._target.access(directory, os.R_OK)
        except OSError as refused:
            return refused, "open"
        if kind == "FIFO":
            self.sources.append(RootSource(directory, "directory", BLOCKS, kind))
            raise _Blocked(directory)
        if kind == "socket":
            return OSError(errno.ENXIO, "", directory), "open"
        return OSError(errno.ENOTDIR, "", directory), "readdirent"


def _unwanted(path: str, block: pem.Block) -> Skipped | None:
    """Why a block is no certificate for the pool before anybody looks into it."""
    if block.fault:
        return Skipped(path, block.line, block.label, DAMAGED, block.fault)
    if block.label != "CERTIFICATE":
        return Skipped(path, block.line, block.label, OTHER, f"its label is {block.label or 'empty'}")
    if block.headers:
        return Skipped(path, block.line, block.label, HEADERS, "it has header lines")
    return None


def _source(path: str, kind: str, outcome: str, detail: str = "", *, repeated: int = 0) -> RootSource:
    """RootSource(…) of what gives no root, without what looks for defaults: there are hundreds."""
    return tuple.__new__(RootSource, (path, kind, outcome, detail, 0, repeated, 0, 0))


def _failure(path: str, kind: str, outcome: str, operation: str, problem: OSError) -> RootSource:
    from probe.golang.errnos import error_text

    number = problem.errno or 0
    return RootSource(path, kind, outcome, f"{operation} {path}: {error_text(number)}", errno=number)
