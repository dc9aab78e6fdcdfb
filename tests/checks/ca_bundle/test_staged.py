"""Roots that were copied where the distribution makes its bundle from, and that the bundle does not have."""

import time
from pathlib import Path

import pytest

from probe import codes
from probe.remedies import forms, keystore
from tests.checks.ca_bundle.bundles import PASS, WARN, judge, looking, told
from tests.golang.root_worlds import DEBIAN, A, B
from tests.support import keystores
from tests.support.der import integer, octets, oid, seq
from tests.support.worlds import Content, lay

LOCAL = "/usr/local/share/ca-certificates"
TOOLS: dict[str, Content] = {
    **{f"/usr/bin/{name}": b"" for name in ("sh", "mv", "openssl", "update-ca-certificates")},
    "/usr/share/ca-certificates/a.crt": A,
    "/etc/ca-certificates.conf": b"a.crt\n",
}


@pytest.mark.parametrize(
    ("path", "why", "fix"),
    [
        ("b.crt", "update-ca-certificates has not run since", "RUN update-ca-certificates"),
        ("b.pem", "does not end in .crt", f"RUN mv {LOCAL}/b.pem {LOCAL}/b.crt && update-ca-certificates"),
    ],
)
def test_a_root_that_is_not_in_the_bundle_is_told(root: Path, path: str, why: str, fix: str) -> None:
    """Without any handshake: the file, why it is not in it, and the step that was missed."""
    lay(root, {**TOOLS, DEBIAN: A, f"{LOCAL}/{path}": B})
    finding, last = judge(looking(root, {}))
    assert told([finding, last]) == [(WARN, codes.CA_ROOTS_NOT_IN_BUNDLE), (PASS, codes.CA_BUNDLE_OK)]
    assert f"{LOCAL}/{path} holds a root that Go does not trust: " in finding.cause
    assert why in finding.cause
    assert finding.remedies[0].text == fix
    assert finding.remedies[0].tried


def test_many_files_with_one_missing_step_are_one_finding(root: Path) -> None:
    """Ten files and no update since."""
    lay(root, {**TOOLS, DEBIAN: A, **{f"{LOCAL}/{number}.crt": B for number in range(10)}})
    finding, _ = judge(looking(root, {}))
    assert finding.cause.endswith("; 9 files beside it too")


def test_what_is_in_the_bundle_or_no_certificate_is_not_told(root: Path) -> None:
    """The twin: after the update, beside a README."""
    lay(
        root,
        {**TOOLS, DEBIAN: A + B, f"{LOCAL}/b.crt": B, f"{LOCAL}/README": b"text\n", f"{LOCAL}/x.pem": b""},
    )
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]


def test_keystores_that_nobody_can_open_do_not_use_up_the_check(root: Path) -> None:
    """Forty that ask for as many rounds as are made, with each password that is tried."""
    part = seq(oid(keystores.PBKDF2), seq(octets(b"salt"), integer(1)))
    store = keystores.asking(part, keystore.ROUNDS - 100)
    lay(root, {**TOOLS, DEBIAN: A, **{f"{LOCAL}/{number}.p12": store for number in range(40)}})
    began = time.thread_time()
    forms.look(store)
    single = time.thread_time() - began
    began = time.thread_time()
    assert told(judge(looking(root, {}))) == [(PASS, codes.CA_BUNDLE_OK)]
    assert time.thread_time() - began < 1 + 4 * single
