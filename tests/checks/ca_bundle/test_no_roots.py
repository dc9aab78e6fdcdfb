"""No roots at all: every cause by its own code and fix."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from probe import codes
from probe.codes import Code
from probe.targets import Mount
from tests.checks.ca_bundle.bundles import FAIL, PASS, PEM_A, UNKNOWN, judge, looking, mounted
from tests.golang.root_worlds import ALPINE, CERTS, DEBIAN, KEY, TRUSTED, A
from tests.golang.root_worlds import root as made
from tests.support import der
from tests.support.users import OURSELVES, SOMEBODY_ELSE
from tests.support.worlds import DIRECTORY, FIFO, ZERO, Content, File, Link, lay, shut

PKCS12 = bytes.fromhex("308209b1020103308209")


PKCS7 = bytes.fromhex("30820a4106092a864886f70d010702a0820a32")


class Case(NamedTuple):
    """A world without any root, and what must be said about it."""

    what: str
    code: Code
    cause: str  # words of it
    remedy: str
    world: Mapping[str, Content] = {}
    env: Mapping[str, str] = {}
    uid: int | None = None
    mounts: tuple[Mount, ...] = ()


SHELL: Mapping[str, Content] = {
    "/bin/sh": b"",
    **{f"/bin/{name}": b"" for name in ("rm", "rmdir", "mv", "chmod")},
}


APK: Mapping[str, Content] = {"/sbin/apk": b"", **SHELL}


APT: Mapping[str, Content] = {"/usr/bin/apt-get": b"", **SHELL}


NAMED = {"SSL_CERT_FILE": "/x.pem", "SSL_CERT_DIR": "/nowhere"}


def holding(code: Code, words: str, remedy: str, content: bytes, what: str = "") -> Case:
    return Case(what or f"{code.name}: {words}", code, words, remedy, {"/x.pem": content}, NAMED)


CASES = (
    Case("scratch", codes.CA_BUNDLE_MISSING, "no CA bundle in any of the 8 places", "COPY --from=alpine"),
    Case("Alpine", codes.CA_BUNDLE_MISSING, "no CA bundle", "RUN apk add --no-cache ca-certificates", APK),
    Case("Debian", codes.CA_BUNDLE_MISSING, "no CA bundle", "apt-get install -y", APT),
    Case(
        "RHEL", codes.CA_BUNDLE_MISSING, "no CA bundle", "RUN microdnf", {"/usr/bin/microdnf": b"", **SHELL}
    ),
    Case(
        "a mount over the directory",
        codes.CA_BUNDLE_HIDDEN,
        f"tmpfs is mounted on {CERTS} and holds no bundle",
        f"docker run --volume ./NAME.crt:{CERTS}/NAME.crt:ro IMAGE",
        {CERTS: DIRECTORY},
        mounts=(mounted("/"), mounted(CERTS)),
    ),
    Case(
        "a mount above the directory",
        codes.CA_BUNDLE_HIDDEN,
        "/var/lib/kubelet/pods/1/volumes/certs is mounted on /etc/ssl and",
        "volumeMounts: [{name: NAME, mountPath: /etc/ssl/NAME.crt, subPath: NAME.crt",
        {"/etc/ssl/other": b""},
        mounts=(mounted("/etc/ssl", "/dev/sda1", "/var/lib/kubelet/pods/1/volumes/certs"),),
    ),
    Case(
        "an empty file that is mounted",
        codes.CA_BUNDLE_HIDDEN,
        f"is mounted on {DEBIAN} and holds no bundle",
        "Mount a bundle",
        {DEBIAN: b""},
        mounts=(mounted(DEBIAN),),
    ),
    Case(
        "a mount where a link leads",
        codes.CA_BUNDLE_HIDDEN,
        "mounted on /etc/pki/ca-trust",
        "docker run --volume ./NAME.crt:/etc/pki/ca-trust/NAME.crt:ro IMAGE",
        {
            "/etc/pki/tls/certs/ca-bundle.crt": Link("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            "/etc/pki/ca-trust": DIRECTORY,
        },
        mounts=(mounted("/etc/pki/ca-trust"),),
    ),
    Case(
        "only a directory",
        codes.CA_BUNDLE_ONLY_DIRECTORY,
        f"{CERTS} is there, but without a certificate",
        "apk add",
        {CERTS: DIRECTORY, **APK},
    ),
    Case(
        "a directory with other things in it",
        codes.CA_BUNDLE_ONLY_DIRECTORY,
        f"{CERTS} is there",
        "COPY",
        {f"{CERTS}/README": b"read me", f"{CERTS}/.keep": b"", f"{CERTS}/key": KEY, f"{CERTS}/d/e": b""},
    ),
    Case(
        "a dangling link",
        codes.CA_BUNDLE_DANGLING_LINK,
        f"{DEBIAN} is a link to ../gone.pem, which does not exist",
        "apt-get",
        {DEBIAN: Link("../gone.pem"), **APT},
    ),
    Case(
        "a directory of dangling links",
        codes.CA_BUNDLE_DANGLING_LINK,
        f"{CERTS}/a.pem is a link to /usr/share/ca-certificates/a.crt",
        "COPY",
        {f"{CERTS}/a.pem": Link("/usr/share/ca-certificates/a.crt")},
    ),
    Case(
        "a loop",
        codes.CA_BUNDLE_LINK_LOOP,
        "leads back to itself",
        "rm cert.pem\nCOPY",
        {ALPINE: Link("cert.pem")},
    ),
    Case(
        "a directory in its place",
        codes.CA_BUNDLE_IS_DIRECTORY,
        f"{DEBIAN} is a directory, not a file",
        f"RUN rmdir {DEBIAN} && apk add",
        {DEBIAN: DIRECTORY, **APK},
    ),
    Case(
        "a directory in its place that holds something",
        codes.CA_BUNDLE_IS_DIRECTORY,
        f"{DEBIAN} is a directory, not a file",
        f"RUN mv {DEBIAN} {DEBIAN}.d && apk add",
        {f"{DEBIAN}/corp.crt": A, **APK},
    ),
    Case(
        "a directory that a mount has made",
        codes.CA_BUNDLE_IS_DIRECTORY,
        "mounting a file that does not exist creates one",
        "Mount an existing file",
        {DEBIAN: DIRECTORY},
        mounts=(mounted(DEBIAN),),
    ),
    Case(
        "a FIFO",
        codes.CA_BUNDLE_FIFO,
        "is a FIFO: Go would wait there",
        "rm ca-certificates.crt\nCOPY",
        {DEBIAN: FIFO, ALPINE: A},
    ),
    Case(
        "a FIFO that is named",
        codes.CA_BUNDLE_FIFO,
        "SSL_CERT_FILE: /x.pem is a FIFO",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        {"/x.pem": FIFO},
        NAMED,
    ),
    Case(
        "unreadable",
        codes.CA_BUNDLE_UNREADABLE,
        f"user {SOMEBODY_ELSE} may not read {DEBIAN} (mode 0600, owner {OURSELVES})",
        f"RUN chmod a+r {DEBIAN}",
        {DEBIAN: File(A, 0o600), **SHELL},
        uid=SOMEBODY_ELSE,
    ),
    Case(
        "unreadable on the way",
        codes.CA_BUNDLE_UNREADABLE,
        f"user {SOMEBODY_ELSE} may not enter /etc/ssl (mode 0700, owner {OURSELVES})",
        "RUN chmod a+rx /etc/ssl",
        {DEBIAN: A, "/etc/ssl": shut(DIRECTORY, 0o700), **SHELL},
        uid=SOMEBODY_ELSE,
    ),
    Case(
        "unreadable directory",
        codes.CA_BUNDLE_UNREADABLE,
        f"user {SOMEBODY_ELSE} may not enter {CERTS} (mode 0711",
        f"RUN chmod a+rx {CERTS}",
        {f"{CERTS}/a.pem": A, CERTS: shut(DIRECTORY, 0o711), **SHELL},
        uid=SOMEBODY_ELSE,
    ),
    Case(
        "unreadable files in a directory",
        codes.CA_BUNDLE_UNREADABLE,
        f"user {SOMEBODY_ELSE} may not read {CERTS}/a.pem",
        "RUN chmod",
        {f"{CERTS}/a.pem": File(A, 0o640), **SHELL},
        uid=SOMEBODY_ELSE,
    ),
    Case(
        "a file on the way",
        codes.CA_BUNDLE_NOT_OPENED,
        f"open {DEBIAN}: not a directory",
        "mv ssl ssl.old\nCOPY --from=alpine",
        {"/etc/ssl": b""},
    ),
    Case(
        "SSL_CERT_FILE leads away",
        codes.SSL_CERT_FILE_MISSING,
        f"SSL_CERT_FILE names /nowhere, which does not exist; {ALPINE} is there",
        "ENV SSL_CERT_FILE=",
        {ALPINE: A},
        {"SSL_CERT_FILE": "/nowhere"},
    ),
    Case(
        "SSL_CERT_FILE names what a mount lacks",
        codes.SSL_CERT_FILE_MISSING,
        "does not exist on what is mounted from nfs:/certs",
        "ENV SSL_CERT_FILE=\nCOPY --from=alpine",
        {"/certs": DIRECTORY},
        {"SSL_CERT_FILE": "/certs/ca.pem"},
        mounts=(mounted("/certs", "nfs:/certs"),),
    ),
    Case(
        "SSL_CERT_DIR leads away",
        codes.SSL_CERT_DIR_MISSING,
        "SSL_CERT_DIR names /nowhere",
        "ENV SSL_CERT_DIR=",
        {f"{CERTS}/a.pem": A},
        {"SSL_CERT_DIR": "/nowhere"},
    ),
    # --- what a file holds ---
    holding(codes.CA_BUNDLE_EMPTY, "SSL_CERT_FILE: /x.pem is empty", "COPY", b""),
    holding(codes.CA_BUNDLE_EMPTY, "only whitespace", "COPY", b"\n \0\n"),
    holding(
        codes.CA_BUNDLE_TRUNCATED,
        "is truncated after line 1",
        "Put a PEM bundle",
        A[:-40],
    ),
    holding(codes.CA_BUNDLE_DER, "is DER, not PEM", "openssl x509 -inform der -in x.pem", made("A")),
    holding(codes.CA_BUNDLE_KEYSTORE, "is a PKCS#12 keystore", "openssl pkcs12 -nokeys -passin", PKCS12),
    holding(
        codes.CA_BUNDLE_KEYSTORE, "is a Java keystore", "keytool -list -rfc", b"\xfe\xed\xfe\xed\0\0\0\2"
    ),
    holding(codes.CA_BUNDLE_PKCS7, "is PKCS#7 in DER", "openssl pkcs7 -inform der -print_certs", PKCS7),
    holding(codes.CA_BUNDLE_PKCS7, "is PKCS#7", "openssl pkcs7 -print_certs", der.pem(b"x", label="PKCS7")),
    holding(codes.CA_BUNDLE_BASE64, "is base64 around PEM", "base64 -d x.pem", b"LS0tLS1CRUdJTiBDRVJU"),
    holding(
        codes.CA_BUNDLE_BASE64, "without BEGIN and END", "base64 -d x.pem | openssl", b"MIIDdzCCAl+gAwIB"
    ),
    holding(codes.CA_BUNDLE_UTF16, "is UTF-16", "iconv -f UTF-16 ", PEM_A.encode("utf-16")),
    holding(codes.CA_BUNDLE_UTF16, "is UTF-16", "iconv -f UTF-16LE", PEM_A.encode("utf-16-le")),
    holding(codes.CA_BUNDLE_UTF16, "is UTF-16", "iconv -f UTF-16BE", PEM_A.encode("utf-16-be")),
    holding(codes.CA_BUNDLE_BYTE_ORDER_MARK, "byte order mark", 'sed -i "s/$(printf', b"\xef\xbb\xbf" + A),
    holding(codes.CA_BUNDLE_LINE_ENDS, "CR alone", "sed -i 's/\\r/\\n/g'", A.replace(b"\n", b"\r")),
    holding(codes.CA_BUNDLE_LINE_ENDS, "written as \\n", "s/\\\\n/\\n/g'", A.replace(b"\n", b"\\n")),
    holding(
        codes.CA_BUNDLE_HTML,
        "is an HTML page",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        b"\n<!DOCTYPE html>",
    ),
    holding(codes.CA_BUNDLE_TRUSTED_FORMAT, "TRUSTED CERTIFICATE", "openssl crl2pkcs7 -nocrl", TRUSTED),
    holding(
        codes.CA_BUNDLE_NO_CERTIFICATE,
        "holds a PRIVATE KEY",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        KEY,
    ),
    holding(
        codes.CA_BUNDLE_NO_CERTIFICATE,
        "text without any PEM",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        b"hello",
    ),
    holding(
        codes.CA_BUNDLE_NO_CERTIFICATE,
        "is a zip archive",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        b"PK\x03\x04",
    ),
    holding(
        codes.CA_BUNDLE_NO_CERTIFICATE,
        "is binary data",
        "COPY --from=alpine /etc/ssl/certs/ca-certificates.crt /x.pem",
        b"\x01\0\xff",
    ),
    holding(
        codes.CA_BUNDLE_SKIPPED_BLOCKS,
        "is PEM with header lines in it",
        "sed -i '/^[A-Za-z0-9-]*: /d' x.pem",
        A.replace(b"-----\n", b"-----\nX: y\n\n", 1),
    ),
    Case(
        "a bad file in a directory",
        codes.CA_BUNDLE_DER,
        f"{CERTS}/ca.crt is DER",
        "openssl x509",
        {f"{CERTS}/ca.crt": made("A"), f"{CERTS}/README": b"read me"},
        mounts=(mounted(CERTS),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_world_without_roots_has_one_cause(root: Path, case: Case) -> None:
    """One finding: the code, what is wrong with which path, and the line that fixes it."""
    lay(root, case.world)
    (finding,) = judge(looking(root, case.env, case.uid, *case.mounts))
    assert finding.code is case.code, finding
    assert finding.status is FAIL
    assert case.cause in finding.cause
    assert case.remedy in by_name(finding.remedy, root)
    assert len(finding.cause) < 200
    assert len(by_name(finding.remedy, root)) < 200
    assert "\n" not in finding.cause
    assert all(line.isprintable() for remedy in finding.remedies for line in remedy.text.split("\n"))


def test_no_copy_into_the_image_is_advised_for_what_a_mount_hides(root: Path) -> None:
    """What a Dockerfile brings lies below the mount; outside a pod nothing speaks of its fields."""
    lay(root, {CERTS: DIRECTORY})
    for env in ({}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}):
        (finding,) = judge(looking(root, env, None, mounted("/"), mounted(CERTS)))
        assert finding.code is codes.CA_BUNDLE_HIDDEN
        lines = [line for remedy in finding.remedies for line in remedy.text.splitlines()]
        assert not any(line.startswith(("COPY", "RUN", "ADD")) for line in lines)
        assert any("mountPath" in line for line in lines) is bool(env)


@pytest.mark.parametrize("uid", [None, SOMEBODY_ELSE])
@pytest.mark.parametrize("path", [DEBIAN, "/etc/pki/tls/certs/ca-bundle.crt", ALPINE, f"{CERTS}/a.pem"])
def test_a_root_is_enough(root: Path, path: str, uid: int | None) -> None:
    """The twin of all that: a readable root in any place passes, and nothing else is said."""
    lay(root, {path: A})
    (finding,) = judge(looking(root, {}, uid, mounted("/"), mounted("/etc/ssl")))
    assert (finding.status, finding.code) == (PASS, codes.CA_BUNDLE_OK)
    assert finding.subject == path
    assert finding.evidence["roots"] == 1


@pytest.mark.root("mknod")
def test_a_device_is_told(root: Path) -> None:
    """/dev/zero would be read until memory ends; what SSL_CERT_FILE names is not removed."""
    lay(root, {"/dev/zero": ZERO})
    (finding,) = judge(looking(root, {"SSL_CERT_FILE": "/dev/zero"}))
    assert (finding.status, finding.code) == (FAIL, codes.CA_BUNDLE_DEVICE)
    assert "character device: Go would read there for ever" in finding.cause
    assert finding.remedy.startswith("ENV SSL_CERT_FILE=\nCOPY")


def test_what_is_too_large_is_unknown(root: Path) -> None:
    """A bundle of a gigabyte is neither read nor passed."""
    lay(root, {DEBIAN: b"", f"{CERTS}/a.pem": A})
    with (root / DEBIAN[1:]).open("wb") as stream:
        stream.truncate(1 << 30)
    found = judge(looking(root, {}))
    assert [(finding.status, finding.code) for finding in found] == [(UNKNOWN, codes.CA_BUNDLE_TOO_LARGE)]
    (root / f"{CERTS[1:]}/a.pem").unlink()
    (finding,) = judge(looking(root, {}))
    assert (finding.status, finding.code) == (UNKNOWN, codes.CA_BUNDLE_TOO_LARGE)


def by_name(remedy: str, root: Path) -> str:
    """A remedy whose files below *root* stand there by their names alone."""
    return re.sub(rf"{re.escape(str(root))}(/[^ ]*)?/", "", remedy)
