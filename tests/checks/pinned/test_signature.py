"""The signature of a checksum file: real keys of gpg, real gpgv."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from probe import codes
from probe.report import Finding, Status
from tests.checks.pinned.helpers import SIGNATURE, SUMS, line, look, only
from tests.support.commands import RunProbe
from tests.support.fixes import fixes
from tests.support.worlds import FIFO, lay


class Signer(NamedTuple):
    """A GnuPG home with one key in it."""

    home: Path
    ring: Path

    def gpg(self, *arguments: str | Path) -> None:
        command = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--yes", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def sign(self, root: Path, *options: str) -> None:
        self.gpg(*options, "--detach-sign", "--output", root / SIGNATURE[1:], root / SUMS[1:])

    def export(self) -> None:
        self.ring.unlink(missing_ok=True)
        self.gpg("--output", self.ring, "--export")


def _signer(folder: Path, *options: str, expires: str = "never") -> Signer:
    home = folder / "h"
    home.mkdir(mode=0o700)
    made = Signer(home, folder / "keys.gpg")
    key = ("--passphrase", "", "--quick-generate-key", "Base Line <base@example>", "ed25519", "sign")
    made.gpg(*options, *key, expires)
    made.export()
    return made


@pytest.fixture
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Makes signers, and ends their agents."""
    if not shutil.which("gpg") or not shutil.which("gpgv"):
        pytest.skip("needs gpg and gpgv")
    homes: list[Path] = []

    def make(*options: str, expires: str = "never") -> Signer:
        made = _signer(tmp_path_factory.mktemp("gpg"), *options, expires=expires)
        homes.append(made.home)
        return made

    yield make
    for home in homes:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True, timeout=20)


@pytest.fixture
def signed_root(root: Path) -> Path:
    lay(root, {"/bin/tool": b"tool", SUMS: line(b"tool", "/bin/tool").encode()})
    return root


def look_signed(root: Path, signer: Signer, **settings: Any) -> list[Finding]:
    return look(root, sums=SUMS, signature=SIGNATURE, keyring=str(signer.ring), **settings)


@pytest.mark.parametrize("form", ["--no-armor", "--armor"])
def test_a_good_signature_opens_the_sums(signed_root: Path, signer: Any, form: str) -> None:
    """In both forms; who has signed is told."""
    key = signer()
    key.sign(signed_root, form)
    first, second = look_signed(signed_root, key)
    assert (first.code, first.status) == (codes.PINNED_SIGNATURE_OK, Status.PASS)
    assert first.cause.startswith(f"{SUMS} is signed by Base Line <base@example> (")
    assert second.code is codes.PINNED_FILES_OK


def test_sums_without_their_signature_are_not_trusted(signed_root: Path, signer: Any) -> None:
    """A flipped byte in a file is not even looked for."""
    (signed_root / "bin/tool").write_bytes(b"tooL")
    key = signer()
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_MISSING, Status.FAIL)
    assert fixes(one) == f"gpg --yes --detach-sign --output {SIGNATURE} {SUMS}"
    key.sign(signed_root)
    findings = look_signed(signed_root, key)
    assert [one.code for one in findings] == [codes.PINNED_SIGNATURE_OK, codes.PINNED_FILE_MISMATCH]


def test_sums_that_were_changed_after_signing(signed_root: Path, signer: Any) -> None:
    """If only by a line end."""
    key = signer()
    key.sign(signed_root)
    with (signed_root / SUMS[1:]).open("ab") as stream:
        stream.write(b"\n")
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_BAD, Status.FAIL)
    assert "none of its files was checked" in one.cause
    assert fixes(one).startswith(f"gpg --yes --detach-sign --output {SIGNATURE} {SUMS}")


def test_a_stranger_has_signed(signed_root: Path, signer: Any) -> None:
    """A good signature by a key that the keyring lacks is none."""
    key, stranger = signer(), signer()
    stranger.sign(signed_root)
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_NO_KEY, Status.FAIL)
    assert fixes(one).endswith(f">> {key.ring}")
    assert look_signed(signed_root, stranger)[0].code is codes.PINNED_SIGNATURE_OK


LONG_AGO = ("--faked-system-time", "20200101T000000")


def test_a_key_that_has_expired(signed_root: Path, signer: Any) -> None:
    """Although gpgv itself ends with 0."""
    key = signer(*LONG_AGO, expires="1y")
    key.sign(signed_root, *LONG_AGO)
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_KEY_EXPIRED, Status.FAIL)
    renewed, taken = fixes(one).splitlines()
    assert renewed.startswith("gpg --quick-set-expire ")
    assert taken.endswith(f" --keyring {key.ring} --import")


def test_a_signature_that_has_expired(signed_root: Path, signer: Any) -> None:
    """Its key has not; without a term it would still hold."""
    key = signer(*LONG_AGO)
    key.sign(signed_root, *LONG_AGO, "--default-sig-expire", "1d")
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_EXPIRED, Status.FAIL)
    assert fixes(one).startswith("gpg --yes --detach-sign ")
    key.sign(signed_root, *LONG_AGO)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


def test_a_key_that_was_revoked(signed_root: Path, signer: Any) -> None:
    """All that it has signed is void, before too."""
    key = signer()
    key.sign(signed_root)
    (certificate,) = (key.home / "openpgp-revocs.d").glob("*.rev")
    certificate.write_text(certificate.read_text().replace(":-----BEGIN", "-----BEGIN"))
    key.gpg("--import", certificate)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK  # by the keyring from before
    key.export()
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_KEY_REVOKED, Status.FAIL)
    assert fixes(one).startswith("gpg --yes --local-user NEW_KEY --detach-sign ")


@pytest.mark.parametrize("kind", ["text", "inline", "FIFO", "SHA-1"])
def test_what_is_no_detached_signature(signed_root: Path, signer: Any, kind: str) -> None:
    """A web page, a message that holds its own text, a FIFO, a digest that nobody trusts any more."""
    key = signer()
    place = signed_root / SIGNATURE[1:]
    if kind == "inline":
        key.gpg("--sign", "--output", place, signed_root / SUMS[1:])
    elif kind == "SHA-1":
        key.sign(signed_root, "--digest-algo", "SHA1", "--weak-digest", "MD5")
    else:
        lay(signed_root, {SIGNATURE: FIFO if kind == "FIFO" else b"<html>"})
    status = Status.FAIL if kind == "FIFO" else Status.UNKNOWN
    one = only(look_signed(signed_root, key), codes.PINNED_SIGNATURE_UNREADABLE, status)
    first, *others = fixes(one).split("\n")
    # gpg would wait for whoever reads from a FIFO.
    assert first.startswith("rm " if kind == "FIFO" else "gpg --yes --detach-sign ")
    assert kind != "FIFO" or others[0].startswith("gpg --yes --detach-sign ")
    place.unlink()
    key.sign(signed_root)
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


@pytest.mark.parametrize("kind", ["missing", "armored", "empty", "FIFO"])
def test_a_keyring_that_gpgv_does_not_read(signed_root: Path, signer: Any, kind: str) -> None:
    """Unknown, with the line that makes one."""
    key = signer()
    key.sign(signed_root)
    key.ring.unlink()
    if kind == "armored":
        key.gpg("--armor", "--output", key.ring, "--export")
    elif kind == "empty":
        key.ring.write_bytes(b"")
    elif kind == "FIFO":
        os.mkfifo(key.ring)
    one = only(look_signed(signed_root, key), codes.PINNED_KEYRING_UNUSABLE, Status.UNKNOWN)
    assert f"gpg --dearmor < KEY.asc > {key.ring}" in fixes(one)
    key.export()
    assert look_signed(signed_root, key)[0].code is codes.PINNED_SIGNATURE_OK


def test_where_there_is_no_gpgv(signed_root: Path, signer: Any) -> None:
    """It is said; nothing unsigned is trusted meanwhile."""
    key = signer()
    key.sign(signed_root)
    findings = look_signed(signed_root, key, gpgv="/no/such/gpgv")
    one = only(findings, codes.PINNED_GPGV_MISSING, Status.UNKNOWN)
    assert fixes(one).startswith("RUN apt-get update && apt-get install -y --no-install-recommends gpgv")
    found = look_signed(signed_root, key, gpgv=shutil.which("gpgv"))
    assert found[0].code is codes.PINNED_SIGNATURE_OK


@pytest.mark.slow
@pytest.mark.parametrize("script", ["#!/bin/sh\nsleep 60\n", "not a program\n"])
def test_a_gpgv_that_does_not_run_to_its_end(
    signed_root: Path, signer: Any, tmp_path: Path, script: str
) -> None:
    """Unknown by the deadline at the latest."""
    key = signer()
    key.sign(signed_root)
    program = tmp_path / "gpgv"
    program.write_text(script)
    program.chmod(0o755)
    findings = look_signed(signed_root, key, gpgv=str(program), timeout_s=1)
    one = only(findings, codes.PINNED_GPGV_FAILED, Status.UNKNOWN)
    assert fixes(one) == f"{program} --version\n\nprobe check --timeout 30"


def test_what_was_signed_is_what_counts(signed_root: Path, signer: Any, tmp_path: Path) -> None:
    """Whoever replaces the checksum file while its signature is being verified gains nothing."""
    key = signer()
    key.sign(signed_root)
    (signed_root / "bin/tool").write_bytes(b"evil")
    (tmp_path / "evil").write_text(line(b"evil", "/bin/tool"))
    program = tmp_path / "gpgv"
    program.write_text(
        f'#!/bin/sh\ncp {tmp_path}/evil {signed_root}{SUMS}\nexec {shutil.which("gpgv")} "$@"\n'
    )
    program.chmod(0o755)
    first, second = look_signed(signed_root, key, gpgv=str(program))
    assert first.code is codes.PINNED_SIGNATURE_OK
    assert (second.code, second.status) == (codes.PINNED_FILE_MISMATCH, Status.FAIL)
    assert second.evidence["expected"] == sha256(b"tool").hexdigest()
    assert (signed_root / SUMS[1:]).read_text() == line(b"evil", "/bin/tool")


def test_a_gpgv_that_claims_success_and_fails(signed_root: Path, signer: Any, tmp_path: Path) -> None:
    """Words alone are not believed, nor is an exit code."""
    key = signer()
    key.sign(signed_root)
    program = tmp_path / "gpgv"
    for said, code in (("GOODSIG 1 x\n[GNUPG:] VALIDSIG 1 2026-01-01 1700000000", 1), ("NEWSIG", 0)):
        program.write_text(f"#!/bin/sh\nprintf '[GNUPG:] %s\\n' '{said}'\nexit {code}\n")
        program.chmod(0o755)
        findings = look_signed(signed_root, key, gpgv=str(program))
        only(findings, codes.PINNED_SIGNATURE_UNREADABLE, Status.UNKNOWN)


def test_the_command_verifies_a_signature_in_any_target(
    signed_root: Path, signer: Any, run_probe: RunProbe
) -> None:
    """Although nothing of another target is run there: gpgv is a program of ours."""
    key = signer()
    key.sign(signed_root)
    sets = [f"pinned.sums={SUMS}", f"pinned.signature={SIGNATURE}", f"pinned.keyring={key.ring}"]
    line = ["check", "--only", "pinned", "--root", str(signed_root)]
    for one in sets:
        line += ["--set", one]
    done = run_probe(*line, "--verbose")
    assert (done.code, done.err) == (0, ""), done.out
    assert "pass PINNED_SIGNATURE_OK" in done.out
