"""The roots that a configuration demands."""

from pathlib import Path

import pytest

from probe import codes
from probe.codes import Code
from probe.golang.x509 import trust
from probe.report import Status
from tests.checks.ca_bundle.bundles import EXPIRED, FAIL, NEGATIVE, PASS, UNKNOWN, judge, looking, told
from tests.golang.root_worlds import CERTS, DEBIAN, KEY, A, B
from tests.golang.root_worlds import root as made
from tests.support import der
from tests.support.worlds import DIRECTORY, FIFO, World, lay

REISSUED = der.pem(made("A", 77))


@pytest.mark.parametrize(
    ("wanted", "status", "code", "cause"),
    [
        (A, PASS, codes.EXTRA_ROOT_OK, "1 root of /corp.pem trusted"),
        (A + B, PASS, codes.EXTRA_ROOT_OK, "2 roots of /corp.pem trusted"),
        (REISSUED, PASS, codes.EXTRA_ROOT_OK, "1 root"),
        (A + der.pem(made("Z")), FAIL, codes.EXTRA_ROOT_MISSING, "1 root of /corp.pem not trusted: CN=Z"),
        (EXPIRED, FAIL, codes.EXTRA_ROOT_UNUSABLE, "unusable: CN=Test Root (expired on 2000"),
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
