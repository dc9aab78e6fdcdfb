"""The oracle is real Go, and sees exactly the world that it is given."""

import base64
import os
import ssl
from pathlib import Path

import pytest

from tests.differential.harness import Blocks, Died, ask, run, same


def test_the_oracle_is_the_release_asked_for(go_version: str) -> None:
    """It was built by that very toolchain."""
    same(f"go{go_version}", ask(go_version, "version", {"a": "go1.22"})["runtime"])


def test_an_empty_root_holds_no_roots(go_version: str, root: Path) -> None:
    """Nothing of the machine shows through, and Go reports no error for it."""
    answer = ask(go_version, "roots", root=root)
    assert answer["roots"] == []
    assert answer["error"] is None
    assert answer["verify_error"] == "x509: certificate signed by unknown authority"


def test_the_environment_is_exactly_the_one_given(
    go_version: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of the machine do not reach it; those that are given do."""
    monkeypatch.setenv("SSL_CERT_FILE", "/of-the-machine")
    (root / "given").mkdir()
    answer = ask(go_version, "roots", root=root, env={"SSL_CERT_FILE": "/given"})
    assert answer["error"] == "read /given: is a directory"


def test_a_pool_is_read_in_its_own_order(go_version: str) -> None:
    """A pool's certificates come as digests of what was put in, undecodable blocks left out."""
    der = base64.b64decode(CERTIFICATE)
    pem = ssl.DER_cert_to_PEM_cert(der) + ssl.DER_cert_to_PEM_cert(der + b"x")
    answer = ask(go_version, "pem", {"data": base64.b64encode(pem.encode()).decode()})
    assert len(answer["roots"]) == 1
    assert [block["error"] for block in answer["blocks"]] == [None, "x509: trailing data"]
    assert answer["roots"] == [ask(go_version, "cert", {"der": CERTIFICATE})["sha256"]]


def test_many_requests_cost_one_process(go_version: str) -> None:
    """Answers stand in the order of their requests."""
    answers = run(go_version, "proxy", [{"url": "https://a.test"}, {"url": "http://a.test"}], env={
        "HTTPS_PROXY": "p.test:1"
    })  # fmt: skip
    assert answers == [{"proxy": "http://p.test:1", "error": None}, {"proxy": None, "error": None}]


def test_what_makes_go_wait_for_ever_is_an_answer(go_version: str, root: Path) -> None:
    """A FIFO in the bundle's place blocks Go; we say so instead of waiting along."""
    os.mkfifo(root / "fifo")
    assert ask(go_version, "roots", root=root, env={"SSL_CERT_FILE": "/fifo"}, patience_s=0.5) == Blocks()


def test_what_kills_go_at_start_is_an_answer() -> None:
    """Go 1.27 refuses a removed GODEBUG setting before main."""
    died = ask("1.27.3", "roots", env={"GODEBUG": "x509sha1=1"})
    assert isinstance(died, Died)
    assert died.code == 2
    assert "x509sha1" in died.err


def test_another_user_is_really_another(go_version: str, root: Path) -> None:
    """Permissions are judged as the user that is asked for."""
    (root / "mine").touch(mode=0o600)
    answer = ask(go_version, "roots", root=root, env={"SSL_CERT_FILE": "/mine"}, uid=65532)
    assert answer["error"] == "open /mine: permission denied"


def test_the_go_line_bakes_its_defaults_in() -> None:
    """A newer toolchain with an older go line keeps the older behaviour."""
    settings = ask("1.27.3", "buildinfo", {"path": "/proc/self/exe"}, go_line="1.22")["settings"]
    assert "x509negativeserial=1" in settings["DefaultGODEBUG"]
    settings = ask("1.27.3", "buildinfo", {"path": "/proc/self/exe"})["settings"]
    assert "DefaultGODEBUG" not in settings


# A throw-away, self-signed P-256 certificate.
CERTIFICATE = (
    "MIIBBTCBraADAgECAgEBMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAWEwIBcNMjAwMTAxMDAwMDAwWhgPMjA1MDAxMDEwMDAw"
    "MDBaMAwxCjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQf2lP2cJfp/jllGQlItddfwtEY0woFvO06gRT6"
    "2qF6QoFyDOr8IoukR8f7k/LgcQZsl3LtwWpiG1b6T1qh3ciVMAoGCCqGSM49BAMCA0cAMEQCICIjzp7cHv6cpUDvjYACCD7v"
    "44pj5eo8HvATYjeHiwT6AiBQUQojrf7AeX429GbeHDCflhV4/H05Yerive7enBTk6A=="
)
