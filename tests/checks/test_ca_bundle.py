"""The check of the roots: every way in which a bundle can be absent or bad, by its own code."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe import codes, targets
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle, roots
from probe.checks.ca_bundle.file_kinds import look
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST, Go
from probe.golang.x509 import trust
from probe.report import Finding, Status
from probe.targets import Mount, Target, User
from tests.golang.odd_certificates import ODD
from tests.golang.root_worlds import ALPINE, CERTS, DEBIAN, KEY, TRUSTED, A, B
from tests.golang.root_worlds import root as made
from tests.support import der, pki
from tests.support.commands import clean_environment
from tests.support.users import OURSELVES, SOMEBODY_ELSE
from tests.support.worlds import DIRECTORY, FIFO, ZERO, Content, File, Link, World, lay, shut

FAIL, WARN, UNKNOWN, PASS = Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS
NOW = 1_800_000_000  # 2027-01-15
PEM_A = A.decode()
PKCS12 = bytes.fromhex("308209b1020103308209")
PKCS7 = bytes.fromhex("30820a4106092a864886f70d010702a0820a32")


def looking(path: Path, env: Mapping[str, str], uid: int | None = None, *mounts: Mount) -> Target:
    user = None if uid is None else User(uid, uid)
    return targets.at_root(str(path), env, user=user)._replace(mounts=mounts)


def judge(seen: Target, go: Go = NEWEST, now: float = NOW, **settings: Any) -> list[Finding]:
    return list(roots.proven(CaBundle(**settings), seen, go, trust.load(seen, go), now))


def mounted(point: str, source: str = "tmpfs", below: str = "/") -> Mount:
    return Mount(point, "tmpfs", source, below, False, ("rw",))


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
        f"{CERTS} is there, and no certificate",
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
        "a mount of a file that does not exist makes one",
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
        "ls -ld",
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
    holding(codes.CA_BUNDLE_EMPTY, "nothing but blanks", "COPY", b"\n \0\n"),
    holding(
        codes.CA_BUNDLE_TRUNCATED,
        "breaks off after line 1",
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
        codes.CA_BUNDLE_BASE64, "without BEGIN and END", "base64 -d x.pem > x.pem.der", b"MIIDdzCCAl+gAwIB"
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
    assert case.remedy in finding.remedy
    assert len(finding.cause) < 200
    assert len(finding.remedy) < 200
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


def told(found: list[Finding]) -> list[tuple[Status, Code]]:
    return [(finding.status, finding.code) for finding in found]


EXPIRED, FUTURE = der.pem(ODD["expired"].data), der.pem(ODD["not yet valid"].data)
EXPIRED_LEAF = pki.leaf(None, "localhost", not_after=pki.NOW - pki.DAY).pem.encode()
LEAF, WEAK = der.pem(ODD["basicConstraints CA:FALSE"].data), der.pem(ODD["RSA 512"].data)
NEGATIVE = der.pem(ODD["serial negative"].data)


@pytest.mark.parametrize(
    ("bundle", "status", "code", "cause"),
    [
        (A + EXPIRED, WARN, codes.CA_ROOTS_EXPIRED, "1 of 2 roots has expired: CN=Test Root (2000-01-01)"),
        (A + FUTURE, WARN, codes.CA_ROOTS_NOT_YET_VALID, "1 of 2 roots is not valid yet"),
        (A + WEAK, WARN, codes.CA_ROOTS_UNUSABLE, "512-bit keys are insecure"),
        (A + LEAF, WARN, codes.CA_ROOTS_UNUSABLE, "CA:FALSE: only itself can be verified"),
        (A + NEGATIVE, WARN, codes.CA_BUNDLE_SKIPPED_BLOCKS, "x509: negative serial number"),
        (
            A.replace(b"a", b"#", 1) + B,
            WARN,
            codes.CA_BUNDLE_SKIPPED_BLOCKS,
            f"line 1 of {DEBIAN}: the content is",
        ),
        (A[: A.index(b"-----END")] + B, WARN, codes.CA_BUNDLE_SKIPPED_BLOCKS, "no END line"),
        (b"\xef\xbb\xbf" + A + B, WARN, codes.CA_BUNDLE_BYTE_ORDER_MARK, "Go loses its first certificate"),
        (A + B[:-40], FAIL, codes.CA_BUNDLE_TRUNCATED, "breaks off in the certificate of line 8"),
    ],
)
def test_what_is_odd_in_a_bundle_is_told(
    root: Path, bundle: bytes, status: Status, code: Code, cause: str
) -> None:
    """One bad certificate beside a good one is a finding of its own; the good one counts."""
    lay(root, {DEBIAN: bundle})
    first, *rest = judge(looking(root, {}))
    assert (first.status, first.code) == (status, code)
    assert cause in first.cause
    assert first.remedy
    assert told(rest) == ([] if status is FAIL else [(PASS, codes.CA_BUNDLE_OK)])


def test_what_belongs_in_no_pool_is_no_fault(root: Path) -> None:
    """Keys and OpenSSL's own form beside certificates are normal: RHEL ships a file full of them."""
    lay(root, {DEBIAN: A + KEY + TRUSTED, f"{CERTS}/b.trust.crt": TRUSTED, f"{CERTS}/README": b"hello"})
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]


def test_a_file_cut_in_a_directory_is_a_warning(root: Path) -> None:
    """It is one certificate that is lost, not the bundle."""
    lay(root, {DEBIAN: A, f"{CERTS}/b.pem": B[:-40]})
    assert told(judge(looking(root, {}))) == [(WARN, codes.CA_BUNDLE_TRUNCATED), (PASS, codes.CA_BUNDLE_OK)]


def test_many_of_a_kind_are_one_finding(root: Path) -> None:
    """A hundred expired roots and bad blocks do not make two hundred findings."""
    expired = b"".join(
        der.pem(
            der.certificate(
                subject=der.common_name(f"R{number}"),
                validity=der.seq(der.utc("990101000000Z"), der.utc("000101000000Z")),
            )
        )
        for number in range(100)
    )
    lay(root, {DEBIAN: A + expired + NEGATIVE * 100})
    found = judge(looking(root, {}))
    assert told(found) == [
        (WARN, codes.CA_BUNDLE_SKIPPED_BLOCKS),
        (WARN, codes.CA_ROOTS_EXPIRED),
        (PASS, codes.CA_BUNDLE_OK),
    ]
    assert found[0].evidence["count"] == 100
    assert len(found[0].evidence["blocks"]) == 20
    assert found[1].cause.endswith("and 98 more")
    assert all(len(finding.cause) < 300 for finding in found)


def test_the_few_expired_roots_of_a_distribution_are_said_and_are_no_warning(root: Path) -> None:
    """Debian 12 ships four in 144: no upgrade takes them away, and only a handshake may need one."""
    valid = b"".join(der.pem(der.certificate(subject=der.common_name(f"R{number}"))) for number in range(10))
    lay(root, {DEBIAN: valid + EXPIRED})
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_ROOTS_EXPIRED), (PASS, codes.CA_BUNDLE_OK)]
    lay(root, {DEBIAN: valid[: valid.rindex(b"-----BEGIN")] + EXPIRED})
    assert told(judge(looking(root, {}))) == [(WARN, codes.CA_ROOTS_EXPIRED), (PASS, codes.CA_BUNDLE_OK)]


@pytest.mark.parametrize(
    ("bundle", "least", "codes_found", "cause"),
    [
        (A + B, 2, [codes.CA_BUNDLE_OK], "Go trusts 2 roots"),
        (A + B, 3, [codes.CA_ROOTS_TOO_FEW], "2 of 2 roots can verify a server, 3 wanted"),
        (EXPIRED, 1, [codes.CA_ROOTS_EXPIRED, codes.CA_ROOTS_TOO_FEW], "0 of 1 root can verify"),
        (A + EXPIRED, 2, [codes.CA_ROOTS_EXPIRED, codes.CA_ROOTS_TOO_FEW], "1 of 2 roots can verify"),
        (LEAF, 1, [codes.CA_ROOTS_UNUSABLE, codes.CA_BUNDLE_OK], "Go trusts 1 root"),
        (EXPIRED_LEAF, 1, [codes.CA_ROOTS_EXPIRED, codes.CA_ROOTS_TOO_FEW], "0 of 1 root can verify"),
        (EXPIRED, 0, [codes.CA_ROOTS_EXPIRED, codes.CA_BUNDLE_OK], "Go trusts 1 root"),
    ],
)
def test_there_must_be_enough_roots(
    root: Path, bundle: bytes, least: int, codes_found: list[Code], cause: str
) -> None:
    """Only what can verify something counts; a pinned leaf verifies itself."""
    lay(root, {DEBIAN: bundle})
    found = judge(looking(root, {}), min_roots=least)
    assert [finding.code for finding in found] == codes_found
    assert cause in found[-1].cause


def test_too_few_roots_are_mended_by_what_took_them_away(root: Path) -> None:
    """A clock that is behind, or a root to renew: another bundle would not hold a private root either."""
    lay(root, {DEBIAN: A})
    behind = judge(looking(root, {}), now=930_000_000)[-1]
    assert (behind.code, behind.remedy.partition(" ")[0]) == (codes.CA_ROOTS_TOO_FEW, "date")
    lay(root, {DEBIAN: EXPIRED})
    assert judge(looking(root, {}))[-1].remedy == judge(looking(root, {}))[0].remedy
    lay(root, {DEBIAN: A})
    assert judge(looking(root, {}), min_roots=2)[-1].remedy.startswith("COPY --from=alpine")


def test_dates_are_judged_at_the_given_moment(root: Path) -> None:
    """What is expired today was not then, and the reverse."""
    lay(root, {DEBIAN: EXPIRED})
    assert told(judge(looking(root, {}), now=930_000_000)) == [(PASS, codes.CA_BUNDLE_OK)]
    assert FAIL in [status for status, _ in told(judge(looking(root, {})))]


@pytest.mark.parametrize(
    ("world", "env", "uid", "code", "cause"),
    [
        ({}, {"SSL_CERT_FILE": "/gone"}, None, codes.SSL_CERT_FILE_MISSING, "SSL_CERT_FILE names /gone"),
        (
            {},
            {"SSL_CERT_DIR": f"/gone:{CERTS}"},
            None,
            codes.SSL_CERT_DIR_MISSING,
            "SSL_CERT_DIR names /gone",
        ),
        ({"/x": b""}, {"SSL_CERT_FILE": "/x"}, None, codes.CA_BUNDLE_EMPTY, "SSL_CERT_FILE: /x is empty"),
        ({"/x": File(B, 0)}, {"SSL_CERT_FILE": "/x"}, 7, codes.CA_BUNDLE_UNREADABLE, "SSL_CERT_FILE: user 7"),
        ({DEBIAN: DIRECTORY}, {}, None, codes.CA_BUNDLE_IS_DIRECTORY, f"{DEBIAN} is a directory"),
        ({ALPINE: made("A")}, {}, None, codes.CA_BUNDLE_DER, f"{ALPINE} is DER"),
    ],
)
def test_what_others_make_up_for_is_a_warning(
    root: Path, world: dict[str, Content], env: dict[str, str], uid: int | None, code: Code, cause: str
) -> None:
    """A bad bundle is harmless while roots come from a directory; it is said how many."""
    lay(root, {f"{CERTS}/b.pem": B, **world})
    found = judge(looking(root, env, uid))
    assert told(found) == [(WARN, code), (PASS, codes.CA_BUNDLE_OK)]
    assert found[0].cause.startswith(cause)
    assert found[0].cause.endswith("; 1 root from elsewhere trusted")


@pytest.mark.parametrize(
    ("env", "remedy"),
    [
        ({"SSL_CERT_FILE": CERTS}, "ENV SSL_CERT_FILE="),
        ({"SSL_CERT_FILE": "/"}, "ENV SSL_CERT_FILE="),
        (
            {"SSL_CERT_FILE": "/corp"},
            f"ENV SSL_CERT_FILE= SSL_CERT_DIR={CERTS}:/corp",
        ),
        ({"SSL_CERT_FILE": "/corp", "SSL_CERT_DIR": CERTS}, f"ENV SSL_CERT_FILE= SSL_CERT_DIR={CERTS}:/corp"),
        ({"SSL_CERT_FILE": "/corp", "SSL_CERT_DIR": "/corp"}, "ENV SSL_CERT_FILE="),
    ],
)
def test_a_directory_that_is_named_as_the_file_stays(root: Path, env: dict[str, str], remedy: str) -> None:
    """What it holds may be all that Go trusts: nothing is removed, the variable is put right."""
    lay(root, {f"{CERTS}/b.pem": B, "/corp/ca.crt": A})
    found = judge(looking(root, env))[0]
    assert (found.code, found.remedy) == (codes.CA_BUNDLE_IS_DIRECTORY, remedy)


def test_missing_places_that_nobody_named_are_no_fault(root: Path) -> None:
    """Five of six files are always missing, and a dangling link among them hurts nobody."""
    lay(root, {ALPINE: A, "/etc/ssl/ca-bundle.pem": Link("gone")})
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]


def test_roots_in_the_program_turn_missing_into_a_warning(root: Path) -> None:
    """Go falls back to them where there is none; with a bundle they are not spoken of."""
    go = NEWEST._replace(fallback_roots=True)
    (finding,) = judge(looking(root, {}), go)
    assert (finding.status, finding.code) == (WARN, codes.CA_BUNDLE_FALLBACK)
    assert "no CA bundle in any" in finding.cause
    lay(root, {DEBIAN: A})
    assert told(judge(looking(root, {}), go)) == [(PASS, codes.CA_BUNDLE_OK)]
    (finding,) = judge(looking(root, {}), go._replace(godebug={"x509usefallbackroots": "1"}))
    assert (finding.status, finding.code) == (WARN, codes.CA_BUNDLE_FALLBACK)
    assert "x509usefallbackroots=1" in finding.cause


def test_a_fifo_blocks_even_a_program_with_roots(root: Path) -> None:
    """The fallback is no help: Go never gets there."""
    lay(root, {DEBIAN: FIFO})
    (finding,) = judge(looking(root, {}), NEWEST._replace(fallback_roots=True))
    assert (finding.status, finding.code) == (FAIL, codes.CA_BUNDLE_FIFO)


REISSUED = der.pem(made("A", 77))


@pytest.mark.parametrize(
    ("wanted", "status", "code", "cause"),
    [
        (A, PASS, codes.EXTRA_ROOT_OK, "1 root of /corp.pem trusted"),
        (A + B, PASS, codes.EXTRA_ROOT_OK, "2 roots of /corp.pem trusted"),
        (REISSUED, PASS, codes.EXTRA_ROOT_OK, "1 root"),
        (A + der.pem(made("Z")), FAIL, codes.EXTRA_ROOT_MISSING, "1 root of /corp.pem not trusted: CN=Z"),
        (EXPIRED, FAIL, codes.EXTRA_ROOT_UNUSABLE, "of no use: CN=Test Root (expired on 2000"),
        (b"", UNKNOWN, codes.EXTRA_ROOT_UNREADABLE, "it holds no certificate"),
        (KEY, UNKNOWN, codes.EXTRA_ROOT_UNREADABLE, "line 1: a PRIVATE KEY"),
        (A[:-40], UNKNOWN, codes.EXTRA_ROOT_UNREADABLE, "line 1: no END line"),
        (NEGATIVE, UNKNOWN, codes.EXTRA_ROOT_UNREADABLE, "negative serial"),
    ],
)
def test_private_roots_must_be_there(
    root: Path, wanted: bytes, status: Status, code: Code, cause: str
) -> None:
    """Each certificate of the file is among the roots, by itself or by its name and key."""
    lay(root, {DEBIAN: A + B + EXPIRED, "/corp.pem": wanted, "/usr/sbin/update-ca-certificates": b""})
    found = judge(looking(root, {}), extra_roots=("/corp.pem",))
    (finding,) = [finding for finding in found if finding.subject == "/corp.pem"]
    assert (finding.status, finding.code) == (status, code)
    assert cause in finding.cause
    assert (codes.CA_BUNDLE_OK in [finding.code for finding in found]) == (status is PASS)


@pytest.mark.parametrize(
    ("tool", "remedy"),
    [
        (
            "/usr/sbin/update-ca-certificates",
            "RUN cp /corp.pem /usr/local/share/ca-certificates/corp.crt && update-ca-certificates",
        ),
        ("/usr/bin/update-ca-trust", "RUN cp /corp.pem /etc/pki/ca-trust/source/anchors/corp.pem && update"),
        ("/bin/ln", "RUN ln -snf /corp.pem /etc/ssl/certs/corp.pem"),
    ],
)
def test_how_to_add_a_root_depends_on_the_image(root: Path, tool: str, remedy: str) -> None:
    """Debian and Alpine, RHEL, and images without any tool."""
    programs: World = {tool: b"", "/bin/cp": b"", "/bin/sh": b""}
    sources: World = {
        "/usr/share/ca-certificates/a.crt": A,
        "/etc/ca-certificates.conf": b"a.crt\n",
        "/usr/local/share/ca-certificates": DIRECTORY,
        "/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit": A,
        "/etc/pki/ca-trust/source/anchors": DIRECTORY,
    }
    bundle = DEBIAN if "certificates" in tool or tool == "/bin/ln" else trust.FILES[4]
    lay(root, {bundle: A, "/corp.pem": B, CERTS: DIRECTORY, **programs, **sources})
    found = judge(looking(root, {}), extra_roots=("/corp.pem",))
    assert remedy in found[0].remedy


def test_a_private_root_that_cannot_be_read_is_unknown(root: Path) -> None:
    """No file, a FIFO: we cannot tell, and that is never healthy."""
    lay(root, {DEBIAN: A, "/fifo": FIFO})
    found = judge(looking(root, {}), extra_roots=("/gone", "/fifo"))
    assert told(found) == [(UNKNOWN, codes.EXTRA_ROOT_UNREADABLE)] * 2
    assert "no such file" in found[0].cause
    assert "FIFO" in found[1].cause


def test_credentials_do_not_leave(root: Path) -> None:
    """A URL with a password in the place of a path is redacted."""
    (finding,) = judge(looking(root, {"SSL_CERT_FILE": "https://joe:hunter2xyzzy@host/ca.pem"}))
    assert finding.code is codes.SSL_CERT_FILE_MISSING
    assert "hunter2xyzzy" not in repr(finding)


def running(seen: Target, role: str, phases: Callable[[str], None] = lambda _: None) -> Run:
    return Run(Deadline(10), role, NOW, Facts(seen, go=NEWEST).telling(phases), phases)


def test_without_roots_endpoints_are_called_all_the_same(root: Path) -> None:
    """The cause comes first; the handshake, which cannot succeed, tells whom one would have to trust."""
    seen = looking(root, {})
    first, second = CaBundle(endpoints=("127.0.0.1:1",), attempts=1).run(seen, running(seen, "all"))
    assert first.code is codes.CA_BUNDLE_MISSING
    assert second.code is codes.TLS_CONNECTION_REFUSED


def test_in_the_role_ready_only_files_are_read(root: Path) -> None:
    """The handshake belongs to startup and by hand: another role says that it was not asked for."""
    lay(root, {DEBIAN: A})
    phases: list[str] = []
    seen = looking(root, {})
    found = list(CaBundle(endpoints=("127.0.0.1:1",)).run(seen, running(seen, "ready", phases.append)))
    assert found[0].code is codes.CA_BUNDLE_OK
    assert {finding.status for finding in found} <= {PASS, Status.SKIP}
    assert phases[0] == "reading the CA bundle"


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"\x30", b"\x30\x80", b"\xef\xbb\xbf", b"-----BEGIN ", b"\0" * 9]
)
def test_the_beginning_of_anything_is_something(content: bytes) -> None:
    """A few bytes are enough for a word about them."""
    assert look(content).words


def test_hostile_names_stay_on_one_line(root: Path) -> None:
    """Control characters and megabytes in names of files and subjects do not reach a terminal."""
    nasty = der.certificate(
        subject=der.common_name("\x1b[31m" + "x" * 100_000 + "\n"),
        validity=der.seq(der.utc("990101000000Z"), der.utc("000101000000Z")),
    )
    lay(root, {DEBIAN: A + der.pem(nasty), f"{CERTS}/a\n\x1b[2J.pem": A.replace(b"a", b"#")})
    for finding in judge(looking(root, {})):
        text = repr([finding.cause, finding.remedy, dict(finding.evidence)])
        assert "\\x1b" not in text.replace("\\\\x1b", "")
        assert len(text) < 3000


@pytest.mark.needs("mounts")
@pytest.mark.parametrize(
    ("over", "code", "words"),
    [
        ("true", "CA_BUNDLE_OK", "Go trusts 1 root"),
        ("mount -t tmpfs corp-ca /etc/ssl/certs", "CA_BUNDLE_HIDDEN", "corp-ca is mounted on /etc/ssl/certs"),
        ("mount -t tmpfs corp-ca /etc/ssl", "CA_BUNDLE_HIDDEN", "corp-ca is mounted on /etc/ssl and"),
        (f"mount --bind /dev/null {DEBIAN}", "CA_BUNDLE_HIDDEN", f"is mounted on {DEBIAN}"),
    ],
    ids=["nothing", "the directory", "the one above", "the file"],
)
def test_a_real_mount_over_the_bundle_is_told(tmp_path: Path, over: str, code: str, words: str) -> None:
    """The command, in a mount namespace whose /etc holds a bundle and then something over it."""
    lay(tmp_path, {DEBIAN: A})
    check = "check --only ca-bundle --role ready --format json"
    script = f'mount --bind "$1" /etc && {over} && exec "$2" -m probe {check}'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", tmp_path / "etc", sys.executable],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    (check_result,) = json.loads(done.stdout)["checks"]
    finding = check_result["findings"][0]
    assert (finding["code"], done.returncode) == (code, int(code != "CA_BUNDLE_OK")), done.stderr
    assert words in finding["cause"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (made("A"), codes.CA_BUNDLE_DER),
        (PEM_A.encode("utf-16"), codes.CA_BUNDLE_UTF16),
        (b"", codes.CA_BUNDLE_EMPTY),
        (DIRECTORY, codes.CA_BUNDLE_IS_DIRECTORY),
        (Link("..data/corp.crt"), codes.CA_BUNDLE_DANGLING_LINK),
    ],
)
def test_what_looks_like_a_certificate_and_gives_none_is_told(
    root: Path, content: Content, code: Code
) -> None:
    """Somebody has put it there to be trusted; the bundle beside it keeps that from being a failure."""
    lay(root, {DEBIAN: B, f"{CERTS}/corp.crt": content})
    assert told(judge(looking(root, {}))) == [(WARN, code), (PASS, codes.CA_BUNDLE_OK)]
    lay(root, {f"{CERTS}/README": b"read me"})


def test_what_looks_like_no_certificate_is_left_alone(root: Path) -> None:
    """Its twins: other files, links of OpenSSL's own, and what a distribution ships for others."""
    lay(
        root,
        {
            DEBIAN: B,
            f"{CERTS}/README": b"read me",
            f"{CERTS}/0a775a30.0": Link("gone.pem"),
            "/etc/pki/tls/certs/ca-bundle.trust.crt": TRUSTED,
        },
    )
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]
