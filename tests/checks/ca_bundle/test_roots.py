"""What is odd in a bundle and in the places where Go looks for one, each by its own code."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from probe import codes
from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.file_kinds import look
from probe.codes import Code
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang.release import NEWEST
from probe.report import Status
from probe.targets import Target
from tests.checks.ca_bundle.bundles import (
    EXPIRED,
    FAIL,
    FUTURE,
    NEGATIVE,
    NOW,
    PASS,
    PEM_A,
    WARN,
    judge,
    looking,
    told,
)
from tests.golang.odd_certificates import ODD
from tests.golang.root_worlds import ALPINE, CERTS, DEBIAN, KEY, TRUSTED, A, B
from tests.golang.root_worlds import root as made
from tests.support import der, pki
from tests.support.commands import clean_environment
from tests.support.worlds import DIRECTORY, FIFO, Content, File, Link, lay

EXPIRED_LEAF = pki.leaf(None, "localhost", not_after=pki.NOW - pki.DAY).pem.encode()


LEAF, WEAK = der.pem(ODD["basicConstraints CA:FALSE"].data), der.pem(ODD["RSA 512"].data)


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
        (A + B[:-40], FAIL, codes.CA_BUNDLE_TRUNCATED, "is truncated in the certificate at line 8"),
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
        (A + B, 3, [codes.CA_ROOTS_TOO_FEW], "2 of 2 roots can verify a server, 3 required"),
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
    assert found[0].cause.endswith("; 1 root from other files trusted")


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
    beside = "CA_ROOTS_NOT_IN_BUNDLE"  # what the machine's own administrator has put there
    finding = next(one for one in check_result["findings"] if one["code"] != beside)
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


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", codes.CA_BUNDLE_EMPTY),
        (made("A"), codes.CA_BUNDLE_DER),
        (DIRECTORY, codes.CA_BUNDLE_IS_DIRECTORY),
        (Link("/gone/corp.crt"), codes.CA_BUNDLE_DANGLING_LINK),
    ],
)
def test_many_of_them_are_told_once(root: Path, content: Content, code: Code) -> None:
    """A directory that was copied without what its links lead to holds a hundred and more."""
    lay(root, {DEBIAN: B, **{f"{CERTS}/{number}.pem": content for number in range(400)}})
    began = time.thread_time()
    found = judge(looking(root, {}))
    assert time.thread_time() - began < 5  # one by one and tried each, it was minutes
    assert told(found) == [(WARN, code), (PASS, codes.CA_BUNDLE_OK)]
    assert (found[0].subject, found[0].evidence["count"]) == (CERTS, 400)
    assert found[0].cause.startswith(f"400 entries of {CERTS} give Go no certificate, such as: {CERTS}/0.pem")


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


@pytest.mark.root("mounts")
def test_no_command_is_advised_for_what_a_mount_covers() -> None:
    """SSL_CERT_FILE below a mount: what the image is given there stays hidden."""
    script = 'mount -t tmpfs x /etc/ssl/certs && exec "$1" -m probe check --only ca-bundle --role ready'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", sys.executable],
        env={**clean_environment(), "SSL_CERT_FILE": DEBIAN, "SSL_CERT_DIR": CERTS},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.startswith("unhealthy: "), done.stderr
    assert "RUN " not in done.stdout
    assert "COPY " not in done.stdout
