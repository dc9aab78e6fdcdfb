"""Programs that keep to FIPS 140 (GODEBUG=fips140) meet servers, by release: we end as real Go does."""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from probe.checks.base import Run
from probe.checks.ca_bundle import CaBundle
from probe.checks.ca_bundle.handshake import findings
from probe.deadline import Deadline
from probe.facts import Facts
from probe.golang import godebug
from probe.golang.release import Go
from probe.golang.x509 import trust
from probe.report import Finding, Status
from tests.differential.harness import ask, same
from tests.support import pki
from tests.support.commands import MakeTarget
from tests.support.pki import leaf, pems, root
from tests.tls import servers

CA = root("FIPS CA")
SOUND = leaf(CA, "localhost")
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
RELEASES = ("1.24.11", "1.25.0", "1.25.5", "1.26.0", "1.26.2", "1.26.6", "1.27.3")
SETTINGS = ("", "on", "debug", "only", "on,fips140ems=0", "only,tlsmlkem=0")
NO_MASTER_SECRET = 0x1  # OpenSSL's SSL_OP_NO_EXTENDED_MASTER_SECRET


def tls12(made: ssl.SSLContext) -> None:
    made.maximum_version = ssl.TLSVersion.TLSv1_2


def without_master_secret(made: ssl.SSLContext) -> None:
    tls12(made)
    made.options |= NO_MASTER_SECRET


Serving = Callable[[Path], contextlib.AbstractContextManager[int]]


def tls(*chain: pki.Made, setup: Callable[[ssl.SSLContext], None] = lambda _: None) -> Serving:
    @contextlib.contextmanager
    def serving(_: Path) -> Iterator[int]:
        with servers.tls(*chain, setup=setup) as server:
            yield server.port

    return serving


SERVERS: dict[str, Serving] = {
    "TLS 1.3": tls(SOUND),
    "TLS 1.2": tls(SOUND, setup=tls12),
    "TLS 1.2 without Extended Master Secret": tls(SOUND, setup=without_master_secret),
    "X25519 only": lambda folder: servers.openssl(folder, [SOUND], "-groups", "X25519"),
    "P-256 only": lambda folder: servers.openssl(folder, [SOUND], "-groups", "P-256"),
    "Ed25519": tls(leaf(CA, "localhost", key=pki.key("Ed25519"))),
    "RSA 1024": tls(leaf(CA, "localhost", key=pki.key("RSA1024"))),
}


@pytest.mark.sweep
@pytest.mark.parametrize("version", RELEASES)
@pytest.mark.parametrize("name", SERVERS)
def test_a_fips_client_ends_as_go_s_does(
    name: str, version: str, make_target: MakeTarget, tmp_path: Path
) -> None:
    """Whatever the value of fips140, and with the settings that take something back."""
    major, minor, patch = map(int, version.split("."))
    with SERVERS[name](tmp_path) as port:
        request = {"address": f"127.0.0.1:{port}", "server_name": "localhost", "roots": pems([CA])}
        for value in SETTINGS:
            settings = f"fips140={value}" if value else ""
            theirs = ask(version, "handshake", request, env={"GODEBUG": settings} if settings else {})
            ours = look(
                port, Go((major, minor, patch), "as-go", godebug.parse(settings), exact=True), make_target
            )
            same(
                [ours.status is Status.PASS, ours.evidence.get("go_error", theirs["error"])],
                [theirs["ok"], theirs["error"]],
                f"{name}, {version}, {settings}: {ours.code.name}: {ours.cause}",
            )


def look(port: int, go: Go, make_target: MakeTarget) -> Finding:
    target = make_target({BUNDLE: pems([CA])})
    run = Run(Deadline(10), "startup", time.time(), Facts(target, go=go), lambda _: None)
    check = CaBundle(endpoints=(f"localhost:{port}",), attempts=1, expires_in_days=0)
    found = list(findings(check, target, run, trust.load(target, go)))
    found = [one for one in found if one.status is not Status.WARN]
    return max(found, key=lambda finding: finding.status.severity)


def test_what_a_vendor_s_build_forbids_is_not_known(make_target: MakeTarget, tmp_path: Path) -> None:
    """Red Hat's and Microsoft's Go keep to FIPS 140 by OpenSSL, with rules of its own: never a failure."""
    go = Go((1, 25, 5), "binary", {"fips140": "on"})
    with SERVERS["TLS 1.2 without Extended Master Secret"](tmp_path) as port:
        assert look(port, go, make_target).status is Status.FAIL
        told = look(port, go._replace(vendor="Red Hat"), make_target)
    assert (told.status, told.code.name) == (Status.UNKNOWN, "TLS_FIPS_MASTER_SECRET")
    assert "a build of Red Hat" in told.cause
