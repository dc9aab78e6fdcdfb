"""`probe inspect chain`: offline, in the published shape; every verdict is held against Go elsewhere."""

import json
from pathlib import Path

import pytest

from probe.golang.release import NEWEST, Go
from probe.golang.timefmt import rfc3339
from probe.golang.x509.certificate import Certificate, parse
from probe.inspect import chain
from tests.support import pki
from tests.support.commands import RunProbe
from tests.support.pki import DAY, NOW, intermediate, leaf, pems, root

CA = root("Inspect CA")
MIDDLE = intermediate(CA, "Inspect Issuing CA")
LEAF = leaf(MIDDLE, "api.test")
EXPIRED = (
    "x509: certificate has expired or is not yet valid: current time "
    f"{rfc3339(NOW + 900 * DAY)} is after {rfc3339(NOW + 300 * DAY)}"
)
FINE = {"ok": True, "error": None, "code": "TLS_OK"}


def trusted(made: pki.Made, go: Go = NEWEST) -> list[Certificate]:
    certificate = parse(made.der, go)
    assert isinstance(certificate, Certificate)
    return [certificate]


def test_a_sound_chain_is_accepted() -> None:
    """Three keys, no more: other programs read them."""
    assert chain.inspect(pems([LEAF, MIDDLE]).encode(), "api.test", NOW, trusted(CA), NEWEST) == FINE


@pytest.mark.parametrize(
    ("sent", "host", "at", "code", "error"),
    [
        ([LEAF], "api.test", NOW, "TLS_UNKNOWN_AUTHORITY", "x509: certificate signed by unknown authority"),
        (
            [LEAF, MIDDLE],
            "www.test",
            NOW,
            "TLS_WRONG_NAME",
            "x509: certificate is valid for api.test, not www.test",
        ),
        (
            [LEAF, MIDDLE],
            "api.test",
            NOW + 900 * DAY,
            "TLS_EXPIRED",
            EXPIRED,
        ),
        (
            [leaf(CA, "api.test", serial=-1)],
            "api.test",
            NOW,
            "TLS_CERTIFICATE_REFUSED",
            "tls: failed to parse certificate from server: x509: negative serial number",
        ),
        ([], "api.test", NOW, "TLS_CERTIFICATE_REFUSED", "no certificates"),
    ],
    ids=["no intermediate", "other name", "later", "unreadable", "empty"],
)
def test_a_chain_that_go_refuses(sent: list[pki.Made], host: str, at: float, code: str, error: str) -> None:
    """Go's words and our code for them."""
    found = chain.inspect(pems(sent).encode(), host, at, trusted(CA), NEWEST)
    assert found == {"ok": False, "error": error, "code": code}


def test_a_signature_that_cannot_be_checked_is_neither() -> None:
    """Null, not false: nobody here knows."""
    odd, go = root("Odd CA", key=pki.huge_key()), Go((1, 21, 13), "as-go")
    found = chain.inspect(pems([leaf(odd, "api.test")]).encode(), "api.test", NOW, trusted(odd, go), go)
    assert found == {"ok": None, "error": None, "code": "TLS_SIGNATURE_UNCHECKED"}


def test_the_release_that_is_judged_decides() -> None:
    """A negative serial number was fine until 1.23."""
    data = pems([leaf(CA, "api.test", serial=-1)]).encode()
    for minor, ok in ((22, True), (23, False)):
        go = Go((1, minor, 0), "as-go")
        assert chain.inspect(data, "api.test", NOW, trusted(CA, go), go)["ok"] is ok


def test_the_command_reads_files_of_ours(run_probe: RunProbe, tmp_path: Path) -> None:
    """The chain and the roots from files, the moment from --at; without --roots the target's count."""
    sent, own, other = tmp_path / "chain.pem", tmp_path / "roots.pem", tmp_path / "root"
    sent.write_text(pems([LEAF, MIDDLE]))
    own.write_text("junk\n" + pki.pem(b"no certificate") + CA.pem)
    (other / "etc" / "ssl").mkdir(parents=True)
    (other / "etc" / "ssl" / "cert.pem").write_text(CA.pem)

    def code(*options: str) -> str:
        done = run_probe("inspect", "chain", str(sent), "--host", "api.test", *options)
        assert done.code == 0
        found: str = json.loads(done.out)["code"]
        return found

    assert code("--roots", str(own)) == "TLS_OK"
    assert code("--roots", str(own), "--at", "2060-01-01T00:00:00Z") == "TLS_EXPIRED"
    assert code("--root", str(other)) == "TLS_OK"
    assert code("--root", str(other), "--env", "SSL_CERT_FILE=/none") == "TLS_UNKNOWN_AUTHORITY"


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("chain", 64, "chain needs a FILE"),
        ("chain x.pem", 64, "chain needs --host"),
        ("chain no.pem --host a.test", 1, "no.pem: no such file or directory"),
        ("chain /dev/zero --host a.test", 1, "/dev/zero is a character device"),
        ("roots --host a.test", 64, "--host is for inspect chain"),
    ],
)
def test_what_is_missing_is_said(line: str, code: int, words: str, run_probe: RunProbe) -> None:
    """One line, and no answer that could be taken for one."""
    done = run_probe("inspect", *line.split())
    assert (done.code, done.out) == (code, "")
    assert words in done.err


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (CA.der, "is DER, not PEM"),
        (CA.pem.replace("\n", " ").encode(), "is PEM on one line, with blanks for its newlines"),
        (CA.pem.encode("utf-16"), "is UTF-16 text"),
        (CA.pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE").encode(), "holds TRUSTED CERTIFICATE blocks"),
        (CA.pem.replace("CERTIFICATE", "PKCS7").encode(), "is PKCS#7"),
        (CA.pem.replace("\n", "\\n").encode(), "has its newlines written as \\n"),
        (b"", "is empty"),
    ],
)
def test_a_file_in_another_form_is_told(data: bytes, words: str, run_probe: RunProbe, tmp_path: Path) -> None:
    """As the chain, and as the roots that are to be trusted."""
    other, sent = tmp_path / "other", tmp_path / "chain.pem"
    other.write_bytes(data)
    sent.write_text(pems([LEAF, MIDDLE]))
    done = run_probe("inspect", "chain", str(other), "--host", "api.test", "--root", str(tmp_path))
    assert json.loads(done.out)["error"] == f"no certificates: {other} {words}"
    done = run_probe("inspect", "chain", str(sent), "--host", "api.test", "--roots", str(other))
    assert done.err == f"probe: inspect chain: --roots: {other} {words}: Go takes no root from it\n"
    assert (done.code, done.out) == (1, "")
