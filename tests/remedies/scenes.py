"""Faults in real roots, each with the code that probe must tell and what Go must see after the remedy."""

import base64
import gzip
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from tests.remedies.bases import BUNDLE
from tests.remedies.layouts import EXTRACTED, SUSE_BUNDLE
from tests.support import pki

CORP, OTHER = pki.root("Corp Root CA"), pki.root("Second Root CA")
BOTH = (CORP.pem + OTHER.pem).encode()
EXPIRED = pki.root("Old Root CA", not_after=pki.NOW - pki.DAY)
NAMED = "/corp/ca.pem"
_ONE = x509.load_der_x509_certificate(CORP.der)


class Scene(NamedTuple):
    """One fault: how it is made, what is asked of probe, what Go must see after the remedy."""

    name: str
    code: str
    break_: Callable[[Path], object]
    env: Mapping[str, str] = {}
    settings: tuple[str, ...] = ()
    user: str = ""
    corp: bool = False  # the private root must be trusted after it
    zone: str = ""  # the zone that Go must see after it
    location: str = ""  # or the one that it must find by its name
    bases: tuple[str, ...] = ("debian", "alpine", "scratch")
    context: Mapping[str, bytes] = {}


def put(path: str, content: bytes, mode: int = 0o644) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        there = root / path.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        if there.is_symlink() or there.exists():
            there.unlink()
        there.write_bytes(content)
        there.chmod(mode)

    return act


def wiped(root: Path) -> None:
    """No root is left in the places where Go looks; the package's own files stay."""
    directory = root / "etc/ssl/certs"
    for entry in directory.iterdir():
        entry.unlink()


def then(*acts: Callable[[Path], object]) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        for one in acts:
            one(root)

    return act


def made(path: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Something other than a file in the place of *path*."""

    def act(root: Path) -> None:
        there = root / path
        if there.is_dir() and not there.is_symlink():
            shutil.rmtree(there)
        elif there.is_symlink() or there.exists():
            there.unlink()
        there.parent.mkdir(parents=True, exist_ok=True)
        make(there)

    return act


def removed(path: str) -> Callable[[Path], None]:
    def act(root: Path) -> None:
        there = root / path
        shutil.rmtree(there) if there.is_dir() and not there.is_symlink() else there.unlink(missing_ok=True)

    return act


def bundle(content: bytes, mode: int = 0o644) -> Callable[[Path], None]:
    """The only bundle holds *content*."""
    return then(wiped, put(BUNDLE, content, mode))


def _trusted() -> bytes:
    done = subprocess.run(
        ["openssl", "x509", "-trustout", "-addtrust", "serverAuth"],
        input=CORP.pem.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout


def _keystore(password: bytes | None) -> bytes:
    form = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(_ONE, b"corp")], form)


def _printable(text: bytes) -> bytes:
    """As a mail carries it that breaks lines early."""
    lines = [line.replace(b"=", b"=3D") for line in text.splitlines()]
    return b"".join(
        line[:30] + b"=\n" + line[30:] + b"\n" if len(line) > 40 else line + b"\n" for line in lines
    )


FORMS: Mapping[str, tuple[str, bytes]] = {
    "DER": ("CA_BUNDLE_DER", CORP.der),
    "DER, two": ("CA_BUNDLE_DER", OTHER.der + CORP.der),
    "PKCS#7": ("CA_BUNDLE_PKCS7", pkcs7.serialize_certificates([_ONE], serialization.Encoding.PEM)),
    "PKCS#7 in DER": ("CA_BUNDLE_PKCS7", pkcs7.serialize_certificates([_ONE], serialization.Encoding.DER)),
    "PKCS#12": ("CA_BUNDLE_KEYSTORE", _keystore(None)),
    "PKCS#12, changeit": ("CA_BUNDLE_KEYSTORE", _keystore(b"changeit")),
    "TRUSTED": ("CA_BUNDLE_TRUSTED_FORMAT", _trusted()),
    "X509 CERTIFICATE": (
        "CA_BUNDLE_SKIPPED_BLOCKS",
        CORP.pem.replace(" CERTIFICATE-", " X509 CERTIFICATE-").encode(),
    ),
    "UTF-16": ("CA_BUNDLE_UTF16", CORP.pem.encode("utf-16")),
    "UTF-16LE": ("CA_BUNDLE_UTF16", CORP.pem.encode("utf-16-le")),
    "base64 of PEM": ("CA_BUNDLE_BASE64", base64.encodebytes(CORP.pem.encode())),
    "base64 of DER": ("CA_BUNDLE_BASE64", base64.encodebytes(CORP.der)),
    "a byte order mark": ("CA_BUNDLE_BYTE_ORDER_MARK", b"\xef\xbb\xbf" + CORP.pem.encode()),
    "CR alone": ("CA_BUNDLE_LINE_ENDS", BOTH.replace(b"\n", b"\r")),
    "escaped": ("CA_BUNDLE_LINE_ENDS", BOTH.replace(b"\n", b"\\n")),
    "escaped, CR too": ("CA_BUNDLE_LINE_ENDS", BOTH.replace(b"\n", b"\\r\\n")),
    "header lines": ("CA_BUNDLE_SKIPPED_BLOCKS", CORP.pem.replace("-----\n", "-----\nX: y\n\n", 1).encode()),
    "indented": (
        "CA_BUNDLE_SKIPPED_BLOCKS",
        b"".join(b"  " + line for line in BOTH.splitlines(keepends=True)),
    ),
    "joined": ("CA_BUNDLE_SKIPPED_BLOCKS", BOTH.replace(b"\n", b" ")),
    "quoted in a letter": (
        "CA_BUNDLE_SKIPPED_BLOCKS",
        b"".join(b"> " + line for line in BOTH.splitlines(keepends=True)),
    ),
    "other dashes": ("CA_BUNDLE_SKIPPED_BLOCKS", BOTH.replace(b"-----", b"----")),
    "gzip": ("CA_BUNDLE_NO_CERTIFICATE", gzip.compress(BOTH)),
    "gzip of DER": ("CA_BUNDLE_NO_CERTIFICATE", gzip.compress(CORP.der)),
    "base64 of base64": (
        "CA_BUNDLE_BASE64",
        base64.encodebytes(base64.b64encode(CORP.pem.encode())),
    ),
    "a kubeconfig": (
        "CA_BUNDLE_BASE64",
        b"clusters:\n"
        + b"".join(
            b"- cluster:\n    certificate-authority-data: " + base64.b64encode(one.pem.encode()) + b"\n"
            for one in (OTHER, CORP)
        ),
    ),
    "quoted-printable": ("CA_BUNDLE_SKIPPED_BLOCKS", _printable(BOTH)),
    "HTML": (
        "CA_BUNDLE_SKIPPED_BLOCKS",
        BOTH.replace(b"+", b"&#43;")
        .replace(b"/", b"&#x2F;")
        .replace(b"=", b"&#61;")
        .replace(b"\n", b"<br>\n"),
    ),
    "in a URL": ("CA_BUNDLE_SKIPPED_BLOCKS", quote(BOTH.decode(), safe="").encode()),
    "in quotes": ("CA_BUNDLE_SKIPPED_BLOCKS", b'"' + CORP.pem.encode().rstrip() + b'"\n'),
}
BROKEN: Mapping[str, tuple[str, Callable[[Path], object]]] = {
    "gone": ("CA_BUNDLE_ONLY_DIRECTORY", wiped),
    "gone with its directory": ("CA_BUNDLE_MISSING", removed("etc/ssl/certs")),
    "empty": ("CA_BUNDLE_EMPTY", bundle(b"")),
    "a page": ("CA_BUNDLE_HTML", bundle(b"<html>login</html>")),
    "a key": ("CA_BUNDLE_NO_CERTIFICATE", bundle(CORP.key_pem.encode())),
    "cut short": ("CA_BUNDLE_TRUNCATED", bundle(CORP.pem.encode()[:-40])),
    "a directory": ("CA_BUNDLE_IS_DIRECTORY", then(wiped, made(BUNDLE, os.mkdir))),
    "a link to nothing": (
        "CA_BUNDLE_DANGLING_LINK",
        then(wiped, made(BUNDLE, lambda path: path.symlink_to("/gone.pem"))),
    ),
    "a loop": ("CA_BUNDLE_LINK_LOOP", then(wiped, made(BUNDLE, lambda path: path.symlink_to(path.name)))),
    "a FIFO": ("CA_BUNDLE_FIFO", then(wiped, made(BUNDLE, os.mkfifo))),
}
_ONLY_NAMED = {"SSL_CERT_FILE": NAMED, "SSL_CERT_DIR": "/empty"}
_LINKED = {"gone", "gone with its directory"}  # where /etc/ssl/cert.pem is a link, that is what is told


def _empty(root: Path) -> None:
    (root / "empty").mkdir()


def roots() -> list[Scene]:
    """Everything that can be wrong with the roots."""
    usual = ("debian", "alpine", "wolfi", "distroless", "scratch")
    unlinked = ("debian", "distroless", "scratch")
    found = [
        Scene(f"bundle: {name}", code, act, bases=unlinked if name in _LINKED else usual)
        for name, (code, act) in BROKEN.items()
    ]
    found.append(Scene("bundle: gone", "CA_BUNDLE_DANGLING_LINK", wiped, bases=("alpine",)))
    found += [
        Scene(f"named: {name}", code, then(_empty, put(NAMED, content)), _ONLY_NAMED, corp=True)
        for name, (code, content) in FORMS.items()
    ]
    found += [
        Scene(
            "unreadable",
            "CA_BUNDLE_UNREADABLE",
            lambda root: then(bundle(BOTH, 0o600))(root),
            user="65532",
            corp=True,
        ),
        Scene(
            "unreadable directory",
            "CA_BUNDLE_UNREADABLE",
            lambda root: (root / "etc/ssl").chmod(0o700),
            user="65532",
        ),
        Scene(
            "SSL_CERT_FILE leads away", "SSL_CERT_FILE_MISSING", lambda _: None, {"SSL_CERT_FILE": "/gone"}
        ),
        Scene("SSL_CERT_DIR leads away", "SSL_CERT_DIR_MISSING", lambda _: None, {"SSL_CERT_DIR": "/gone"}),
        Scene("both lead away", "SSL_CERT_FILE_MISSING", _empty, _ONLY_NAMED),
        Scene(
            "SSL_CERT_FILE names a directory",
            "CA_BUNDLE_IS_DIRECTORY",
            put(NAMED, CORP.pem.encode()),
            {"SSL_CERT_FILE": "/corp"},
            corp=True,
        ),
        Scene(
            "SSL_CERT_FILE names the store",
            "CA_BUNDLE_IS_DIRECTORY",
            lambda _: None,
            {"SSL_CERT_FILE": "/etc/ssl/certs"},
        ),
        Scene(
            "a root that must be trusted",
            "EXTRA_ROOT_MISSING",
            put(NAMED, CORP.pem.encode()),
            settings=(f"ca-bundle.extra_roots={NAMED}",),
            corp=True,
            context={"ca.pem": CORP.pem.encode()},
        ),
    ]
    found += _in_the_way()
    local, pem = "/usr/local/share/ca-certificates", CORP.pem.encode()
    staged = [("a.crt", pem), ("a.pem", pem), ("a.der", CORP.der), ("der.crt", CORP.der), ("b/a.cer", pem)]
    staged += [("key.pem", pem + CORP.key_pem.encode())]
    lost = "CA_ROOTS_NOT_IN_BUNDLE"
    found += [
        Scene(f"staged: {name}", lost, put(f"{local}/{name}", content), corp=True, bases=("debian",))
        for name, content in staged
    ]
    found.append(
        Scene("all have expired", "CA_ROOTS_EXPIRED", bundle(EXPIRED.pem.encode()), bases=("alpine",))
    )
    return [*found, *_extracted()]


def _in_the_way() -> Iterator[Scene]:
    """What is in the place of the directory, or in it, and what the distribution's own command lacks."""
    certs, places = "etc/ssl/certs", ("debian", "alpine", "scratch")
    for name, code, make in (
        ("a file", "CA_BUNDLE_NOT_OPENED", lambda path: path.write_bytes(BOTH)),
        ("a link to nothing", "CA_BUNDLE_DANGLING_LINK", lambda path: path.symlink_to("/etc/pki/tls/certs")),
        ("a loop", "CA_BUNDLE_LINK_LOOP", lambda path: path.symlink_to(path.name)),
    ):
        yield Scene(f"the directory: {name}", code, made(certs, make), bases=places)
    fifo = made(f"{certs}/x.pem", os.mkfifo)
    yield Scene("an entry is a FIFO", "CA_BUNDLE_FIFO", fifo, bases=("debian", "scratch"))
    closed = Scene("the root is closed", "CA_BUNDLE_UNREADABLE", lambda root: root.chmod(0o700), user="1000")
    yield closed._replace(bases=("debian", "scratch"))
    for name, act in (("all are deselected", _deselected), ("no openssl", removed("usr/bin/openssl"))):
        yield Scene(name, "CA_BUNDLE_ONLY_DIRECTORY", then(wiped, act), bases=("debian",))


def _deselected(root: Path) -> None:
    conf = root / "etc/ca-certificates.conf"
    lines = conf.read_text().splitlines()
    conf.write_text("\n".join(f"!{line.lstrip('!')}" for line in lines if line[:1] != "#"))


_OF_P11_KIT = {  # what update-ca-trust and SUSE's update-ca-certificates make, and from where
    "red hat": (EXTRACTED, "etc/pki/ca-trust/source/anchors"),
    "suse": (SUSE_BUNDLE, "etc/pki/trust/anchors"),
}


def _extracted() -> Iterator[Scene]:
    """The same where p11-kit makes the bundle."""
    for base, (made_bundle, anchors) in _OF_P11_KIT.items():
        lost = "CA_BUNDLE_DANGLING_LINK"
        for name, code, act in (
            ("bundle: gone", lost, removed(made_bundle)),
            ("bundle: gone with its directory", lost, removed(str(Path(made_bundle).parent))),
            ("bundle: empty", "CA_BUNDLE_EMPTY", put(made_bundle, b"")),
            ("bundle: a page", "CA_BUNDLE_HTML", put(made_bundle, b"<html>login</html>")),
            (
                "bundle: a loop",
                "CA_BUNDLE_LINK_LOOP",
                made(made_bundle, lambda path: path.symlink_to(path.name)),
            ),
            ("bundle: a FIFO", "CA_BUNDLE_FIFO", made(made_bundle, os.mkfifo)),
            ("bundle: a directory", "CA_BUNDLE_IS_DIRECTORY", made(made_bundle, os.mkdir)),
            ("bundle: a key", "CA_BUNDLE_NO_CERTIFICATE", put(made_bundle, CORP.key_pem.encode())),
        ):
            yield Scene(name, code, act, bases=(base,))
        if base == "red hat":
            staged = put(f"{anchors}/corp.pem", CORP.pem.encode())
            yield Scene("staged: an anchor", "CA_ROOTS_NOT_IN_BUNDLE", staged, corp=True, bases=(base,))
        yield Scene(
            "an anchor that was not extracted",
            "EXTRA_ROOT_MISSING",
            put(f"{anchors}/corp.pem", CORP.pem.encode()),
            settings=(f"ca-bundle.extra_roots=/{anchors}/corp.pem",),
            corp=True,
            bases=(base,),
        )
        yield Scene(
            "a root that must be trusted",
            "EXTRA_ROOT_MISSING",
            put(NAMED, CORP.pem.encode()),
            settings=(f"ca-bundle.extra_roots={NAMED}",),
            corp=True,
            bases=(base,),
        )
